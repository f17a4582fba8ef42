// How much transfers may take beside the picture and the hands: a scavenger in the manner of LEDBAT (RFC 6817), steered by what is measured
// for those anyway. Pure. Asked by `server/pace.ts`, by way of the session.
// What transfers send is nobody's feedback: they give way as soon as packets wait, before the picture has to.

/** Where it begins, bit/s. */
const FIRST_BPS = 8e6;
const MOST_BPS = 2e9;
/** A step at most this often: a round trip on a long link. */
const STEP_MS = 100;
/** Nothing was asked for that long: the link may be another one. */
const FORGET_MS = 5000;
/** A wait that is felt: two pictures at 60 Hz. A busy machine makes smaller ones of its own. */
const WAIT_MS = 33;
const UP = 1.2;
const DOWN = 0.7;

export class SpareRate {
  readonly #nowMs: () => number;
  #bps = FIRST_BPS;
  #steppedMs = Number.NEGATIVE_INFINITY;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /**
   * To be asked while something is transferred, and only then. `waitMs`: what packets wait on the way now. `leastBps` is left to it
   * however full the link is: a paste must end some time.
   */
  bps(waitMs: number, leastBps: number): number {
    const nowMs = this.#nowMs();
    const sinceMs = nowMs - this.#steppedMs;
    if (sinceMs < STEP_MS) return this.#bps;
    if (sinceMs > FORGET_MS) this.#bps = FIRST_BPS;
    this.#steppedMs = nowMs;
    this.#bps = Math.min(MOST_BPS, Math.max(leastBps, this.#bps * (waitMs > WAIT_MS ? DOWN : UP)));
    return this.#bps;
  }
}
