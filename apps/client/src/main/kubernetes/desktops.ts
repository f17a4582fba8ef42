// This installation's desktops in one namespace: made from the form (`plan.ts`), stopped, started, removed, their logs. Only objects with its
// own mark are touched (`own-objects.ts`). What becomes of them is `desktop-watch.ts`'s. Asked by `answers.ts` and `pod-route.ts`.

import { randomBytes } from "node:crypto";
import type { KubernetesChoices, KubernetesTarget } from "../../shared/kubernetes.ts";
import type { KubernetesForm } from "../../shared/kubernetes-form.ts";
import { KubernetesError } from "./failure.ts";
import { readDeployment, readList, readObject, readPod } from "./objects.ts";
import { isOwn, makeAll, ownOf, patchOwn, removeOwn } from "./own-objects.ts";
import { pathOf } from "./paths.ts";
import { ANNOTATION, deploymentName, LABEL, planDesktop } from "./plan.ts";
import { currentPod } from "./pod-state.ts";
import type { Cluster } from "./types.ts";

/** As image/kubernetes/users.sh makes it. */
const PASSWORD_BYTES = 15;
const LOG_LINES = 400;

export class KubernetesDesktops {
  readonly #cluster: Cluster;
  readonly #mark: string;
  readonly #manifests: string;

  /** `manifests`: image/kubernetes, as the application carries it. */
  constructor(cluster: Cluster, mark: string, manifests: string) {
    this.#cluster = cluster;
    this.#mark = mark;
    this.#manifests = manifests;
  }

  /** Resolves when the API server has taken all of it. A home that was kept under this name becomes the desktop's again. */
  async create(form: KubernetesForm, signal?: AbortSignal): Promise<void> {
    const password = randomBytes(PASSWORD_BYTES).toString("base64");
    const mark = this.#mark;
    const { desktop, idle } = planDesktop({ form, password, mark, folder: this.#manifests });
    await makeAll(this.#cluster, desktop, { mark, kept: ["PersistentVolumeClaim"], signal });
    try {
      if (idle.length > 0 && !(await this.#hasIdle(form.namespace))) {
        await makeAll(this.#cluster, idle, { mark, kept: [], signal });
      }
    } catch (error) {
      // A desktop that was to stop by itself and would not is none that was asked for.
      await this.remove({ ...form, name: deploymentName(form.name) }, { home: false });
      throw error;
    }
  }

  async stop({ namespace, name }: KubernetesTarget): Promise<void> {
    await this.#scale(namespace, name, 0);
  }

  async start({ namespace, name }: KubernetesTarget): Promise<void> {
    await this.#scale(namespace, name, 1);
  }

  /** The home stays unless it is asked for. */
  async remove({ namespace, name }: KubernetesTarget, { home }: { readonly home: boolean }): Promise<void> {
    const instance = name.replace(/^eglantine-/, "");
    const found = await this.#find("Deployment", namespace, name);
    if (found !== undefined && !isOwn(found, this.#mark)) throw new KubernetesError("not-own", { name });
    const hasIngress = found?.metadata.annotations[ANNOTATION.address] !== undefined;
    const kinds = ["Deployment", "Service", ...(hasIngress ? (["Ingress"] as const) : []), "Secret"] as const;
    for (const kind of home ? ([...kinds, "PersistentVolumeClaim"] as const) : kinds) {
      for (const object of await ownOf(this.#cluster, kind, namespace, this.#mark, instance)) {
        await removeOwn(this.#cluster, kind, object, this.#mark);
      }
    }
    if (found?.metadata.annotations[ANNOTATION.idleMinutes] !== undefined) await this.#removeIdle(namespace);
  }

  /** The end of what the desktop has written, and before that the end of the run that crashed before it. */
  async logs({ namespace, name }: KubernetesTarget): Promise<string> {
    const pod = await this.#podOf(namespace, name);
    if (pod === undefined) throw new KubernetesError("stopped", { name });
    const container = pod.status.containerStatuses[0];
    const path = `${pathOf("Pod", namespace, pod.metadata.name)}/log`;
    const query = { tailLines: String(LOG_LINES), container: pod.spec.containers[0]?.name ?? "desktop" };
    const previous =
      container?.lastState.terminated === undefined
        ? ""
        : await this.#cluster.readText(path, { query: { ...query, previous: "true" } });
    // A container that waits has no log of its own yet.
    if (container?.state.waiting !== undefined || container === undefined) return previous;
    return previous + (await this.#cluster.readText(path, { query }));
  }

  /** Of the Secret that was made with the desktop; undefined for a desktop of somebody else's, whose Secrets are not looked at. */
  async password(namespace: string, name: string): Promise<string | undefined> {
    const secret = await this.#cluster.read(pathOf("Secret", namespace, name)).catch((error: unknown) => {
      if (error instanceof KubernetesError && error.failure.reason === "gone") return undefined;
      throw error;
    });
    if (secret === undefined || !isOwn(readObject(secret), this.#mark)) return undefined;
    const { data } = secret as { data?: { password?: unknown } };
    return typeof data?.password === "string" ? Buffer.from(data.password, "base64").toString("utf8") : undefined;
  }

  /** What the form may offer. Looking at nodes and storage classes is not everybody's right: then there is nothing to offer. */
  async choices(): Promise<KubernetesChoices> {
    const listed = async (path: string): Promise<unknown[]> => {
      try {
        return readList(await this.#cluster.read(path)).items;
      } catch (error) {
        if (error instanceof KubernetesError && error.failure.reason === "forbidden") return [];
        throw error;
      }
    };
    const namespaces = await listed("/api/v1/namespaces");
    const classes = await listed("/apis/storage.k8s.io/v1/storageclasses");
    const nodes = await listed("/api/v1/nodes");
    const gpus = new Map<string, number>();
    for (const node of nodes) {
      const { status } = node as { status?: { allocatable?: Readonly<Record<string, unknown>> } };
      for (const [resource, count] of Object.entries(status?.allocatable ?? {})) {
        if (/gpu|\/mig-/.test(resource) && Number(count) > 0) {
          gpus.set(resource, (gpus.get(resource) ?? 0) + Number(count));
        }
      }
    }
    return {
      namespaces: namespaces.map((one) => readObject(one).metadata.name),
      storageClasses: classes.map((one) => {
        const { name, annotations } = readObject(one).metadata;
        return { name, isDefault: annotations["storageclass.kubernetes.io/is-default-class"] === "true" };
      }),
      gpus: [...gpus].map(([resource, count]) => ({ resource, count })),
    };
  }

  async #scale(namespace: string, name: string, replicas: number): Promise<void> {
    // What image/kubernetes/idle has noted of the last run does not count for the next.
    const annotations = { [ANNOTATION.idleSince]: null, [ANNOTATION.stoppedAt]: null };
    const patch = { metadata: { annotations }, spec: { replicas } };
    await patchOwn(this.#cluster, { kind: "Deployment", namespace, name }, this.#mark, patch);
  }

  async #podOf(namespace: string, name: string) {
    const deployment = readDeployment(await this.#cluster.read(pathOf("Deployment", namespace, name)));
    const labelSelector = selectorOf(deployment.spec.selector.matchLabels);
    const { items } = readList(await this.#cluster.read(pathOf("Pod", namespace), { query: { labelSelector } }));
    return currentPod(items.map(readPod));
  }

  async #find(kind: "Deployment" | "CronJob", namespace: string, name: string) {
    try {
      return readObject(await this.#cluster.read(pathOf(kind, namespace, name)));
    } catch (error) {
      if (error instanceof KubernetesError && error.failure.reason === "gone") return undefined;
      throw error;
    }
  }

  /** Anybody's: there is one for all desktops of a namespace. */
  async #hasIdle(namespace: string): Promise<boolean> {
    return (await this.#find("CronJob", namespace, "eglantine-idle")) !== undefined;
  }

  /** With the last desktop of the namespace that has the annotation, whosever that is. */
  async #removeIdle(namespace: string): Promise<void> {
    const query = { labelSelector: `${LABEL.name}=eglantine` };
    const { items } = readList(await this.#cluster.read(pathOf("Deployment", namespace), { query }));
    const isWatched = ({ metadata }: ReturnType<typeof readDeployment>) =>
      metadata.annotations[ANNOTATION.idleMinutes] !== undefined && metadata.deletionTimestamp === undefined;
    if (items.map(readDeployment).some(isWatched)) return;
    for (const kind of ["CronJob", "RoleBinding", "Role", "ServiceAccount", "ConfigMap"] as const) {
      for (const object of await ownOf(this.#cluster, kind, namespace, this.#mark)) {
        await removeOwn(this.#cluster, kind, object, this.#mark);
      }
    }
  }
}

export const selectorOf = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
