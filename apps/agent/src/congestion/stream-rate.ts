// How fast the encoder may feed a byte stream: grows while the target is used and no queue stands, falls below what is delivered when
// one does. Pure; what it goes by comes from `standing-queue.ts`, through `window.ts`.

import type { ControllerOptions } from "./types.ts";
import { leastRoundMs, MIN_ROUND_MS } from "./standing-queue.ts";

interface Mark {
  atMs: number;
  sentBytes: number;
  allowedBytes: number;
}

export interface StreamRate {
  minBps: number;
  maxBps: number;
  /** What the encoder may spend, bit/s of media data. */
  targetBps: number;
  /** The target has met its limit once: it grows in smaller steps. */
  limited: boolean;
  /** Delivery rate of the last RECENT_MS, or of a round where that is more, by which a sudden fall goes; 0: none yet. */
  recentBps: number;
  recentMs: number;
  recentFromBytes: number;
  /** Best delivery rate of a round, of this spell and of the one before. */
  bestBps: number;
  olderBestBps: number;
  /** Rounds of this spell in which the target was used. */
  usedRounds: number;
  /** Since a round without a queue: the target fell, when it did last, and from where. */
  fallen: boolean;
  fellMs: number;
  fellFromBps: number;
  draining: boolean;
  /** Rounds of growth since the last fall. */
  grown: number;
  /** What the path gave before the last fall, and when that was: the way back to it is faster. */
  formerBps: number;
  formerMs: number;
  triedBack: boolean;
  /** What was sent and what the target allowed, since half a second and since a whole one. */
  allowedBytes: number;
  allowedMs: number;
  marks: readonly [Mark, Mark];
}

const RECENT_MS = 100;
/** What a fall needs to show. */
const DRAIN_MS = 100;
/** A queue that a fall leaves standing for so long is none of ours, or the path became narrower still. */
const STANDS_MS = 1000;
/** One to more than this much is noise. */
const REAL_FALL = 0.93;
/** Of the best rate, what parts that left room in the window can't bring the target below. */
const LIMITED_FLOOR = 0.5;
/** Of the target, what one fall leaves: where it was for nothing, that is made good soon. */
const FALL_FLOOR = 0.5;
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
/** Of what is sent, what must arrive; less by half of what jitter makes uncertain, and by so much at most. */
const KEPT_UP = 0.95;
const MOST_UNCERTAIN = 0.1;
/** How long what was before a fall is a goal, and how much of it. */
const FORMER_MS = 10_000;
const FORMER_SHARE = 0.85;
/** So near to the best rate a long round is one step all the same: too much would stand before it is seen. */
const NEAR_SHARE = 0.15;
/** Whether the target is used is judged over one to two of these. */
const USE_MS = 500;

export function createStreamRate({ startBps, minBps, maxBps }: ControllerOptions): StreamRate {
  return {
    minBps,
    maxBps,
    targetBps: startBps,
    limited: false,
    recentBps: 0,
    recentMs: 0,
    recentFromBytes: 0,
    bestBps: 0,
    olderBestBps: 0,
    usedRounds: 0,
    fallen: false,
    fellMs: Number.NEGATIVE_INFINITY,
    fellFromBps: 0,
    draining: false,
    grown: 0,
    formerBps: 0,
    formerMs: Number.NEGATIVE_INFINITY,
    triedBack: false,
    allowedBytes: 0,
    allowedMs: Number.NaN,
    marks: [
      { atMs: Number.NEGATIVE_INFINITY, sentBytes: 0, allowedBytes: 0 },
      { atMs: Number.NEGATIVE_INFINITY, sentBytes: 0, allowedBytes: 0 },
    ],
  };
}

export function clampBps(state: StreamRate, bps: number): number {
  return Math.max(state.minBps, Math.min(state.maxBps, bps));
}

/** A time in which little was asked of the path does not make it worse. */
export function beginRateSpell(state: StreamRate): void {
  if (state.usedRounds === 0) return;
  state.olderBestBps = state.bestBps;
  state.bestBps = 0;
  state.usedRounds = 0;
}

/** No queue stands, or it is no question any more: the next fall is a first one. */
export function forgetFall(state: StreamRate): void {
  state.fallen = false;
  state.draining = false;
}

/** A round is over. `mayGrow`: no queue stood in it. */
export function rateRound(
  state: StreamRate,
  round: {
    readonly sinceMs: number;
    /** Mean of its flights, and all that came in it. */
    readonly deliveryBps: number;
    readonly roundBps: number;
    readonly blocked: boolean;
    readonly mayGrow: boolean;
    readonly jitterMs: number;
    readonly roundTripMs: number;
    readonly sentBytes: number;
  },
  nowMs: number,
): void {
  const share = usedShare(state, round.sentBytes, nowMs);
  const used = round.blocked || share >= USED;
  state.bestBps = Math.max(state.bestBps, round.deliveryBps);
  if (used) state.usedRounds += 1;
  if (!round.mayGrow) return;
  forgetFall(state);
  const roundMs = nowMs - round.sinceMs;
  const kept = KEPT_UP - Math.min(MOST_UNCERTAIN, round.jitterMs / roundMs / 2);
  // What is sent arrives as fast: a queue that begins does not show at once.
  const arrivesBps = Math.max(round.deliveryBps, round.roundBps);
  if (!used || arrivesBps < kept * Math.min(1, share) * state.targetBps) return;
  // Where pictures are rare a round is long, and stands for several.
  grow(state, Math.max(1, Math.floor(roundMs / Math.max(MIN_ROUND_MS, round.roundTripMs))), nowMs);
}

/**
 * A queue stands. False when the target fell already and that is no shorter: whose it is must be known before it falls again.
 * `wasQueue`: it is ours.
 */
export function fall(
  state: StreamRate,
  part: { readonly sentMs: number; readonly limited: boolean },
  deliveryBps: number,
  wasQueue: boolean,
  nowMs: number,
): boolean {
  const { targetBps, fallen } = state;
  const wantedBps = clampBps(state, FALL * deliveryBps);
  const later = part.sentMs >= state.fellMs + DRAIN_MS;
  const again = wantedBps < REAL_FALL * targetBps || nowMs - state.fellMs > STANDS_MS;
  if (fallen && later && again && !wasQueue) return false;
  let floorBps = 0;
  if (!fallen) floorBps = Math.max(FALL_FLOOR * targetBps, part.limited ? LIMITED_FLOOR * bestBps(state) : 0);
  else if (!wasQueue) floorBps = FALL_FLOOR * state.fellFromBps;
  const next = Math.max(wantedBps, floorBps);
  // While an old queue runs off the target only follows a path that became still narrower.
  if (next >= targetBps || (part.limited && fallen && !later)) return true;
  if (!fallen || wasQueue) state.fellFromBps = targetBps;
  if (!fallen || later) state.fellMs = nowMs;
  if (!state.draining) rememberFormer(state, nowMs);
  state.fallen = true;
  state.limited = true;
  state.grown = 0;
  state.draining = true;
  state.targetBps = next;
  return true;
}

/** What it fell for was no queue. */
export function undoFall(state: StreamRate): void {
  const beforeBps = Math.min(state.fellFromBps, bestBps(state));
  state.targetBps = clampBps(state, Math.max(state.targetBps, beforeBps));
  forgetFall(state);
}

export function countRecent(state: StreamRate, ackedBytes: number, jitterMs: number, nowMs: number): void {
  if (nowMs - state.recentMs < Math.max(RECENT_MS, leastRoundMs(jitterMs))) return;
  state.recentBps = ((ackedBytes - state.recentFromBytes) * 8000) / (nowMs - state.recentMs);
  beginRecent(state, ackedBytes, nowMs);
}

export function beginRecent(state: StreamRate, ackedBytes: number, nowMs: number): void {
  state.recentMs = nowMs;
  state.recentFromBytes = ackedBytes;
}

/** What came lately is no measure of what comes now. */
export function forgetRecent(state: StreamRate, ackedBytes: number, nowMs: number): void {
  state.recentBps = 0;
  beginRecent(state, ackedBytes, nowMs);
}

export function countAllowed(state: StreamRate, sentBytes: number, nowMs: number): void {
  if (state.allowedMs < nowMs) state.allowedBytes += (state.targetBps * (nowMs - state.allowedMs)) / 8000;
  state.allowedMs = nowMs;
  const [older, newer] = state.marks;
  if (nowMs - newer.atMs < USE_MS) return;
  state.marks = [newer, older];
  older.atMs = nowMs;
  older.sentBytes = sentBytes;
  older.allowedBytes = state.allowedBytes;
}

/** Of what the target allowed lately, what was sent. */
function usedShare(state: StreamRate, sentBytes: number, nowMs: number): number {
  countAllowed(state, sentBytes, nowMs);
  const [mark] = state.marks;
  const leastBytes = (state.targetBps / 8000) * (USE_MS / 2);
  return (sentBytes - mark.sentBytes) / Math.max(leastBytes, state.allowedBytes - mark.allowedBytes);
}

function bestBps(state: StreamRate): number {
  return Math.max(state.bestBps, state.olderBestBps);
}

function rememberFormer(state: StreamRate, nowMs: number): void {
  const formerBps = Math.min(state.targetBps, bestBps(state));
  // What was tried again and made a queue is no goal any more.
  if (state.triedBack || formerBps >= state.formerBps || nowMs - state.formerMs >= FORMER_MS) {
    state.formerBps = formerBps;
    state.formerMs = nowMs;
  }
  state.triedBack = false;
}

function grow(state: StreamRate, rounds: number, nowMs: number): void {
  const back = nowMs - state.formerMs < FORMER_MS && state.targetBps < FORMER_SHARE * state.formerBps;
  const near = Math.abs(state.targetBps / bestBps(state) - 1) < NEAR_SHARE;
  const step = Math.min(GROW_MOST, GROW + GROW_MORE * state.grown);
  state.grown += 1;
  const factor = state.limited ? Math.min(GROW_BACK, near ? step : step ** rounds) : GROW_START;
  const backBps = back ? Math.min(GROW_BACK * state.targetBps, FORMER_SHARE * state.formerBps) : 0;
  state.triedBack ||= back;
  state.targetBps = clampBps(state, Math.max(backBps, state.targetBps * factor));
}
