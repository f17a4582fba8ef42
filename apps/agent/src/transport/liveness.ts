// Does anything still come back? PURE: fed by `sender.ts` with what leaves and what the viewer confirms, so that another
// path can take over when this one dies without a word, and give back when it lives again.

/**
 * Packets unanswered for so long, on top of a round trip: the path is taken to be dead. libwebrtc confirms at least every
 * 250 ms (`TransportSequenceNumberFeedbackGenenerator`, 50 ms as a rule).
 */
const DEAD_MS = 350;
/** A check that comes this late says more of this program than of the path: what came back meanwhile has not been read. */
const STALL_MS = 150;

export class Liveness {
  /** When the first packet after the last confirmation left; `undefined` while nothing is unanswered. */
  #unansweredMs: number | undefined;
  #checkedMs = Number.NEGATIVE_INFINITY;
  #alive = true;

  get alive(): boolean {
    return this.#alive;
  }

  sent(nowMs: number): void {
    if (this.#unansweredMs === undefined) {
      this.#unansweredMs = nowMs;
      this.#checkedMs = nowMs;
    }
  }

  /** Something arrived there and we heard of it. True when the path had been dead. */
  answered(): boolean {
    this.#unansweredMs = undefined;
    const revived = !this.#alive;
    this.#alive = true;
    return revived;
  }

  /** Several times in `DEAD_MS` while packets go out. True when the path has died since the last time. */
  dies(roundTripMs: number, nowMs: number): boolean {
    const stalled = nowMs - this.#checkedMs > STALL_MS;
    this.#checkedMs = nowMs;
    if (!this.#alive || this.#unansweredMs === undefined) return false;
    if (stalled) this.#unansweredMs = Math.max(this.#unansweredMs, nowMs - STALL_MS);
    if (nowMs - this.#unansweredMs < DEAD_MS + roundTripMs) return false;
    this.#alive = false;
    return true;
  }
}
