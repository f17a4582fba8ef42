// Feedback → target rate: the delay-based and the loss-based estimator of Google congestion control
// (draft-ietf-rmcat-gcc-02), fitted to a source that is idle most of the time. Fed by `transport/sender.ts` with what
// `transport/feedback.ts` read; its target goes to the encoder, its pace to `pacer.ts`. No clock of its own.

import { addToRate, createRateWindow, type RateWindow, rateBps } from "./acked-rate.ts";
import { addArrival, type ArrivalGroups, createArrivalGroups, opensGroup } from "./arrival-groups.ts";
import { countLoss, createLoss, judgeLoss, type Loss } from "./loss.ts";
import { createOveruse, type Overuse, updateOveruse } from "./overuse.ts";
import { createQueueDelay, type QueueDelay, updateQueueDelay } from "./queue-delay.ts";
import { createRateControl, type RateControl, updateRate } from "./rate-control.ts";
import { createTrendline, type Trendline, updateTrendline } from "./trendline.ts";
import type { ControllerInput, ControllerOptions, ControllerOutput, PacketResult } from "./types.ts";

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
/** Pace as a multiple of the target: while packets find no queue on the way, and while they do. */
const FREE_PACE = 4;
const CAREFUL_PACE = 1.5;
const CAREFUL_QUEUE_MS = 10;
/** A queue that stands is drained: the target lies below the rate by its share of this time, but not below the floor. */
const DRAIN_MS = 400;
const DRAIN_FLOOR = 0.5;

export interface ControllerState {
  readonly options: ControllerOptions;
  readonly groups: ArrivalGroups;
  readonly trendline: Trendline;
  readonly overuse: Overuse;
  readonly acked: RateWindow;
  readonly sent: RateWindow;
  readonly rate: RateControl;
  readonly loss: Loss;
  readonly queue: QueueDelay;
  roundTripMs: number;
  targetBps: number;
  applicationLimited: boolean;
  highestSequence: number;
  /** When the first packet after the last feedback left; `undefined` while nothing is unanswered. */
  unansweredSinceMs: number | undefined;
  /** What silence leaves of the target; 1 while feedback comes. */
  silenceShare: number;
}

export function createController(options: ControllerOptions): ControllerState {
  return {
    options,
    groups: createArrivalGroups(),
    trendline: createTrendline(),
    overuse: createOveruse(),
    acked: createRateWindow(),
    sent: createRateWindow(),
    rate: createRateControl(options.startBps),
    loss: createLoss(options.maxBps),
    queue: createQueueDelay(),
    roundTripMs: START_ROUND_TRIP_MS,
    targetBps: options.startBps,
    applicationLimited: true,
    highestSequence: -1,
    unansweredSinceMs: undefined,
    silenceShare: 1,
  };
}

/** Takes one input, changes `state` in place and returns what holds from now on. */
export function stepController(state: ControllerState, input: ControllerInput, nowMs: number): ControllerOutput {
  switch (input.type) {
    case "sent":
      addToRate(state.sent, input.sizeBytes, nowMs);
      state.unansweredSinceMs ??= nowMs;
      break;
    case "feedback":
      if (input.results.length > 0) onFeedback(state, input.results, nowMs);
      break;
    case "round-trip":
      state.roundTripMs = input.roundTripMs;
      break;
    case "report-loss":
    case "limits":
      break;
    case "tick":
      onSilence(state, nowMs);
      break;
  }
  const { queueMs } = state.queue;
  const standing = queueMs > CAREFUL_QUEUE_MS;
  const drain = standing ? Math.max(DRAIN_FLOOR, 1 - queueMs / DRAIN_MS) : 1;
  const careful = standing || state.overuse.usage === "overuse";
  return {
    targetBps: Math.max(state.options.minBps, state.targetBps * drain * state.silenceShare),
    paceBps: state.targetBps * (careful ? CAREFUL_PACE : FREE_PACE),
    queueMs,
    applicationLimited: state.applicationLimited,
    lossFraction: state.loss.fraction,
    fecFraction: 0,
    probe: undefined,
  };
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
    const isLate = result.sequence <= state.highestSequence;
    if (Number.isNaN(result.arrivedMs)) {
      lost += 1;
    } else {
      arrived += 1;
      newestArrivalMs = Math.max(newestArrivalMs, result.arrivedMs);
      addToRate(state.acked, result.sizeBytes, result.arrivedMs);
      if (isLate) late += 1;
      else onArrival(state, result, nowMs);
    }
    if (!isLate) state.highestSequence = result.sequence;
  }
  countLoss(state.loss, lost, arrived, late);
  const sentBps = rateBps(state.sent, nowMs);
  state.applicationLimited = sentBps === undefined || sentBps < LIMITED_SHARE * state.targetBps;
  const delayBps = updateRate(
    state.rate,
    {
      usage: state.overuse.usage,
      ackedBps: arrived === 0 ? undefined : rateBps(state.acked, newestArrivalMs),
      sentBps,
      applicationLimited: state.applicationLimited,
      roundTripMs: state.roundTripMs,
    },
    nowMs,
  );
  applyTarget(state, Math.min(delayBps, judgeLoss(state.loss, state.targetBps, nowMs)));
}

/** Packets of which no feedback will tell, since it was lost itself, count as having fared like those behind them. */
function countUnreported(state: ControllerState, results: readonly PacketResult[]): void {
  const first = results.find(({ arrivedMs }) => !Number.isNaN(arrivedMs));
  const gap = (results[0]?.sequence ?? 0) - state.highestSequence - 1;
  if (first === undefined || gap <= 0) return;
  const meanBytes = results.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / results.length;
  addToRate(state.acked, gap * meanBytes, first.arrivedMs);
}

function onArrival(state: ControllerState, packet: PacketResult, nowMs: number): void {
  const opens = opensGroup(state.groups, packet);
  const delay = addArrival(state.groups, packet);
  if (opens) updateQueueDelay(state.queue, packet.arrivedMs - packet.sentMs, nowMs);
  if (delay === undefined) return;
  const slopeMs = updateTrendline(state.trendline, delay);
  if (slopeMs !== undefined) updateOveruse(state.overuse, slopeMs, delay.arrivedMs);
}

function onSilence(state: ControllerState, nowMs: number): void {
  const since = state.unansweredSinceMs;
  if (since === undefined || nowMs - since < SILENCE_MS + 2 * state.roundTripMs) return;
  state.silenceShare *= SILENCE_DECREASE;
  state.unansweredSinceMs = nowMs;
}

function applyTarget(state: ControllerState, bps: number): void {
  const { minBps, maxBps } = state.options;
  state.targetBps = Math.min(maxBps, Math.max(minBps, bps));
  state.rate.rateBps = Math.min(Math.max(state.rate.rateBps, minBps), maxBps);
  if (bps < state.rate.rateBps) state.rate.rateBps = state.targetBps;
  state.loss.boundBps = Math.min(Math.max(state.loss.boundBps, minBps), maxBps);
}
