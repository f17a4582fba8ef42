// The objects of the tests' API server: made, patched, removed and watched as a real one does, with versions, identities and a history. Every
// object is held against the published schemas. Spoken to by `api-server.ts` over HTTP and by `scripted-cluster.ts` as the cluster's own.

import { randomUUID } from "node:crypto";
import { schemaProblem } from "./schemas.ts";

export interface StoredMetadata {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  creationTimestamp: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}
export interface Stored {
  apiVersion: string;
  kind: string;
  metadata: StoredMetadata;
  [field: string]: unknown;
}

export interface Change {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly resource: string;
  readonly object: Stored;
  readonly version: number;
}

/** As the API server says it: code, reason and sentence. */
export class Refusal extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: { readonly kind?: string; readonly name?: string };

  constructor(code: number, reason: string, message: string, details: { kind?: string; name?: string } = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

const plural = (resource: string): string => resource.split(" ")[1] ?? "";
const isWhole = (resource: string): boolean => ["namespaces", "nodes", "storageclasses"].includes(plural(resource));

export class ObjectStore {
  readonly #objects = new Map<string, { readonly resource: string; object: Stored }>();
  readonly #listeners = new Set<(change: Change) => void>();
  #history: Change[] = [];
  #oldest = 0;
  #version = 0;

  get version(): string {
    return String(this.#version);
  }

  list(resource: string, namespace: string | undefined): Stored[] {
    return [...this.#objects.values()]
      .filter((one) => one.resource === resource)
      .filter(({ object }) => namespace === undefined || object.metadata.namespace === namespace)
      .map(({ object }) => structuredClone(object));
  }

  find(resource: string, namespace: string | undefined, name: string): Stored | undefined {
    const found = this.#objects.get(keyOf(resource, namespace, name));
    return found && structuredClone(found.object);
  }

  get(resource: string, namespace: string | undefined, name: string): Stored {
    const found = this.find(resource, namespace, name);
    if (found !== undefined) return found;
    const kind = plural(resource);
    throw new Refusal(404, "NotFound", `${kind} "${name}" not found`, { kind, name });
  }

  create(resource: string, namespace: string | undefined, value: unknown): Stored {
    const object = structuredClone(value) as Stored;
    const { name } = object.metadata ?? { name: "" };
    const kind = plural(resource);
    if (namespace !== undefined && this.find("api/v1 namespaces", undefined, namespace) === undefined) {
      throw new Refusal(404, "NotFound", `namespaces "${namespace}" not found`, {
        kind: "namespaces",
        name: namespace,
      });
    }
    if (namespace !== undefined && (object.metadata.namespace ?? namespace) !== namespace) {
      throw new Refusal(
        400,
        "BadRequest",
        "the namespace of the provided object does not match the namespace sent on the request",
      );
    }
    if (this.find(resource, namespace, name) !== undefined) {
      throw new Refusal(409, "AlreadyExists", `${kind} "${name}" already exists`, { kind, name });
    }
    this.#check(resource, object);
    object.metadata = {
      ...object.metadata,
      ...(!isWhole(resource) && namespace !== undefined && { namespace }),
      uid: randomUUID(),
      resourceVersion: "",
      creationTimestamp: new Date().toISOString(),
    };
    // Write-only: a Secret is read in `data`.
    if (object.kind === "Secret" && object["stringData"] !== undefined) {
      const entries = Object.entries(object["stringData"] as Record<string, string>);
      object["data"] = Object.fromEntries(entries.map(([key, text]) => [key, Buffer.from(text).toString("base64")]));
      delete object["stringData"];
    }
    return this.#put("ADDED", resource, object);
  }

  /** RFC 7386, with the preconditions that its metadata names. */
  patch(resource: string, namespace: string | undefined, name: string, patch: unknown): Stored {
    const before = this.get(resource, namespace, name);
    const { uid, resourceVersion } = (patch as Partial<Stored>).metadata ?? {};
    const kind = plural(resource);
    const isOther = uid !== undefined && uid !== before.metadata.uid;
    if (isOther || (resourceVersion !== undefined && resourceVersion !== before.metadata.resourceVersion)) {
      const message = `Operation cannot be fulfilled on ${kind} "${name}": the object has been modified`;
      throw new Refusal(409, "Conflict", message, { kind, name });
    }
    const object = merged(before, patch) as Stored;
    this.#check(resource, object);
    return this.#put("MODIFIED", resource, object);
  }

  remove(resource: string, namespace: string | undefined, name: string, uid?: string): Stored {
    const object = this.get(resource, namespace, name);
    if (uid !== undefined && uid !== object.metadata.uid) {
      const message = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${object.metadata.uid}`;
      throw new Refusal(409, "Conflict", message, { kind: plural(resource), name });
    }
    this.#objects.delete(keyOf(resource, namespace, name));
    return this.#tell("DELETED", resource, object);
  }

  /** Calls `listener` with what came after this version, then with all that comes. Throws where it is too long ago. */
  follow(version: string, listener: (change: Change) => void): () => void {
    if (Number(version || this.#version) < this.#oldest) {
      throw new Refusal(410, "Expired", `too old resource version: ${version} (${this.#oldest})`);
    }
    for (const change of this.#history) if (change.version > Number(version || this.#version)) listener(change);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** As etcd's compaction. */
  forgetHistory(): void {
    this.#version += 1;
    this.#oldest = this.#version;
    this.#history = [];
  }

  #check(resource: string, object: unknown): void {
    const problem = schemaProblem(resource, object);
    const { kind = "", metadata } = object as Partial<Stored>;
    const name = metadata?.name ?? "";
    if (problem !== "") throw new Refusal(422, "Invalid", `${kind} "${name}" is invalid: ${problem}`, { kind, name });
    if (name === "")
      throw new Refusal(422, "Invalid", `${kind} "" is invalid: metadata.name: Required value`, { kind });
  }

  #put(type: "ADDED" | "MODIFIED", resource: string, object: Stored): Stored {
    const { namespace, name } = object.metadata;
    const stored = this.#tell(type, resource, object);
    this.#objects.set(keyOf(resource, namespace, name), { resource, object: structuredClone(stored) });
    // Told once it can be read.
    return stored;
  }

  #tell(type: Change["type"], resource: string, object: Stored): Stored {
    this.#version += 1;
    object.metadata.resourceVersion = String(this.#version);
    const change: Change = { type, resource, object: structuredClone(object), version: this.#version };
    this.#history.push(change);
    queueMicrotask(() => {
      for (const listener of this.#listeners) listener(change);
    });
    return object;
  }
}

const keyOf = (resource: string, namespace: string | undefined, name: string): string =>
  isWhole(resource) ? `${resource} ${name}` : `${resource} ${namespace ?? ""} ${name}`;

function merged(before: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return structuredClone(patch);
  const isObject = typeof before === "object" && before !== null && !Array.isArray(before);
  const result: Record<string, unknown> = isObject ? { ...(before as Record<string, unknown>) } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}
