// A data cap as a budget of tokens: so many bytes in any hour, spent freely at first, then ever more slowly, and never down to
// nothing. Pure. From `steer.ts`, which asks what rate is left.

/** Share of the cap that may be spent at any speed; the rest flows in evenly over the hour. */
const BURST_SHARE = 0.24;
/** Share that is never planned with: an encoder overshoots, packets have headers. */
const SPARE_SHARE = 0.02;
/** What is left of the burst is spent over this time: the rate falls gently towards the inflow. */
const SPEND_S = 60;
/** An overdrawn budget leaves this share of the inflow: a slow picture is better than none, and the debt is worked off. */
const TRICKLE = 0.25;
/**
 * An encoder has a smallest picture, whatever rate it is told, and at a small cap a few of those are more than may be sent. So much of
 * the rate, ms, it may be ahead of it; then pictures wait until it is no more.
 */
const AHEAD_MS = 20_000;
const HOUR_MS = 3_600_000;

export interface DataCap {
  capBytes: number;
  /** The largest so far: what was spent under it is a debt under a smaller one, which goes as it would have there. */
  largestBytes: number;
  /** Left of the burst, bytes; negative: overdrawn. */
  tokens: number;
  /** What may be sent now, bytes/ms, and what was sent beyond it, bytes. */
  perMs: number;
  aheadBytes: number;
  updatedMs: number | undefined;
}

export function createDataCap(capBytes: number): DataCap {
  const tokens = capBytes * BURST_SHARE;
  return { capBytes, largestBytes: capBytes, tokens, perMs: 0, aheadBytes: 0, updatedMs: undefined };
}

/** Another cap: what was spent of the one before is spent of this one. */
export function setCap(state: DataCap, capBytes: number): void {
  state.tokens += (capBytes - state.capBytes) * BURST_SHARE;
  state.capBytes = capBytes;
  state.largestBytes = Math.max(state.largestBytes, capBytes);
}

export function spendCap(state: DataCap, bytes: number): void {
  state.tokens -= bytes;
  state.aheadBytes += bytes;
}

/** What may be sent from now on, bit/s. */
export function capBps(state: DataCap, nowMs: number): number {
  const inflowPerMs = (state.capBytes * (1 - BURST_SHARE - SPARE_SHARE)) / HOUR_MS;
  const elapsedMs = Math.max(0, nowMs - (state.updatedMs ?? nowMs));
  state.updatedMs = nowMs;
  const debtPerMs = (inflowPerMs * state.largestBytes) / state.capBytes;
  const debtMs = Math.min(elapsedMs, Math.max(0, -state.tokens) / debtPerMs);
  state.tokens += debtMs * debtPerMs + (elapsedMs - debtMs) * inflowPerMs;
  state.tokens = Math.min(state.capBytes * BURST_SHARE, state.tokens);
  state.aheadBytes = Math.max(0, state.aheadBytes - elapsedMs * state.perMs);
  state.perMs = Math.max(TRICKLE * inflowPerMs, inflowPerMs + state.tokens / (SPEND_S * 1000));
  return state.perMs * 8000;
}

/** So much more was sent than may be that the next picture has to wait. */
export function capHolds(state: DataCap): boolean {
  return state.aheadBytes > AHEAD_MS * state.perMs;
}

/** Nothing is left but the inflow. */
export function capExhausted(state: DataCap): boolean {
  return state.tokens < 0.02 * BURST_SHARE * state.capBytes;
}
