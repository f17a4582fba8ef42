// One kind of a viewer's clipboard on its way to the programs that paste it: comes by transfer, perhaps in several pieces, and is kept, so
// that the next paste finds it. Bounded by what the policy allows. Made by `clipboard.ts`, filled by `server/transfer.ts`.

import { TransferError, type Upload } from "../session/types.ts";
import { megabytes } from "./policy.ts";

/** Without a byte for so long nothing comes any more. Programs give up earlier: Qt after 5 s, unless pieces come. */
const SILENT_MS = 15_000;

/** Shared by the kinds of one offer. */
export interface Budget {
  leftBytes: number;
  readonly maxBytes: number;
}

export class Incoming implements Upload {
  readonly kind = "upload";
  readonly #budget: Budget;
  readonly #chunks: Uint8Array[] = [];
  readonly #waiting = new Set<() => void>();
  #offsetBytes = 0;
  #complete = false;
  #failure: Error | undefined;
  #busy = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(budget: Budget) {
    this.#budget = budget;
    this.#awaitMore();
  }

  get offsetBytes(): number {
    return this.#offsetBytes;
  }

  /** All of it is here. */
  get isComplete(): boolean {
    return this.#complete;
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  begin(): () => void {
    if (this.#failure !== undefined) throw new TransferError(410, this.#failure.message);
    if (this.#busy || this.#complete) throw new TransferError(409, "It is being sent already, or has come.");
    this.#busy = true;
    return () => {
      this.#busy = false;
    };
  }

  write(chunk: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(new TransferError(410, this.#failure.message));
    if (chunk.length > this.#budget.leftBytes) {
      const why = `A clipboard may hold ${megabytes(this.#budget.maxBytes)} here (EGLANTINE_CLIPBOARD_IN_MAX_MB).`;
      this.fail(why);
      return Promise.reject(new TransferError(413, why));
    }
    this.#budget.leftBytes -= chunk.length;
    this.#offsetBytes += chunk.length;
    this.#chunks.push(chunk);
    this.#awaitMore();
    this.#wake();
    return Promise.resolve();
  }

  complete(): Promise<void> {
    clearTimeout(this.#timer);
    this.#complete = true;
    this.#wake();
    return Promise.resolve();
  }

  /** It does not come; who reads it gets an error. What has come is dropped. Nothing for one that is complete. */
  fail(why: string): void {
    if (this.#complete || this.#failure !== undefined) return;
    clearTimeout(this.#timer);
    this.#failure = new Error(why);
    this.#budget.leftBytes += this.#offsetBytes;
    this.#chunks.length = 0;
    this.#wake();
  }

  /** From its beginning, as it comes. Rejects when it does not. */
  async *read(): AsyncIterable<Uint8Array> {
    for (let index = 0; ; index += 1) {
      while (index >= this.#chunks.length) {
        if (this.#failure !== undefined) throw this.#failure;
        if (this.#complete) return;
        await new Promise<void>((resolve) => void this.#waiting.add(resolve));
      }
      const chunk = this.#chunks[index];
      if (chunk !== undefined) yield chunk;
    }
  }

  #awaitMore(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.fail("The viewer did not send it."), SILENT_MS);
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}
