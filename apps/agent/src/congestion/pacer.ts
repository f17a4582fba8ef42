// When may the next packet leave? A frame that fits the budget leaves at once, without any timer; only one that is
// larger than what the pace carries in half a frame interval is spread. From `controller.ts` (pace), obeyed by
// `transport/sender.ts`, which owns queue and timer. The budget is a debt that runs down at the pace.

export interface PacerOptions {
  readonly framesPerSecond: number;
}

export interface Pacer {
  readonly burstMs: number;
  /** Bytes that left and are not yet worked off at the pace. */
  debtBytes: number;
  updatedMs: number | undefined;
}

/** Smallest burst: a few packets always leave together, however slow the link. */
const MIN_BURST_BYTES = 6 * 1200;

export function createPacer(options: PacerOptions): Pacer {
  return { burstMs: 500 / options.framesPerSecond, debtBytes: 0, updatedMs: undefined };
}

/** Works off the debt. Returns 0 when a packet may leave now, else after how many ms it may. */
export function pacerWaitMs(state: Pacer, paceBps: number, nowMs: number): number {
  const bytesPerMs = paceBps / 8000;
  const elapsedMs = nowMs - (state.updatedMs ?? nowMs);
  state.updatedMs = nowMs;
  state.debtBytes = Math.max(0, state.debtBytes - elapsedMs * bytesPerMs);
  const budgetBytes = Math.max(MIN_BURST_BYTES, bytesPerMs * state.burstMs);
  return state.debtBytes < budgetBytes ? 0 : (state.debtBytes - budgetBytes) / bytesPerMs + Number.EPSILON;
}

/** A packet left; retransmissions count too, though they do not wait. */
export function pacerSent(state: Pacer, sizeBytes: number): void {
  state.debtBytes += sizeBytes;
}
