// How often a viewer may have a whole picture (an IDR): it costs as much as dozens of others, and on its path several ask for one
// (PLI, FIR, a NACK that comes too late, the client itself, a change of path). Asked by all of these through `session.ts`; goes to
// `video/pipeline.ts`, which makes one of many requests.

/** So many may follow each other at once, and one more each so often. An honest viewer asks again after a round trip. */
const BURST = 4;
const EVERY_MS = 250;

export class Keyframes {
  readonly #request: () => void;
  readonly #nowMs: () => number;
  #left = BURST;
  #filledMs: number;
  #held = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(request: () => void, nowMs: () => number) {
    this.#request = request;
    this.#nowMs = nowMs;
    this.#filledMs = nowMs();
  }

  /** Requests that came too soon: all of them together had one whole picture, later. */
  get held(): number {
    return this.#held;
  }

  /** Asks now, or as soon as there may be another one. */
  ask(): void {
    if (this.#closed) return;
    this.#fill();
    if (this.#left >= 1) {
      this.#request();
      return;
    }
    this.#held += 1;
    this.#timer ??= setTimeout(() => this.#late(), Math.ceil((1 - this.#left) * EVERY_MS));
  }

  /** One was coded, whoever asked for it. */
  coded(): void {
    this.#fill();
    this.#left = Math.max(0, this.#left - 1);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #fill(): void {
    const nowMs = this.#nowMs();
    this.#left = Math.min(BURST, this.#left + (nowMs - this.#filledMs) / EVERY_MS);
    this.#filledMs = nowMs;
  }

  #late(): void {
    this.#timer = undefined;
    this.#fill();
    if (this.#left >= 1) this.#request();
    else this.#timer = setTimeout(() => this.#late(), Math.ceil((1 - this.#left) * EVERY_MS));
  }
}
