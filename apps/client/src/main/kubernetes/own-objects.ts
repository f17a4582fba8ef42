// Making and removing objects such that nothing of anybody else's is ever changed: an object is made, never overwritten; and only one that
// carries this installation's mark is patched or removed, with the identity (uid) and version that it was seen with. Used by `desktops.ts`.

import { KubernetesError } from "./failure.ts";
import type { Resource } from "./kustomize.ts";
import { type KubernetesObject, readList, readObject } from "./objects.ts";
import { isKind, type Kind, pathOf } from "./paths.ts";
import { LABEL, MANAGER, ownSelector } from "./plan.ts";
import type { Cluster } from "./types.ts";

export const isOwn = ({ metadata }: KubernetesObject, mark: string): boolean =>
  metadata.labels[LABEL.manager] === MANAGER && metadata.labels[LABEL.mark] === mark;

const kindOf = (resource: Resource): Kind => {
  if (!isKind(resource.kind)) throw new Error(`no path for a ${resource.kind}`);
  return resource.kind;
};

/**
 * All of them, or none: what was made before one is refused is removed again. `kept`: what may be there from before, if it is
 * this installation's (a home).
 */
export async function makeAll(
  cluster: Cluster,
  resources: readonly Resource[],
  {
    mark,
    kept,
    signal,
  }: { readonly mark: string; readonly kept: readonly Kind[]; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const made: { readonly kind: Kind; readonly object: KubernetesObject }[] = [];
  try {
    for (const resource of resources) {
      const kind = kindOf(resource);
      const namespace = resource.metadata.namespace ?? cluster.namespace;
      try {
        const object = readObject(await cluster.create(pathOf(kind, namespace), resource, { signal }));
        made.push({ kind, object });
      } catch (error) {
        if (!isTaken(error)) throw error;
        const { name } = resource.metadata;
        const there = kept.includes(kind) ? readObject(await cluster.read(pathOf(kind, namespace, name))) : undefined;
        if (there === undefined || !isOwn(there, mark)) throw new KubernetesError("name-taken", { name, kind });
      }
    }
  } catch (error) {
    for (const { kind, object } of made.reverse()) {
      await removeOwn(cluster, kind, object, mark).catch((second: unknown) => {
        // What stopped it first is what the user is told.
        if (!(second instanceof KubernetesError)) throw second;
      });
    }
    throw error;
  }
}

const isTaken = (error: unknown): boolean => error instanceof KubernetesError && error.failure.reason === "name-taken";

export async function ownOf(
  cluster: Cluster,
  kind: Kind,
  namespace: string,
  mark: string,
  name?: string,
): Promise<KubernetesObject[]> {
  const instance = name === undefined ? "" : `,${LABEL.instance}=${name}`;
  const labelSelector = `${ownSelector(mark)}${instance}`;
  const { items } = readList(await cluster.read(pathOf(kind, namespace), { query: { labelSelector } }));
  // The server's answer to a selector is believed, and looked at.
  return items.map(readObject).filter((object) => isOwn(object, mark));
}

/** Gone already is as good. The uid keeps off an object that has taken its name meanwhile. */
export async function removeOwn(cluster: Cluster, kind: Kind, object: KubernetesObject, mark: string): Promise<void> {
  const { namespace, name, uid } = object.metadata;
  if (!isOwn(object, mark)) throw new KubernetesError("not-own", { name });
  const body = { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid }, propagationPolicy: "Background" };
  try {
    await cluster.remove(pathOf(kind, namespace, name), body);
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.failure.reason !== "gone") throw error;
  }
}

const TRIES = 4;

/** With its version, so that nobody's change is lost; another's change meanwhile is looked at and it is tried again. */
export async function patchOwn(
  cluster: Cluster,
  { kind, namespace, name }: { readonly kind: Kind; readonly namespace: string; readonly name: string },
  mark: string,
  patch: { readonly metadata?: object; readonly spec?: object },
): Promise<void> {
  const path = pathOf(kind, namespace, name);
  for (let tries = 1; ; tries += 1) {
    const object = readObject(await cluster.read(path));
    if (!isOwn(object, mark)) throw new KubernetesError("not-own", { name });
    const { uid, resourceVersion } = object.metadata;
    try {
      await cluster.patch(path, { ...patch, metadata: { ...patch.metadata, uid, resourceVersion } });
      return;
    } catch (error) {
      const isChanged = error instanceof KubernetesError && error.failure.reason === "changed";
      if (!isChanged || tries === TRIES) throw error;
    }
  }
}
