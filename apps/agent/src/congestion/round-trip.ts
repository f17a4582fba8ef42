// The way itself, without what queues on it: the shortest round trip of a spell and of the one before, since a path may have changed
// after two of them. Pure; used by `window.ts`.

const FIRST_MS = 100;

export interface ShortestRoundTrip {
  newerMs: number;
  olderMs: number;
}

export function createShortestRoundTrip(): ShortestRoundTrip {
  return { newerMs: Number.POSITIVE_INFINITY, olderMs: Number.POSITIVE_INFINITY };
}

export function shortestMs({ newerMs, olderMs }: ShortestRoundTrip): number {
  const ms = Math.min(newerMs, olderMs);
  return Number.isFinite(ms) ? ms : FIRST_MS;
}

export function addRoundTrip(state: ShortestRoundTrip, ms: number): void {
  state.newerMs = Math.min(state.newerMs, ms);
}

/** True when this spell had none that was as short as those of the one before, but for `mostMs`. */
export function beginRoundTripSpell(state: ShortestRoundTrip, mostMs: number): boolean {
  const isLonger = state.newerMs > state.olderMs + mostMs;
  state.olderMs = state.newerMs;
  state.newerMs = Number.POSITIVE_INFINITY;
  return isLonger;
}

/** The way is that long from now on. */
export function setRoundTrip(state: ShortestRoundTrip, ms: number): void {
  state.newerMs = ms;
  state.olderMs = ms;
}
