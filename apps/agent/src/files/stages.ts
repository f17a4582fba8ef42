// Files that viewers paste or drop onto a program lie at a stage of their own until a program of the desktop has copied them: a hidden folder in the one for viewers' files, so
// that they are on the same disk. It goes when something else is copied or its viewer leaves, but not while a program still reads. What is
// left of a session that broke off is swept (`sweep.ts`). Built by `files.ts`; held by `clipboard/staged-content.ts`.

import { readdir, readlink, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Closable } from "../close.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { TransferError } from "../session/types.ts";
import { codeOf, refusalOf, unless } from "./folder.ts";
import { isPartName, stageName } from "./names.ts";

export interface StagedFiles {
  /** Of what the viewer pasted: files and folders. */
  readonly paths: readonly string[];
  /** A program was told of them, and may be about to copy them. */
  given(): void;
  /** Nobody will be told of them any more. Idempotent. */
  release(): void;
}

export interface StagesOptions {
  readonly folder: string;
  readonly log: Log;
  /** Between being told of files and opening the first or the next one. */
  readonly lingerMs?: number;
}

const LINGER_MS = 60_000;

export class Stages implements Closable {
  readonly #options: StagesOptions;
  readonly #lingerMs: number;
  /** Those that are told of or may still be read, and what ends their wait. */
  readonly #held = new Map<string, { holders: number; givenMs: number; timer: NodeJS.Timeout | undefined }>();

  constructor(options: StagesOptions) {
    this.#options = options;
    this.#lingerMs = options.lingerMs ?? LINGER_MS;
  }

  /** Throws TransferError. */
  root(id: string): string {
    if (!/^[\da-f]{32}$/.test(id)) throw new TransferError(400, "That is no address of pasted files.");
    return join(this.#options.folder, stageName(id));
  }

  /** All that is there. Rejects with TransferError. */
  async hold(id: string): Promise<StagedFiles> {
    const root = this.root(id);
    const names = await readdir(root).catch((error: unknown) => {
      throw refusalOf(error);
    });
    const paths = names.filter((name) => !isPartName(name)).map((name) => join(root, name));
    if (paths.length === 0) throw new TransferError(404, "It is not on the desktop any more.");
    const held = this.#held.get(id) ?? { holders: 0, givenMs: Number.NEGATIVE_INFINITY, timer: undefined };
    clearTimeout(held.timer);
    held.holders += 1;
    this.#held.set(id, held);
    let released = false;
    return {
      paths,
      given: () => {
        held.givenMs = performance.now();
      },
      release: () => {
        if (released) return;
        released = true;
        held.holders -= 1;
        if (held.holders === 0) void this.#removeWhenRead(id);
      },
    };
  }

  /** What a program reads just now stays, and is swept another time. */
  async close(): Promise<void> {
    const ids = [...this.#held.keys()];
    for (const { timer } of this.#held.values()) clearTimeout(timer);
    this.#held.clear();
    for (const id of ids) if (!(await isRead(this.root(id)))) await this.#remove(id);
  }

  async #removeWhenRead(id: string): Promise<void> {
    const held = this.#held.get(id);
    if (held === undefined || held.holders > 0) return;
    const leftMs = held.givenMs + this.#lingerMs - performance.now();
    const isReading = leftMs <= 0 && (await isRead(this.root(id)));
    // Between two files of many a program has none open for a moment.
    if (isReading) held.givenMs = performance.now();
    if (this.#held.get(id) !== held || held.holders > 0) return;
    if (leftMs > 0 || isReading) {
      clearTimeout(held.timer);
      held.timer = setTimeout(() => void this.#removeWhenRead(id), Math.max(leftMs, this.#lingerMs / 10));
      held.timer.unref();
      return;
    }
    this.#held.delete(id);
    await this.#remove(id);
  }

  async #remove(id: string): Promise<void> {
    try {
      await rm(this.root(id), { recursive: true, force: true });
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      this.#options.log.warn({ detail: messageOf(error) }, "pasted files could not be removed");
    }
  }
}

/** A program of the same user has something of it open. Those of others are not ours to see, and can't read the user's files. */
async function isRead(root: string): Promise<boolean> {
  const gone = unless("ENOENT", "EACCES", "EPERM", "ESRCH");
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    for (const fd of (await readdir(`/proc/${pid}/fd`).catch(gone)) ?? []) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(gone);
      if (target?.startsWith(`${root}/`) === true || target === root) return true;
    }
  }
  return false;
}
