// What the page and the shell say to each other about desktops on Kubernetes: the form (`kubernetes-form.ts`), the list, a closed list of what can go wrong. TABLE of
// calls and of events, joined by `bridge.ts`. From `renderer/ui/kubernetes` to `main/kubernetes/answers.ts` and back.

import { bareCall, call, event, type Failed, type Outcome } from "./bridge-call.ts";
import type { KubernetesForm } from "./kubernetes-form.ts";

/** How far a desktop has come. */
export const DESKTOP_STAGES = [
  "stopped",
  "stopping",
  "creating",
  "scheduling",
  "pulling",
  "starting",
  "ready",
  /** Only its home is left. */
  "home-kept",
] as const;
export type DesktopStage = (typeof DESKTOP_STAGES)[number];

/** Each has a sentence and a remedy in the catalogue: `kubernetes.failed.REASON`, `kubernetes.remedy.REASON`. */
export const KUBERNETES_REASONS = [
  // The kubeconfig and signing in.
  "no-kubeconfig",
  "bad-kubeconfig",
  "no-context",
  "not-encrypted",
  "plugin-unconfirmed",
  "plugin-missing",
  "plugin-failed",
  "plugin-terminal",
  "sign-in-removed",
  // The cluster's answer.
  "unreachable",
  "certificate",
  "unauthorized",
  "forbidden",
  "no-namespace",
  "name-taken",
  "not-own",
  "gone",
  "changed",
  "invalid",
  "quota",
  "pod-security",
  "cluster-failed",
  "stopped",
  "canceled",
  // Where the scheduler finds no node.
  "no-nodes",
  "no-gpu",
  "no-memory",
  "no-cpu",
  "no-resource",
  "taints",
  "node-selector",
  "too-many-pods",
  "volume-waits",
  "volume-elsewhere",
  "unschedulable",
  // What keeps a Pod from running.
  "refused",
  "image-name",
  "image-missing",
  "image-denied",
  "image-secret",
  "image-unreachable",
  "image-architecture",
  "config",
  "mount",
  "start-failed",
  "crashed",
  "out-of-memory",
  "evicted",
] as const;
export type KubernetesReason = (typeof KUBERNETES_REASONS)[number];

export type KubernetesFailure = Failed<KubernetesReason>;
export type KubernetesOutcome<T> = Outcome<T, KubernetesReason>;

/** A program that the kubeconfig names for signing in. It runs only once the user has seen and confirmed exactly this. */
export interface SignInPlugin {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  /** Of all of the above: what is confirmed. */
  readonly fingerprint: string;
  readonly confirmed: boolean;
}

export interface KubernetesContext {
  readonly name: string;
  readonly server: string;
  readonly user: string;
  readonly namespace: string;
  readonly plugin?: SignInPlugin;
  /** The kubeconfig tells to take any certificate. */
  readonly unverified: boolean;
}

export interface KubernetesContexts {
  readonly files: readonly string[];
  readonly contexts: readonly KubernetesContext[];
  /** Name of the kubeconfig's own choice, "" without one. */
  readonly current: string;
}

/** What the form may offer; each is empty where the cluster does not let this user look. */
export interface KubernetesChoices {
  readonly namespaces: readonly string[];
  readonly storageClasses: readonly { readonly name: string; readonly isDefault: boolean }[];
  /** GPU resources that nodes have, by name, and how many in all. */
  readonly gpus: readonly { readonly resource: string; readonly count: number }[];
}

export interface KubernetesPlace {
  readonly context: string;
  readonly namespace: string;
}

/** One desktop: the name of its Deployment, `eglantine-NAME` for those that were made here. */
export interface KubernetesTarget extends KubernetesPlace {
  readonly name: string;
}

export interface KubernetesDesktop {
  readonly name: string;
  readonly stage: DesktopStage;
  readonly problems: readonly KubernetesFailure[];
  /** "" where the Pod is not placed yet. */
  readonly node: string;
  readonly image: string;
  readonly gpu: string;
  /** "" without an Ingress. */
  readonly address: string;
  /** "20Gi"; "" where no claim was found. */
  readonly home: string;
  readonly idleMinutes: number;
}

/** `ok` of what has nothing to say. */
type Done = true;

/** What has become of the desktops of a place that this window follows. */
export interface KubernetesNews extends KubernetesPlace {
  readonly state: KubernetesOutcome<readonly KubernetesDesktop[]>;
}

export const KUBERNETES_CALLS = {
  listKubernetesContexts: bareCall<KubernetesOutcome<KubernetesContexts>>(
    "eglantine:list-kubernetes-contexts",
    "The contexts of the user's kubeconfig. Asks no cluster and runs nothing.",
  ),
  confirmKubernetesPlugin: call<
    [plugin: { readonly context: string; readonly fingerprint: string }],
    KubernetesOutcome<Done>
  >("eglantine:confirm-kubernetes-plugin", "The user has seen this sign-in plug-in and lets it run, now and later."),
  readKubernetesChoices: call<[cluster: { readonly context: string }], KubernetesOutcome<KubernetesChoices>>(
    "eglantine:read-kubernetes-choices",
    "What a cluster has that the form may offer.",
  ),
  createKubernetesDesktop: call<[form: KubernetesForm], KubernetesOutcome<KubernetesTarget>>(
    "eglantine:create-kubernetes-desktop",
    "Makes a desktop's objects, all or none.",
  ),
  watchKubernetesDesktops: call<[place: KubernetesPlace], KubernetesOutcome<Done>>(
    "eglantine:watch-kubernetes-desktops",
    "Tells `kubernetesNews` to the window that asks, of this place and no longer of another.",
  ),
  unwatchKubernetesDesktops: bareCall<void>("eglantine:unwatch-kubernetes-desktops", "Ends that."),
  stopKubernetesDesktop: call<[target: KubernetesTarget], KubernetesOutcome<Done>>(
    "eglantine:stop-kubernetes-desktop",
    "Scales one of this installation's desktops to none.",
  ),
  startKubernetesDesktop: call<[target: KubernetesTarget], KubernetesOutcome<Done>>(
    "eglantine:start-kubernetes-desktop",
    "Scales one of this installation's desktops to one.",
  ),
  removeKubernetesDesktop: call<
    [removal: { readonly target: KubernetesTarget; readonly home: boolean }],
    KubernetesOutcome<Done>
  >(
    "eglantine:remove-kubernetes-desktop",
    "Removes one of this installation's desktops; its home only where that is said.",
  ),
  readKubernetesLogs: call<[target: KubernetesTarget], KubernetesOutcome<string>>(
    "eglantine:read-kubernetes-logs",
    "The end of what one of this installation's desktops has written.",
  ),
} as const;

export const KUBERNETES_EVENTS = {
  kubernetesNews: event<KubernetesNews>(
    "eglantine:kubernetes-news",
    "What has become of the desktops that this window follows.",
  ),
} as const;
