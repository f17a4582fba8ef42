// Which lists of files that were copied on the desktop one viewer was told of: these may be fetched, and nothing else. Part of `seat.ts`.

import type { CopiedFiles } from "../files/copied.ts";
import { TransferError } from "../session/types.ts";

/** A fetch outlives what is copied next. */
const KEPT = 16;
/** One that goes on in a new session may come before the list is read there. */
const WAIT_MS = 3000;

export class CopiedLists {
  /** By id, the oldest first. */
  readonly #lists = new Map<string, CopiedFiles>();
  readonly #waiting = new Set<() => void>();
  #closed = false;

  add(copied: CopiedFiles): void {
    this.#lists.delete(copied.id);
    this.#lists.set(copied.id, copied);
    const [oldest] = this.#lists.keys();
    if (this.#lists.size > KEPT && oldest !== undefined) this.#lists.delete(oldest);
    this.#wake();
  }

  /** Rejects with TransferError. */
  async find(id: string): Promise<CopiedFiles> {
    const untilMs = performance.now() + WAIT_MS;
    while (!this.#lists.has(id) && !this.#closed && performance.now() < untilMs) {
      await this.#change(untilMs - performance.now());
    }
    const copied = this.#lists.get(id);
    if (copied === undefined) throw new TransferError(410, "Something else was copied meanwhile.");
    return copied;
  }

  close(): void {
    this.#closed = true;
    this.#wake();
  }

  #change(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(late);
        this.#waiting.delete(wake);
        resolve();
      };
      const late = setTimeout(wake, limitMs);
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}
