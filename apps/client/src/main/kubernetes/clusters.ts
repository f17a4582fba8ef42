// The clusters of the user's kubeconfig: lists its contexts for the page without asking any of them, and opens one when it is needed. The
// library is loaded then, not before: a start of the application without Kubernetes does not pay for it. Used by `answers.ts`, `pod-route.ts`.

import type { KubernetesContexts } from "../../shared/kubernetes.ts";
import { fingerprintOf } from "./exec-plugin.ts";
import { KubernetesError } from "./failure.ts";
import { contextNamed, type Kubeconfig, kubeconfigFiles, readKubeconfig } from "./kubeconfig.ts";
import type { KubernetesMemory } from "./memory.ts";
import { pluginOf, SignIn } from "./sign-in.ts";
import type { Cluster } from "./types.ts";

export interface ClusterPlace {
  /** The application's own: KUBECONFIG, and what plug-ins look for. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the user. */
  readonly home: string;
}

export class Clusters {
  readonly #place: ClusterPlace;
  readonly #memory: KubernetesMemory;
  /** By what the kubeconfig says of the context: another word in it makes another one. */
  readonly #open = new Map<string, Cluster>();

  constructor(place: ClusterPlace, memory: KubernetesMemory) {
    this.#place = place;
    this.#memory = memory;
  }

  async contexts(): Promise<KubernetesContexts> {
    const config = await this.#read();
    const contexts = [];
    for (const name of config.contexts.keys()) {
      const context = config.contexts.get(name);
      // One that names a cluster which is not there is of no use, here as for kubectl.
      if (context === undefined || !config.clusters.has(context.cluster)) continue;
      const choice = contextNamed(config, name);
      const plugin = await pluginOf(choice, this.#memory);
      contexts.push({
        name,
        server: choice.cluster.server,
        user: choice.userName,
        namespace: choice.namespace,
        unverified: choice.cluster["insecure-skip-tls-verify"],
        ...(plugin && { plugin }),
      });
    }
    return { files: config.files, contexts, current: config.current };
  }

  /** The user has seen this plug-in of this context. Refused when the kubeconfig has named another one meanwhile. */
  async confirm(context: string, fingerprint: string): Promise<void> {
    const { exec } = contextNamed(await this.#read(), context).user;
    if (exec === undefined || fingerprintOf(exec) !== fingerprint) {
      throw new KubernetesError("plugin-unconfirmed", { command: exec?.command ?? "" });
    }
    await this.#memory.confirm(fingerprint);
  }

  async cluster(context: string): Promise<Cluster> {
    const choice = contextNamed(await this.#read(), context);
    const key = JSON.stringify(choice);
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const signIn = new SignIn(choice, this.#memory, this.#place.environment);
    await signIn.check();
    const { openCluster } = await import("./api.ts");
    const cluster = openCluster(choice, signIn);
    this.#open.set(key, cluster);
    return cluster;
  }

  #read(): Promise<Kubeconfig> {
    const { environment, home } = this.#place;
    return readKubeconfig(kubeconfigFiles(environment["KUBECONFIG"], home));
  }
}
