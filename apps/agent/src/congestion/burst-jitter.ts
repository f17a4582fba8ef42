// How much the delay of one burst says nothing about the next: jitter of the way, in ms, and where the delay rose in one step. A
// queue that grows or shrinks moves the delay evenly, so that its second difference is zero; a changed route makes two large
// ones, which a median passes over. From `queue-delay.ts`, which takes jitter off what it would call a queue; steps go to `route.ts`.

/** The least delay of each interval is one sample: within a frame, delays climb by the frame's own queue. */
const BIN_MS = 20;
/** Intervals further apart than this are not compared. */
const MAX_APART_MS = 100;
/** The median is that of so many second differences: a third of a second of full motion. Fewer than the least say nothing. */
const SAMPLES = 16;
const MIN_SAMPLES = 8;
/** The queue of a steady stream wanders by itself: up to this much is no jitter of the way. */
const FLOOR_MS = 2;
/** Where there was this much, there may be more at any moment, for so long: bursts say nothing of the capacity. */
const MUCH_MS = 5;
const MUCH_KEPT_MS = 3000;
/** What has lasted so long is the way's nature, no queue that came and went. */
const LASTING_MS = 2000;
/** A step: an interval's delay above that of the one before it by more than this, and than so many times the jitter. */
const STEP_MS = 10;
const STEP_JITTER = 2;
/** The highest of this time counts. */
const STEP_KEPT_MS = 3000;

export interface BurstJitter {
  jitterMs: number;
  /** Bursts are spread and squeezed; and have been for long. */
  jittery: boolean;
  lasting: boolean;
  /** The last step up, and when the interval behind it began. */
  stepMs: number;
  stepAtMs: number;
  binMs: number;
  binDelayMs: number;
  /** The two before it; NaN: none. */
  lastMs: number;
  beforeLastMs: number;
  readonly differences: Float64Array;
  count: number;
  readonly sorted: Float64Array;
  /** When there was much of it: first, and last. */
  muchSinceMs: number;
  muchMs: number;
}

export function createBurstJitter(): BurstJitter {
  return {
    jitterMs: 0,
    jittery: false,
    lasting: false,
    stepMs: 0,
    stepAtMs: Number.NEGATIVE_INFINITY,
    binMs: Number.NEGATIVE_INFINITY,
    binDelayMs: 0,
    lastMs: Number.NaN,
    beforeLastMs: Number.NaN,
    differences: new Float64Array(SAMPLES),
    count: 0,
    sorted: new Float64Array(SAMPLES),
    muchSinceMs: Number.NEGATIVE_INFINITY,
    muchMs: Number.NEGATIVE_INFINITY,
  };
}

/** `delayMs` of a packet that left at `sentMs`. */
export function updateBurstJitter(state: BurstJitter, delayMs: number, sentMs: number): void {
  const sinceMs = sentMs - state.binMs;
  if (sinceMs < BIN_MS) {
    state.binDelayMs = Math.min(state.binDelayMs, delayMs);
    return;
  }
  const { binMs, binDelayMs } = state;
  seeStep(state, binDelayMs - state.lastMs);
  const difference = Math.abs(binDelayMs - 2 * state.lastMs + state.beforeLastMs);
  if (!Number.isNaN(difference)) add(state, difference);
  if (state.jitterMs > MUCH_MS) {
    if (binMs - state.muchMs > MUCH_KEPT_MS) state.muchSinceMs = binMs;
    state.muchMs = binMs;
  }
  const kept = binMs - state.muchMs < MUCH_KEPT_MS;
  state.jittery = state.jitterMs > 0 || kept;
  state.lasting = kept && state.muchMs - state.muchSinceMs > LASTING_MS;
  const apart = sinceMs > MAX_APART_MS;
  state.beforeLastMs = apart ? Number.NaN : state.lastMs;
  state.lastMs = apart ? Number.NaN : binDelayMs;
  state.binMs = sentMs;
  state.binDelayMs = delayMs;
}

function seeStep(state: BurstJitter, stepMs: number): void {
  if (!(stepMs > Math.max(STEP_MS, STEP_JITTER * state.jitterMs))) return;
  if (stepMs <= state.stepMs && state.binMs - state.stepAtMs <= STEP_KEPT_MS) return;
  state.stepMs = stepMs;
  state.stepAtMs = state.binMs;
}

function add(state: BurstJitter, difference: number): void {
  state.differences[state.count % SAMPLES] = difference;
  state.count += 1;
  const count = Math.min(state.count, SAMPLES);
  if (count < MIN_SAMPLES) return;
  const sorted = state.sorted.subarray(0, count);
  sorted.set(state.differences.subarray(0, count));
  sorted.sort();
  const median = sorted[count >> 1] ?? 0;
  state.jitterMs = median > FLOOR_MS ? median : 0;
}
