// Nothing is acknowledged for a while, and then everything at once: a browser or an agent stood still, and what was in flight
// meanwhile was our own window, not the path. The first answer after it says nothing of the path; what follows does: a burst, or as
// little again. Pure; used by `window.ts`.

/** Nothing acknowledged for longer than this, or than so many round trips: somebody stood still. */
const SILENCE_MS = 60;
const ROUND_TRIPS = 3;
/** So long after it there is something to be judged, and the next silence is another one. */
const AFTER_MS = 50;

export interface Silence {
  /** When it ended; parts that had left by then tell of it and of nothing else. */
  endedMs: number;
  fromBytes: number;
  /** In a row, without a time of AFTER_MS between. */
  inARow: number;
}

export function createSilence(): Silence {
  return { endedMs: Number.NEGATIVE_INFINITY, fromBytes: 0, inARow: 0 };
}

/**
 * An answer came after so long, the time that its own bytes take left out: whether it ended a silence. The second one in a row with
 * nothing between, or the third, is none: that is the path.
 */
export function endSilence(
  state: Silence,
  answer: { readonly silentMs: number; readonly roundTripMs: number; readonly bytes: number },
  ackedBytes: number,
  nowMs: number,
): boolean {
  if (answer.silentMs <= Math.max(SILENCE_MS, ROUND_TRIPS * answer.roundTripMs)) return false;
  const burst = ackedBytes - answer.bytes > state.fromBytes;
  if (state.inARow > (burst ? 1 : 0)) return false;
  state.inARow += 1;
  state.endedMs = nowMs;
  state.fromBytes = ackedBytes;
  return true;
}

/** A part was acknowledged that left after the last silence. */
export function passSilence(state: Silence, nowMs: number): void {
  if (nowMs - state.endedMs >= AFTER_MS) state.inARow = 0;
}

/**
 * For a part that was under way in it: the rate since, bit/s; 0 while it is too early to say. What stood then has come at once, or a
 * path that became narrower still delivers.
 */
export function rateSinceSilence(state: Silence, ackedBytes: number, nowMs: number): number {
  const sinceMs = nowMs - state.endedMs;
  return sinceMs < AFTER_MS ? 0 : ((ackedBytes - state.fromBytes) * 8000) / sinceMs;
}
