// How much may be in flight on a byte stream that acknowledges, and how fast the encoder may feed it: for media over one
// TCP connection. TCP hides loss and queues what it is given, so the only knobs are how much is handed to it and when the
// next picture is taken. Pure; fed and obeyed by `transport/socket.ts`.
//
// In flight (`parts.ts`): what the path delivers in its shortest round trip and QUEUE_MS, so that no picture finds more than that
// in front of it. Delivery rate per flight as in draft-cheng-iccrg-delivery-rate-estimation-02 section 3; `stream-rate.ts` makes
// the target of it.
//
// Lateness is not always a queue. What is only jitter (`ack-jitter.ts`), a standstill of somebody (`silence.ts`) or a longer way
// (`empty-path.ts`) is told from one that stands (`standing-queue.ts`).

import {
  createEmptyPath,
  type EmptyPath,
  holdsBack,
  judgeAlone,
  leftAlone,
  settleEmptyPath,
  wantEmptyPath,
} from "./empty-path.ts";
import { addDelay, createAckJitter, type AckJitter } from "./ack-jitter.ts";
import { addPart, createParts, type Part, type Parts, takeParts } from "./parts.ts";
import {
  addRoundTrip,
  beginRoundTripSpell,
  createShortestRoundTrip,
  setRoundTrip,
  shortestMs,
  type ShortestRoundTrip,
} from "./round-trip.ts";
import { createSilence, endSilence, passSilence, rateSinceSilence, type Silence } from "./silence.ts";
import {
  addToRound,
  beginRound,
  BURST,
  clearMs,
  createRound,
  isBehind,
  isJittery,
  QUEUE_MS,
  type Round,
  roundEnds,
  standingMs,
} from "./standing-queue.ts";
import {
  beginRateSpell,
  beginRecent,
  clampBps,
  countAllowed,
  countRecent,
  createStreamRate,
  fall,
  forgetFall,
  forgetRecent,
  rateRound,
  type StreamRate,
  undoFall,
} from "./stream-rate.ts";
import type { ControllerOptions, RateLimits } from "./types.ts";

export interface SocketWindow extends StreamRate {
  /** The target is what it is; only what is in flight is bounded. */
  readonly fixed: boolean;
  /** Newest delivery rate of a flight; 0 before the first. */
  deliveryBps: number;
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
  spellMs: number;
  /** Nothing is sent before all has arrived: whether the path is longer now or a queue has stood ever since is to be seen. */
  clearing: boolean;
  /** When the way was found to be longer: parts that had left by then are no later than it. */
  longerMs: number;
  readonly shortest: ShortestRoundTrip;
  readonly parts: Parts;
  readonly jitter: AckJitter;
  readonly silence: Silence;
  readonly round: Round;
  readonly emptyPath: EmptyPath;
}

/** A longer pause than between pictures of 1 Hz ends a round without a verdict. */
const IDLE_MS = 1100;
/** Spell of what is kept as the best: a path may have changed after two of them. */
const SPELL_MS = 5000;
/** Pictures that may wait for the viewer's decoder, and how long each more holds the next one back. */
const DECODER_QUEUE = 2;
const DECODER_MS = 16;
/** In flight, whatever the rate: bounds memory. */
const MAX_WINDOW_BYTES = 8 * 1024 * 1024;
const MAX_PARTS = 1024;

export function createWindow(options: ControllerOptions): SocketWindow {
  return {
    ...createStreamRate(options),
    fixed: options.fixed ?? false,
    deliveryBps: 0,
    queueMs: 0,
    roundTripMs: 0,
    sentBytes: 0,
    ackedBytes: 0,
    ackedMs: 0,
    flightMs: 0,
    pictureBytes: 0,
    currentBytes: 0,
    heldUntilMs: Number.NEGATIVE_INFINITY,
    spellMs: 0,
    clearing: false,
    longerMs: Number.NEGATIVE_INFINITY,
    shortest: createShortestRoundTrip(),
    parts: createParts(),
    jitter: createAckJitter(),
    silence: createSilence(),
    round: createRound(),
    emptyPath: createEmptyPath(),
  };
}

/** The start counts as long as nothing was sent. */
export function setWindowLimits(state: SocketWindow, limits: RateLimits): void {
  state.minBps = limits.minBps;
  state.maxBps = limits.maxBps;
  state.targetBps = clampBps(state, state.sentBytes === 0 ? limits.startBps : state.targetBps);
}

export function inFlightBytes(state: SocketWindow): number {
  return state.sentBytes - state.ackedBytes;
}

/** What may be in flight, bytes. */
export function windowBytes(state: SocketWindow): number {
  const bytesPerMs = Math.max(state.targetBps, Math.min(state.deliveryBps, BURST * state.targetBps)) / 8000;
  return Math.min(MAX_WINDOW_BYTES, bytesPerMs * (shortestMs(state.shortest) + QUEUE_MS));
}

/** Whether the next picture may be taken off the encoder. One may always go when nothing is in flight. */
export function windowOpen(state: SocketWindow, nowMs: number): boolean {
  if (nowMs < state.heldUntilMs || state.parts.count >= MAX_PARTS) return false;
  return state.parts.count === 0 || (!state.clearing && !holdsBack(state.emptyPath) && hasRoom(state));
}

function hasRoom(state: SocketWindow): boolean {
  return inFlightBytes(state) + state.pictureBytes / 2 <= windowBytes(state);
}

/** A part of a picture was handed to the stream. */
export function partSent(state: SocketWindow, bytes: number, first: boolean, last: boolean, nowMs: number): void {
  countAllowed(state, state.sentBytes, nowMs);
  if (state.parts.count === 0) beginFlight(state, bytes, nowMs);
  state.sentBytes += bytes;
  state.currentBytes = (first ? 0 : state.currentBytes) + bytes;
  const part = addPart(state.parts);
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
    state.round.blocked ||= !hasRoom(state);
  }
}

/** The first part while nothing is in flight. */
function beginFlight(state: SocketWindow, bytes: number, nowMs: number): void {
  // The time in which nothing was asked of the path tells nothing about it.
  if (nowMs - state.ackedMs > IDLE_MS) {
    beginRound(state.round, state.ackedBytes, nowMs);
    forgetFall(state);
    settleEmptyPath(state.emptyPath);
  }
  state.clearing = false;
  const acked = { bytes: state.ackedBytes, atMs: state.ackedMs };
  leftAlone(state.emptyPath, state.sentBytes + bytes, acked, state.targetBps);
  state.flightMs = nowMs;
  state.ackedMs = nowMs;
  beginRecent(state, state.ackedBytes, nowMs);
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
  const newest = takeParts(state.parts, state.ackedBytes + ahead);
  if (newest === undefined) return false;
  const gapMs = nowMs - state.ackedMs;
  state.ackedBytes += ahead;
  state.ackedMs = nowMs;
  measure(state, newest, nowMs, gapMs, ahead);
  state.flightMs = Math.max(newest.sentMs, state.silence.endedMs);
  return true;
}

function measure(state: SocketWindow, part: Part, nowMs: number, gapMs: number, bytes: number): void {
  const { jitter, round, shortest, silence } = state;
  state.roundTripMs = nowMs - part.sentMs;
  if (nowMs - state.spellMs > SPELL_MS) beginSpell(state, nowMs);
  addRoundTrip(shortest, state.roundTripMs);
  const roundTripMs = shortestMs(shortest);
  const spanMs = Math.max(nowMs - part.deliveredMs, part.sentMs - part.flightMs, 1);
  state.deliveryBps = ((part.endBytes - part.deliveredBytes) * 8000) / spanMs;
  const fastestBps = Math.max(state.targetBps, state.deliveryBps);
  const delayMs = state.roundTripMs - (part.pictureBytes * 8000) / fastestBps;
  state.queueMs = Math.max(0, delayMs - roundTripMs);
  const answer = { silentMs: gapMs - (bytes * 8000) / fastestBps, roundTripMs, bytes };
  if (endSilence(silence, answer, state.ackedBytes, nowMs)) {
    forgetRecent(state, state.ackedBytes, nowMs);
    beginRound(round, state.ackedBytes, nowMs);
    return;
  }
  countRecent(state, state.ackedBytes, jitter.jitterMs, nowMs);
  if (part.sentMs <= silence.endedMs) {
    const sinceBps = rateSinceSilence(silence, state.ackedBytes, nowMs);
    if (!state.fixed && sinceBps > 0 && state.queueMs > QUEUE_MS) giveWay(state, part, sinceBps, nowMs);
    return;
  }
  passSilence(silence, nowMs);
  // A queue of our own that comes and goes is none.
  addDelay(jitter, delayMs, part.limited && !state.draining);
  addToRound(round, state.queueMs, Math.min(state.deliveryBps, BURST * state.targetBps), part.limited, nowMs);
  if (state.fixed || isLonger(state, part, nowMs)) return;
  if (isBehind(round, jitter.jitterMs, nowMs)) {
    // Of a clump one flight says little.
    const recentBps = state.recentBps || state.deliveryBps;
    giveWay(state, part, isJittery(jitter.jitterMs) ? recentBps : Math.min(recentBps, state.deliveryBps), nowMs);
  }
  if (roundEnds(round, part.deliveredBytes, jitter.jitterMs, nowMs)) endRound(state, part, nowMs);
}

function beginSpell(state: SocketWindow, nowMs: number): void {
  const mostMs = clearMs(shortestMs(state.shortest), state.jitter.jitterMs);
  state.clearing = beginRoundTripSpell(state.shortest, mostMs);
  beginRateSpell(state);
  state.spellMs = nowMs;
}

function endRound(state: SocketWindow, part: Part, nowMs: number): void {
  const { round, sentBytes } = state;
  const { jitterMs } = state.jitter;
  const roundTripMs = shortestMs(state.shortest);
  const deliveryBps = round.deliveryBps / round.samples;
  const roundBps = ((state.ackedBytes - round.fromBytes) * 8000) / (nowMs - round.sinceMs);
  const mayGrow = round.queueMs <= clearMs(roundTripMs, jitterMs);
  if (mayGrow) settleEmptyPath(state.emptyPath);
  const { sinceMs, blocked } = round;
  rateRound(state, { sinceMs, deliveryBps, roundBps, blocked, mayGrow, jitterMs, roundTripMs, sentBytes }, nowMs);
  if (round.queueMs > standingMs(roundTripMs, jitterMs)) giveWay(state, part, deliveryBps, nowMs);
  beginRound(round, state.ackedBytes, nowMs);
}

/** A queue stands: less, unless that was tried and did not help. */
function giveWay(state: SocketWindow, part: Part, deliveryBps: number, nowMs: number): void {
  const { emptyPath, targetBps } = state;
  if (!fall(state, part, deliveryBps, emptyPath.wasQueue, nowMs)) wantEmptyPath(emptyPath, state.ackedBytes, nowMs);
  else if (state.targetBps < targetBps) emptyPath.wasQueue = false;
}

/** What the picture that left alone shows: whether the delay is the path's own. True while that says more than a round. */
function isLonger(state: SocketWindow, part: Part, nowMs: number): boolean {
  const { emptyPath } = state;
  const roundTripMs = shortestMs(state.shortest);
  const mostMs = standingMs(roundTripMs, state.jitter.jitterMs);
  if (judgeAlone(emptyPath, part, state.roundTripMs - roundTripMs, mostMs) === "longer") {
    setRoundTrip(state.shortest, roundTripMs + emptyPath.lateMs);
    state.longerMs = nowMs;
    forgetRecent(state, state.ackedBytes, nowMs);
    undoFall(state);
    settleEmptyPath(emptyPath);
    beginRound(state.round, state.ackedBytes, nowMs);
  }
  return part.sentMs <= state.longerMs;
}
