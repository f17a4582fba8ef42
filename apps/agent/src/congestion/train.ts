// Bursts of packets → what the path carries. A desktop's frame leaves as a train: how much further apart its packets arrive
// than they left is the bottleneck's own rate, for free, with every frame (packet trains; Pudica reads a frame's
// utilisation of the path from the same). From `controller.ts`; the sample goes to `rate-control.ts`, which may only rise
// on it, since what spreads a train may also be jitter, and what compresses it a radio that delivers in batches.

import type { PacketResult } from "./types.ts";

/** Packets further apart than this when they left are not one train; nor is one that takes longer. */
const GAP_MS = 5;
const LONGEST_MS = 30;
/** Fewest packets that say something: the first one only starts the clock. */
const MIN_PACKETS = 5;
/** Arrival times come in steps of 250 µs (transport-wide feedback): nothing shorter is measured. */
const CLOCK_MS = 0.25;
/** Spread at the receiver by more than this over the sender's: the path, not the pacer, was the limit. */
const SPREAD = 1.1;
const SPREAD_MS = 0.5;
/** The estimate is the median of so many of the last trains, none older than this. */
const SAMPLES = 5;
const MAX_AGE_MS = 1500;
/** A single train counts alone when it was this long. */
const LONG_PACKETS = 10;
/** Trains that differ by less than this share of their median agree. */
const STEADY_SPREAD = 0.2;

export interface Trains {
  packets: number;
  bytes: number;
  firstSentMs: number;
  lastSentMs: number;
  firstArrivedMs: number;
  lastArrivedMs: number;
  probeId: number | undefined;
  readonly bps: Float64Array;
  readonly atMs: Float64Array;
  /** 1: the path was not the limit, it carries at least this much. */
  readonly open: Uint8Array;
  readonly long: Uint8Array;
  count: number;
  readonly sorted: Float64Array;
}

export interface Capacity {
  readonly bps: number;
  /** It is at least this much: the trains were not spread. */
  readonly open: boolean;
  /** The last trains agree: it is the path's own rate, neither jitter nor batches. */
  readonly steady: boolean;
}

export function createTrains(): Trains {
  return {
    packets: 0,
    bytes: 0,
    firstSentMs: 0,
    lastSentMs: 0,
    firstArrivedMs: 0,
    lastArrivedMs: 0,
    probeId: undefined,
    bps: new Float64Array(SAMPLES),
    atMs: new Float64Array(SAMPLES).fill(Number.NEGATIVE_INFINITY),
    open: new Uint8Array(SAMPLES),
    long: new Uint8Array(SAMPLES),
    count: 0,
    sorted: new Float64Array(SAMPLES),
  };
}

/** Takes the next packet that arrived, in order of sequence. */
export function addToTrain(state: Trains, packet: PacketResult, nowMs: number): void {
  const joins =
    state.packets > 0 &&
    packet.probeId === state.probeId &&
    packet.sentMs >= state.lastSentMs &&
    packet.sentMs - state.lastSentMs <= GAP_MS &&
    packet.sentMs - state.firstSentMs <= LONGEST_MS;
  if (!joins) {
    endTrain(state, nowMs);
    state.packets = 1;
    state.bytes = 0;
    state.firstSentMs = packet.sentMs;
    state.firstArrivedMs = packet.arrivedMs;
    state.lastArrivedMs = packet.arrivedMs;
    state.probeId = packet.probeId;
  } else {
    state.packets += 1;
    state.bytes += packet.sizeBytes;
    state.lastArrivedMs = Math.max(state.lastArrivedMs, packet.arrivedMs);
  }
  state.lastSentMs = packet.sentMs;
}

/** A feedback message ends: what is complete is measured. A train that goes on in the next one is measured in two. */
export function endTrain(state: Trains, nowMs: number): void {
  const { packets, bytes } = state;
  const sentSpanMs = state.lastSentMs - state.firstSentMs;
  const arrivedSpanMs = Math.max(CLOCK_MS, state.lastArrivedMs - state.firstArrivedMs);
  state.packets = 0;
  if (packets < MIN_PACKETS) return;
  const open = arrivedSpanMs <= sentSpanMs * SPREAD + SPREAD_MS;
  const slot = state.count % SAMPLES;
  state.bps[slot] = (bytes * 8000) / Math.max(arrivedSpanMs, sentSpanMs);
  state.open[slot] = open ? 1 : 0;
  state.long[slot] = packets >= LONG_PACKETS ? 1 : 0;
  state.atMs[slot] = nowMs;
  state.count += 1;
}

/** `least`: so many trains must have been seen, or one long one. */
export function capacityOf(state: Trains, nowMs: number, least = 2): Capacity | undefined {
  let fresh = 0;
  let open = 0;
  let long = 0;
  for (let slot = 0; slot < SAMPLES; slot += 1) {
    if (nowMs - (state.atMs[slot] ?? 0) > MAX_AGE_MS) continue;
    state.sorted[fresh] = state.bps[slot] ?? 0;
    fresh += 1;
    open += state.open[slot] ?? 0;
    long += state.long[slot] ?? 0;
  }
  if (fresh === 0 || (fresh < least && long === 0)) return undefined;
  const sorted = state.sorted.subarray(0, fresh).sort();
  const bps = sorted[(fresh - 1) >> 1] ?? 0;
  const spread = (sorted[fresh - 1] ?? 0) - (sorted[0] ?? 0);
  return { bps, open: 2 * open > fresh, steady: open === 0 && fresh === SAMPLES && spread < STEADY_SPREAD * bps };
}
