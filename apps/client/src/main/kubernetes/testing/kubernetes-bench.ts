// A cluster for a test: the API server, what plays behind it, and a kubeconfig that leads there. Used by the tests of this folder and of
// renderer/ui/kubernetes.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import type { KubernetesDesktop, KubernetesFailure } from "../../../shared/kubernetes.ts";
import { KUBERNETES_DEFAULTS, type KubernetesForm } from "../../../shared/kubernetes-form.ts";
import { Clusters } from "../clusters.ts";
import { DesktopWatch } from "../desktop-watch.ts";
import { KubernetesDesktops } from "../desktops.ts";
import { KubernetesError } from "../failure.ts";
import { KubernetesMemory } from "../memory.ts";
import { ApiServer, TOKEN } from "./api-server.ts";
import { ScriptedCluster } from "./scripted-cluster.ts";

/** As the application carries it. */
export const MANIFESTS = fileURLToPath(new URL("../../../../../../image/kubernetes", import.meta.url));

export const formOf = (more: Partial<KubernetesForm> = {}): KubernetesForm => ({
  ...KUBERNETES_DEFAULTS,
  context: "test",
  namespace: "desks",
  ...more,
});

/** What it rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<KubernetesFailure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof KubernetesError) return error.failure;
    throw error;
  }
  throw new Error("it did not fail");
}

interface BenchOptions {
  /** Pods become ready at once. */
  readonly isWilling?: boolean;
  /** Instead of a token. */
  readonly user?: object;
}

export class KubernetesBench {
  readonly folder: string;
  readonly server: ApiServer;
  readonly cluster: ScriptedCluster;
  readonly memory: KubernetesMemory;
  readonly clusters: Clusters;
  readonly environment: Record<string, string | undefined>;
  readonly #watches: DesktopWatch[] = [];

  private constructor(folder: string, server: ApiServer, { isWilling = true, user }: BenchOptions) {
    this.folder = folder;
    this.server = server;
    this.cluster = new ScriptedCluster(server, isWilling);
    this.memory = new KubernetesMemory(join(folder, "kubernetes.json"));
    const file = join(folder, "config");
    this.environment = { PATH: process.env["PATH"], HOME: folder, KUBECONFIG: file };
    this.clusters = new Clusters({ environment: this.environment, home: folder }, this.memory);
    this.writeConfig(user ?? { token: TOKEN });
  }

  static async start(options: BenchOptions = {}): Promise<KubernetesBench> {
    const folder = mkdtempSync(join(tmpdir(), "egl-kubernetes-"));
    return new KubernetesBench(folder, await ApiServer.start(folder), options);
  }

  /** Context "test", namespace "desks", signed in as this user says. */
  writeConfig(user: object, cluster: object = {}): void {
    const { server } = this;
    const config = {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "test",
      clusters: [{ name: "c", cluster: { server: server.url, "certificate-authority": server.caFile, ...cluster } }],
      users: [{ name: "dev", user }],
      contexts: [{ name: "test", context: { cluster: "c", user: "dev", namespace: "desks" } }],
    };
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(join(this.folder, "config"), stringify(config));
  }

  async desktops(): Promise<KubernetesDesktops> {
    return new KubernetesDesktops(await this.clusters.cluster("test"), await this.memory.mark(), MANIFESTS);
  }

  /** Follows the desktops of "desks" until the test's end. */
  async watch(): Promise<WatchedDesktops> {
    const watched = new WatchedDesktops();
    const watch = new DesktopWatch({
      cluster: await this.clusters.cluster("test"),
      namespace: "desks",
      mark: await this.memory.mark(),
      told: (desktops) => watched.tell(desktops),
      failed: (failure) => watched.failures.push(failure),
      // At once: a test has no time to lose.
      pause: () => new Promise((resolve) => setImmediate(resolve)),
    });
    this.#watches.push(watch);
    return watched;
  }

  async close(): Promise<void> {
    for (const watch of this.#watches) await watch.close();
    this.cluster.close();
    await this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a `DesktopWatch` told. */
export class WatchedDesktops {
  readonly failures: KubernetesFailure[] = [];
  last: readonly KubernetesDesktop[] = [];
  isTold = false;
  #waiting: { readonly isMet: (desktops: readonly KubernetesDesktop[]) => boolean; readonly met: () => void }[] = [];

  tell(desktops: readonly KubernetesDesktop[]): void {
    this.isTold = true;
    this.last = desktops;
    const met = this.#waiting.filter(({ isMet }) => isMet(desktops));
    this.#waiting = this.#waiting.filter((one) => !met.includes(one));
    for (const one of met) one.met();
  }

  /** Resolves with the first list that is so, the present one included. */
  async until(isMet: (desktops: readonly KubernetesDesktop[]) => boolean): Promise<readonly KubernetesDesktop[]> {
    if (!isMet(this.last)) await new Promise<void>((met) => this.#waiting.push({ isMet, met }));
    return this.last;
  }

  /** The only desktop, once it is so. */
  async untilOne(isMet: (desktop: KubernetesDesktop) => boolean): Promise<KubernetesDesktop> {
    const [desktop] = await this.until(([one, ...more]) => one !== undefined && more.length === 0 && isMet(one));
    if (desktop === undefined) throw new Error("there is no desktop");
    return desktop;
  }
}
