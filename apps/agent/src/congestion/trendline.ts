// Delay variation → slope of the queueing delay: least squares over a window of smoothed accumulated variation, which
// took the place of the draft's Kalman filter (draft-ietf-rmcat-gcc-02 section 5.3). From `arrival-groups.ts`, goes to `overuse.ts`.

import type { DelayVariation } from "./arrival-groups.ts";

/** Groups in the window, share of the old value in the smoothing: libwebrtc's trendline defaults. */
const WINDOW_GROUPS = 20;
const SMOOTHING = 0.9;
/** Fewest points that a line is drawn through. */
const MIN_GROUPS = 5;
/** Points older than this say nothing about the queue of now: a desktop pauses. */
const MAX_AGE_MS = 1000;
/** Scale of the slope to what the threshold is compared with; libwebrtc's gain and cap on the number of groups. */
const GAIN = 4;
const MAX_COUNTED_GROUPS = 60;

export interface Trendline {
  readonly arrivedMs: number[];
  readonly smoothedMs: number[];
  accumulatedMs: number;
  lastSmoothedMs: number;
  groups: number;
}

export function createTrendline(): Trendline {
  return { arrivedMs: [], smoothedMs: [], accumulatedMs: 0, lastSmoothedMs: 0, groups: 0 };
}

/** Takes one variation; returns the slope, scaled to the threshold's units (ms), or `undefined` while it has too few. */
export function updateTrendline(state: Trendline, delay: DelayVariation): number | undefined {
  if (delay.sentDeltaMs > MAX_AGE_MS) resetTrendline(state);
  state.groups = Math.min(state.groups + 1, MAX_COUNTED_GROUPS);
  state.accumulatedMs += delay.variationMs;
  state.lastSmoothedMs = SMOOTHING * state.lastSmoothedMs + (1 - SMOOTHING) * state.accumulatedMs;
  state.arrivedMs.push(delay.arrivedMs);
  state.smoothedMs.push(state.lastSmoothedMs);
  while (
    state.arrivedMs.length > WINDOW_GROUPS ||
    delay.arrivedMs - (state.arrivedMs[0] ?? delay.arrivedMs) > MAX_AGE_MS
  ) {
    state.arrivedMs.shift();
    state.smoothedMs.shift();
  }
  if (state.arrivedMs.length < MIN_GROUPS) return undefined;
  const slope = slopeOf(state.arrivedMs, state.smoothedMs);
  return slope === undefined ? undefined : slope * state.groups * GAIN;
}

/** After a pause: what was measured before it is no trend. */
export function resetTrendline(state: Trendline): void {
  state.arrivedMs.length = 0;
  state.smoothedMs.length = 0;
  state.accumulatedMs = 0;
  state.lastSmoothedMs = 0;
  state.groups = 0;
}

function slopeOf(x: readonly number[], y: readonly number[]): number | undefined {
  let sumX = 0;
  let sumY = 0;
  for (let index = 0; index < x.length; index += 1) {
    sumX += x[index] ?? 0;
    sumY += y[index] ?? 0;
  }
  const meanX = sumX / x.length;
  const meanY = sumY / x.length;
  let above = 0;
  let below = 0;
  for (let index = 0; index < x.length; index += 1) {
    const dx = (x[index] ?? 0) - meanX;
    above += dx * ((y[index] ?? 0) - meanY);
    below += dx * dx;
  }
  return below === 0 ? undefined : above / below;
}
