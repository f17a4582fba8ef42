// When to test the path with padding, and what a cluster said (the idea is libwebrtc's: a short run at a known rate, on top of
// the media, shows whether that rate arrives). From and to `controller.ts`; `transport/` sends the padding. A path that
// frames of the media measure by themselves (`train.ts`) is not probed.

import type { PacketResult, ProbeCluster } from "./types.ts";

/** A cluster lasts this long, and has at least so many packets. */
const CLUSTER_MS = 15;
const MIN_BYTES = 6 * 1200;
/** Nor does it fill a path that carries no more than the target with more than this much queue. */
const MAX_QUEUE_MS = 40;
/** Without an answer after this time and two round trips it is over. */
const TIMEOUT_MS = 1000;
/** So much of a cluster must have been reported. */
const COMPLETE = 0.8;
/** Arrived at less than this share of the rate that it left at: that is what the path carries. */
const SATURATED = 0.9;
const CLOCK_MS = 0.25;
/** At the start, and as long as each one arrives as it left, the next is so many times as fast. */
const FIRST_FACTOR = 2;
const NEXT_FACTOR = 2;
/** After spells in which the application sent little: so often at first, then ever less. */
const SPELL_MS = 5000;
const MAX_SPELL_MS = 60_000;
const SPELL_FACTOR = 1.5;
/** After an overuse has ended: back to what was before, at these distances. */
const RECOVERY_MS = 700;
const RECOVERY_FACTOR = 2;

export interface Prober {
  cluster: ProbeCluster | undefined;
  nextId: number;
  askedMs: number;
  /** Of the cluster's packets that arrived. */
  bytes: number;
  packets: number;
  firstBytes: number;
  firstSentMs: number;
  lastSentMs: number;
  firstArrivedMs: number;
  lastArrivedMs: number;
  /** Clusters that follow each other at the start. */
  ramping: boolean;
  started: boolean;
  spellMs: number;
  testedMs: number;
}

export interface ProbeInput {
  readonly targetBps: number;
  readonly maxBps: number;
  readonly roundTripMs: number;
  /** Neither queue nor overuse nor loss: a test would hurt nobody. */
  readonly calm: boolean;
  /** The media measures the path itself, or did a moment ago. */
  readonly measured: boolean;
  readonly applicationLimited: boolean;
  /** Something was sent within the last second: padding for nobody is not sent. */
  readonly awake: boolean;
  /** The rate before it fell for overuse, while it is still below that; else `undefined`. */
  readonly lostBps: number | undefined;
}

export function createProber(): Prober {
  return {
    cluster: undefined,
    nextId: 1,
    askedMs: Number.NEGATIVE_INFINITY,
    bytes: 0,
    packets: 0,
    firstBytes: 0,
    firstSentMs: 0,
    lastSentMs: 0,
    firstArrivedMs: 0,
    lastArrivedMs: 0,
    ramping: true,
    started: false,
    spellMs: SPELL_MS,
    testedMs: Number.NEGATIVE_INFINITY,
  };
}

/** A packet of a cluster arrived. */
export function addToProbe(state: Prober, packet: PacketResult): void {
  if (state.cluster === undefined || packet.probeId !== state.cluster.id) return;
  if (state.packets === 0) {
    state.firstBytes = packet.sizeBytes;
    state.firstSentMs = packet.sentMs;
    state.firstArrivedMs = packet.arrivedMs;
    state.lastSentMs = packet.sentMs;
    state.lastArrivedMs = packet.arrivedMs;
  }
  state.packets += 1;
  state.bytes += packet.sizeBytes;
  state.lastSentMs = Math.max(state.lastSentMs, packet.sentMs);
  state.lastArrivedMs = Math.max(state.lastArrivedMs, packet.arrivedMs);
}

/** What the cluster has shown that the path carries, once, when enough of it was reported. */
export function probeResult(state: Prober): number | undefined {
  const { cluster } = state;
  if (cluster === undefined || state.packets < 4 || state.bytes < COMPLETE * cluster.bytes) return undefined;
  const bits = (state.bytes - state.firstBytes) * 8000;
  const sentBps = bits / Math.max(CLOCK_MS, state.lastSentMs - state.firstSentMs);
  const arrivedBps = bits / Math.max(CLOCK_MS, state.lastArrivedMs - state.firstArrivedMs);
  const saturated = arrivedBps < SATURATED * sentBps;
  if (saturated) state.ramping = false;
  end(state);
  return Math.min(sentBps, arrivedBps, cluster.bps);
}

/** Asks for a cluster where one is due. */
export function stepProber(state: Prober, input: ProbeInput, nowMs: number): void {
  if (state.cluster !== undefined) {
    if (nowMs - state.askedMs < TIMEOUT_MS + 2 * input.roundTripMs) return;
    state.ramping = false;
    end(state);
  }
  const { targetBps, maxBps } = input;
  const testable = input.calm && input.awake && targetBps < 0.95 * maxBps;
  if (!testable || nowMs - state.askedMs < 2 * input.roundTripMs) return;
  if (state.ramping) {
    const factor = state.started ? NEXT_FACTOR : FIRST_FACTOR;
    state.started = true;
    ask(state, factor * targetBps, input, nowMs);
    return;
  }
  if (input.measured) return;
  if (input.lostBps !== undefined && nowMs - state.testedMs > RECOVERY_MS) {
    ask(state, Math.min(RECOVERY_FACTOR * targetBps, input.lostBps), input, nowMs);
    return;
  }
  if (input.applicationLimited && nowMs - state.testedMs > state.spellMs) {
    state.spellMs = Math.min(MAX_SPELL_MS, state.spellMs * 2);
    ask(state, SPELL_FACTOR * targetBps, input, nowMs);
  }
}

/** It will not be sent to its end: that says nothing of the path. */
export function forgetProbe(state: Prober): void {
  end(state);
}

/** Motion again, or an overuse: the next spell is tested soon. */
export function refreshProber(state: Prober): void {
  state.spellMs = SPELL_MS;
}

function ask(state: Prober, wantedBps: number, input: ProbeInput, nowMs: number): void {
  // A little above the most that may be used, so that it shows.
  const bps = Math.min(wantedBps, 1.1 * input.maxBps);
  const mostBytes = Math.max(MIN_BYTES, (input.targetBps / 8000) * MAX_QUEUE_MS);
  const bytes = Math.round(Math.min(mostBytes, Math.max(MIN_BYTES, (bps / 8000) * CLUSTER_MS)));
  state.cluster = { id: state.nextId, bps, bytes };
  state.nextId += 1;
  state.askedMs = nowMs;
  state.testedMs = nowMs;
  state.bytes = 0;
  state.packets = 0;
}

function end(state: Prober): void {
  state.cluster = undefined;
}
