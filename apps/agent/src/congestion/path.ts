// What arrives → what the path is like: its queue, jitter and slope of delay, its capacity where bursts of packets show it, and whether
// it is overused. From `controller.ts`, back to it; made of `arrival-groups.ts`, `trendline.ts`, `overuse.ts`, `queue-delay.ts`,
// `route.ts` and `train.ts`.

import { addArrival, type ArrivalGroups, createArrivalGroups, opensGroup } from "./arrival-groups.ts";
import { createOveruse, type Overuse, updateOveruse, type Usage } from "./overuse.ts";
import { createQueueDelay, type QueueDelay, rebaseQueueDelay, updateQueueDelay } from "./queue-delay.ts";
import { createRoute, forgetRoute, mayBeRoute, type Route, type RouteInput, updateRoute } from "./route.ts";
import { addToTrain, type Capacity, capacityOf, createTrains, endTrain, type Trains } from "./train.ts";
import { createTrendline, type Trendline, updateTrendline } from "./trendline.ts";
import type { PacketResult } from "./types.ts";

/** A queue of this length is one that matters. */
export const CAREFUL_QUEUE_MS = 10;
/** A slope counts where at least this much of a queue is seen. */
const SOME_QUEUE_MS = 2;
/** A queue of this length, while less arrives than is sent, is an overuse, whatever its slope. */
const FULL_QUEUE_MS = 30;
const FULL_SHARE = 0.95;
/** Bursts that agree on less than this share of the target, and a queue: the path got narrower. */
const NARROW_SHARE = 0.97;
/** After an outage its repair makes a queue: up to this length, that is no overuse. */
const OUTAGE_QUEUE_MS = 60;
const CAPACITY_KNOWN_MS = 3000;

export interface Path {
  readonly groups: ArrivalGroups;
  readonly trendline: Trendline;
  readonly overuse: Overuse;
  readonly queue: QueueDelay;
  readonly route: Route;
  readonly trains: Trains;
  /** What bursts that agree have shown that it carries, and when; infinite: not known. */
  capacityBps: number;
  capacityMs: number;
}

export interface Flow {
  /** Over the last moments, and what arrived of it. */
  readonly sentBps: number;
  readonly recentBps: number | undefined;
  readonly targetBps: number;
  readonly capacity: Capacity | undefined;
  /** What an outage took is being sent again. */
  readonly repairs: boolean;
}

export function createPath(): Path {
  return {
    groups: createArrivalGroups(),
    trendline: createTrendline(),
    overuse: createOveruse(),
    queue: createQueueDelay(),
    route: createRoute(),
    trains: createTrains(),
    capacityBps: Number.POSITIVE_INFINITY,
    capacityMs: Number.NEGATIVE_INFINITY,
  };
}

/** A packet arrived, in order of sequence. `held`: others keep the queue full. */
export function addToPath(state: Path, packet: PacketResult, held: boolean, nowMs: number): void {
  addToTrain(state.trains, packet, nowMs);
  // Padding makes its own queue: it tells of the capacity, not of what the media meets.
  if (packet.probeId !== undefined) return;
  const opens = opensGroup(state.groups, packet);
  const delay = addArrival(state.groups, packet);
  updateQueueDelay(state.queue, packet.arrivedMs - packet.sentMs, packet.sentMs, opens, held, nowMs);
  if (delay === undefined) return;
  const slopeMs = updateTrendline(state.trendline, delay);
  if (slopeMs !== undefined) updateOveruse(state.overuse, slopeMs, delay.arrivedMs);
}

/** A feedback message ends. `measured`: the start is over. Returns what bursts show, `undefined` where they show nothing. */
export function learnCapacity(state: Path, measured: boolean, nowMs: number): Capacity | undefined {
  endTrain(state.trains, nowMs);
  const capacity = shownCapacity(state, nowMs, measured ? 2 : 1);
  if (capacity !== undefined && !capacity.open && (capacity.steady || !measured)) {
    state.capacityBps = capacity.bps;
    state.capacityMs = nowMs;
  } else if (capacity !== undefined && capacity.bps > state.capacityBps) {
    state.capacityBps = capacity.bps;
  } else if (nowMs - state.capacityMs > CAPACITY_KNOWN_MS) {
    state.capacityBps = Number.POSITIVE_INFINITY;
  }
  return capacity;
}

/** Jitter spreads some bursts and squeezes others: then they say nothing. */
function shownCapacity(state: Path, nowMs: number, least: number): Capacity | undefined {
  return state.queue.jitter.jittery ? undefined : capacityOf(state.trains, nowMs, least);
}

/** Whether padding would tell less than is known, or nothing. */
export function needsNoProbe(state: Path, nowMs: number): boolean {
  return state.queue.jitter.jittery || capacityOf(state.trains, nowMs) !== undefined;
}

/** A longer way is no queue. `held`: somebody else's queue is. */
export function seeRoute(state: Path, input: RouteInput, held: boolean, nowMs: number): void {
  if (held) forgetRoute(state.route);
  else if (updateRoute(state.route, state.queue, input, nowMs)) rebaseQueueDelay(state.queue, nowMs);
}

/** The slope's verdict; and overuse at once where the path is full beyond doubt. */
export function usageOf(state: Path, flow: Flow, nowMs: number): Usage {
  const { queue, overuse } = state;
  const { queueMs, freshMs } = queue;
  const { jitterMs, lasting } = queue.jitter;
  const { capacity, recentBps } = flow;
  // Until that is known, the rate neither rises nor falls.
  if (mayBeRoute(queue, nowMs) || queue.falls) return "underuse";
  if (flow.repairs && queueMs < OUTAGE_QUEUE_MS) return "normal";
  if (freshMs > CAREFUL_QUEUE_MS && capacity?.steady === true && capacity.bps < NARROW_SHARE * flow.targetBps) {
    return "overuse";
  }
  if (queueMs > FULL_QUEUE_MS && recentBps !== undefined && recentBps < FULL_SHARE * flow.sentBps) return "overuse";
  // A slope without a queue is jitter's.
  if (lasting && queueMs < CAREFUL_QUEUE_MS) return "normal";
  const seen = jitterMs > 0 ? queueMs >= CAREFUL_QUEUE_MS : freshMs >= SOME_QUEUE_MS;
  return overuse.usage === "overuse" && !seen ? "normal" : overuse.usage;
}
