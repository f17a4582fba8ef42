// Loss → a bound on the rate (draft-ietf-rmcat-gcc-02 section 6): above 10 % lost it falls, between 2 and 10 % it
// stands, below 2 % it rises. A packet that was reported lost and came late is taken back. From `controller.ts`, and
// its bound back there.

/** Section 6. */
const HIGH_LOSS = 0.1;
const LOW_LOSS = 0.02;
const RISE = 1.05;
/** A verdict needs this many packets and this much time. */
const MIN_PACKETS = 20;
const MIN_INTERVAL_MS = 200;
/** Fractions are judged with the average of the last ones, so that one lost burst on an idle desktop is no trend. */
const SMOOTHING = 0.5;

export interface Loss {
  boundBps: number;
  lost: number;
  arrived: number;
  fraction: number;
  judgedMs: number | undefined;
}

export function createLoss(boundBps: number): Loss {
  return { boundBps, lost: 0, arrived: 0, fraction: 0, judgedMs: undefined };
}

/** Counts what one feedback message said. `lateArrivals`: packets that earlier ones called lost. */
export function countLoss(state: Loss, lost: number, arrived: number, lateArrivals: number): void {
  state.lost = Math.max(0, state.lost + lost - lateArrivals);
  state.arrived += arrived;
}

/** New bound, bit/s. `currentBps`: the rate in force, from which it falls and above which it need not rise far. */
export function judgeLoss(state: Loss, currentBps: number, nowMs: number): number {
  const total = state.lost + state.arrived;
  state.judgedMs ??= nowMs;
  if (total < MIN_PACKETS || nowMs - state.judgedMs < MIN_INTERVAL_MS) return state.boundBps;
  const elapsedMs = Math.min(1000, nowMs - state.judgedMs);
  state.fraction = SMOOTHING * state.fraction + (1 - SMOOTHING) * (state.lost / total);
  if (state.fraction > HIGH_LOSS) state.boundBps = currentBps * (1 - 0.5 * state.fraction);
  else if (state.fraction < LOW_LOSS) state.boundBps = Math.max(state.boundBps, currentBps) * RISE ** (elapsedMs / 200);
  state.judgedMs = nowMs;
  state.lost = 0;
  state.arrived = 0;
  return state.boundBps;
}
