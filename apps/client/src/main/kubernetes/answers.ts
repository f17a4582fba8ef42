// The shell's answers about desktops on Kubernetes: reads what the page sends, hands it to `kubernetes.ts`, and answers what fails as a reason
// of the closed list. Part of `bridge.ts`; calls are those of `shared/kubernetes.ts`.

import { z } from "zod";
import type { Answers } from "../../shared/bridge-call.ts";
import type { KUBERNETES_CALLS, KubernetesOutcome } from "../../shared/kubernetes.ts";
import { readParameter } from "../read-parameter.ts";
import { KubernetesError } from "./failure.ts";
import type { Kubernetes } from "./kubernetes.ts";
import { CONTEXT_NAME, KUBERNETES_FORM, KUBERNETES_PLACE, KUBERNETES_TARGET } from "./read.ts";

const CLUSTER = z.object({ context: CONTEXT_NAME });
const PLUGIN = z.object({ context: CONTEXT_NAME, fingerprint: z.string().regex(/^[0-9a-f]{64}$/) });
const REMOVAL = z.object({ target: KUBERNETES_TARGET, home: z.boolean() });

export interface KubernetesParts {
  readonly kubernetes: Kubernetes;
}

export function kubernetesAnswers({ kubernetes }: KubernetesParts): Answers<typeof KUBERNETES_CALLS> {
  return {
    listKubernetesContexts: () => outcome(kubernetes.contexts()),
    confirmKubernetesPlugin: (plugin) => {
      const { context, fingerprint } = readParameter(PLUGIN, plugin);
      return done(kubernetes.confirm(context, fingerprint));
    },
    readKubernetesChoices: (cluster) => outcome(kubernetes.choices(readParameter(CLUSTER, cluster).context)),
    createKubernetesDesktop: (form) => outcome(kubernetes.create(readParameter(KUBERNETES_FORM, form))),
    watchKubernetesDesktops: (place, { window }) =>
      done(kubernetes.watch(readParameter(KUBERNETES_PLACE, place), window)),
    unwatchKubernetesDesktops: (_parameter, { window }) => kubernetes.unwatch(window),
    stopKubernetesDesktop: (target) => done(kubernetes.stop(readParameter(KUBERNETES_TARGET, target))),
    startKubernetesDesktop: (target) => done(kubernetes.start(readParameter(KUBERNETES_TARGET, target))),
    removeKubernetesDesktop: (removal) => {
      const { target, home } = readParameter(REMOVAL, removal);
      return done(kubernetes.remove(target, home));
    },
    readKubernetesLogs: (target) => outcome(kubernetes.logs(readParameter(KUBERNETES_TARGET, target))),
  };
}

const done = (promise: Promise<void>): Promise<KubernetesOutcome<true>> => outcome(promise.then(() => true as const));

async function outcome<T>(promise: Promise<T>): Promise<KubernetesOutcome<T>> {
  try {
    return { ok: await promise };
  } catch (error) {
    if (error instanceof KubernetesError) return { failed: error.failure };
    throw error;
  }
}
