// All objects of one kind in a namespace, kept up to date: listed once, then watched from that version on; listed again when the API server
// has forgotten it or the way breaks. Used by `desktop-watch.ts`.

import { KubernetesError } from "./failure.ts";
import { readList, readObject } from "./objects.ts";
import type { Cluster } from "./types.ts";

export interface CollectionOptions<T> {
  readonly cluster: Cluster;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly read: (value: unknown) => T;
  /** After each change, and after the first list. */
  readonly changed: () => void;
  /** Without the right to see them there are none; else that is a failure, and there never is a list. */
  readonly isOptional: boolean;
  /** It could not be listed or watched; it is tried again until `close()`, except where that is no use. */
  readonly failed: (error: KubernetesError) => void;
  /** Before it is tried again. */
  readonly pause: (signal: AbortSignal) => Promise<void>;
}

/** No other answer comes until somebody does something about it. */
const FINAL: readonly string[] = ["forbidden", "unauthorized", "plugin-unconfirmed", "plugin-missing", "plugin-failed"];

export class Collection<T> {
  readonly #options: CollectionOptions<T>;
  readonly #items = new Map<string, T>();
  readonly #controller = new AbortController();
  readonly #running: Promise<void>;
  #isListed = false;

  constructor(options: CollectionOptions<T>) {
    this.#options = options;
    this.#running = this.#run();
  }

  get items(): T[] {
    return [...this.#items.values()];
  }

  /** The first list has come. */
  get isListed(): boolean {
    return this.#isListed;
  }

  async close(): Promise<void> {
    this.#controller.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { failed, pause, changed, isOptional } = this.#options;
    const { signal } = this.#controller;
    while (!signal.aborted) {
      try {
        await this.#listAndWatch(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof KubernetesError)) throw error;
        failed(error);
        if (FINAL.includes(error.failure.reason)) {
          if (!isOptional) return;
          this.#isListed = true;
          return changed();
        }
        await pause(signal);
      }
    }
  }

  async #listAndWatch(signal: AbortSignal): Promise<void> {
    const { cluster, path, query, changed, read } = this.#options;
    const list = readList(await cluster.read(path, { query, signal }));
    this.#items.clear();
    for (const item of list.items) this.#items.set(readObject(item).metadata.uid, read(item));
    this.#isListed = true;
    changed();
    let resourceVersion = list.metadata.resourceVersion;
    const ended = new AbortController();
    const seen = (type: string, object: unknown) => {
      const { uid, resourceVersion: version } = readObject(object).metadata;
      // The API server no longer knows the version that is asked for.
      if (type === "ERROR") return ended.abort();
      resourceVersion = version;
      if (type === "BOOKMARK") return;
      if (type === "DELETED") this.#items.delete(uid);
      else this.#items.set(uid, read(object));
      changed();
    };
    while (!signal.aborted && !ended.signal.aborted) {
      await cluster.watch(
        path,
        { ...query, resourceVersion, allowWatchBookmarks: "true" },
        seen,
        AbortSignal.any([signal, ended.signal]),
      );
    }
  }
}
