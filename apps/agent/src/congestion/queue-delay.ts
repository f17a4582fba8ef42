// One-way delay of the first packet of each burst → how much of it is queue: what lies above the least delay of the last
// seconds. The two clocks need not agree, since only differences count. From `controller.ts`, back to it.

/** The least delay is searched in two halves of this, so that a changed route or a drifting clock is forgotten. */
const HALF_WINDOW_MS = 10_000;
/** Share of the old value in the smoothing of the result. */
const SMOOTHING = 0.6;

export interface QueueDelay {
  queueMs: number;
  leastMs: number;
  leastBeforeMs: number;
  halfSinceMs: number | undefined;
}

export function createQueueDelay(): QueueDelay {
  return {
    queueMs: 0,
    leastMs: Number.POSITIVE_INFINITY,
    leastBeforeMs: Number.POSITIVE_INFINITY,
    halfSinceMs: undefined,
  };
}

/** `delayMs`: arrival on the viewer's clock less departure on ours. */
export function updateQueueDelay(state: QueueDelay, delayMs: number, nowMs: number): void {
  state.halfSinceMs ??= nowMs;
  if (nowMs - state.halfSinceMs > HALF_WINDOW_MS) {
    state.leastBeforeMs = state.leastMs;
    state.leastMs = Number.POSITIVE_INFINITY;
    state.halfSinceMs = nowMs;
  }
  state.leastMs = Math.min(state.leastMs, delayMs);
  const aboveMs = delayMs - Math.min(state.leastMs, state.leastBeforeMs);
  state.queueMs = SMOOTHING * state.queueMs + (1 - SMOOTHING) * aboveMs;
}
