// Feedback → target rate: the delay-based and the loss-based estimator of Google congestion control
// (draft-ietf-rmcat-gcc-02), fitted to a source that is idle most of the time. Fed by `transport/sender.ts` with what
// `transport/feedback.ts` read; its target goes to the encoder, its pace to `pacer.ts`. No clock of its own.

import { addToRate, createRateWindow, type RateWindow, rateBps } from "./acked-rate.ts";
import { addArrival, type ArrivalGroups, createArrivalGroups } from "./arrival-groups.ts";
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
/** Packets in flight and no feedback for this long, on top of two round trips: the path is taken to be shut. */
const SILENCE_MS = 500;
const SILENCE_DECREASE = 0.5;
/** Pace as a multiple of the target: while packets find no queue on the way, and while they do. */
const FREE_PACE = 4;
const CAREFUL_PACE = 1.5;
const CAREFUL_QUEUE_MS = 10;

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
    case "tick":
      onSilence(state, nowMs);
      break;
  }
  const careful = state.queue.queueMs > CAREFUL_QUEUE_MS || state.overuse.usage === "overuse";
  return {
    targetBps: state.targetBps,
    paceBps: state.targetBps * (careful ? CAREFUL_PACE : FREE_PACE),
    queueMs: state.queue.queueMs,
    applicationLimited: state.applicationLimited,
  };
}

function onFeedback(state: ControllerState, results: readonly PacketResult[], nowMs: number): void {
  state.unansweredSinceMs = undefined;
  let lost = 0;
  let arrived = 0;
  let late = 0;
  let newestArrivalMs = Number.NEGATIVE_INFINITY;
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
      queueMs: state.queue.queueMs,
    },
    nowMs,
  );
  applyTarget(state, Math.min(delayBps, judgeLoss(state.loss, state.targetBps, nowMs)));
}

function onArrival(state: ControllerState, packet: PacketResult, nowMs: number): void {
  updateQueueDelay(state.queue, packet.arrivedMs - packet.sentMs, nowMs);
  const delay = addArrival(state.groups, packet);
  if (delay === undefined) return;
  const slopeMs = updateTrendline(state.trendline, delay);
  if (slopeMs !== undefined) updateOveruse(state.overuse, slopeMs, delay.arrivedMs);
}

function onSilence(state: ControllerState, nowMs: number): void {
  const since = state.unansweredSinceMs;
  if (since === undefined || nowMs - since < SILENCE_MS + 2 * state.roundTripMs) return;
  applyTarget(state, state.targetBps * SILENCE_DECREASE);
  state.unansweredSinceMs = nowMs;
}

function applyTarget(state: ControllerState, bps: number): void {
  const { minBps, maxBps } = state.options;
  state.targetBps = Math.min(maxBps, Math.max(minBps, bps));
  state.rate.rateBps = Math.min(Math.max(state.rate.rateBps, minBps), maxBps);
  if (bps < state.rate.rateBps) state.rate.rateBps = state.targetBps;
  state.loss.boundBps = Math.min(Math.max(state.loss.boundBps, minBps), maxBps);
}
