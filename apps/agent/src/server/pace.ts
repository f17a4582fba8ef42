// A token bucket for the transfers of one session: bytes pass no faster than the session has bandwidth to spare, as it says itself each
// time. Used by `transfer.ts`.

/** What may pass at once after a pause: so much time's worth, and at least one piece. */
const BURST_MS = 50;
const BURST_BYTES = 64 * 1024;
/** The spare rate is asked for again after this long at most: it may have grown. */
const LOOK_MS = 100;

export class Pace {
  readonly #spareBps: () => number;
  readonly #nowMs: () => number;
  #tokens = BURST_BYTES;
  #lastMs: number;
  /** Each waits for the one before it, so that a small transfer gets its turn beside a large one. */
  #turn: Promise<void> = Promise.resolve();

  constructor(spareBps: () => number, nowMs: () => number) {
    this.#spareBps = spareBps;
    this.#nowMs = nowMs;
    this.#lastMs = nowMs();
  }

  /** Resolves when so many bytes may pass. */
  take(bytes: number): Promise<void> {
    this.#turn = this.#turn.then(() => this.#wait(bytes));
    return this.#turn;
  }

  /** A piece that is larger than the bucket leaves a debt. */
  async #wait(bytes: number): Promise<void> {
    this.#fill();
    while (this.#tokens < 0) {
      const waitMs = (-this.#tokens * 8000) / Math.max(1, this.#spareBps());
      await new Promise((resolve) => setTimeout(resolve, Math.min(LOOK_MS, Math.max(1, waitMs))));
      this.#fill();
    }
    this.#tokens -= bytes;
  }

  #fill(): void {
    const nowMs = this.#nowMs();
    const bytesPerMs = this.#spareBps() / 8000;
    const most = Math.max(BURST_BYTES, bytesPerMs * BURST_MS);
    this.#tokens = Math.min(most, this.#tokens + bytesPerMs * (nowMs - this.#lastMs));
    this.#lastMs = nowMs;
  }
}
