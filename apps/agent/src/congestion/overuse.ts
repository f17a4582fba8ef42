// Slope → overuse, normal or underuse, against a threshold that adapts to the path's own jitter
// (draft-ietf-rmcat-gcc-02 section 5.4). From `trendline.ts`, goes to `rate-control.ts`.

export type Usage = "normal" | "overuse" | "underuse";

/** Section 5.4: gamma starts at 12.5 ms, stays within 6–600 ms; K_u and K_d as recommended there, per ms. */
const START_THRESHOLD_MS = 12.5;
const MIN_THRESHOLD_MS = 6;
const MAX_THRESHOLD_MS = 600;
const RISE_PER_MS = 0.0087;
const FALL_PER_MS = 0.039;
/** A slope this far above the threshold is a route change or a spike: it does not move the threshold. */
const MAX_EXCESS_MS = 15;
/** How long the slope must stay above before it counts (section 5.4, overuse_time_th). */
const OVERUSE_MS = 10;
/** The threshold moves by at most this much time at once. */
const MAX_STEP_MS = 100;

export interface Overuse {
  thresholdMs: number;
  usage: Usage;
  aboveSinceMs: number | undefined;
  lastSlopeMs: number;
  updatedMs: number | undefined;
}

export function createOveruse(): Overuse {
  return {
    thresholdMs: START_THRESHOLD_MS,
    usage: "normal",
    aboveSinceMs: undefined,
    lastSlopeMs: 0,
    updatedMs: undefined,
  };
}

/** `atMs`: arrival of the group, on the viewer's clock. */
export function updateOveruse(state: Overuse, slopeMs: number, atMs: number): Usage {
  if (slopeMs > state.thresholdMs) {
    state.aboveSinceMs ??= atMs;
    if (atMs - state.aboveSinceMs >= OVERUSE_MS && slopeMs >= state.lastSlopeMs) state.usage = "overuse";
  } else {
    state.aboveSinceMs = undefined;
    state.usage = slopeMs < -state.thresholdMs ? "underuse" : "normal";
  }
  state.lastSlopeMs = slopeMs;
  adapt(state, slopeMs, atMs);
  return state.usage;
}

function adapt(state: Overuse, slopeMs: number, atMs: number): void {
  const elapsedMs = Math.min(MAX_STEP_MS, Math.max(0, atMs - (state.updatedMs ?? atMs)));
  state.updatedMs = atMs;
  const size = Math.abs(slopeMs);
  if (size > state.thresholdMs + MAX_EXCESS_MS) return;
  const gain = size < state.thresholdMs ? FALL_PER_MS : RISE_PER_MS;
  const moved = state.thresholdMs + elapsedMs * gain * (size - state.thresholdMs);
  state.thresholdMs = Math.min(MAX_THRESHOLD_MS, Math.max(MIN_THRESHOLD_MS, moved));
}
