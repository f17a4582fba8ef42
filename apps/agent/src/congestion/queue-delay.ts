// One-way delay of the first packet of each burst → how much of it is a queue that stands: what even the luckiest of the last
// few bursts met above the least delay of the last seconds. One late burst is jitter, not a queue. The two clocks need not
// agree, since only differences count. From `controller.ts`, back to it.

/** The least delay is searched in two halves of this, so that a changed route or a drifting clock is forgotten. */
const HALF_WINDOW_MS = 15_000;
/** While others keep the queue full, no sample shows the way without it. */
const HELD_WINDOW_MS = 60_000;
/** So many bursts, none older than that, tell of the queue of now. */
const BURSTS = 6;
/** So many tell whether one begins. */
const FRESH_BURSTS = 3;
const MAX_AGE_MS = 1000;

export interface QueueDelay {
  queueMs: number;
  /** Sooner, and less sure. */
  freshMs: number;
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
    leastMs: Number.POSITIVE_INFINITY,
    leastBeforeMs: Number.POSITIVE_INFINITY,
    halfSinceMs: undefined,
    delaysMs: new Float64Array(BURSTS),
    atMs: new Float64Array(BURSTS).fill(Number.NEGATIVE_INFINITY),
    count: 0,
  };
}

/** `delayMs`: arrival on the viewer's clock less departure on ours; `sentMs`: when the burst left; `held`: others fill the queue. */
export function updateQueueDelay(
  state: QueueDelay,
  delayMs: number,
  sentMs: number,
  held: boolean,
  nowMs: number,
): void {
  state.halfSinceMs ??= nowMs;
  if (nowMs - state.halfSinceMs > (held ? HELD_WINDOW_MS : HALF_WINDOW_MS)) {
    state.leastBeforeMs = state.leastMs;
    state.leastMs = Number.POSITIVE_INFINITY;
    state.halfSinceMs = nowMs;
  }
  state.leastMs = Math.min(state.leastMs, delayMs);
  const slot = state.count % BURSTS;
  state.delaysMs[slot] = delayMs;
  state.atMs[slot] = sentMs;
  state.count += 1;
  const leastMs = Math.min(state.leastMs, state.leastBeforeMs);
  let luckiestMs = delayMs;
  state.freshMs = luckiestMs - leastMs;
  for (let ago = 1; ago < Math.min(BURSTS, state.count); ago += 1) {
    const before = (state.count - 1 - ago) % BURSTS;
    if (sentMs - (state.atMs[before] ?? 0) > MAX_AGE_MS) break;
    luckiestMs = Math.min(luckiestMs, state.delaysMs[before] ?? delayMs);
    if (ago < FRESH_BURSTS) state.freshMs = luckiestMs - leastMs;
  }
  state.queueMs = luckiestMs - leastMs;
}
