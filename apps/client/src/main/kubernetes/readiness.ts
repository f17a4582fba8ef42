// Waits until a Deployment's Pod may be visited, telling each stage. What is in the way may pass: it fails only once it has stayed so for a
// while. Used by `pod-route.ts`; the stages are those of `pod-state.ts`.

import type { DesktopStage } from "../../shared/kubernetes.ts";
import { Collection } from "./collection.ts";
import { selectorOf } from "./desktops.ts";
import { KubernetesError } from "./failure.ts";
import { readDeployment, readEvent, readPod } from "./objects.ts";
import { type Kind, pathOf } from "./paths.ts";
import { podState } from "./pod-state.ts";
import { pauseBeforeRetry } from "./retry.ts";
import type { Cluster } from "./types.ts";

export interface ReadinessOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Of the Deployment. */
  readonly name: string;
  readonly tell: (stage: DesktopStage) => void;
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

export async function awaitReady({
  cluster,
  namespace,
  name,
  tell,
  patienceMs,
  signal,
}: ReadinessOptions): Promise<void> {
  const deployment = readDeployment(await cluster.read(pathOf("Deployment", namespace, name), { signal }));
  const labelSelector = selectorOf(deployment.spec.selector.matchLabels);
  const collections: Collection<unknown>[] = [];
  let patience: NodeJS.Timeout | undefined;
  let cancel = () => {};
  try {
    await new Promise<void>((resolve, reject) => {
      cancel = () => reject(signal.reason);
      signal.addEventListener("abort", cancel);
      if (signal.aborted) return cancel();
      const watch = <T>(kind: Kind, query: Readonly<Record<string, string>>, read: (value: unknown) => T) => {
        const failed = (error: KubernetesError) => {
          // Events are seen where one may.
          if (kind !== "Event") reject(error);
        };
        const path = pathOf(kind, namespace);
        const isOptional = kind === "Event";
        const changed = () => look();
        const options = { cluster, path, query, read, changed, isOptional, failed, pause: pauseBeforeRetry };
        const collection = new Collection(options);
        collections.push(collection);
        return collection;
      };
      const deployments = watch("Deployment", { fieldSelector: `metadata.name=${name}` }, readDeployment);
      const pods = watch("Pod", { labelSelector }, readPod);
      const events = watch("Event", {}, readEvent);
      let last: DesktopStage | undefined;
      const look = () => {
        if (!collections.every((one) => one.isListed)) return;
        const [current] = deployments.items;
        if (current === undefined) return reject(new KubernetesError("gone", { name }));
        const { stage, problems } = podState({
          deployment: current,
          pods: pods.items,
          claim: undefined,
          events: events.items,
        });
        if (stage !== last) tell(stage);
        last = stage;
        if (stage === "ready") return resolve();
        if (stage === "stopped") return reject(new KubernetesError("stopped", { name }));
        const [problem] = problems;
        clearTimeout(problem === undefined ? patience : undefined);
        if (problem === undefined) patience = undefined;
        else patience ??= setTimeout(() => reject(new KubernetesError(problem.reason, problem.parameters)), patienceMs);
      };
    });
  } finally {
    clearTimeout(patience);
    signal.removeEventListener("abort", cancel);
    await Promise.all(collections.map((one) => one.close()));
  }
}
