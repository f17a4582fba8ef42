// A queue that stands although we gave way is somebody else's: a download that only loss will stop. Waiting for it to go would
// starve the picture, so the rate then moves as that download's own does: up by a packet a round trip, down with loss (additive
// increase, multiplicative decrease; RFC 5681 in rate form). From and to `controller.ts`.

/** A queue of this length, for this long, while all that is sent arrives: ours would have drained. */
const QUEUE_MS = 20;
const STANDS_MS = 3000;
const ARRIVES_SHARE = 0.85;
/** Gone for this long: the path is ours again. */
const GONE_QUEUE_MS = 10;
const GONE_MS = 1000;
/**
 * Is the other one still there? Now and then we take this much for a while: a queue of ours alone drains, and the contest is over.
 * Each time it was not, the next try comes later.
 */
const TRY_SHARE = 0.7;
const TRY_MS = 2000;
const FIRST_TRY_MS = 2000;
const LAST_TRY_MS = 30_000;
/** Of the rate at which the queue began, we claim this much back. */
const CLAIM = 0.5;
/** Above it the other one is near starving: we rise no more than by this share a second. */
const FAIR_SHARE = 0.6;
const OVER_FAIR_PER_S = 0.01;
const PACKET_BITS = 1200 * 8;
/** Loss: this share stays, and no second time within a round trip and the time that feedback takes. */
const DECREASE = 0.6;
const FEEDBACK_MS = 100;

export interface Contest {
  contested: boolean;
  sinceMs: number | undefined;
  /** When the queue began. */
  rateBps: number;
  goneSinceMs: number | undefined;
  decreasedMs: number;
  /** When the next try begins, how far they are apart, and when the one under way ends. */
  tryMs: number;
  tryEveryMs: number;
  tryUntilMs: number;
}

export interface ContestInput {
  readonly queueMs: number;
  readonly ackedBps: number | undefined;
  readonly sentBps: number | undefined;
  readonly lost: number;
  readonly roundTripMs: number;
  readonly elapsedMs: number;
  readonly applicationLimited: boolean;
}

export function createContest(): Contest {
  return {
    contested: false,
    sinceMs: undefined,
    rateBps: 0,
    goneSinceMs: undefined,
    decreasedMs: Number.NEGATIVE_INFINITY,
    tryMs: 0,
    tryEveryMs: 0,
    tryUntilMs: 0,
  };
}

/** The rate in a contest, bit/s; `undefined` while there is none. */
export function updateContest(state: Contest, rateBps: number, input: ContestInput, nowMs: number): number | undefined {
  if (state.contested) return contend(state, rateBps, input, nowMs);
  if (input.queueMs < QUEUE_MS) {
    state.sinceMs = undefined;
    return undefined;
  }
  if (state.sinceMs === undefined) {
    state.sinceMs = nowMs;
    state.rateBps = rateBps;
  }
  const { ackedBps = 0, sentBps = 0 } = input;
  if (ackedBps < ARRIVES_SHARE * sentBps) {
    state.sinceMs = nowMs;
    return undefined;
  }
  if (nowMs - state.sinceMs < STANDS_MS) return undefined;
  state.contested = true;
  state.goneSinceMs = undefined;
  state.tryEveryMs = FIRST_TRY_MS;
  state.tryMs = nowMs + FIRST_TRY_MS;
  state.tryUntilMs = 0;
  return Math.max(rateBps, CLAIM * state.rateBps);
}

function contend(state: Contest, rateBps: number, input: ContestInput, nowMs: number): number | undefined {
  if (input.queueMs < GONE_QUEUE_MS) {
    state.goneSinceMs ??= nowMs;
    if (nowMs - state.goneSinceMs > GONE_MS) {
      state.contested = false;
      state.sinceMs = undefined;
      return undefined;
    }
  } else {
    state.goneSinceMs = undefined;
  }
  if (nowMs < state.tryUntilMs) return rateBps;
  if (nowMs >= state.tryMs) {
    state.tryEveryMs = Math.min(LAST_TRY_MS, 2 * state.tryEveryMs);
    state.tryMs = nowMs + TRY_MS + state.tryEveryMs;
    state.tryUntilMs = nowMs + TRY_MS;
    return rateBps * TRY_SHARE;
  }
  const responseMs = input.roundTripMs + input.queueMs;
  if (input.lost > 0) {
    if (nowMs - state.decreasedMs < responseMs + FEEDBACK_MS) return rateBps;
    state.decreasedMs = nowMs;
    return rateBps * DECREASE;
  }
  if (input.applicationLimited) return rateBps;
  const seconds = Math.max(0.02, responseMs / 1000);
  const perS = rateBps > FAIR_SHARE * state.rateBps ? OVER_FAIR_PER_S * rateBps : PACKET_BITS / seconds / seconds;
  return rateBps + (perS * input.elapsedMs) / 1000;
}
