// How much may be in flight on a byte stream that acknowledges, and how fast the encoder may feed it: for media over one
// TCP connection. TCP hides loss and queues what it is given, so the only knobs are how much is handed to it and when the
// next picture is taken. Pure; fed and obeyed by `transport/socket.ts`.
//
// In flight: what the path delivers in its shortest round trip and QUEUE_MS, so that no picture finds more than that in
// front of it. Delivery rate per flight as in draft-cheng-iccrg-delivery-rate-estimation-02 section 3; the target falls
// below it when a queue stands, and grows while it is used and none does.

import type { ControllerOptions, RateLimits } from "./types.ts";

/** A run of bytes handed to the stream together. Kept and used again. */
interface Part {
  endBytes: number;
  /** Of its picture so far, this part included: what it waits for by its own fault. */
  pictureBytes: number;
  sentMs: number;
  /** As it was when this part left: bytes delivered, when the last of them were, and when the flight they ended began. */
  deliveredBytes: number;
  deliveredMs: number;
  flightMs: number;
}

export interface SocketWindow {
  /** The target is what it is; only what is in flight is bounded. */
  readonly fixed: boolean;
  minBps: number;
  maxBps: number;
  /** What the encoder may spend, bit/s of media data. */
  targetBps: number;
  /** Newest delivery rate: of a flight, and of the last RECENT_MS; 0 before the first. */
  deliveryBps: number;
  recentBps: number;
  recentMs: number;
  recentFromBytes: number;
  /** Delay found in queues on the way, own picture left out, ms. */
  queueMs: number;
  /** Of the newest acknowledged part, ms. */
  roundTripMs: number;
  sentBytes: number;
  ackedBytes: number;
  ackedMs: number;
  flightMs: number;
  /** Size that the next picture will probably have. */
  pictureBytes: number;
  currentBytes: number;
  /** No picture before this moment: the viewer's decoder is behind. */
  heldUntilMs: number;
  /** Shortest round trip of this spell and of the one before. */
  minRoundTripMs: number;
  olderMinRoundTripMs: number;
  /** Nothing is sent before all has arrived: whether the path is longer now or a queue has stood ever since is to be seen. */
  clearing: boolean;
  /** Best delivery rate of a round, likewise. */
  bestBps: number;
  olderBestBps: number;
  spellMs: number;
  /** The target has met its limit once: it grows in smaller steps. */
  limited: boolean;
  draining: boolean;
  /** Pictures had to wait in this round. */
  blocked: boolean;
  /** Rounds of growth since the last fall. */
  grown: number;
  /** What the path gave before the last fall, and when that was: the way back to it is faster. */
  formerBps: number;
  fellMs: number;
  /** The round that is being measured: it ends with the first part that left after it began. */
  roundMs: number;
  roundFromBytes: number;
  roundQueueMs: number;
  roundDeliveryBps: number;
  roundSamples: number;
  parts: Part[];
  head: number;
  count: number;
}

/** Queue that a picture may find, over the shortest round trip. */
const QUEUE_MS = 50;
/** A queue that stood for a whole round: the target falls; below the lower one it may grow. */
const STANDING_MS = 12;
const CLEAR_MS = 5;
/** Of the delivery rate, after a fall: what stands runs off at the rest. As BBR's drain, gentler. */
const FALL = 0.88;
/** Growth a round: until the first fall; back towards what was; beyond it, more with each round that found no queue. */
const GROW_START = 1.5;
const GROW_BACK = 1.25;
const GROW = 1.02;
const GROW_MORE = 0.01;
const GROW_MOST = 1.12;
/** Of the target, what must be used for it to grow; a desktop that is mostly still tests nothing. */
const USED = 0.75;
/** How long what was before a fall is a goal, and how much of it. */
const FORMER_MS = 10_000;
const FORMER_SHARE = 0.85;
/** Span of the delivery rate that a sudden fall goes by. */
const RECENT_MS = 100;
const MIN_ROUND_MS = 50;
/** A longer pause than between pictures of 10 Hz ends a round without a verdict. */
const IDLE_MS = 100;
/** Spell of what is kept as the best: a path may have changed after two of them. */
const SPELL_MS = 5000;
const FIRST_ROUND_TRIP_MS = 100;
/** Pictures that may wait for the viewer's decoder, and how long each more holds the next one back. */
const DECODER_QUEUE = 2;
const DECODER_MS = 16;
/** A burst over a fast path tells little of what it carries for longer: so much of the target at most is believed. */
const BURST = 2;
/** In flight, whatever the rate: bounds memory. */
const MAX_WINDOW_BYTES = 8 * 1024 * 1024;
const MAX_PARTS = 1024;

export function createWindow(options: ControllerOptions): SocketWindow {
  return {
    fixed: options.fixed ?? false,
    minBps: options.minBps,
    maxBps: options.maxBps,
    targetBps: options.startBps,
    deliveryBps: 0,
    recentBps: 0,
    recentMs: 0,
    recentFromBytes: 0,
    queueMs: 0,
    roundTripMs: 0,
    sentBytes: 0,
    ackedBytes: 0,
    ackedMs: 0,
    flightMs: 0,
    pictureBytes: 0,
    currentBytes: 0,
    heldUntilMs: Number.NEGATIVE_INFINITY,
    minRoundTripMs: Number.POSITIVE_INFINITY,
    olderMinRoundTripMs: Number.POSITIVE_INFINITY,
    clearing: false,
    bestBps: 0,
    olderBestBps: 0,
    spellMs: 0,
    limited: false,
    draining: false,
    blocked: false,
    grown: 0,
    formerBps: 0,
    fellMs: Number.NEGATIVE_INFINITY,
    roundMs: Number.NEGATIVE_INFINITY,
    roundFromBytes: 0,
    roundQueueMs: Number.POSITIVE_INFINITY,
    roundDeliveryBps: 0,
    roundSamples: 0,
    parts: [],
    head: 0,
    count: 0,
  };
}

/** The start counts as long as nothing was sent. */
export function setWindowLimits(state: SocketWindow, limits: RateLimits): void {
  state.minBps = limits.minBps;
  state.maxBps = limits.maxBps;
  state.targetBps = clamp(state, state.sentBytes === 0 ? limits.startBps : state.targetBps);
}

export function inFlightBytes(state: SocketWindow): number {
  return state.sentBytes - state.ackedBytes;
}

/** What may be in flight, bytes. */
export function windowBytes(state: SocketWindow): number {
  const bytesPerMs = Math.max(state.targetBps, Math.min(state.deliveryBps, BURST * state.targetBps)) / 8000;
  return Math.min(MAX_WINDOW_BYTES, bytesPerMs * (minRoundTripMs(state) + QUEUE_MS));
}

/** Whether the next picture may be taken off the encoder. One may always go when nothing is in flight. */
export function windowOpen(state: SocketWindow, nowMs: number): boolean {
  if (nowMs < state.heldUntilMs || state.count >= MAX_PARTS) return false;
  const flight = inFlightBytes(state);
  return flight === 0 || (!state.clearing && flight + state.pictureBytes / 2 <= windowBytes(state));
}

/** A part of a picture was handed to the stream. */
export function partSent(state: SocketWindow, bytes: number, first: boolean, last: boolean, nowMs: number): void {
  if (state.count === 0) {
    // The time in which nothing was asked of the path tells nothing about it.
    if (nowMs - state.ackedMs > IDLE_MS) beginRound(state, nowMs);
    state.clearing = false;
    state.flightMs = nowMs;
    state.ackedMs = nowMs;
    state.recentMs = nowMs;
    state.recentFromBytes = state.ackedBytes;
  }
  state.sentBytes += bytes;
  state.currentBytes = (first ? 0 : state.currentBytes) + bytes;
  const part = slot(state);
  part.endBytes = state.sentBytes;
  part.pictureBytes = state.currentBytes;
  part.sentMs = nowMs;
  part.deliveredBytes = state.ackedBytes;
  part.deliveredMs = state.ackedMs;
  part.flightMs = state.flightMs;
  if (last) {
    state.pictureBytes +=
      (state.currentBytes - state.pictureBytes) * (state.currentBytes > state.pictureBytes ? 0.5 : 0.125);
    state.blocked ||= !windowOpen(state, nowMs);
  }
}

/**
 * The viewer has so many bytes in all. False when no part ends there that was sent and is not acknowledged: an answer to
 * something that was never sent. An older number than the last changes nothing.
 */
export function partsAcked(state: SocketWindow, receivedBytes: number, queuedFrames: number, nowMs: number): boolean {
  if (queuedFrames > DECODER_QUEUE) state.heldUntilMs = nowMs + (queuedFrames - DECODER_QUEUE) * DECODER_MS;
  // 32 bits on the wire; what is in flight is far below half of them.
  const ahead = (receivedBytes - state.ackedBytes) | 0;
  if (ahead <= 0) return true;
  const total = state.ackedBytes + ahead;
  let ends = 0;
  while (ends < state.count && at(state, ends).endBytes < total) ends += 1;
  if (ends === state.count || at(state, ends).endBytes !== total) return false;
  const newest = at(state, ends);
  state.head = (state.head + ends + 1) % state.parts.length;
  state.count -= ends + 1;
  state.ackedBytes = total;
  state.ackedMs = nowMs;
  state.flightMs = newest.sentMs;
  measure(state, newest, nowMs);
  return true;
}

function minRoundTripMs(state: SocketWindow): number {
  const shortest = Math.min(state.minRoundTripMs, state.olderMinRoundTripMs);
  return Number.isFinite(shortest) ? shortest : FIRST_ROUND_TRIP_MS;
}

function measure(state: SocketWindow, part: Part, nowMs: number): void {
  state.roundTripMs = nowMs - part.sentMs;
  if (nowMs - state.spellMs > SPELL_MS) {
    state.clearing = state.minRoundTripMs > state.olderMinRoundTripMs + CLEAR_MS;
    state.olderMinRoundTripMs = state.minRoundTripMs;
    state.minRoundTripMs = Number.POSITIVE_INFINITY;
    state.olderBestBps = state.bestBps;
    state.bestBps = 0;
    state.spellMs = nowMs;
  }
  state.minRoundTripMs = Math.min(state.minRoundTripMs, state.roundTripMs);
  const spanMs = Math.max(nowMs - part.deliveredMs, part.sentMs - part.flightMs, 1);
  state.deliveryBps = ((part.endBytes - part.deliveredBytes) * 8000) / spanMs;
  if (nowMs - state.recentMs >= RECENT_MS) {
    state.recentBps = ((state.ackedBytes - state.recentFromBytes) * 8000) / (nowMs - state.recentMs);
    state.recentMs = nowMs;
    state.recentFromBytes = state.ackedBytes;
  }
  const ownMs = (part.pictureBytes * 8000) / Math.max(state.targetBps, state.deliveryBps);
  state.queueMs = Math.max(0, state.roundTripMs - minRoundTripMs(state) - ownMs);
  state.roundQueueMs = Math.min(state.roundQueueMs, state.queueMs);
  state.roundDeliveryBps += state.deliveryBps;
  state.roundSamples += 1;
  if (state.fixed) return;
  // What is behind already can't wait for the round to end.
  if (state.queueMs > QUEUE_MS) fall(state, Math.min(state.deliveryBps, state.recentBps || state.deliveryBps), nowMs);
  if (part.deliveredBytes >= state.roundFromBytes && nowMs - state.roundMs >= MIN_ROUND_MS) endRound(state, nowMs);
}

function beginRound(state: SocketWindow, nowMs: number): void {
  state.roundMs = nowMs;
  state.roundFromBytes = state.ackedBytes;
  state.roundQueueMs = Number.POSITIVE_INFINITY;
  state.roundDeliveryBps = 0;
  state.roundSamples = 0;
  state.blocked = false;
}

function endRound(state: SocketWindow, nowMs: number): void {
  const usedBps = ((state.ackedBytes - state.roundFromBytes) * 8000) / (nowMs - state.roundMs);
  const deliveryBps = state.roundDeliveryBps / state.roundSamples;
  const standingMs = state.roundQueueMs;
  state.bestBps = Math.max(state.bestBps, deliveryBps);
  if (standingMs > STANDING_MS) fall(state, deliveryBps, nowMs);
  else if (standingMs <= CLEAR_MS) {
    state.draining = false;
    if (state.blocked || usedBps >= USED * state.targetBps) grow(state, nowMs);
  }
  beginRound(state, nowMs);
}

function fall(state: SocketWindow, deliveryBps: number, nowMs: number): void {
  const { targetBps, draining } = state;
  const next = clamp(state, FALL * deliveryBps);
  // While an old queue runs off the target only follows a path that became still narrower.
  if (next >= targetBps) return;
  if (!draining) {
    state.formerBps = Math.min(targetBps, Math.max(state.bestBps, state.olderBestBps));
    state.fellMs = nowMs;
  }
  state.limited = true;
  state.grown = 0;
  state.draining = true;
  state.targetBps = next;
}

function grow(state: SocketWindow, nowMs: number): void {
  const back = nowMs - state.fellMs < FORMER_MS && state.targetBps < FORMER_SHARE * state.formerBps;
  const step = Math.min(GROW_MOST, GROW + GROW_MORE * state.grown);
  state.grown += 1;
  state.targetBps = clamp(state, state.targetBps * (back ? GROW_BACK : state.limited ? step : GROW_START));
}

function clamp(state: SocketWindow, bps: number): number {
  return Math.max(state.minBps, Math.min(state.maxBps, bps));
}

function at(state: SocketWindow, index: number): Part {
  return state.parts[(state.head + index) % state.parts.length] as Part;
}

/** The next free slot of the ring, which grows to what is really in flight. */
function slot(state: SocketWindow): Part {
  if (state.count === state.parts.length) {
    state.parts = [...state.parts.slice(state.head), ...state.parts.slice(0, state.head)];
    state.head = 0;
    state.parts.push({ endBytes: 0, pictureBytes: 0, sentMs: 0, deliveredBytes: 0, deliveredMs: 0, flightMs: 0 });
  }
  state.count += 1;
  return at(state, state.count - 1);
}
