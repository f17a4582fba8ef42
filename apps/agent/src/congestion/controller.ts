// Feedback → target rate: the delay-based and the loss-based estimator of Google congestion control
// (draft-ietf-rmcat-gcc-02), fitted to a source that is idle most of the time. Fed by `transport/sender.ts` with what
// `transport/feedback.ts` read; its target goes to the encoder, its pace to `pacer.ts`. No clock of its own.

import { addToRate, createRateWindow, type RateWindow, rateBps, WINDOW_MS } from "./acked-rate.ts";
import { believable, MAX_ROUND_TRIP_MS, unreported } from "./believe.ts";
import { type Contest, createContest, updateContest } from "./contest.ts";
import { addLost, countLoss, createLoss, endLost, fecFraction, judgeLoss, type Loss, resendCopies } from "./loss.ts";
import {
  addToPath,
  CAREFUL_QUEUE_MS,
  createPath,
  learnCapacity,
  needsNoProbe,
  type Path,
  seeRoute,
  usageOf,
} from "./path.ts";
import { addToProbe, createProber, forgetProbe, type Prober, probeResult, refreshProber, stepProber } from "./probe.ts";
import type { Usage } from "./overuse.ts";
import { createRateControl, type RateControl, updateRate } from "./rate-control.ts";
import { createReportRate, type ReportRate, reportedRtt, updateReportRate } from "./report-rate.ts";
import type { Capacity } from "./train.ts";
import { routeLimitBps } from "./route.ts";
import type { ControllerInput, ControllerOptions, ControllerOutput, PacketResult, RateLimits } from "./types.ts";

/** Sending less than this share of the target: the application is the limit. */
const LIMITED_SHARE = 0.7;
/** Assumed before the first measurement, ms. */
const START_ROUND_TRIP_MS = 100;
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
const CAPACITY_PACE = 1.05;
const DRAIN_PACE = 0.9;
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
/** After an outage its repair makes a queue, for so long. */
const OUTAGE_REPAIR_MS = 400;
/** What a probe has shown is used up to this share. */
const PROBE_SHARE = 0.9;
/** More lost than this and nothing is tested. */
const CALM_LOSS = 0.1;
export interface ControllerState {
  limits: RateLimits;
  readonly fixed: boolean;
  readonly path: Path;
  readonly acked: RateWindow;
  readonly sent: RateWindow;
  readonly rate: RateControl;
  readonly loss: Loss;
  readonly contest: Contest;
  readonly prober: Prober;
  readonly reports: ReportRate;
  roundTripMs: number;
  targetBps: number;
  applicationLimited: boolean;
  /** The picture goes another way. */
  aside: boolean;
  /** Of the path, by the last feedback. */
  usage: Usage;
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
    path: createPath(),
    acked: createRateWindow(),
    sent: createRateWindow(),
    rate: createRateControl(startBps),
    loss: createLoss(maxBps),
    contest: createContest(),
    prober: createProber(),
    reports: createReportRate(),
    roundTripMs: START_ROUND_TRIP_MS,
    targetBps: startBps,
    applicationLimited: true,
    aside: false,
    usage: "normal",
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
      resendCopies: 1,
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
  const { queueMs } = state.path.queue;
  output.queueMs = queueMs;
  output.applicationLimited = state.applicationLimited;
  output.lossFraction = loss.toldFraction;
  output.fecFraction = fecFraction(loss, state.roundTripMs);
  output.resendCopies = resendCopies(loss);
  if (state.fixed) {
    output.targetBps = limits.maxBps;
    output.paceBps = limits.maxBps * CAREFUL_PACE;
    return output;
  }
  const standing = queueMs > CAREFUL_QUEUE_MS && !state.contest.contested;
  const backlogMs = (state.waitingBytes * 8000) / Math.min(state.path.capacityBps, state.targetBps);
  const excessMs = (standing ? queueMs : 0) + Math.max(0, backlogMs - FRAME_MS);
  const drain = Math.max(DRAIN_FLOOR, 1 - excessMs / DRAIN_MS);
  const allowedBps = Math.min(state.targetBps * drain, routeLimitBps(state.path.route));
  output.targetBps = Math.max(limits.minBps, allowedBps * state.silenceShare);
  output.paceBps = paceOf(state, standing || state.usage === "overuse");
  output.probe = state.prober.cluster;
  return output;
}

function paceOf({ targetBps, output, path, measured, limits }: ControllerState, careful: boolean): number {
  const pathBps = path.capacityBps;
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
  const missing = unreported(results, state.highestSequence);
  if (missing !== undefined) addToRate(state.acked, missing.bytes, missing.arrivedMs);
  for (const result of results) {
    if (!believable(result, nowMs)) continue;
    const isLate = result.sequence <= state.highestSequence;
    if (Number.isNaN(result.arrivedMs)) {
      // What left before the rate last fell was lost to the rate before.
      if (isLate) continue;
      if (result.sentMs >= state.rate.decreasedMs) addLost(state.loss, result.sentMs);
      else state.loss.toldOnly += 1;
    } else {
      if (!isLate && state.loss.run > 0) lost += endLost(state.loss, result.sentMs, state.path.queue.luckiestMs, nowMs);
      arrived += 1;
      newestArrivalMs = Math.max(newestArrivalMs, result.arrivedMs);
      addToRate(state.acked, result.sizeBytes, result.arrivedMs);
      if (isLate) late += 1;
      else onArrival(state, result, nowMs);
    }
    if (!isLate) state.highestSequence = result.sequence;
  }
  const { path } = state;
  const { queue } = path;
  lost = countLoss(state.loss, lost, arrived, late, queue.luckiestMs);
  const capacity = learnCapacity(path, state.measured, nowMs);
  const sentBps = rateBps(state.sent, nowMs);
  state.applicationLimited = sentBps === undefined || sentBps < LIMITED_SHARE * state.targetBps;
  if (!state.applicationLimited) refreshProber(state.prober);
  if (arrived > 0 && !state.measured) begin(state, capacity, nowMs);
  const ackedBps = arrived === 0 ? undefined : rateBps(state.acked, newestArrivalMs);
  const elapsedMs = Math.min(1000, Math.max(0, nowMs - state.feedbackMs));
  const routeInput = {
    ackedBps,
    sentBps: rateBps(state.sent, nowMs, RECENT_MS),
    idleBps: state.applicationLimited ? state.targetBps : undefined,
    lossFraction: state.loss.fraction,
    roundTripMs: state.roundTripMs,
    elapsedMs,
  };
  seeRoute(path, routeInput, state.contest.contested, nowMs);
  // Jitter alone makes less arrive in one moment, and more in the next.
  const recentMs = queue.jitter.jittery ? WINDOW_MS : RECENT_MS;
  const recentBps = arrived === 0 ? undefined : rateBps(state.acked, newestArrivalMs, recentMs);
  const flow = {
    sentBps: rateBps(state.sent, nowMs, recentMs) ?? 0,
    recentBps,
    targetBps: state.targetBps,
    capacity,
    repairs: nowMs - state.loss.outageMs < OUTAGE_REPAIR_MS,
  };
  state.usage = usageOf(path, flow, nowMs);
  const beforeBps = state.rate.rateBps;
  const delayBps = updateRate(
    state.rate,
    {
      usage: state.usage,
      ackedBps,
      recentBps,
      sentBps,
      capacity,
      calm: calm(state),
      jitter: queue.jitter,
      applicationLimited: state.applicationLimited,
      roundTripMs: state.roundTripMs,
    },
    nowMs,
  );
  const contestBps = updateContest(
    state.contest,
    beforeBps,
    {
      queueMs: queue.queueMs,
      ackedBps,
      sentBps,
      lost,
      roundTripMs: state.roundTripMs,
      elapsedMs,
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
  return state.usage === "normal" && state.path.queue.queueMs < CAREFUL_QUEUE_MS && state.loss.fraction < CALM_LOSS;
}

function onArrival(state: ControllerState, packet: PacketResult, nowMs: number): void {
  addToPath(state.path, packet, state.contest.contested, nowMs);
  if (packet.probeId !== undefined) addToProbe(state.prober, packet);
}

function useProbe(state: ControllerState): void {
  const result = probeResult(state.prober);
  if (result === undefined || state.usage === "overuse") return;
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
      measured: needsNoProbe(state.path, nowMs),
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
