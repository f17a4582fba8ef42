// How much the delay of one acknowledgement differs from the next by itself: a path that jitters, a machine that is busy. What is only
// that may not be taken for a queue. As the interarrival jitter of RFC 3550, section 6.4.1. Pure; used by `window.ts`.

/** RFC 3550: a sixteenth, so that one late answer is not yet jitter. */
const GAIN = 1 / 16;

export interface AckJitter {
  /** Mean difference, ms. */
  jitterMs: number;
  lastMs: number;
}

export function createAckJitter(): AckJitter {
  return { jitterMs: 0, lastMs: Number.NaN };
}

/** `counts`: nothing of our own made this delay another one than the last. */
export function addDelay(state: AckJitter, delayMs: number, counts: boolean): void {
  if (counts && Number.isFinite(state.lastMs)) {
    state.jitterMs += (Math.abs(delayMs - state.lastMs) - state.jitterMs) * GAIN;
  }
  state.lastMs = delayMs;
}
