// How a desktop in a cluster is, for its card, by one question to the API server: what the Deployment says of its Pods, or a Pod by itself. No plug-in is run for
// it, since those may ask the user. For `pod-route.ts`.

import type { DesktopState } from "../../shared/desktops.ts";
import type { KubernetesReason, KubernetesTarget } from "../../shared/kubernetes.ts";
import type { Clusters } from "./clusters.ts";
import { KubernetesError } from "./failure.ts";
import { type Deployment, type Pod, readDeployment, readPod } from "./objects.ts";
import { type Kind, pathOf } from "./paths.ts";
import { isReady } from "./pod-state.ts";

type Condition = DesktopState["condition"];

/** An API server that takes longer is told as away, and asked again. */
const LIMIT_MS = 5000;
/** Anything else, as a sign-in that is wanted, is told when it is opened. */
const CONDITION_OF: Partial<Readonly<Record<KubernetesReason, Condition>>> = {
  gone: "gone",
  "no-namespace": "gone",
  unreachable: "cluster-away",
  certificate: "cluster-away",
  "cluster-failed": "cluster-away",
  canceled: "cluster-away",
};

/** PURE. */
export function deploymentCondition({ metadata, spec, status }: Deployment): Condition {
  if (metadata.deletionTimestamp !== undefined) return "gone";
  if (spec.replicas === 0) return "stopped";
  if (status.readyReplicas > 0) return "ready";
  const has = (type: string, value: string) =>
    status.conditions.some((one) => one.type === type && one.status === value);
  // No Pod may be made, or none has become ready within the Deployment's time.
  return has("ReplicaFailure", "True") || has("Progressing", "False") ? "failing" : "starting";
}

/** PURE. */
export function podCondition(pod: Pod): Condition {
  const { metadata, status } = pod;
  if (metadata.deletionTimestamp !== undefined) return "gone";
  if (isReady(pod)) return "ready";
  if (status.phase === "Succeeded") return "stopped";
  const waits = status.containerStatuses.map(({ state }) => state.waiting?.reason ?? "");
  return status.phase === "Failed" || waits.some((reason) => /BackOff$|^Err|Error$/.test(reason))
    ? "failing"
    : "starting";
}

export class PodProbe {
  readonly #clusters: Clusters;
  /** Those that were a Pod by itself the last time: asked as one first. */
  readonly #single = new Set<string>();

  constructor(clusters: Clusters) {
    this.#clusters = clusters;
  }

  async ask(target: KubernetesTarget, signal: AbortSignal): Promise<DesktopState> {
    const key = JSON.stringify(target);
    const kinds = this.#single.has(key) ? (["Pod", "Deployment"] as const) : (["Deployment", "Pod"] as const);
    const limited = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
    let condition: Condition = "gone";
    for (const kind of kinds) {
      condition = await this.#ask(target, kind, limited);
      signal.throwIfAborted();
      if (condition === "gone") continue;
      if (kind === "Pod") this.#single.add(key);
      else this.#single.delete(key);
      break;
    }
    return { condition };
  }

  async #ask({ context, namespace, name }: KubernetesTarget, kind: Kind & ("Pod" | "Deployment"), signal: AbortSignal) {
    try {
      const cluster = await this.#clusters.cluster(context);
      const answer = await cluster.read(pathOf(kind, namespace, name), { signal, quiet: true });
      return kind === "Pod" ? podCondition(readPod(answer)) : deploymentCondition(readDeployment(answer));
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      return CONDITION_OF[error.failure.reason] ?? "unknown";
    }
  }
}
