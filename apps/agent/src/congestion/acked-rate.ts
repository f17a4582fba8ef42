// What arrived at the viewer, in bit/s of its own clock, over a sliding window (draft-ietf-rmcat-gcc-02 section 5.5, R_hat),
// and what was sent over the same time. From `controller.ts`, goes to `rate-control.ts`.

/** Window; the draft recommends 0.5–1 s. */
const WINDOW_MS = 500;
/** No rate before this much of the window is filled. */
const MIN_SPAN_MS = 100;
/** What comes within this time is one entry. */
const BUCKET_MS = 1;

export interface RateWindow {
  readonly atMs: number[];
  readonly sizeBytes: number[];
  totalBytes: number;
  newestMs: number;
}

export function createRateWindow(): RateWindow {
  return { atMs: [], sizeBytes: [], totalBytes: 0, newestMs: Number.NEGATIVE_INFINITY };
}

/** `atMs` may run back a little (reordering); further, and the clock was set: what was counted is forgotten. */
export function addToRate(state: RateWindow, sizeBytes: number, atMs: number): void {
  if (atMs < state.newestMs - WINDOW_MS) {
    state.atMs.length = 0;
    state.sizeBytes.length = 0;
    state.totalBytes = 0;
    state.newestMs = atMs;
  }
  state.newestMs = Math.max(state.newestMs, atMs);
  state.totalBytes += sizeBytes;
  const last = state.atMs.length - 1;
  if (last >= 0 && Math.abs(atMs - (state.atMs[last] ?? 0)) < BUCKET_MS) {
    state.sizeBytes[last] = (state.sizeBytes[last] ?? 0) + sizeBytes;
  } else {
    state.atMs.push(atMs);
    state.sizeBytes.push(sizeBytes);
  }
  expire(state, state.newestMs);
}

/** bit/s over the window that ends at `atMs`, or `undefined` when nothing or too little was seen. */
export function rateBps(state: RateWindow, atMs: number): number | undefined {
  expire(state, atMs);
  const first = state.atMs[0];
  if (first === undefined || state.atMs.length < 2) return undefined;
  const spanMs = Math.max(atMs - first, MIN_SPAN_MS);
  return (state.totalBytes * 8000) / Math.min(WINDOW_MS, spanMs);
}

function expire(state: RateWindow, atMs: number): void {
  let drop = 0;
  while (drop < state.atMs.length && (state.atMs[drop] ?? 0) < atMs - WINDOW_MS) {
    state.totalBytes -= state.sizeBytes[drop] ?? 0;
    drop += 1;
  }
  if (drop > 0) {
    state.atMs.splice(0, drop);
    state.sizeBytes.splice(0, drop);
  }
}
