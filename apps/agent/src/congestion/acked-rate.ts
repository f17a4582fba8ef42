// What arrived at the viewer, in bit/s of its own clock, over a sliding window (draft-ietf-rmcat-gcc-02 section 5.5, R_hat),
// and what was sent over the same time. From `controller.ts`, goes to `rate-control.ts`. A ring of buckets: whatever the
// times are, it takes no memory.

/** Window; the draft recommends 0.5–1 s. */
export const WINDOW_MS = 500;
/** No rate before this much of the window is filled. */
const MIN_SPAN_MS = 100;
const BUCKET_MS = 5;
/** A power of two, and more than the window. */
const BUCKETS = 128;

export interface RateWindow {
  readonly bytes: Float64Array;
  /** Number of the newest bucket, counted from time zero; `undefined` before the first. */
  newest: number | undefined;
}

export function createRateWindow(): RateWindow {
  return { bytes: new Float64Array(BUCKETS), newest: undefined };
}

/** `atMs` may run back a little (reordering); further, and the clock was set: what was counted is forgotten. */
export function addToRate(state: RateWindow, sizeBytes: number, atMs: number): void {
  const bucket = Math.floor(atMs / BUCKET_MS);
  if (state.newest === undefined || Math.abs(bucket - state.newest) >= BUCKETS - 1) {
    state.bytes.fill(0);
    state.newest = bucket;
  }
  for (; state.newest < bucket; state.newest += 1) state.bytes[(state.newest + 1) & (BUCKETS - 1)] = 0;
  const slot = bucket & (BUCKETS - 1);
  state.bytes[slot] = (state.bytes[slot] ?? 0) + sizeBytes;
}

/** bit/s over the window that ends at `atMs`, or `undefined` when nothing or too little was seen. */
export function rateBps(state: RateWindow, atMs: number, windowMs: number = WINDOW_MS): number | undefined {
  const { newest } = state;
  if (newest === undefined) return undefined;
  const last = Math.min(newest, Math.floor(atMs / BUCKET_MS));
  const first = Math.max(newest - BUCKETS + 1, Math.floor((atMs - windowMs) / BUCKET_MS) + 1);
  let sum = 0;
  let oldest = last;
  for (let bucket = last; bucket >= first; bucket -= 1) {
    const bytes = state.bytes[bucket & (BUCKETS - 1)] ?? 0;
    if (bytes > 0) oldest = bucket;
    sum += bytes;
  }
  if (sum === 0 || oldest === last) return undefined;
  const spanMs = Math.max(MIN_SPAN_MS, (last - oldest + 1) * BUCKET_MS);
  return (sum * 8000) / Math.min(windowMs, spanMs);
}
