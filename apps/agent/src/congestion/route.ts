// Has the way itself become longer? A changed route lifts even the luckiest packets as a queue does, and whoever waits for that to go
// starves the picture. So a delay that rose in one step and stays is put to the test: for a moment less is sent, by as much as would
// drain a queue of ours; if it stays all the same, it is the way. A download's queue does not rise in one step, and what we leave
// it takes. Asked by `path.ts`; what it finds, `queue-delay.ts` does.

import type { QueueDelay } from "./queue-delay.ts";

/** Shorter than this is no matter. */
const STANDS_MS = 5;
/** The same: within this, this share of it, or the way's jitter. */
const SAME_MS = 4;
const SAME_SHARE = 0.25;
/** So long before the test begins. */
const BEFORE_TEST_MS = 300;
/** Meanwhile this share of what arrives is sent, until a queue would be shorter by its length, or by so much. */
const TEST_SHARE = 0.75;
const ENOUGH_MS = 60;
const LONGEST_TEST_MS = 2000;
/** Less than this share arrives of what is sent, or more than that share is lost: the path is full. */
const ARRIVES_SHARE = 0.9;
const LOST_SHARE = 0.05;
/** Feedback of what was sent last comes this much after a round trip. */
const FEEDBACK_MS = 50;
/** The step is at least this share of the delay, and no older than that when it began to stay the same. */
const STEP_SHARE = 0.6;
const STEP_AGE_MS = 3000;
/** So long after a step the rate waits for the verdict, while the delay is between this share of the step and this much above it. */
const DOUBT_MS = 1500;
const DOUBT_SHARE = 0.4;
const DOUBT_OVER_MS = 10;

export interface Route {
  sinceMs: number | undefined;
  levelMs: number;
  /** The rate that the test is held against; `undefined`: there is none. */
  testBps: number | undefined;
  /** By how much a queue of ours would be shorter now, and since when that is enough. */
  drainedMs: number;
  enoughMs: number | undefined;
}

export interface RouteInput {
  readonly ackedBps: number | undefined;
  readonly sentBps: number | undefined;
  /** What the path carried, where the application sends too little to tell; else `undefined`. */
  readonly idleBps: number | undefined;
  readonly lossFraction: number;
  readonly roundTripMs: number;
  readonly elapsedMs: number;
}

export function createRoute(): Route {
  return { sinceMs: undefined, levelMs: 0, testBps: undefined, drainedMs: 0, enoughMs: undefined };
}

export function forgetRoute(state: Route): void {
  state.sinceMs = undefined;
  state.testBps = undefined;
  state.enoughMs = undefined;
}

/** The most that may be sent now, bit/s. */
export function routeLimitBps({ testBps, enoughMs }: Route): number {
  return testBps === undefined || enoughMs !== undefined ? Number.POSITIVE_INFINITY : TEST_SHARE * testBps;
}

/** The delay rose in one step a moment ago, and not further since. */
export function mayBeRoute({ freshLuckiestMs, jitter }: QueueDelay, nowMs: number): boolean {
  const { stepMs, stepAtMs } = jitter;
  return (
    nowMs - stepAtMs < DOUBT_MS && freshLuckiestMs > DOUBT_SHARE * stepMs && freshLuckiestMs < stepMs + DOUBT_OVER_MS
  );
}

/** True when the way has become longer by what looked like a queue. */
export function updateRoute(state: Route, queue: QueueDelay, input: RouteInput, nowMs: number): boolean {
  const { luckiestMs, jitter } = queue;
  const { ackedBps, sentBps } = input;
  const full = input.lossFraction > LOST_SHARE;
  if (luckiestMs - jitter.jitterMs < STANDS_MS || ackedBps === undefined || sentBps === undefined || full) {
    forgetRoute(state);
    return false;
  }
  const sameMs = Math.max(SAME_MS, jitter.jitterMs, SAME_SHARE * state.levelMs);
  if (state.sinceMs === undefined || Math.abs(luckiestMs - state.levelMs) > sameMs) {
    forgetRoute(state);
    state.sinceMs = nowMs;
    state.levelMs = luckiestMs;
  }
  if (nowMs - state.sinceMs < BEFORE_TEST_MS) return false;
  if (state.sinceMs - jitter.stepAtMs > STEP_AGE_MS || jitter.stepMs < STEP_SHARE * state.levelMs) return false;
  if (state.testBps === undefined) {
    if (ackedBps < ARRIVES_SHARE * sentBps) return false;
    state.testBps = Math.max(ackedBps, input.idleBps ?? 0);
    state.drainedMs = 0;
    return false;
  }
  state.drainedMs += input.elapsedMs * Math.max(0, 1 - sentBps / state.testBps);
  if (state.enoughMs === undefined) {
    if (state.drainedMs >= Math.min(ENOUGH_MS, state.levelMs)) state.enoughMs = nowMs;
    else if (nowMs - state.sinceMs > LONGEST_TEST_MS) forgetRoute(state);
    return false;
  }
  if (nowMs - state.enoughMs < input.roundTripMs + FEEDBACK_MS) return false;
  forgetRoute(state);
  return true;
}
