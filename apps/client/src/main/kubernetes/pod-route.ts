// The way to a desktop on Kubernetes: started if it is this installation's and stopped, awaited, then by its Ingress, else by a port on
// loopback that is forwarded to its Pod. Of a desktop of somebody else's nothing is changed, and its Secret not read. Asked by
// `desktops/openings.ts` when a saved desktop of kind "pod" is opened.

import type { DesktopState } from "../../shared/desktops.ts";
import type { DesktopStage, KubernetesTarget } from "../../shared/kubernetes.ts";
import { type OpenRoute, type Route, RouteFailure, type RouteProgress } from "../desktops/types.ts";
import type { Clusters } from "./clusters.ts";
import { KubernetesDesktops, selectorOf } from "./desktops.ts";
import { KubernetesError } from "./failure.ts";
import type { KubernetesMemory } from "./memory.ts";
import { type Deployment, type Pod, readDeployment, readList, readPod } from "./objects.ts";
import { isOwn } from "./own-objects.ts";
import { pathOf } from "./paths.ts";
import { ANNOTATION } from "./plan.ts";
import { PodProbe } from "./pod-probe.ts";
import { currentPod, isReady } from "./pod-state.ts";
import { LoopbackForward } from "./port-forward.ts";
import { awaitReady } from "./readiness.ts";
import type { Cluster, PodPort } from "./types.ts";

/** Who is asked for at the prompt, in every image. */
const USER = "user";
const PORT_NAME = "http";
const PORT = 8080;

export interface PodRouteOptions {
  readonly clusters: Clusters;
  readonly memory: KubernetesMemory;
  /** image/kubernetes, as the application carries it. */
  readonly manifests: string;
  /** How long something may be in the way before it is told as a failure: an autoscaler may bring a node, a registry come back. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 45_000;

export class PodRoute implements Route<KubernetesTarget> {
  readonly area = "kubernetes";
  readonly #options: PodRouteOptions;
  readonly #probe: PodProbe;

  constructor(options: PodRouteOptions) {
    this.#options = options;
    this.#probe = new PodProbe(options.clusters);
  }

  probe(target: KubernetesTarget, signal: AbortSignal): Promise<DesktopState> {
    return this.#probe.ask(target, signal);
  }

  place({ context }: KubernetesTarget): string {
    return `cluster ${context}`;
  }

  async open(
    target: KubernetesTarget,
    told: (progress: RouteProgress) => void,
    signal: AbortSignal,
  ): Promise<OpenRoute> {
    try {
      return await this.#open(target, told, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof KubernetesError) throw new RouteFailure(error.failure.reason, error.failure.parameters);
      throw error;
    }
  }

  async #open(
    { context, namespace, name }: KubernetesTarget,
    told: (progress: RouteProgress) => void,
    signal: AbortSignal,
  ): Promise<OpenRoute> {
    const tell = (stage: DesktopStage) => told({ step: stage, parameters: { name } });
    const { clusters, memory, manifests, patienceMs = PATIENCE_MS } = this.#options;
    const cluster = await clusters.cluster(context);
    signal.throwIfAborted();
    const deployment = await deploymentOf(cluster, namespace, name, signal);
    // A Pod by itself, of whoever made it.
    if (deployment === undefined)
      return forwarded(cluster, async () => readPod(await cluster.read(pathOf("Pod", namespace, name))), signal);
    const mark = await memory.mark();
    const own = isOwn({ kind: "Deployment", metadata: deployment.metadata }, mark)
      ? new KubernetesDesktops(cluster, mark, manifests)
      : undefined;
    if (deployment.spec.replicas === 0) {
      if (own === undefined) throw new KubernetesError("stopped", { name });
      tell("creating");
      await own.start({ context, namespace, name });
    }
    await awaitReady({ cluster, namespace, name, tell, patienceMs, signal });
    const password = await own?.password(namespace, name);
    const known = password === undefined ? {} : { user: USER, password };
    const address = own && deployment.metadata.annotations[ANNOTATION.address];
    if (address !== undefined) return { url: address, ...known, close: async () => undefined };
    const selector = selectorOf(deployment.spec.selector.matchLabels);
    const way = await forwarded(cluster, () => readyPod(cluster, namespace, name, selector), signal);
    return { ...way, ...known };
  }
}

async function deploymentOf(
  cluster: Cluster,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<Deployment | undefined> {
  try {
    return readDeployment(await cluster.read(pathOf("Deployment", namespace, name), { signal }));
  } catch (error) {
    if (error instanceof KubernetesError && error.failure.reason === "gone") return undefined;
    throw error;
  }
}

async function readyPod(cluster: Cluster, namespace: string, name: string, labelSelector: string): Promise<Pod> {
  const { items } = readList(await cluster.read(pathOf("Pod", namespace), { query: { labelSelector } }));
  const pod = currentPod(items.map(readPod));
  if (pod === undefined || !isReady(pod)) throw new KubernetesError("stopped", { name });
  return pod;
}

/** `podNow` is asked for each connection. */
async function forwarded(cluster: Cluster, podNow: () => Promise<Pod>, signal: AbortSignal): Promise<OpenRoute> {
  const pod = await podNow();
  const container =
    pod.spec.containers.find(({ ports }) => ports.some(({ name }) => name === PORT_NAME)) ?? pod.spec.containers[0];
  const port = container?.ports.find(({ name }) => name === PORT_NAME)?.containerPort ?? PORT;
  const target = async (): Promise<PodPort> => {
    const { metadata } = await podNow();
    return { namespace: metadata.namespace, pod: metadata.name, port };
  };
  signal.throwIfAborted();
  // A connection without a way is closed: the page says that the agent cannot be reached, and tries again.
  const forward = await LoopbackForward.open({ cluster, target, failed: () => undefined });
  const scheme = container?.readinessProbe?.httpGet?.scheme === "HTTPS" ? "https" : "http";
  const base = container?.env.find(({ name }) => name === "EGLANTINE_BASE_PATH")?.value.replace(/^\/?/, "/") ?? "";
  return { url: `${scheme}://127.0.0.1:${forward.port}${base.replace(/\/$/, "")}/`, close: () => forward.close() };
}
