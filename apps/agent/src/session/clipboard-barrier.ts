// Keeps what pastes behind what is pasted: the clipboard comes over the control connection, the keys over the input channel, and neither knows of
// the other. Input that follows a barrier (protocol `input.ts`, `clipboardBarrier`) waits here until the clipboard has that offer, and no
// longer than the protocol says. Part of `input-intake.ts`.

import type { InputMessage } from "@eglantine/protocol/input";
import { LIMITS } from "@eglantine/protocol/limits";

export interface BarrierOptions {
  /** Lets it through; in the order in which it came. */
  readonly apply: (message: InputMessage) => void;
  /** The offer has not come in time: what is pasted may be older. */
  readonly onLate: () => void;
}

export class ClipboardBarrier {
  readonly #options: BarrierOptions;
  #applied = 0;
  /** What waits behind a barrier; a barrier among it is the next one. */
  #kept: InputMessage[] = [];
  #waitsFor: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: BarrierOptions) {
    this.#options = options;
  }

  /** A message of the input channel, barriers included. */
  take(message: InputMessage): void {
    if (this.#waitsFor !== undefined) this.#kept.push(message);
    else this.#pass(message);
  }

  /** The clipboard has this offer. */
  applied(serial: number): void {
    this.#applied = Math.max(this.#applied, serial);
    if (this.#waitsFor !== undefined && this.#waitsFor <= this.#applied) this.#open();
  }

  /** The clipboard is not waited for any longer. */
  expire(): void {
    if (this.#waitsFor === undefined) return;
    this.#options.onLate();
    this.#open();
  }

  /** Everything that waits goes through: keys must be let go of in their order. Idempotent. */
  release(): void {
    while (this.#waitsFor !== undefined) this.#open();
  }

  #pass(message: InputMessage): void {
    if (message.type !== "clipboardBarrier") {
      this.#options.apply(message);
    } else if (message.serial > this.#applied) {
      this.#waitsFor = message.serial;
      this.#timer = setTimeout(() => this.expire(), LIMITS.clipboardBarrierMs);
    }
  }

  #open(): void {
    clearTimeout(this.#timer);
    this.#waitsFor = undefined;
    const kept = this.#kept;
    this.#kept = [];
    for (const message of kept) this.take(message);
  }
}
