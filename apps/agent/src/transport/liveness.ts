// Does anything still come back? PURE: fed by `sender.ts` with what leaves and what the viewer confirms, so that another
// path can take over when this one dies without a word, and give back when it lives again.

/**
 * Packets unanswered for so long, on top of two round trips: the path is taken to be dead. libwebrtc confirms at least every
 * 250 ms (`TransportSequenceNumberFeedbackGenenerator`, 50 ms as a rule).
 */
const DEAD_MS = 350;
/** A check that comes this late says more of this program than of the path: what came back meanwhile has not been read. */
const STALL_MS = 150;
/** The least of so many answers' delays is a round trip: each has the viewer's wait for its next report in it, few a long one. */
const ANSWERS = 4;
/** What a viewer says is believed up to here. */
const MAX_ROUND_TRIP_MS = 2000;

export class Liveness {
  /** When the first packet after the last confirmation left; `undefined` while nothing is unanswered. */
  #unansweredMs: number | undefined;
  #checkedMs = Number.NEGATIVE_INFINITY;
  #alive = true;
  readonly #answersMs: number[] = [];

  get alive(): boolean {
    return this.#alive;
  }

  sent(nowMs: number): void {
    if (this.#unansweredMs === undefined) {
      this.#unansweredMs = nowMs;
      this.#checkedMs = nowMs;
    }
  }

  /**
   * Something arrived there and we heard of it, so long after it left. True when the path had been dead: that was a long round
   * trip perhaps, and the earlier ones say nothing of it.
   */
  answered(afterMs: number): boolean {
    this.#unansweredMs = undefined;
    const revived = !this.#alive;
    this.#alive = true;
    if (revived) this.#answersMs.length = 0;
    this.#answersMs.push(Math.min(afterMs, MAX_ROUND_TRIP_MS));
    if (this.#answersMs.length > ANSWERS) this.#answersMs.shift();
    return revived;
  }

  /** The viewer said something else. It may not have got anything of ours: that gives a path more time, and does not revive it. */
  heard(): void {
    if (this.#alive) this.#unansweredMs = undefined;
  }

  /** Several times in `DEAD_MS` while packets go out. True when the path has died since the last time. */
  dies(roundTripMs: number, nowMs: number): boolean {
    const stalled = nowMs - this.#checkedMs > STALL_MS;
    this.#checkedMs = nowMs;
    if (!this.#alive || this.#unansweredMs === undefined) return false;
    if (stalled) this.#unansweredMs = Math.max(this.#unansweredMs, nowMs - STALL_MS);
    const longestMs = Math.max(roundTripMs, this.#answersMs.length === 0 ? 0 : Math.min(...this.#answersMs));
    if (nowMs - this.#unansweredMs < DEAD_MS + 2 * longestMs) return false;
    this.#alive = false;
    return true;
  }
}
