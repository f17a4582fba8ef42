// Receiver reports → rate, for a path without transport-wide feedback: loss by draft-ietf-rmcat-gcc-02 section 6, and the round
// trip above its least as the only sign of a queue. Reports come about once a second (RFC 3550 section 6.2), so the steps are
// larger than with feedback, and fewer. From and to `controller.ts`.

/** Section 6. */
const HIGH_LOSS = 0.1;
const LOW_LOSS = 0.02;
const RISE = 1.08;
/** A round trip so much longer than the least: a queue that must shrink; by less: one that must not grow. */
const LONG_QUEUE_MS = 100;
const SOME_QUEUE_MS = 40;
const DECREASE = 0.85;
/**
 * Loss between the two may be chance or a full queue, and where the queue was never empty the round trip does not say. After so
 * many such reports the rate gives way for a few: if the loss stays, it was chance, and all is as before for long.
 */
const TRY_AFTER = 3;
const TRY_SHARE = 0.75;
const TRY_REPORTS = 3;
const TRY_PAUSE = 30;
const SAME_LOSS = 0.5;
/** Between two steps at least this. */
const STEP_MS = 200;
/** The least round trip is forgotten after this time, for a route may have changed. */
const LEAST_MS = 30_000;

export interface ReportRate {
  fraction: number;
  queueMs: number;
  /** Reports in a row with some loss; below zero: not to be tried yet. */
  lossy: number;
  /** Reports until a try is judged, 0: there is none; rate and loss before it. */
  tryLeft: number;
  triedBps: number;
  triedFraction: number;
  leastMs: number;
  leastAtMs: number;
  steppedMs: number;
}

export function createReportRate(): ReportRate {
  return {
    fraction: 0,
    queueMs: 0,
    lossy: 0,
    tryLeft: 0,
    triedBps: 0,
    triedFraction: 0,
    leastMs: Number.POSITIVE_INFINITY,
    leastAtMs: Number.NEGATIVE_INFINITY,
    steppedMs: Number.NEGATIVE_INFINITY,
  };
}

export function reportedRtt(state: ReportRate, roundTripMs: number, nowMs: number): void {
  if (roundTripMs <= state.leastMs || nowMs - state.leastAtMs > LEAST_MS) {
    state.leastMs = roundTripMs;
    state.leastAtMs = nowMs;
  }
  state.queueMs = roundTripMs - state.leastMs;
}

/** New rate, bit/s. `fraction`: lost since the last report. */
export function updateReportRate(state: ReportRate, rateBps: number, fraction: number, nowMs: number): number {
  state.fraction = 0.5 * state.fraction + 0.5 * fraction;
  if (nowMs - state.steppedMs < STEP_MS) return rateBps;
  state.steppedMs = nowMs;
  if (state.tryLeft > 0) {
    state.tryLeft -= 1;
    if (state.tryLeft > 0) return rateBps;
    if (fraction < SAME_LOSS * state.triedFraction) return rateBps;
    state.lossy = -TRY_PAUSE;
    return Math.max(rateBps, state.triedBps);
  }
  if (fraction > HIGH_LOSS) return rateBps * (1 - 0.5 * fraction);
  if (state.queueMs > LONG_QUEUE_MS) return rateBps * DECREASE;
  if (fraction >= LOW_LOSS) {
    state.lossy += 1;
    if (state.lossy < TRY_AFTER) return rateBps;
    state.lossy = 0;
    state.tryLeft = TRY_REPORTS;
    state.triedBps = rateBps;
    state.triedFraction = state.fraction;
    return rateBps * TRY_SHARE;
  }
  state.lossy = Math.min(state.lossy, 0);
  return state.queueMs < SOME_QUEUE_MS ? rateBps * RISE : rateBps;
}
