// How much may be in flight on a byte stream that acknowledges, and how fast the encoder may feed it: for media over one
// TCP connection. TCP hides loss and queues what it is given, so the only knobs are how much is handed to it and when the
// next picture is taken. Pure; fed and obeyed by `transport/socket.ts`.
//
// In flight: what the path delivers in its shortest round trip and QUEUE_MS, so that no picture finds more than that in
// front of it. Delivery rate per flight as in draft-cheng-iccrg-delivery-rate-estimation-02 section 3; the target falls
// below it when a queue stands, and grows while it is used and none does.
//
// Lateness is not always a queue: a browser or an agent that stands still answers nothing for a while and then everything at
// once, a busy machine answers late whatever is sent. What is in flight over such a time is our own window, not the path.

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
  /** There was room for more: its rate says what was sent, not what the path carries. */
  limited: boolean;
}

interface Mark {
  atMs: number;
  sentBytes: number;
  allowedBytes: number;
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
  /** The same at the best rate that was seen: what remains of it though less is sent is no queue. */
  excessMs: number;
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
  /** Rounds of this spell in which the target was used. */
  usedRounds: number;
  spellMs: number;
  /** Mean difference of one delay from the next, own pictures left out, ms. */
  jitterMs: number;
  delayMs: number;
  /** When a silence ended; parts that had left by then tell of it and of nothing else. */
  silenceMs: number;
  silenceFromBytes: number;
  /** In a row, without a time of MIN_ROUND_MS between. */
  silences: number;
  /** The target has met its limit once: it grows in smaller steps. */
  limited: boolean;
  draining: boolean;
  /** Pictures had to wait in this round. */
  blocked: boolean;
  /** Rounds of growth since the last fall. */
  grown: number;
  /** What the path gave before the last fall, and when that was: the way back to it is faster. */
  formerBps: number;
  formerMs: number;
  triedBack: boolean;
  /** Falls since a round without a queue, each for a part that left after the one before. */
  falls: number;
  fellMs: number;
  fellExcessMs: number;
  fellFromBps: number;
  /** What was sent and what the target allowed, since half a second and since a whole one. */
  allowedBytes: number;
  allowedMs: number;
  marks: readonly [Mark, Mark];
  /** The round that is being measured: it ends with the first part that left after it began. */
  roundMs: number;
  roundFromBytes: number;
  roundQueueMs: number;
  roundExcessMs: number;
  roundDeliveryBps: number;
  roundSamples: number;
  roundLimited: boolean;
  parts: Part[];
  head: number;
  count: number;
}

/** Queue that a picture may find, over the shortest round trip. */
const QUEUE_MS = 50;
/** A queue that stood for a whole round: the target falls; below the lower one it may grow. */
const STANDING_MS = 12;
const CLEAR_MS = 5;
/** Both are more where delays differ by themselves: as much as they do, and this share of a long way; so much at most. */
const CLEAR_SHARE = 0.25;
const MOST_CLEAR_MS = 20;
const JITTER_GAIN = 1 / 16;
/** Nothing acknowledged for longer than this, or than so many round trips: somebody stood still. */
const SILENCE_MS = 60;
const SILENCE_ROUND_TRIPS = 3;
/** A queue that so many falls did not shorten is not ours. */
const FALLS = 2;
const NO_SHORTER = 0.8;
const NARROWED = 1.5;
/** What a fall needs to show. */
const DRAIN_MS = 100;
/** One to more than this much is noise. */
const REAL_FALL = 0.93;
/** Of the best rate, what parts that left room in the window can't bring the target below. */
const LIMITED_FLOOR = 0.5;
/** Of the delivery rate, after a fall: what stands runs off at the rest. As BBR's drain, gentler. */
const FALL = 0.88;
/** Growth a round: until the first fall; back towards what was; beyond it, more with each round that found no queue. */
const GROW_START = 1.5;
const GROW_BACK = 1.25;
const GROW = 1.02;
const GROW_MORE = 0.01;
const GROW_MOST = 1.12;
/** Of the target, over USE_MS, what must be used for it to grow; a desktop that is mostly still tests nothing. */
const USED = 0.75;
const KEPT_UP = 0.95;
/** How long what was before a fall is a goal, and how much of it. */
const FORMER_MS = 10_000;
const FORMER_SHARE = 0.85;
/** Span of the delivery rate that a sudden fall goes by. */
const RECENT_MS = 100;
const MIN_ROUND_MS = 50;
/** A longer pause than between pictures of 1 Hz ends a round without a verdict. */
const IDLE_MS = 1100;
/** Whether the target is used is judged over one to two of these. */
const USE_MS = 500;
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
    excessMs: 0,
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
    usedRounds: 0,
    spellMs: 0,
    jitterMs: 0,
    delayMs: Number.NaN,
    silenceMs: Number.NEGATIVE_INFINITY,
    silenceFromBytes: 0,
    silences: 0,
    limited: false,
    draining: false,
    blocked: false,
    grown: 0,
    formerBps: 0,
    formerMs: Number.NEGATIVE_INFINITY,
    triedBack: false,
    falls: 0,
    fellMs: Number.NEGATIVE_INFINITY,
    fellExcessMs: 0,
    fellFromBps: 0,
    allowedBytes: 0,
    allowedMs: Number.NaN,
    marks: [
      { atMs: Number.NEGATIVE_INFINITY, sentBytes: 0, allowedBytes: 0 },
      { atMs: Number.NEGATIVE_INFINITY, sentBytes: 0, allowedBytes: 0 },
    ],
    roundMs: Number.NEGATIVE_INFINITY,
    roundFromBytes: 0,
    roundQueueMs: Number.POSITIVE_INFINITY,
    roundExcessMs: 0,
    roundDeliveryBps: 0,
    roundSamples: 0,
    roundLimited: true,
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
  return state.count === 0 || (!state.clearing && hasRoom(state));
}

function hasRoom(state: SocketWindow): boolean {
  return inFlightBytes(state) + state.pictureBytes / 2 <= windowBytes(state);
}

/** A part of a picture was handed to the stream. */
export function partSent(state: SocketWindow, bytes: number, first: boolean, last: boolean, nowMs: number): void {
  countAllowed(state, nowMs);
  if (state.count === 0) {
    // The time in which nothing was asked of the path tells nothing about it.
    if (nowMs - state.ackedMs > IDLE_MS) {
      beginRound(state, nowMs);
      state.draining = false;
      state.falls = 0;
    }
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
  part.limited = hasRoom(state);
  if (last) {
    state.pictureBytes +=
      (state.currentBytes - state.pictureBytes) * (state.currentBytes > state.pictureBytes ? 0.5 : 0.125);
    state.blocked ||= !hasRoom(state);
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
  const gapMs = nowMs - state.ackedMs;
  state.head = (state.head + ends + 1) % state.parts.length;
  state.count -= ends + 1;
  state.ackedBytes = total;
  state.ackedMs = nowMs;
  measure(state, newest, nowMs, gapMs, ahead);
  state.flightMs = Math.max(newest.sentMs, state.silenceMs);
  return true;
}

function minRoundTripMs(state: SocketWindow): number {
  const shortest = Math.min(state.minRoundTripMs, state.olderMinRoundTripMs);
  return Number.isFinite(shortest) ? shortest : FIRST_ROUND_TRIP_MS;
}

function bestBps(state: SocketWindow): number {
  return Math.max(state.bestBps, state.olderBestBps);
}

/** What may stand in a round for the target to grow. */
function clearMs(state: SocketWindow): number {
  const shareMs = CLEAR_SHARE * minRoundTripMs(state);
  return Math.max(CLEAR_MS, Math.min(MOST_CLEAR_MS, Math.max(shareMs, state.jitterMs)));
}

function measure(state: SocketWindow, part: Part, nowMs: number, gapMs: number, bytes: number): void {
  state.roundTripMs = nowMs - part.sentMs;
  if (nowMs - state.spellMs > SPELL_MS) beginSpell(state, nowMs);
  state.minRoundTripMs = Math.min(state.minRoundTripMs, state.roundTripMs);
  const spanMs = Math.max(nowMs - part.deliveredMs, part.sentMs - part.flightMs, 1);
  state.deliveryBps = ((part.endBytes - part.deliveredBytes) * 8000) / spanMs;
  const fastestBps = Math.max(state.targetBps, state.deliveryBps);
  const delayMs = state.roundTripMs - (part.pictureBytes * 8000) / fastestBps;
  state.queueMs = Math.max(0, delayMs - minRoundTripMs(state));
  const ownLeastMs = (part.pictureBytes * 8000) / Math.max(fastestBps, bestBps(state));
  state.excessMs = state.roundTripMs - ownLeastMs - minRoundTripMs(state);
  const silentMs = gapMs - (bytes * 8000) / fastestBps;
  if (silentMs > Math.max(SILENCE_MS, SILENCE_ROUND_TRIPS * minRoundTripMs(state)) && endSilence(state, bytes, nowMs)) {
    return;
  }
  if (nowMs - state.recentMs >= RECENT_MS) {
    state.recentBps = ((state.ackedBytes - state.recentFromBytes) * 8000) / (nowMs - state.recentMs);
    state.recentMs = nowMs;
    state.recentFromBytes = state.ackedBytes;
  }
  if (part.sentMs <= state.silenceMs) {
    afterSilence(state, part, nowMs);
    return;
  }
  if (nowMs - state.silenceMs >= MIN_ROUND_MS) state.silences = 0;
  // A queue of our own that comes and goes is none.
  if (Number.isFinite(state.delayMs) && part.limited && !state.draining) {
    state.jitterMs += (Math.abs(delayMs - state.delayMs) - state.jitterMs) * JITTER_GAIN;
  }
  state.delayMs = delayMs;
  state.roundQueueMs = Math.min(state.roundQueueMs, state.queueMs);
  state.roundExcessMs = Math.min(state.roundExcessMs, state.excessMs);
  if (state.roundLimited && !part.limited) {
    state.roundLimited = false;
    state.roundDeliveryBps = 0;
    state.roundSamples = 0;
  }
  if (part.limited === state.roundLimited) {
    state.roundDeliveryBps += Math.min(state.deliveryBps, BURST * state.targetBps);
    state.roundSamples += 1;
  }
  if (state.fixed) return;
  // What is behind already can't wait for the round to end.
  if (state.queueMs > QUEUE_MS) {
    fall(state, part, Math.min(state.deliveryBps, state.recentBps || state.deliveryBps), state.excessMs, nowMs);
  }
  if (part.deliveredBytes >= state.roundFromBytes && nowMs - state.roundMs >= MIN_ROUND_MS)
    endRound(state, part, nowMs);
}

function beginSpell(state: SocketWindow, nowMs: number): void {
  state.clearing = state.minRoundTripMs > state.olderMinRoundTripMs + clearMs(state);
  state.olderMinRoundTripMs = state.minRoundTripMs;
  state.minRoundTripMs = Number.POSITIVE_INFINITY;
  // A time in which little was asked of the path does not make it worse.
  if (state.usedRounds > 0) {
    state.olderBestBps = state.bestBps;
    state.bestBps = 0;
    state.usedRounds = 0;
  }
  state.spellMs = nowMs;
}

/**
 * The first answer after a silence says nothing of the path; what follows does: a burst, or as little again. False for the
 * second one in a row with nothing between, or the third: that is the path.
 */
function endSilence(state: SocketWindow, bytes: number, nowMs: number): boolean {
  const burst = state.ackedBytes - bytes > state.silenceFromBytes;
  if (state.silences > (burst ? 1 : 0)) return false;
  state.silences += 1;
  state.silenceMs = nowMs;
  state.silenceFromBytes = state.ackedBytes;
  state.recentBps = 0;
  state.recentMs = nowMs;
  state.recentFromBytes = state.ackedBytes;
  beginRound(state, nowMs);
  return true;
}

/** A part that was under way in the silence: what stood then has come at once, or a path that became narrower still delivers. */
function afterSilence(state: SocketWindow, part: Part, nowMs: number): void {
  const sinceMs = nowMs - state.silenceMs;
  if (state.fixed || sinceMs < MIN_ROUND_MS || state.queueMs <= QUEUE_MS) return;
  fall(state, part, ((state.ackedBytes - state.silenceFromBytes) * 8000) / sinceMs, state.excessMs, nowMs);
}

function beginRound(state: SocketWindow, nowMs: number): void {
  state.roundMs = nowMs;
  state.roundFromBytes = state.ackedBytes;
  state.roundQueueMs = Number.POSITIVE_INFINITY;
  state.roundExcessMs = Number.POSITIVE_INFINITY;
  state.roundDeliveryBps = 0;
  state.roundSamples = 0;
  state.roundLimited = true;
  state.blocked = false;
}

function endRound(state: SocketWindow, part: Part, nowMs: number): void {
  const deliveryBps = state.roundDeliveryBps / state.roundSamples;
  const standingMs = state.roundQueueMs;
  const mostMs = clearMs(state);
  const share = usedShare(state, nowMs);
  const used = state.blocked || share >= USED;
  // What is sent arrives as fast: a queue that begins does not show at once.
  const keptUp = deliveryBps >= KEPT_UP * Math.min(1, share) * state.targetBps;
  state.bestBps = Math.max(state.bestBps, deliveryBps);
  if (used) state.usedRounds += 1;
  if (standingMs > mostMs + STANDING_MS - CLEAR_MS) fall(state, part, deliveryBps, state.roundExcessMs, nowMs);
  else if (standingMs <= mostMs) {
    state.draining = false;
    state.falls = 0;
    if (used && keptUp) grow(state, nowMs);
  }
  beginRound(state, nowMs);
}

function fall(state: SocketWindow, part: Part, deliveryBps: number, excessMs: number, nowMs: number): void {
  const { targetBps } = state;
  // Unless what follows shows that it was a queue.
  const floorBps = part.limited && state.falls === 0 ? LIMITED_FLOOR * bestBps(state) : 0;
  const next = clamp(state, Math.max(FALL * deliveryBps, floorBps));
  // While an old queue runs off the target only follows a path that became still narrower.
  if (next >= targetBps) return;
  const later = part.sentMs >= state.fellMs + DRAIN_MS;
  if (part.limited && state.falls > 0 && !later) return;
  if (state.falls === 0) {
    state.fellExcessMs = excessMs;
    state.fellFromBps = targetBps;
  }
  if (state.falls === 0 || (later && next < REAL_FALL * targetBps)) {
    // A queue of ours is shorter with the window.
    const windowShare = (NARROWED * targetBps) / Math.min(state.fellFromBps, bestBps(state));
    if (state.falls === FALLS && excessMs >= Math.min(NO_SHORTER, windowShare) * state.fellExcessMs) {
      takeAsBase(state, excessMs, nowMs);
      return;
    }
    state.falls = Math.min(FALLS, state.falls + 1);
    state.fellMs = nowMs;
  } else if (!later) {
    state.fellExcessMs = Math.max(state.fellExcessMs, excessMs);
  }
  if (!state.draining) {
    const formerBps = Math.min(targetBps, bestBps(state));
    // What was tried again and made a queue is no goal any more.
    if (state.triedBack || formerBps >= state.formerBps || nowMs - state.formerMs >= FORMER_MS) {
      state.formerBps = formerBps;
      state.formerMs = nowMs;
    }
    state.triedBack = false;
  }
  state.limited = true;
  state.grown = 0;
  state.draining = true;
  state.targetBps = next;
}

/** Less was sent, and the delay stayed: the way is longer, or a machine on it busy. */
function takeAsBase(state: SocketWindow, excessMs: number, nowMs: number): void {
  const baseMs = minRoundTripMs(state) + excessMs;
  state.minRoundTripMs = baseMs;
  state.olderMinRoundTripMs = baseMs;
  state.targetBps = clamp(state, Math.max(state.targetBps, Math.min(state.fellFromBps, bestBps(state))));
  state.falls = 0;
  state.draining = false;
  beginRound(state, nowMs);
}

function grow(state: SocketWindow, nowMs: number): void {
  const back = nowMs - state.formerMs < FORMER_MS && state.targetBps < FORMER_SHARE * state.formerBps;
  const step = Math.min(GROW_MOST, GROW + GROW_MORE * state.grown);
  // Where pictures are rare a round is long, and stands for several.
  const rounds = Math.max(1, Math.floor((nowMs - state.roundMs) / Math.max(MIN_ROUND_MS, minRoundTripMs(state))));
  state.grown += 1;
  const factor = state.limited ? Math.min(GROW_BACK, step ** rounds) : GROW_START;
  const backBps = back ? Math.min(GROW_BACK * state.targetBps, FORMER_SHARE * state.formerBps) : 0;
  state.triedBack ||= back;
  state.targetBps = clamp(state, Math.max(backBps, state.targetBps * factor));
}

function countAllowed(state: SocketWindow, nowMs: number): void {
  if (state.allowedMs < nowMs) state.allowedBytes += (state.targetBps * (nowMs - state.allowedMs)) / 8000;
  state.allowedMs = nowMs;
  const [older, newer] = state.marks;
  if (nowMs - newer.atMs < USE_MS) return;
  state.marks = [newer, older];
  older.atMs = nowMs;
  older.sentBytes = state.sentBytes;
  older.allowedBytes = state.allowedBytes;
}

/** Of what the target allowed lately, what was sent. */
function usedShare(state: SocketWindow, nowMs: number): number {
  countAllowed(state, nowMs);
  const [{ sentBytes, allowedBytes }] = state.marks;
  const leastBytes = (state.targetBps / 8000) * (USE_MS / 2);
  return (state.sentBytes - sentBytes) / Math.max(leastBytes, state.allowedBytes - allowedBytes);
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
    state.parts.push({
      endBytes: 0,
      pictureBytes: 0,
      sentMs: 0,
      deliveredBytes: 0,
      deliveredMs: 0,
      flightMs: 0,
      limited: false,
    });
  }
  state.count += 1;
  return at(state, state.count - 1);
}
