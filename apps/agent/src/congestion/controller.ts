// Feedback → target rate: the delay-based and the loss-based estimator of Google congestion control
// (draft-ietf-rmcat-gcc-02), fitted to a source that is idle most of the time. Fed by `transport/sender.ts` with what
// `transport/feedback.ts` read; its target goes to the encoder, its pace to `pacer.ts`. No clock of its own.

import { addToRate, createRateWindow, type RateWindow, rateBps } from "./acked-rate.ts";
import { addArrival, type ArrivalGroups, createArrivalGroups, opensGroup } from "./arrival-groups.ts";
import { type Contest, createContest, updateContest } from "./contest.ts";
import { addLost, countLoss, createLoss, endLost, fecFraction, judgeLoss, type Loss } from "./loss.ts";
import { createOveruse, type Overuse, updateOveruse, type Usage } from "./overuse.ts";
import { addToProbe, createProber, forgetProbe, type Prober, probeResult, refreshProber, stepProber } from "./probe.ts";
import { createQueueDelay, type QueueDelay, updateQueueDelay } from "./queue-delay.ts";
import { createRateControl, type RateControl, updateRate } from "./rate-control.ts";
import { createReportRate, type ReportRate, reportedRtt, updateReportRate } from "./report-rate.ts";
import { addToTrain, type Capacity, capacityOf, createTrains, endTrain, type Trains } from "./train.ts";
import { createTrendline, type Trendline, updateTrendline } from "./trendline.ts";
import type { ControllerInput, ControllerOptions, ControllerOutput, PacketResult, RateLimits } from "./types.ts";

/** Sending less than this share of the target: the application is the limit. */
const LIMITED_SHARE = 0.7;
/** Assumed before the first measurement, ms. */
const START_ROUND_TRIP_MS = 100;
const MAX_ROUND_TRIP_MS = 60_000;
/**
 * Packets in flight and no feedback for this long, on top of two round trips: the path is taken to be shut, and each
 * such time halves what may be sent. The estimate itself is halved once, when the path opens again.
 */
const SILENCE_MS = 800;
const SILENCE_DECREASE = 0.5;
/** Nothing was told for this long although something is in flight: we ourselves stood still, the path said nothing. */
const ASLEEP_MS = 400;
/**
 * Pace as a multiple of the target: while packets find no queue on the way, and while they do. Where bursts have measured the
 * path, no faster than it carries and a little: what waits then waits here, where a newer frame or a repair may pass it.
 */
const FREE_PACE = 4;
const CAREFUL_PACE = 1.5;
const CAREFUL_QUEUE_MS = 10;
const CAPACITY_PACE = 1.05;
const DRAIN_PACE = 0.9;
const PATH_KNOWN_MS = 3000;
/** Before anything was measured: on a path of 3 Mbit/s this makes 50 ms of queue until the first feedback tells. */
const FIRST_PACE_BPS = 4e6;
/** A start without any burst that measures ends after this time. */
const UNMEASURED_MS = 1000;
/** At the start, the target is at once this share of what the first bursts show, where they show a narrow path. */
const FIRST_SHARE = 0.85;
/** What waits here longer than a large frame needs is a queue too. */
const FRAME_MS = 30;
/** A queue that stands is drained: the target lies below the rate by its share of this time, but not below the floor. */
const DRAIN_MS = 250;
const DRAIN_FLOOR = 0.5;
/** What arrives while the path is full is measured over this time. */
const RECENT_MS = 150;
/** A queue of this length, while less arrives than is sent, is an overuse, whatever its slope. */
const FULL_QUEUE_MS = 30;
const FULL_SHARE = 0.95;
/** Bursts that agree on less than this share of the target, and a queue: the path got narrower. */
const NARROW_SHARE = 0.97;
/** After an outage the repair of it makes a queue: for so long, up to this length, that is no overuse. */
const OUTAGE_REPAIR_MS = 400;
const OUTAGE_QUEUE_MS = 60;
/** What a probe has shown is used up to this share. */
const PROBE_SHARE = 0.9;
/** More lost than this and nothing is tested. */
const CALM_LOSS = 0.1;
/** Limits of what is believed of one packet: hostile feedback is left out. */
const MAX_TIME_MS = 1e12;
const MAX_PACKET_BYTES = 65_535;
/** Packets whose feedback was lost, taken into account at once. */
const MAX_GAP = 10_000;

export interface ControllerState {
  limits: RateLimits;
  readonly fixed: boolean;
  readonly groups: ArrivalGroups;
  readonly trendline: Trendline;
  readonly overuse: Overuse;
  readonly acked: RateWindow;
  readonly sent: RateWindow;
  readonly rate: RateControl;
  readonly loss: Loss;
  readonly queue: QueueDelay;
  readonly contest: Contest;
  readonly trains: Trains;
  readonly prober: Prober;
  readonly reports: ReportRate;
  /** What bursts that agree have shown that the path carries, and when; infinite: not known. */
  pathBps: number;
  pathMs: number;
  roundTripMs: number;
  targetBps: number;
  applicationLimited: boolean;
  /** The picture goes another way. */
  aside: boolean;
  highestSequence: number;
  /** When the first feedback came. */
  begunMs: number | undefined;
  /** It has told something of what the path carries. */
  measured: boolean;
  sentMs: number;
  waitingBytes: number;
  steppedMs: number;
  feedbackMs: number;
  /** When the first packet after the last feedback left; `undefined` while nothing is unanswered. */
  unansweredSinceMs: number | undefined;
  /** What silence leaves of the target; 1 while feedback comes. */
  silenceShare: number;
  /** The one object that is returned, again and again. */
  readonly output: { -readonly [Name in keyof ControllerOutput]: ControllerOutput[Name] };
}

export function createController(options: ControllerOptions): ControllerState {
  const { startBps, minBps, maxBps, fixed = false } = options;
  return {
    limits: { startBps, minBps, maxBps },
    fixed,
    groups: createArrivalGroups(),
    trendline: createTrendline(),
    overuse: createOveruse(),
    acked: createRateWindow(),
    sent: createRateWindow(),
    rate: createRateControl(startBps),
    loss: createLoss(maxBps),
    queue: createQueueDelay(),
    contest: createContest(),
    trains: createTrains(),
    prober: createProber(),
    reports: createReportRate(),
    pathBps: Number.POSITIVE_INFINITY,
    pathMs: Number.NEGATIVE_INFINITY,
    roundTripMs: START_ROUND_TRIP_MS,
    targetBps: startBps,
    applicationLimited: true,
    aside: false,
    highestSequence: -1,
    begunMs: undefined,
    measured: false,
    sentMs: Number.NEGATIVE_INFINITY,
    waitingBytes: 0,
    steppedMs: Number.NEGATIVE_INFINITY,
    feedbackMs: Number.POSITIVE_INFINITY,
    unansweredSinceMs: undefined,
    silenceShare: 1,
    output: {
      targetBps: startBps,
      paceBps: startBps,
      queueMs: 0,
      applicationLimited: true,
      lossFraction: 0,
      fecFraction: 0,
      probe: undefined,
    },
  };
}

/** Takes one input, changes `state` in place and returns what holds until the next: the same object each time. */
export function stepController(state: ControllerState, input: ControllerInput, nowMs: number): ControllerOutput {
  if (nowMs - state.steppedMs > ASLEEP_MS && state.unansweredSinceMs !== undefined) state.unansweredSinceMs = nowMs;
  state.steppedMs = nowMs;
  switch (input.type) {
    case "sent":
      addToRate(state.sent, input.sizeBytes, nowMs);
      state.unansweredSinceMs ??= nowMs;
      state.sentMs = nowMs;
      state.waitingBytes = input.waitingBytes ?? 0;
      break;
    case "feedback":
      if (input.results.length > 0) onFeedback(state, input.results, nowMs);
      break;
    case "round-trip":
      if (input.roundTripMs >= 0 && input.roundTripMs <= MAX_ROUND_TRIP_MS) {
        state.roundTripMs = input.roundTripMs;
        reportedRtt(state.reports, input.roundTripMs, nowMs);
      }
      break;
    case "report-loss":
      onReport(state, input.fraction, nowMs);
      break;
    case "limits":
      setLimits(state, input);
      break;
    case "set-aside":
      state.aside = input.aside;
      if (input.aside) forgetProbe(state.prober);
      break;
    case "tick":
      onSilence(state, nowMs);
      probeWhereDue(state, nowMs);
      break;
  }
  return decide(state);
}

function decide(state: ControllerState): ControllerOutput {
  const { output, loss, limits } = state;
  const { queueMs } = state.queue;
  output.queueMs = queueMs;
  output.applicationLimited = state.applicationLimited;
  output.lossFraction = loss.toldFraction;
  output.fecFraction = fecFraction(loss, state.roundTripMs);
  if (state.fixed) {
    output.targetBps = limits.maxBps;
    output.paceBps = limits.maxBps * CAREFUL_PACE;
    return output;
  }
  const standing = queueMs > CAREFUL_QUEUE_MS && !state.contest.contested;
  const backlogMs = (state.waitingBytes * 8000) / Math.min(state.pathBps, state.targetBps);
  const excessMs = (standing ? queueMs : 0) + Math.max(0, backlogMs - FRAME_MS);
  const drain = Math.max(DRAIN_FLOOR, 1 - excessMs / DRAIN_MS);
  output.targetBps = Math.max(limits.minBps, state.targetBps * drain * state.silenceShare);
  output.paceBps = paceOf(state, standing || state.overuse.usage === "overuse");
  output.probe = state.prober.cluster;
  return output;
}

function paceOf({ targetBps, output, pathBps, measured, limits }: ControllerState, careful: boolean): number {
  if (!measured) return Math.min(Math.max(limits.minBps, FIRST_PACE_BPS), targetBps * CAREFUL_PACE);
  if (careful) return Math.max(output.targetBps, Math.min(targetBps * CAREFUL_PACE, pathBps * DRAIN_PACE));
  return Math.min(targetBps * FREE_PACE, Math.max(targetBps, pathBps * CAPACITY_PACE));
}

function onFeedback(state: ControllerState, results: readonly PacketResult[], nowMs: number): void {
  state.unansweredSinceMs = undefined;
  if (state.silenceShare < 1) {
    state.silenceShare = 1;
    applyTarget(state, state.targetBps * SILENCE_DECREASE);
  }
  let lost = 0;
  let arrived = 0;
  let late = 0;
  let newestArrivalMs = Number.NEGATIVE_INFINITY;
  countUnreported(state, results);
  for (const result of results) {
    if (!believable(result, nowMs)) continue;
    const isLate = result.sequence <= state.highestSequence;
    if (Number.isNaN(result.arrivedMs)) {
      // What left before the rate last fell was lost to the rate before.
      if (!isLate && result.sentMs >= state.rate.decreasedMs) addLost(state.loss, result.sentMs);
    } else {
      if (!isLate && state.loss.run > 0) lost += endLost(state.loss, result.sentMs, state.queue.queueMs, nowMs);
      arrived += 1;
      newestArrivalMs = Math.max(newestArrivalMs, result.arrivedMs);
      addToRate(state.acked, result.sizeBytes, result.arrivedMs);
      if (isLate) late += 1;
      else onArrival(state, result, nowMs);
    }
    if (!isLate) state.highestSequence = result.sequence;
  }
  endTrain(state.trains, nowMs);
  countLoss(state.loss, lost, arrived, late, state.queue.queueMs);
  const capacity = capacityOf(state.trains, nowMs, state.measured ? 2 : 1);
  learnPath(state, capacity, nowMs);
  const sentBps = rateBps(state.sent, nowMs);
  state.applicationLimited = sentBps === undefined || sentBps < LIMITED_SHARE * state.targetBps;
  if (!state.applicationLimited) refreshProber(state.prober);
  if (arrived > 0 && !state.measured) begin(state, capacity, nowMs);
  const recentBps = arrived === 0 ? undefined : rateBps(state.acked, newestArrivalMs, RECENT_MS);
  const ackedBps = arrived === 0 ? undefined : rateBps(state.acked, newestArrivalMs);
  const beforeBps = state.rate.rateBps;
  const delayBps = updateRate(
    state.rate,
    {
      usage: usageOf(state, recentBps, capacity, nowMs),
      ackedBps,
      recentBps,
      sentBps,
      capacity,
      calm: calm(state),
      applicationLimited: state.applicationLimited,
      roundTripMs: state.roundTripMs,
    },
    nowMs,
  );
  const contestBps = updateContest(
    state.contest,
    beforeBps,
    {
      queueMs: state.queue.queueMs,
      ackedBps,
      sentBps,
      lost,
      roundTripMs: state.roundTripMs,
      elapsedMs: Math.min(1000, Math.max(0, nowMs - state.feedbackMs)),
      applicationLimited: state.applicationLimited,
    },
    nowMs,
  );
  state.feedbackMs = nowMs;
  if (contestBps !== undefined) state.rate.rateBps = contestBps;
  const lossBps = judgeLoss(state.loss, state.targetBps, recentBps ?? 0, nowMs);
  applyTarget(state, Math.min(contestBps ?? delayBps, lossBps));
  useProbe(state);
  probeWhereDue(state, nowMs);
}

/** The slope's verdict; and overuse at once where the path is full beyond doubt. */
function usageOf(
  state: ControllerState,
  recentBps: number | undefined,
  capacity: Capacity | undefined,
  nowMs: number,
): Usage {
  const { queueMs, freshMs } = state.queue;
  // What was missing is being sent again, on top of the rest: that queue goes by itself.
  if (nowMs - state.loss.outageMs < OUTAGE_REPAIR_MS && queueMs < OUTAGE_QUEUE_MS) return "normal";
  if (freshMs > CAREFUL_QUEUE_MS && capacity?.steady === true && capacity.bps < NARROW_SHARE * state.targetBps) {
    return "overuse";
  }
  const sentBps = rateBps(state.sent, nowMs, RECENT_MS) ?? 0;
  if (queueMs > FULL_QUEUE_MS && recentBps !== undefined && recentBps < FULL_SHARE * sentBps) return "overuse";
  return state.overuse.usage;
}

/** What a program that means well may say: the rest would poison sums and windows. */
function believable({ sequence, sentMs, sizeBytes, arrivedMs }: PacketResult, nowMs: number): boolean {
  return (
    Number.isSafeInteger(sequence) &&
    sentMs <= nowMs &&
    nowMs - sentMs < MAX_ROUND_TRIP_MS &&
    sizeBytes > 0 &&
    sizeBytes <= MAX_PACKET_BYTES &&
    !(Math.abs(arrivedMs) > MAX_TIME_MS)
  );
}

/** For the pace, which makes bursts that say less: so it is kept for a while. */
function learnPath(state: ControllerState, capacity: Capacity | undefined, nowMs: number): void {
  if (capacity !== undefined && !capacity.open && (capacity.steady || !state.measured)) {
    state.pathBps = capacity.bps;
    state.pathMs = nowMs;
  } else if (capacity !== undefined && capacity.bps > state.pathBps) {
    state.pathBps = capacity.bps;
  } else if (nowMs - state.pathMs > PATH_KNOWN_MS) {
    state.pathBps = Number.POSITIVE_INFINITY;
  }
}

/** The first feedback: where the first bursts met a narrow path, the rate begins there. */
function begin(state: ControllerState, capacity: Capacity | undefined, nowMs: number): void {
  state.begunMs ??= nowMs;
  state.measured = capacity !== undefined || nowMs - state.begunMs > UNMEASURED_MS;
  if (capacity === undefined || capacity.open) return;
  const bps = FIRST_SHARE * capacity.bps;
  if (bps < state.targetBps) {
    state.rate.rateBps = bps;
    applyTarget(state, bps);
  }
}

function calm(state: ControllerState): boolean {
  return state.overuse.usage === "normal" && state.queue.queueMs < CAREFUL_QUEUE_MS && state.loss.fraction < CALM_LOSS;
}

/** Packets of which no feedback will tell, since it was lost itself, count as having fared like those behind them. */
function countUnreported(state: ControllerState, results: readonly PacketResult[]): void {
  const first = results.find(({ arrivedMs }) => !Number.isNaN(arrivedMs));
  const gap = (results[0]?.sequence ?? 0) - state.highestSequence - 1;
  if (first === undefined || !(gap > 0 && gap < MAX_GAP)) return;
  const meanBytes = results.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / results.length;
  if (!(meanBytes > 0 && meanBytes <= MAX_PACKET_BYTES) || Math.abs(first.arrivedMs) > MAX_TIME_MS) return;
  addToRate(state.acked, gap * meanBytes, first.arrivedMs);
}

function onArrival(state: ControllerState, packet: PacketResult, nowMs: number): void {
  addToTrain(state.trains, packet, nowMs);
  if (packet.probeId !== undefined) {
    // Padding makes its own queue: it tells of the capacity, not of what the media meets.
    addToProbe(state.prober, packet);
    return;
  }
  const opens = opensGroup(state.groups, packet);
  const delay = addArrival(state.groups, packet);
  if (opens)
    updateQueueDelay(state.queue, packet.arrivedMs - packet.sentMs, packet.sentMs, state.contest.contested, nowMs);
  if (delay === undefined) return;
  const slopeMs = updateTrendline(state.trendline, delay);
  if (slopeMs !== undefined) updateOveruse(state.overuse, slopeMs, delay.arrivedMs);
}

function useProbe(state: ControllerState): void {
  const result = probeResult(state.prober);
  if (result === undefined || state.overuse.usage === "overuse") return;
  const bps = PROBE_SHARE * result;
  if (bps <= state.targetBps) return;
  state.rate.rateBps = bps;
  state.rate.capacityBps = undefined;
  state.loss.boundBps = Math.max(state.loss.boundBps, bps);
  applyTarget(state, bps);
}

function probeWhereDue(state: ControllerState, nowMs: number): void {
  if (!state.measured || state.fixed || state.aside) return;
  const { rate } = state;
  stepProber(
    state.prober,
    {
      targetBps: state.targetBps,
      maxBps: state.limits.maxBps,
      roundTripMs: state.roundTripMs,
      calm: calm(state) && state.silenceShare === 1,
      measured: capacityOf(state.trains, nowMs) !== undefined,
      applicationLimited: state.applicationLimited,
      awake: nowMs - state.sentMs < 1000,
      lostBps: rate.rateBps < 0.7 * rate.beforeBps ? rate.beforeBps : undefined,
    },
    nowMs,
  );
}

function onSilence(state: ControllerState, nowMs: number): void {
  const since = state.unansweredSinceMs;
  if (since === undefined || nowMs - since < SILENCE_MS + 2 * state.roundTripMs) return;
  state.silenceShare *= SILENCE_DECREASE;
  state.unansweredSinceMs = nowMs;
}

/** A path without transport-wide feedback: loss and round trip of the receiver reports are all that is known. */
function onReport(state: ControllerState, fraction: number, nowMs: number): void {
  if (!(fraction >= 0 && fraction <= 1)) return;
  state.measured = true;
  const bps = updateReportRate(state.reports, state.targetBps, fraction, nowMs);
  state.loss.fraction = state.reports.fraction;
  state.loss.toldFraction = state.reports.fraction;
  state.loss.randomFraction = state.reports.queueMs > CAREFUL_QUEUE_MS ? 0 : state.reports.fraction;
  state.rate.rateBps = bps;
  applyTarget(state, bps);
}

function setLimits(state: ControllerState, { startBps, minBps, maxBps }: RateLimits): void {
  const before = state.limits;
  state.limits = { startBps, minBps, maxBps };
  if (state.loss.boundBps >= before.maxBps) state.loss.boundBps = maxBps;
  if (!state.measured) state.rate.rateBps = startBps;
  applyTarget(state, state.rate.rateBps);
}

function applyTarget(state: ControllerState, bps: number): void {
  const { minBps, maxBps } = state.limits;
  state.targetBps = Math.min(maxBps, Math.max(minBps, bps));
  state.rate.rateBps = Math.min(Math.max(state.rate.rateBps, minBps), maxBps);
  if (bps < state.rate.rateBps) state.rate.rateBps = state.targetBps;
  state.loss.boundBps = Math.min(Math.max(state.loss.boundBps, minBps), maxBps);
}
