// Usage → rate: additive increase near the known capacity, multiplicative away from it, decrease to a share of what
// arrived (draft-ietf-rmcat-gcc-02 section 5.5). From `overuse.ts` and `acked-rate.ts`, back to `controller.ts`.
// A desktop sends little most of the time. What it sends then says nothing about the path, so the rate neither rises
// on it nor falls to it, unless less arrives than was sent.

import type { Usage } from "./overuse.ts";

/** Section 5.5: eta per second, beta, and how far above what arrived the rate may be. */
const MULTIPLICATIVE_PER_S = 1.08;
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

export interface RateControl {
  rateBps: number;
  mode: "hold" | "increase" | "decrease";
  /** Average and variance (relative to the average) of what arrived when a decrease was made. */
  capacityBps: number | undefined;
  capacityVariance: number;
  /** Largest rate that was seen to arrive since the last real decrease. */
  provenBps: number;
  changedMs: number | undefined;
  decreasedMs: number;
}

export interface RateInput {
  readonly usage: Usage;
  readonly ackedBps: number | undefined;
  readonly sentBps: number | undefined;
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
    changedMs: undefined,
    decreasedMs: Number.NEGATIVE_INFINITY,
  };
}

/** New rate, bit/s, not yet held to the caller's bounds. */
export function updateRate(state: RateControl, input: RateInput, nowMs: number): number {
  const elapsedMs = Math.min(1000, nowMs - (state.changedMs ?? nowMs));
  state.changedMs = nowMs;
  const responseMs = input.roundTripMs + 100;
  if (input.usage === "overuse") state.mode = "decrease";
  else if (input.usage === "underuse") state.mode = "hold";
  else state.mode = state.mode === "decrease" ? "hold" : "increase";
  state.provenBps = Math.max(state.provenBps, input.ackedBps ?? 0);
  if (state.mode === "decrease") {
    if (nowMs - state.decreasedMs >= responseMs) decrease(state, input, nowMs);
  } else if (state.mode === "increase" && !input.applicationLimited) {
    increase(state, input, elapsedMs, responseMs);
  }
  return state.rateBps;
}

function decrease(state: RateControl, input: RateInput, nowMs: number): void {
  const { ackedBps, sentBps } = input;
  if (ackedBps === undefined) return;
  const short = sentBps !== undefined && ackedBps < SHORTFALL * sentBps;
  if (input.applicationLimited && !short) {
    const floorBps = Math.max(IDLE_FLOOR * state.provenBps, ackedBps);
    state.rateBps = Math.min(state.rateBps, Math.max(floorBps, DECREASE * state.rateBps));
  } else {
    learnCapacity(state, ackedBps);
    state.rateBps = Math.min(state.rateBps, DECREASE * ackedBps);
    state.provenBps = ackedBps;
  }
  state.decreasedMs = nowMs;
}

function increase(state: RateControl, input: RateInput, elapsedMs: number, responseMs: number): void {
  const { ackedBps } = input;
  if (ackedBps !== undefined && state.capacityBps !== undefined && ackedBps > upperCapacity(state)) {
    state.capacityBps = undefined;
  }
  const near = state.capacityBps !== undefined && state.rateBps > 0.8 * state.capacityBps;
  const nextBps = near
    ? state.rateBps + Math.max(PACKET_BITS / responseMs, (NEAR_RISE_PER_S * state.rateBps) / 1000) * elapsedMs
    : state.rateBps * MULTIPLICATIVE_PER_S ** (elapsedMs / 1000);
  const limitBps = ackedBps === undefined ? nextBps : MAX_OVER_ACKED * ackedBps + MAX_OVER_ACKED_BPS;
  state.rateBps = Math.max(state.rateBps, Math.min(nextBps, limitBps));
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
