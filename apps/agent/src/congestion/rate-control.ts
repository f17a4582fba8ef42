// Usage → rate: additive increase near the known capacity, multiplicative away from it, decrease to a share of what
// arrived (draft-ietf-rmcat-gcc-02 section 5.5). From `overuse.ts`, `acked-rate.ts` and `train.ts`, back to `controller.ts`.
// A desktop sends little most of the time. What it sends then says nothing about the path, so the rate neither rises
// on it nor falls to it, unless less arrives than was sent. What its bursts say of the capacity counts, as far as the last
// overuse has shown such bursts to be right.

import type { Usage } from "./overuse.ts";
import type { Capacity } from "./train.ts";

/** Section 5.5: eta per second, beta, and how far above what arrived the rate may be. */
const MULTIPLICATIVE_PER_S = 0.08;
const DECREASE = 0.85;
const MAX_OVER_ACKED = 1.5;
const MAX_OVER_ACKED_BPS = 10_000;
/** Arriving less than this share of what is sent: the path is full, whatever the application could have sent. */
const SHORTFALL = 0.85;
/** Without pressure of its own, the rate falls by overuse no further than this share of the last rate known to flow. */
const IDLE_FLOOR = 0.5;
/** Packet size of the additive increase: one packet a response time (section 5.5). */
const PACKET_BITS = 1200 * 8;
/** Near the capacity the rate rises by at least this share a second: one packet a response time is little at 20 Mbit/s. */
const NEAR_RISE_PER_S = 0.015;
/** Each second of calm adds as much again, up to this share a second, at which the first rise begins. */
const MAX_RISE_PER_S = 0.5;
/** Where jitter may have been taken for a queue, the rate before that is tried again up to this share, faster than a new one. */
const RETURN_SHARE = 0.85;
const RETURN_PER_RESPONSE = 0.05;
/** Share of the capacity that bursts show up to which the rate rises fast, and how fast: per response time. */
const CEILING = 0.9;
const FAST_RISE = 1.3;
/** One message counts for no more time than this, however late it is. */
const FAST_STEP_MS = 200;
/** Where bursts agree, the rate rises to this share and no further: above it frames wait for each other. */
const STEADY_CEILING = 0.93;
/** How long it takes to believe bursts again that were too bright at the last overuse, ms; and the least that is believed. */
const BELIEF_MS = 15_000;
const LEAST_BELIEF = 0.2;

export interface RateControl {
  rateBps: number;
  mode: "hold" | "increase" | "decrease";
  /** Average and variance (relative to the average) of what arrived when a decrease was made. */
  capacityBps: number | undefined;
  capacityVariance: number;
  /** Largest rate that was seen to arrive since the last real decrease. */
  provenBps: number;
  /** What could be used of the capacity that the bursts showed, at the last overuse, and ever more since: 0 to 1. */
  belief: number;
  /** Rate before the last run of decreases. */
  beforeBps: number;
  changedMs: number | undefined;
  decreasedMs: number;
  /** Time without a queue since the last decrease, ms. */
  calmMs: number;
}

export interface RateInput {
  readonly usage: Usage;
  readonly ackedBps: number | undefined;
  /** Over the last moments only: what the path carries while it is full. */
  readonly recentBps: number | undefined;
  readonly sentBps: number | undefined;
  readonly capacity: Capacity | undefined;
  /** No queue, no overuse, little loss. */
  readonly calm: boolean;
  /** It hides small queues: where something of one shows, the rate waits. Where it lasts, it may have been taken for one. */
  readonly jitter: { readonly jittery: boolean; readonly lasting: boolean };
  readonly applicationLimited: boolean;
  readonly roundTripMs: number;
}

export function createRateControl(startBps: number): RateControl {
  return {
    rateBps: startBps,
    mode: "hold",
    capacityBps: undefined,
    capacityVariance: 0.4,
    provenBps: 0,
    belief: 1,
    beforeBps: 0,
    changedMs: undefined,
    decreasedMs: Number.NEGATIVE_INFINITY,
    calmMs: 0,
  };
}

/** New rate, bit/s, not yet held to the caller's bounds. */
export function updateRate(state: RateControl, input: RateInput, nowMs: number): number {
  const elapsedMs = Math.min(1000, Math.max(0, nowMs - (state.changedMs ?? nowMs)));
  state.changedMs = nowMs;
  const responseMs = input.roundTripMs + 100;
  if (input.usage === "overuse") state.mode = "decrease";
  else if (input.usage === "underuse") state.mode = "hold";
  else state.mode = state.mode === "decrease" ? "hold" : "increase";
  state.provenBps = Math.max(state.provenBps, input.ackedBps ?? 0);
  if (input.calm) state.calmMs += elapsedMs;
  if (state.mode === "decrease") {
    if (nowMs - state.decreasedMs >= responseMs) decrease(state, input, nowMs);
  } else {
    state.belief += ((1 - state.belief) * elapsedMs) / BELIEF_MS;
    if (state.mode === "increase") increase(state, input, elapsedMs);
  }
  return state.rateBps;
}

function decrease(state: RateControl, input: RateInput, nowMs: number): void {
  const { ackedBps, recentBps, sentBps, capacity } = input;
  if (ackedBps === undefined) return;
  const short = sentBps !== undefined && ackedBps < SHORTFALL * sentBps;
  if (input.applicationLimited && !short) {
    const floorBps = Math.max(IDLE_FLOOR * state.provenBps, ackedBps);
    state.rateBps = Math.min(state.rateBps, Math.max(floorBps, DECREASE * state.rateBps));
  } else {
    const shownBps = capacity?.steady === true ? capacity.bps : Number.POSITIVE_INFINITY;
    const flowsBps = Math.min(shownBps, Math.max(0.5 * ackedBps, Math.min(ackedBps, recentBps ?? ackedBps)));
    if (nowMs - state.decreasedMs > 1000) state.beforeBps = state.rateBps;
    learnCapacity(state, flowsBps);
    // Just below what was too much: whoever has more of a shared path does not come back to it sooner than the others.
    const usable = capacity === undefined ? 1 : (DECREASE * flowsBps) / (CEILING * capacity.bps);
    state.belief = Math.min(1, Math.max(LEAST_BELIEF, usable));
    state.rateBps = Math.min(state.rateBps, DECREASE * flowsBps);
    state.provenBps = flowsBps;
  }
  state.decreasedMs = nowMs;
  state.calmMs = 0;
}

function increase(state: RateControl, input: RateInput, elapsedMs: number): void {
  const { ackedBps, capacity } = input;
  if (ackedBps !== undefined && state.capacityBps !== undefined && ackedBps > upperCapacity(state)) {
    state.capacityBps = undefined;
  }
  const responseMs = input.roundTripMs + 100;
  if (capacity !== undefined && input.calm) {
    const ceilingBps = CEILING * capacity.bps * state.belief;
    if (ceilingBps > state.rateBps) {
      const fastBps = state.rateBps * FAST_RISE ** (Math.min(FAST_STEP_MS, elapsedMs) / (input.roundTripMs + 50));
      state.rateBps = Math.min(ceilingBps, fastBps);
      if (state.capacityBps !== undefined && state.rateBps > state.capacityBps) state.capacityBps = undefined;
      return;
    }
  }
  if (input.applicationLimited || (input.jitter.jittery && !input.calm)) return;
  const near = state.capacityBps !== undefined && state.rateBps > 0.8 * state.capacityBps;
  const calmPerS = (near ? NEAR_RISE_PER_S : MULTIPLICATIVE_PER_S) * (1 + state.calmMs / 1000);
  const returns = input.jitter.lasting && state.rateBps < RETURN_SHARE * state.beforeBps;
  const returnPerS = returns ? Math.min(MAX_RISE_PER_S, RETURN_PER_RESPONSE / (responseMs / 1000)) : 0;
  const perS = state.decreasedMs > 0 ? Math.max(returnPerS, Math.min(MAX_RISE_PER_S, calmPerS)) : MAX_RISE_PER_S;
  const nextBps =
    near && !returns
      ? state.rateBps + Math.max(PACKET_BITS / responseMs, (perS * state.rateBps) / 1000) * elapsedMs
      : state.rateBps * (1 + perS) ** (elapsedMs / 1000);
  const limitBps = ackedBps === undefined ? nextBps : MAX_OVER_ACKED * ackedBps + MAX_OVER_ACKED_BPS;
  const steadyBps = capacity?.steady === true ? STEADY_CEILING * capacity.bps : Number.POSITIVE_INFINITY;
  state.rateBps = Math.max(state.rateBps, Math.min(nextBps, limitBps, steadyBps));
}

/** Section 5.5: exponential averages of the rate at which the path was full, and of its spread. */
function learnCapacity(state: RateControl, ackedBps: number): void {
  const before = state.capacityBps;
  if (before === undefined || ackedBps < before - 3 * spread(state)) {
    state.capacityBps = ackedBps;
    return;
  }
  state.capacityBps = 0.95 * before + 0.05 * ackedBps;
  const error = (before - ackedBps) / before;
  state.capacityVariance = Math.min(2.5, Math.max(0.4, 0.95 * state.capacityVariance + 0.05 * error * error));
}

/** The variance is normalised by the average, in kbit/s. */
function spread(state: RateControl): number {
  const kbps = (state.capacityBps ?? 0) / 1000;
  return Math.sqrt(state.capacityVariance * kbps) * 1000;
}

function upperCapacity(state: RateControl): number {
  return (state.capacityBps ?? Number.POSITIVE_INFINITY) + 3 * spread(state);
}
