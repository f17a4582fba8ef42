// The desktops of this installation in one namespace, told anew whenever something becomes of them. From the API server's watches
// (`collection.ts`) through `pod-state.ts` to the page's list (`answers.ts`) and to whoever waits for a desktop (`pod-route.ts`).

import type { KubernetesDesktop, KubernetesFailure } from "../../shared/kubernetes.ts";
import { Collection, type CollectionOptions } from "./collection.ts";
import type { KubernetesError } from "./failure.ts";
import {
  type Claim,
  type Deployment,
  type KubernetesEvent,
  type Pod,
  readClaim,
  readDeployment,
  readEvent,
  readPod,
} from "./objects.ts";
import { type Kind, pathOf } from "./paths.ts";
import { ANNOTATION, LABEL, ownSelector } from "./plan.ts";
import { podState } from "./pod-state.ts";
import type { Cluster } from "./types.ts";

export interface DesktopWatchOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly mark: string;
  readonly told: (desktops: readonly KubernetesDesktop[]) => void;
  /** The list is not what it should be until the next `told`. */
  readonly failed: (failure: KubernetesFailure) => void;
  readonly pause: (signal: AbortSignal) => Promise<void>;
}

export class DesktopWatch {
  readonly #options: DesktopWatchOptions;
  readonly #deployments: Collection<Deployment>;
  readonly #pods: Collection<Pod>;
  readonly #claims: Collection<Claim>;
  readonly #events: Collection<KubernetesEvent>;
  #last = "";
  #isClosed = false;

  constructor(options: DesktopWatchOptions) {
    this.#options = options;
    const own = { labelSelector: ownSelector(options.mark) };
    const fail = ({ failure }: KubernetesError) => options.failed(failure);
    this.#deployments = this.#collection("Deployment", own, readDeployment, fail);
    this.#pods = this.#collection("Pod", { labelSelector: `${LABEL.name}=eglantine` }, readPod, fail);
    this.#claims = this.#collection("PersistentVolumeClaim", own, readClaim, fail);
    // Without the right to see events there is less to say, and nothing is wrong.
    this.#events = this.#collection("Event", {}, readEvent, () => undefined);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#deployments.close(), this.#pods.close(), this.#claims.close(), this.#events.close()]);
  }

  #collection<T>(
    kind: Kind,
    query: Readonly<Record<string, string>>,
    read: (value: unknown) => T,
    failed: CollectionOptions<T>["failed"],
  ): Collection<T> {
    const { cluster, namespace, pause } = this.#options;
    const changed = () => this.#tell();
    const isOptional = kind === "Event";
    return new Collection({ cluster, path: pathOf(kind, namespace), query, read, changed, isOptional, failed, pause });
  }

  #tell(): void {
    if (this.#isClosed) return;
    const all = [this.#deployments, this.#pods, this.#claims, this.#events];
    if (!all.every((one) => one.isListed)) return;
    const desktops = this.#desktops();
    // Most events change nothing here.
    const text = JSON.stringify(desktops);
    if (text === this.#last) return;
    this.#last = text;
    this.#options.told(desktops);
  }

  #desktops(): KubernetesDesktop[] {
    const claims = new Map(this.#claims.items.map((claim) => [claim.metadata.labels[LABEL.instance] ?? "", claim]));
    const desktops = this.#deployments.items.map((deployment): KubernetesDesktop => {
      const { name, labels, annotations } = deployment.metadata;
      const instance = labels[LABEL.instance] ?? "";
      const claim = claims.get(instance);
      claims.delete(instance);
      const pods = this.#pods.items.filter(({ metadata }) => metadata.labels[LABEL.instance] === instance);
      const container = deployment.spec.template.spec.containers[0];
      const gpu = Object.entries(container?.resources.limits ?? {}).find(([resource]) => resource.includes("/"));
      return {
        ...podState({ deployment, pods, claim, events: this.#events.items }),
        name,
        image: container?.image ?? "",
        gpu: gpu === undefined ? "" : `${gpu[0]} × ${gpu[1]}`,
        address: annotations[ANNOTATION.address] ?? "",
        home: homeOf(claim),
        idleMinutes: Number(annotations[ANNOTATION.idleMinutes] ?? 0) || 0,
      };
    });
    const rest = {
      stage: "home-kept",
      problems: [],
      node: "",
      image: "",
      gpu: "",
      address: "",
      idleMinutes: 0,
    } as const;
    const homes = [...claims.values()]
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map((claim) => ({ ...rest, name: claim.metadata.name.replace(/-home$/, ""), home: homeOf(claim) }));
    return [...desktops, ...homes].sort((a, b) => a.name.localeCompare(b.name));
  }
}

const homeOf = (claim: Claim | undefined): string => claim?.spec.resources.requests["storage"] ?? "";
