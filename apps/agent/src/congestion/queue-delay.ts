// One-way delay of bursts → how much of it is a queue that stands: what even the luckiest of the last few bursts met above the
// least delay of the last seconds, beyond what jitter explains. A burst is timed by its luckiest packet, since packets may
// overtake each other. The two clocks need not agree, since only differences count. From `controller.ts`, back to it.

import { createBurstJitter, type BurstJitter, updateBurstJitter } from "./burst-jitter.ts";

/** The least delay is searched in two halves of this, so that a changed route or a drifting clock is forgotten. */
const HALF_WINDOW_MS = 15_000;
/** While others keep the queue full, no sample shows the way without it. */
const HELD_WINDOW_MS = 60_000;
/** So many bursts, none older than that, tell of the queue of now. */
const BURSTS = 6;
/** So many tell whether one begins; jitter lifts the luckiest of fewer further. */
const FRESH_BURSTS = 3;
const FRESH_JITTER = 1.5;
const MAX_AGE_MS = 1000;
/** The newest burst took so much less than another of the last, and such a share of what that one waited. */
const FALL_MS = 20;
const FALL_SHARE = 0.4;
/** No queue is so long: a clock was set anew. */
const LONGEST_MS = 10_000;

export interface QueueDelay {
  queueMs: number;
  /** Sooner, and less sure. */
  freshMs: number;
  /** What the luckiest burst met above the least delay, jitter and all. */
  luckiestMs: number;
  /** The same, of the last few. */
  freshLuckiestMs: number;
  /** The last bursts took less and less, faster than a link empties a queue: all was held up, and comes at once. */
  falls: boolean;
  readonly jitter: BurstJitter;
  leastMs: number;
  leastBeforeMs: number;
  halfSinceMs: number | undefined;
  readonly delaysMs: Float64Array;
  readonly atMs: Float64Array;
  count: number;
}

export function createQueueDelay(): QueueDelay {
  return {
    queueMs: 0,
    freshMs: 0,
    luckiestMs: 0,
    freshLuckiestMs: 0,
    falls: false,
    jitter: createBurstJitter(),
    leastMs: Number.POSITIVE_INFINITY,
    leastBeforeMs: Number.POSITIVE_INFINITY,
    halfSinceMs: undefined,
    delaysMs: new Float64Array(BURSTS),
    atMs: new Float64Array(BURSTS).fill(Number.NEGATIVE_INFINITY),
    count: 0,
  };
}

/**
 * `delayMs`: arrival on the viewer's clock less departure on ours; `sentMs`: when the packet left; `opens`: it is the first of a
 * burst; `held`: others fill the queue.
 */
export function updateQueueDelay(
  state: QueueDelay,
  delayMs: number,
  sentMs: number,
  opens: boolean,
  held: boolean,
  nowMs: number,
): void {
  state.halfSinceMs ??= nowMs;
  if (nowMs - state.halfSinceMs > (held ? HELD_WINDOW_MS : HALF_WINDOW_MS)) {
    state.leastBeforeMs = state.leastMs;
    state.leastMs = Number.POSITIVE_INFINITY;
    state.halfSinceMs = nowMs;
  }
  if (delayMs - Math.min(state.leastMs, state.leastBeforeMs) > LONGEST_MS) {
    state.leastMs = delayMs;
    state.leastBeforeMs = Number.POSITIVE_INFINITY;
  }
  updateBurstJitter(state.jitter, delayMs, sentMs);
  state.leastMs = Math.min(state.leastMs, delayMs);
  if (opens) state.count += 1;
  const slot = (state.count - 1) % BURSTS;
  if (opens) {
    state.delaysMs[slot] = delayMs;
    state.atMs[slot] = sentMs;
  } else {
    if (!(delayMs < (state.delaysMs[slot] ?? 0))) return;
    state.delaysMs[slot] = delayMs;
  }
  measure(state, sentMs);
}

/** The way has become longer: what its luckiest bursts take now is the least from now on. */
export function rebaseQueueDelay(state: QueueDelay, nowMs: number): void {
  const least = Math.min(state.leastMs, state.leastBeforeMs) + state.luckiestMs;
  state.leastMs = least;
  state.leastBeforeMs = Number.POSITIVE_INFINITY;
  state.halfSinceMs = nowMs;
  state.queueMs = state.freshMs = state.luckiestMs = 0;
}

function measure(state: QueueDelay, sentMs: number): void {
  const leastMs = Math.min(state.leastMs, state.leastBeforeMs);
  const { jitterMs } = state.jitter;
  let luckiestMs = Number.POSITIVE_INFINITY;
  let freshMs = 0;
  let highestMs = Number.NEGATIVE_INFINITY;
  for (let ago = 0; ago < Math.min(BURSTS, state.count); ago += 1) {
    const slot = (state.count - 1 - ago) % BURSTS;
    if (sentMs - (state.atMs[slot] ?? 0) > MAX_AGE_MS) break;
    const delayMs = state.delaysMs[slot] ?? 0;
    luckiestMs = Math.min(luckiestMs, delayMs);
    highestMs = Math.max(highestMs, delayMs);
    if (ago < FRESH_BURSTS) freshMs = luckiestMs;
  }
  const newestMs = state.delaysMs[(state.count - 1) % BURSTS] ?? 0;
  state.falls = highestMs - newestMs > Math.max(FALL_MS, FALL_SHARE * (highestMs - leastMs));
  state.luckiestMs = luckiestMs - leastMs;
  state.queueMs = Math.max(0, state.luckiestMs - jitterMs);
  state.freshLuckiestMs = freshMs - leastMs;
  state.freshMs = Math.max(0, state.freshLuckiestMs - FRESH_JITTER * jitterMs);
}
