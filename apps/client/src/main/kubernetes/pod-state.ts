// How far a desktop has come and what is in its way, from its Deployment, Pod and events. PURE. Asked by `desktop-watch.ts` and
// `pod-route.ts`; `scheduling.ts` reads the scheduler's sentences.

import type { DesktopStage, KubernetesFailure, KubernetesReason } from "../../shared/kubernetes.ts";
import { shortened } from "./failure.ts";
import type { Claim, Deployment, KubernetesEvent, Pod } from "./objects.ts";
import { schedulingProblems } from "./scheduling.ts";

export interface Seen {
  readonly deployment: Deployment;
  /** Of this Deployment, in any order. */
  readonly pods: readonly Pod[];
  readonly claim: Claim | undefined;
  /** Of the namespace. */
  readonly events: readonly KubernetesEvent[];
}

export interface PodState {
  readonly stage: DesktopStage;
  readonly problems: readonly KubernetesFailure[];
  readonly node: string;
}

const is = (reason: KubernetesReason, parameters: Readonly<Record<string, string>> = {}): KubernetesFailure => ({
  reason,
  parameters,
});

export const isReady = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  pod.status.conditions.some(({ type, status }) => type === "Ready" && status === "True");

/** The one that counts: not one that is being stopped, where there is another. */
export const currentPod = (pods: readonly Pod[]): Pod | undefined =>
  pods.find(isReady) ?? pods.find(({ metadata }) => metadata.deletionTimestamp === undefined) ?? pods[0];

export function podState({ deployment, pods, claim, events }: Seen): PodState {
  const pod = currentPod(pods);
  const node = pod?.spec.nodeName ?? "";
  const state = (stage: DesktopStage, problems: readonly KubernetesFailure[] = []) => ({ stage, problems, node });
  if (deployment.metadata.deletionTimestamp !== undefined) return state("stopping");
  if (deployment.spec.replicas === 0) return state(pod === undefined ? "stopped" : "stopping");
  if (pod === undefined) return state("creating", creationProblems(deployment));
  if (pod.metadata.deletionTimestamp !== undefined) return state("stopping");
  if (isReady(pod)) return state("ready");
  const own = newestFirst(events.filter(({ involvedObject }) => involvedObject.uid === pod.metadata.uid));
  const isScheduled =
    node !== "" || pod.status.conditions.some(({ type, status }) => type === "PodScheduled" && status === "True");
  if (!isScheduled) return state("scheduling", waitProblems(pod, own, claim, events));
  const container = pod.status.containerStatuses[0];
  const problems = runProblems(pod, own);
  const pulling = own.find(({ reason }) => reason === "Pulling" || reason === "Pulled");
  const isWaiting = container === undefined || container.state.waiting !== undefined;
  const isPull = problems.some(({ reason }) => reason.startsWith("image-"));
  return state(isWaiting && (isPull || pulling?.reason === "Pulling") ? "pulling" : "starting", problems);
}

const timeOf = (event: KubernetesEvent): number => Date.parse(event.lastTimestamp || event.eventTime) || 0;
const newestFirst = (events: readonly KubernetesEvent[]): KubernetesEvent[] =>
  // Events of one second stand as the API server has them, oldest first.
  events
    .map((event, index) => ({ event, index }))
    .sort((a, b) => timeOf(b.event) - timeOf(a.event) || b.index - a.index)
    .map(({ event }) => event);

/** Where no Pod comes into being: what the API server says to the ReplicaSet. */
function creationProblems({ status }: Deployment): KubernetesFailure[] {
  const failed = status.conditions.find(({ type, status }) => type === "ReplicaFailure" && status === "True");
  if (failed === undefined) return [];
  const problem = shortened(failed.message);
  if (problem.includes("exceeded quota")) return [is("quota", { problem })];
  if (problem.includes("violates PodSecurity")) return [is("pod-security", { problem })];
  return [is("refused", { problem })];
}

function waitProblems(
  pod: Pod,
  own: readonly KubernetesEvent[],
  claim: Claim | undefined,
  events: readonly KubernetesEvent[],
): KubernetesFailure[] {
  const condition = pod.status.conditions.find(({ type, status }) => type === "PodScheduled" && status === "False");
  const message = condition?.message || own.find(({ reason }) => reason === "FailedScheduling")?.message;
  if (message === undefined || message === "") return [];
  // Why the claim waits is said at the claim.
  const ofClaim = newestFirst(events.filter(({ involvedObject }) => involvedObject.uid === claim?.metadata.uid));
  const problem = ofClaim.find(({ type }) => type === "Warning") ?? ofClaim[0];
  return schedulingProblems(message).map((failure) =>
    failure.reason === "volume-waits"
      ? is("volume-waits", { problem: shortened(problem?.message ?? message) })
      : failure,
  );
}

/** On its node: what the kubelet says of image, volumes and container. */
function runProblems(pod: Pod, own: readonly KubernetesEvent[]): KubernetesFailure[] {
  const { status, spec } = pod;
  if (status.reason === "Evicted") return [is("evicted", { problem: shortened(status.message) })];
  const container = status.containerStatuses[0];
  const image = spec.containers[0]?.image ?? container?.image ?? "";
  const waiting = container?.state.waiting ?? { reason: "", message: "" };
  const ended = container?.state.terminated ?? container?.lastState.terminated;
  switch (waiting.reason) {
    case "InvalidImageName":
      return [is("image-name", { image })];
    case "ErrImagePull":
    case "ImagePullBackOff":
    case "ErrImageNeverPull":
    case "RegistryUnavailable":
      return [pullProblem(pod, image, waiting.message, own)];
    case "CreateContainerConfigError":
    case "CreateContainerError":
      return [is("config", { problem: shortened(waiting.message) })];
    case "RunContainerError":
      return [is("start-failed", { problem: shortened(waiting.message) })];
    default:
  }
  if (ended !== undefined && (container?.restartCount ?? 0) + (ended.exitCode === 0 ? 0 : 1) > 0) {
    if (ended.reason === "OOMKilled") return [is("out-of-memory")];
    // "no such file" at its entry point and "exec format error" are the runtime's words for an image of another architecture.
    if (/exec format error/.test(ended.message)) return [is("image-architecture", { image })];
    if (ended.reason === "StartError" || ended.reason === "ContainerCannotRun") {
      return [is("start-failed", { problem: shortened(ended.message) })];
    }
    return [is("crashed", { code: String(ended.exitCode), restarts: String(container?.restartCount ?? 0) })];
  }
  const mount = own.find(({ reason }) => reason === "FailedMount" || reason === "FailedAttachVolume");
  if (container?.state.waiting?.reason === "ContainerCreating" && mount !== undefined) {
    return [is("mount", { problem: shortened(mount.message) })];
  }
  return [];
}

/** "Back-off pulling image" says nothing: the reason stands in the event before it. */
function pullProblem(
  { metadata: { namespace } }: Pod,
  image: string,
  waiting: string,
  own: readonly KubernetesEvent[],
): KubernetesFailure {
  const event = own.find(
    ({ reason, message }) => reason === "Failed" && /Failed to pull|ErrImagePull.*:/.test(message),
  );
  const problem =
    /^Back-off pulling image "[^"]*"$/.test(waiting) || waiting === "" ? (event?.message ?? waiting) : waiting;
  if (/no match for platform|no matching manifest|exec format error/.test(problem))
    return is("image-architecture", { image });
  const isDenied = /unauthorized|denied|forbidden|authentication required|no basic auth|authorization failed/i.test(
    problem,
  );
  const isMissing = /not found|manifest unknown|name unknown/i.test(problem);
  // Without its Secret the node asks as anybody; some registries deny that, others say that there is no such image.
  const secret = isDenied || isMissing ? missingPullSecret(own) : undefined;
  if (secret !== undefined) return is("image-secret", { image, secret, namespace, registry: registryOf(image) });
  if (isDenied) return is("image-denied", { image });
  if (isMissing || /ErrImageNeverPull|is not present with pull policy/i.test(problem)) {
    return is("image-missing", { image });
  }
  return is("image-unreachable", { image, problem: shortened(problem) });
}

/** The first one: "Unable to retrieve some image pull secrets (a, b); attempting to pull the image may not succeed." */
function missingPullSecret(own: readonly KubernetesEvent[]): string | undefined {
  const event = own.find(({ reason }) => reason === "FailedToRetrieveImagePullSecret");
  return /image pull secrets \(([^,)]+)/.exec(event?.message ?? "")?.[1];
}

/** As a pull secret names it. A name's first part is a registry where it has a dot or a port. */
function registryOf(image: string): string {
  const [first = "", ...path] = image.split("/");
  return path.length > 0 && /[.:]|^localhost$/.test(first) ? first : "https://index.docker.io/v1/";
}
