// Loss → a bound on the rate (draft-ietf-rmcat-gcc-02 section 6): above 10 % lost it falls, between 2 and 10 % it
// stands, below 2 % it rises. A packet that was reported lost and came late is taken back. From `controller.ts`, and
// its bound back there, with the share of repair packets that loss of this kind is worth.

/** Section 6. */
const HIGH_LOSS = 0.1;
const LOW_LOSS = 0.02;
const RISE = 1.05;
const ACKED_SHARE = 0.85;
/** A verdict needs this many packets and this much time. */
const MIN_PACKETS = 20;
const MIN_INTERVAL_MS = 200;
/** Fractions are judged with the average of the last ones, so that one lost burst on an idle desktop is no trend. */
const SMOOTHING = 0.5;
/**
 * Repair: the average of the loss that came without a queue, over some seconds, times what a block code needs above it, and
 * none where a retransmission comes as early. Less than a packet in 300 is left to that in any case.
 */
const RANDOM_SMOOTHING = 0.9;
const FEC_FACTOR = 2.5;
const FEC_MOST = 0.25;
const FEC_LEAST_LOSS = 0.003;
const FEC_NONE_ROUND_TRIP_MS = 20;
const FEC_FULL_ROUND_TRIP_MS = 50;
/** With a queue longer than this, what is lost may have been dropped by it. */
const QUEUE_MS = 30;

/** Losses in a row are an outage from this number and this time on. */
const OUTAGE_PACKETS = 5;
const OUTAGE_MS = 40;

export interface Loss {
  boundBps: number;
  /** Packets lost in a row that no arrival has ended yet, and when the first of them left. */
  run: number;
  runSentMs: number;
  /** When the last outage was seen to have ended, and lost packets that are only told: in outages, or from before the rate fell. */
  outageMs: number;
  toldOnly: number;
  lost: number;
  /** Called lost by the last message alone: packets that overtake each other arrive by the next. */
  fresh: number;
  freshQueueMs: number;
  arrived: number;
  /** For the numbers: all that was lost, outages too. */
  toldFraction: number;
  fraction: number;
  /** Of the loss that no queue explains. */
  randomFraction: number;
  longestQueueMs: number;
  judgedMs: number | undefined;
}

export function createLoss(boundBps: number): Loss {
  return {
    boundBps,
    run: 0,
    runSentMs: 0,
    outageMs: Number.NEGATIVE_INFINITY,
    toldOnly: 0,
    lost: 0,
    fresh: 0,
    freshQueueMs: 0,
    arrived: 0,
    toldFraction: 0,
    fraction: 0,
    randomFraction: 0,
    longestQueueMs: 0,
    judgedMs: undefined,
  };
}

/** A packet was lost, in order of sequence: what it means is known when one behind it has arrived. */
export function addLost(state: Loss, sentMs: number): void {
  if (state.run === 0) state.runSentMs = sentMs;
  state.run += 1;
}

/**
 * A packet arrived, in order of sequence: the losses right before it, unless they are an outage, in which all that left for a while
 * is gone and no queue was there. A full queue lets some through, a radio that is away none.
 */
export function endLost(state: Loss, sentMs: number, queueMs: number, nowMs: number): number {
  const { run } = state;
  state.run = 0;
  if (run < OUTAGE_PACKETS || sentMs - state.runSentMs < OUTAGE_MS || queueMs > QUEUE_MS) return run;
  state.outageMs = nowMs;
  state.toldOnly += run;
  return 0;
}

/** Counts what one feedback message said. `lateArrivals`: packets that earlier ones called lost. Returns how many surely are. */
export function countLoss(state: Loss, lost: number, arrived: number, lateArrivals: number, queueMs: number): number {
  const surely = Math.max(0, state.fresh - lateArrivals);
  state.lost = Math.max(0, state.lost + surely - Math.max(0, lateArrivals - state.fresh));
  state.fresh = lost;
  state.arrived += arrived;
  state.longestQueueMs = Math.max(state.longestQueueMs, state.freshQueueMs, queueMs);
  state.freshQueueMs = queueMs;
  return surely;
}

/**
 * New bound, bit/s. `currentBps`: the rate in force, from which it falls and above which it need not rise far; `ackedBps`: what
 * arrives all the same, from which it falls no further than by a share.
 */
export function judgeLoss(state: Loss, currentBps: number, ackedBps: number, nowMs: number): number {
  const total = state.lost + state.arrived;
  state.judgedMs ??= nowMs;
  if (total < MIN_PACKETS || nowMs - state.judgedMs < MIN_INTERVAL_MS) return state.boundBps;
  const elapsedMs = Math.min(1000, nowMs - state.judgedMs);
  const fresh = state.lost / total;
  state.fraction = SMOOTHING * state.fraction + (1 - SMOOTHING) * fresh;
  const random = state.longestQueueMs > QUEUE_MS ? 0 : fresh;
  const told = (state.lost + state.toldOnly) / (total + state.toldOnly);
  state.toldFraction = SMOOTHING * state.toldFraction + (1 - SMOOTHING) * told;
  state.randomFraction = RANDOM_SMOOTHING * state.randomFraction + (1 - RANDOM_SMOOTHING) * random;
  if (state.fraction > HIGH_LOSS && fresh > HIGH_LOSS) {
    state.boundBps = Math.min(currentBps, Math.max(currentBps * (1 - 0.5 * state.fraction), ACKED_SHARE * ackedBps));
  }
  if (state.fraction < LOW_LOSS) state.boundBps = Math.max(state.boundBps, currentBps) * RISE ** (elapsedMs / 200);
  state.judgedMs = nowMs;
  state.lost = 0;
  state.toldOnly = 0;
  state.arrived = 0;
  state.longestQueueMs = 0;
  return state.boundBps;
}

/**
 * How often to send what is sent again. One that gets lost itself is missed for long: libwebrtc asks again after 100 ms
 * (`kDefaultRttMs` of its NackRequester), as a viewer that sends no media knows no round trip. With 2 % lost that was every other second.
 */
export function resendCopies(state: Loss): number {
  return state.randomFraction < FEC_LEAST_LOSS ? 1 : 2;
}

/** Repair packets as a share of the media packets. */
export function fecFraction(state: Loss, roundTripMs: number): number {
  if (state.randomFraction < FEC_LEAST_LOSS) return 0;
  const need = (roundTripMs - FEC_NONE_ROUND_TRIP_MS) / (FEC_FULL_ROUND_TRIP_MS - FEC_NONE_ROUND_TRIP_MS);
  return Math.min(FEC_MOST, FEC_FACTOR * state.randomFraction) * Math.min(1, Math.max(0, need));
}
