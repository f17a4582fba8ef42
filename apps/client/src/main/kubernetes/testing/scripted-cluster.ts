// What goes on behind the tests' API server: makes the Pod of each Deployment and takes it away, and plays scheduler and kubelet as a test
// tells it, with the conditions, states and events that Kubernetes 1.34 writes. Part of `kubernetes-bench.ts`.

import type { ApiServer } from "./api-server.ts";
import type { Stored } from "./object-store.ts";

const PODS = "api/v1 pods";
const NODE = "node-1";

/** What the runtime says of the container. */
interface ContainerState {
  readonly waiting?: { readonly reason: string; readonly message?: string };
  readonly running?: { readonly startedAt: string };
  readonly terminated?: { readonly exitCode: number; readonly reason: string; readonly message?: string };
}

export class ScriptedCluster {
  readonly #server: ApiServer;
  readonly #stop: () => void;
  /** New Pods become ready at once. */
  isWilling: boolean;
  #events = 0;

  constructor(server: ApiServer, isWilling: boolean) {
    this.#server = server;
    this.isWilling = isWilling;
    this.#stop = server.objects.follow("", ({ resource, type, object }) => {
      if (resource === "apis/apps/v1 deployments") this.#deploymentChanged(object, type === "DELETED");
    });
  }

  close(): void {
    this.#stop();
  }

  /** The newest one that this Deployment has. */
  podOf(deployment: string, namespace = "desks"): Stored {
    const pods = this.#server.objects.list(PODS, namespace);
    const pod = pods.findLast(({ metadata }) => metadata.name.startsWith(`${deployment}-`));
    if (pod === undefined) throw new Error(`${deployment} has no Pod`);
    return pod;
  }

  unschedulable(pod: Stored, message: string): void {
    this.#condition(pod, "PodScheduled", "False", "Unschedulable", message);
    this.event(pod, "Warning", "FailedScheduling", message);
  }

  schedule(pod: Stored): void {
    this.#patch(pod, { spec: { nodeName: NODE } });
    this.#condition(pod, "PodScheduled", "True");
    this.event(pod, "Normal", "Scheduled", `Successfully assigned ${pod.metadata.name} to ${NODE}`);
    this.container(pod, { waiting: { reason: "ContainerCreating" } });
  }

  pull(pod: Stored): void {
    this.event(pod, "Normal", "Pulling", `Pulling image "${imageOf(pod)}"`);
  }

  /** The node asks without an account then. */
  pullSecretMissing(pod: Stored): void {
    const { imagePullSecrets = [] } = pod["spec"] as { imagePullSecrets?: readonly { readonly name: string }[] };
    const names = imagePullSecrets.map(({ name }) => name).join(", ");
    const message = `Unable to retrieve some image pull secrets (${names}); attempting to pull the image may not succeed.`;
    this.event(pod, "Warning", "FailedToRetrieveImagePullSecret", message);
  }

  pullFails(pod: Stored, why: string): void {
    const image = imageOf(pod);
    this.event(pod, "Warning", "Failed", `Failed to pull image "${image}": ${why}`);
    this.container(pod, { waiting: { reason: "ImagePullBackOff", message: `Back-off pulling image "${image}"` } });
  }

  run(pod: Stored): void {
    this.event(pod, "Normal", "Pulled", `Successfully pulled image "${imageOf(pod)}" in 12.3s`);
    this.event(pod, "Normal", "Started", "Started container desktop");
    this.container(pod, { running: { startedAt: new Date().toISOString() } });
    this.#patch(pod, { status: { phase: "Running" } });
  }

  ready(pod: Stored): void {
    this.container(pod, { running: { startedAt: new Date().toISOString() } }, { ready: true });
    this.#condition(pod, "Ready", "True");
    this.#tellReady(pod.metadata.annotations?.["owner"] ?? "", 1);
  }

  crash(pod: Stored, exitCode: number, reason = "Error", message?: string): void {
    const terminated = { exitCode, reason, ...(message !== undefined && { message }) };
    this.event(pod, "Warning", "BackOff", "Back-off restarting failed container desktop");
    const waiting = { reason: "CrashLoopBackOff", message: "back-off 10s restarting failed container" };
    this.container(pod, { waiting }, { restarts: 2, last: { terminated } });
  }

  container(
    pod: Stored,
    state: ContainerState,
    { ready = false, restarts = 0, last = {} }: { ready?: boolean; restarts?: number; last?: ContainerState } = {},
  ): void {
    const image = imageOf(pod);
    const status = { name: "desktop", image, imageID: "", restartCount: restarts, ready, state, lastState: last };
    this.#patch(pod, { status: { containerStatuses: [status] } });
  }

  /** Of any object. */
  event(of: Stored, type: "Normal" | "Warning", reason: string, message: string): void {
    this.#events += 1;
    const { name, namespace = "", uid } = of.metadata;
    const now = new Date().toISOString();
    this.#server.objects.create("api/v1 events", namespace, {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: `${name}.${this.#events}`, namespace },
      involvedObject: { kind: of.kind, name, namespace, uid, apiVersion: of.apiVersion },
      type,
      reason,
      message,
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    });
  }

  /** The ReplicaSet gets no Pod: what the API server says to it. */
  refusePods(deployment: Stored, message: string): void {
    const status = { conditions: [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message }] };
    const { namespace, name } = deployment.metadata;
    this.#server.objects.patch("apis/apps/v1 deployments", namespace, name, { status });
  }

  #condition(pod: Stored, type: string, status: string, reason?: string, message?: string): void {
    const { conditions = [] } = (this.#current(pod)["status"] ?? {}) as { conditions?: { type: string }[] };
    const condition = { type, status, ...(reason && { reason }), ...(message && { message }) };
    this.#patch(pod, { status: { conditions: [...conditions.filter((one) => one.type !== type), condition] } });
  }

  #current = (pod: Stored): Stored => this.#server.objects.get(PODS, pod.metadata.namespace, pod.metadata.name);

  #patch(pod: Stored, patch: object): void {
    this.#server.objects.patch(PODS, pod.metadata.namespace, pod.metadata.name, patch);
  }

  /** As the Deployment's controller counts them; of none it says nothing. */
  #tellReady(owner: string, count: number | null): void {
    const deployment = this.#server.objects
      .list("apis/apps/v1 deployments", undefined)
      .find(({ metadata }) => metadata.uid === owner);
    const { readyReplicas = null } = (deployment?.["status"] ?? {}) as { readyReplicas?: number };
    if (deployment === undefined || readyReplicas === count) return;
    const { namespace, name } = deployment.metadata;
    this.#server.objects.patch("apis/apps/v1 deployments", namespace, name, { status: { readyReplicas: count } });
  }

  #deploymentChanged(deployment: Stored, isGone: boolean): void {
    const { name, namespace = "", uid } = deployment.metadata;
    const { replicas = 1, template } = deployment["spec"] as { replicas?: number; template: PodTemplate };
    const isOurs = ({ metadata }: Stored) => metadata.annotations?.["owner"] === uid;
    const pods = this.#server.objects.list(PODS, namespace).filter(isOurs);
    if (isGone || replicas === 0) {
      for (const pod of pods) this.#server.objects.remove(PODS, namespace, pod.metadata.name);
      if (!isGone) this.#tellReady(uid ?? "", null);
      return;
    }
    const isFailing = JSON.stringify(deployment["status"] ?? {}).includes("ReplicaFailure");
    if (pods.length > 0 || isFailing) return;
    const { labels } = template.metadata;
    const pod = this.#server.objects.create(PODS, namespace, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: `${name}-${(this.#events += 1)}`, namespace, labels, annotations: { owner: uid } },
      spec: template.spec,
      status: { phase: "Pending", conditions: [] },
    });
    if (!this.isWilling) return;
    this.schedule(pod);
    this.run(pod);
    this.ready(pod);
  }
}

interface PodTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
}

const imageOf = (pod: Stored): string => (pod["spec"] as PodTemplate["spec"]).containers[0]?.image ?? "";
