// Does a queue stand on the way? Told by what came back in a round: the shortest delay in it, since a queue of ours makes every
// picture late and jitter or a busy machine only some. The more delays differ by themselves, the longer it takes to say so.
// Pure; fed by `window.ts`, what it finds goes to `stream-rate.ts`.

/** Queue that a picture may find, over the shortest round trip. */
export const QUEUE_MS = 50;
/** One that stood for a whole round: the target falls; below the lower one it may grow. */
const STANDING_MS = 12;
const CLEAR_MS = 5;
/** Both are more where delays differ by themselves: as much as they do, and this share of a long way; so much at most. */
const CLEAR_SHARE = 0.25;
const MOST_CLEAR_MS = 20;
/** A round is no shorter, nor than so many times the jitter, so that some in it are not late by themselves; so long is enough. */
export const MIN_ROUND_MS = 50;
const JITTERS = 12;
const ENOUGH_MS = 200;
/** Behind is what was late for so many times the jitter, where there is any to speak of. */
const BEHIND_JITTERS = 4;
const LEAST_JITTER_MS = 3;
/** A burst over a fast path tells little of what it carries for longer: so much of the target at most is believed. */
export const BURST = 2;

export interface Round {
  sinceMs: number;
  fromBytes: number;
  /** The shortest in it. */
  queueMs: number;
  deliveryBps: number;
  samples: number;
  /** Only parts so far that left room: one that filled the window tells more than all of them. */
  limited: boolean;
  /** Pictures had to wait. */
  blocked: boolean;
  /** Since when every answer was later than QUEUE_MS; NaN: the last one was not. */
  behindMs: number;
}

export function createRound(): Round {
  return {
    sinceMs: Number.NEGATIVE_INFINITY,
    fromBytes: 0,
    queueMs: Number.POSITIVE_INFINITY,
    deliveryBps: 0,
    samples: 0,
    limited: true,
    blocked: false,
    behindMs: Number.NaN,
  };
}

/** The round ends with the first part that leaves from now on. */
export function beginRound(round: Round, ackedBytes: number, nowMs: number): void {
  const { behindMs } = round;
  Object.assign(round, createRound(), { sinceMs: nowMs, fromBytes: ackedBytes, behindMs });
}

/** A part came back: the queue it met, and the rate of its flight. */
export function addToRound(round: Round, queueMs: number, deliveryBps: number, limited: boolean, nowMs: number): void {
  round.queueMs = Math.min(round.queueMs, queueMs);
  if (round.limited && !limited) {
    round.limited = false;
    round.deliveryBps = 0;
    round.samples = 0;
  }
  if (limited === round.limited) {
    round.deliveryBps += deliveryBps;
    round.samples += 1;
  }
  if (queueMs <= QUEUE_MS) round.behindMs = Number.NaN;
  else if (Number.isNaN(round.behindMs)) round.behindMs = nowMs;
}

/** There is jitter to speak of. */
export function isJittery(jitterMs: number): boolean {
  return jitterMs >= LEAST_JITTER_MS;
}

/** What is behind already can't wait for the round to end. */
export function isBehind(round: Round, jitterMs: number, nowMs: number): boolean {
  return nowMs - round.behindMs >= (isJittery(jitterMs) ? BEHIND_JITTERS * jitterMs : 0);
}

/** The shortest round of which something may be said. */
export function leastRoundMs(jitterMs: number): number {
  return Math.max(MIN_ROUND_MS, Math.min(ENOUGH_MS, JITTERS * jitterMs));
}

/** The part that left with so many bytes delivered is the last of the round. */
export function roundEnds(round: Round, deliveredBytes: number, jitterMs: number, nowMs: number): boolean {
  return deliveredBytes >= round.fromBytes && nowMs - round.sinceMs >= leastRoundMs(jitterMs);
}

/** What may stand in a round for the target to grow. */
export function clearMs(roundTripMs: number, jitterMs: number): number {
  return Math.max(CLEAR_MS, Math.min(MOST_CLEAR_MS, Math.max(CLEAR_SHARE * roundTripMs, jitterMs)));
}

/** What stands if there is more of it in a whole round. */
export function standingMs(roundTripMs: number, jitterMs: number): number {
  return clearMs(roundTripMs, jitterMs) + STANDING_MS - CLEAR_MS;
}
