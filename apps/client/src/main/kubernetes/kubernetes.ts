// Kubernetes' part of the shell: the clusters of the user's kubeconfig, this installation's desktops there, and who follows them. Built by
// `parts.ts`, asked by `answers.ts`; nothing is read and nothing loaded before somebody asks.

import type {
  KubernetesChoices,
  KubernetesContexts,
  KubernetesNews,
  KubernetesPlace,
  KubernetesTarget,
} from "../../shared/kubernetes.ts";
import type { KubernetesForm } from "../../shared/kubernetes-form.ts";
import { type ClusterPlace, Clusters } from "./clusters.ts";
import { DesktopWatch } from "./desktop-watch.ts";
import { KubernetesDesktops } from "./desktops.ts";
import { KubernetesMemory } from "./memory.ts";
import { deploymentName } from "./plan.ts";
import { PodRoute } from "./pod-route.ts";
import { pauseBeforeRetry } from "./retry.ts";

export interface KubernetesOptions {
  /** Where it remembers. */
  readonly file: string;
  readonly place: ClusterPlace;
  /** image/kubernetes, as the application carries it. */
  readonly manifests: string;
  readonly tell: (news: KubernetesNews, window: number) => void;
}

export class Kubernetes {
  readonly route: PodRoute;
  readonly #options: KubernetesOptions;
  readonly #memory: KubernetesMemory;
  readonly #clusters: Clusters;
  /** By window. */
  readonly #watches = new Map<number, DesktopWatch>();

  constructor(options: KubernetesOptions) {
    this.#options = options;
    this.#memory = new KubernetesMemory(options.file);
    this.#clusters = new Clusters(options.place, this.#memory);
    this.route = new PodRoute({ clusters: this.#clusters, memory: this.#memory, manifests: options.manifests });
  }

  contexts(): Promise<KubernetesContexts> {
    return this.#clusters.contexts();
  }

  confirm(context: string, fingerprint: string): Promise<void> {
    return this.#clusters.confirm(context, fingerprint);
  }

  async choices(context: string): Promise<KubernetesChoices> {
    return (await this.#desktops(context)).choices();
  }

  async create(form: KubernetesForm): Promise<KubernetesTarget> {
    const { context, namespace, name } = form;
    await (await this.#desktops(context)).create(form);
    return { context, namespace, name: deploymentName(name) };
  }

  async stop(target: KubernetesTarget): Promise<void> {
    await (await this.#desktops(target.context)).stop(target);
  }

  async start(target: KubernetesTarget): Promise<void> {
    await (await this.#desktops(target.context)).start(target);
  }

  async remove(target: KubernetesTarget, home: boolean): Promise<void> {
    await (await this.#desktops(target.context)).remove(target, { home });
  }

  async logs(target: KubernetesTarget): Promise<string> {
    return (await this.#desktops(target.context)).logs(target);
  }

  /** From now on this window is told of this place. */
  async watch({ context, namespace }: KubernetesPlace, window: number): Promise<void> {
    await this.unwatch(window);
    const cluster = await this.#clusters.cluster(context);
    const mark = await this.#memory.mark();
    const tell = (state: KubernetesNews["state"]) => this.#options.tell({ context, namespace, state }, window);
    const watch = new DesktopWatch({
      cluster,
      namespace,
      mark,
      told: (desktops) => tell({ ok: desktops }),
      failed: (failed) => tell({ failed }),
      pause: pauseBeforeRetry,
    });
    // Two at once: the later one stays.
    const other = this.#watches.get(window);
    this.#watches.set(window, watch);
    await other?.close();
  }

  /** Idempotent. */
  async unwatch(window: number): Promise<void> {
    const watch = this.#watches.get(window);
    this.#watches.delete(window);
    await watch?.close();
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await Promise.all([...this.#watches.keys()].map((window) => this.unwatch(window)));
  }

  async #desktops(context: string): Promise<KubernetesDesktops> {
    const cluster = await this.#clusters.cluster(context);
    return new KubernetesDesktops(cluster, await this.#memory.mark(), this.#options.manifests);
  }
}
