// Whether to try again by itself, and when. PURE. Asked by `connection.ts` after every end of an attempt, and by `peers.ts` after
// every end of a peer.

import { REASONS } from "@eglantine/protocol/reasons";
import type { Failure } from "./failure.ts";

/** The first retry waits about this long; each further one twice as long, up to the cap. */
const FIRST_DELAY_MS = 300;
const LONGEST_DELAY_MS = 8_000;
/** A connection that held this long was a good one: the next drop starts counting anew. */
const STEADY_AFTER_MS = 10_000;

/** A browser breaks off what it is just opening whenever an interface comes or goes, as containers' do. */
const REACH_AGAIN_WITHIN_MS = 1000;
const REACH_AGAIN_MS = 300;

/** Between two peers of one session, which goes on over the socket meanwhile. Another network is tried at once. */
const FIRST_PEER_DELAY_MS = 2000;
const LONGEST_PEER_DELAY_MS = 300_000;

/**
 * A session that had a picture is taken up again for every reason that allows it. One that never had a picture is
 * tried again only when the agent itself said that it will pass; otherwise the user should see what failed.
 */
export function shouldRetry(failure: Failure, everConnected: boolean): boolean {
  return REASONS[failure.reason].retry && (everConnected || failure.byAgent);
}

/**
 * How long to wait before the agent is reached for again where no connection opened, ms; undefined: the user should see that.
 * `triedMs`: since it was first reached for.
 */
export function reachRetryMs({ stage, byAgent }: Failure, triedMs: number): number | undefined {
  return stage === "reach" && !byAgent && triedMs < REACH_AGAIN_WITHIN_MS ? REACH_AGAIN_MS : undefined;
}

/**
 * How long to wait before retry number `retry` (from 1), ms: half of it fixed, half by `random` (0 to 1), so that the
 * viewers of a restarted agent don't all come at once.
 */
export function retryDelayMs(retry: number, random: number): number {
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(retry - 1, 16));
  return Math.round(full / 2 + (full / 2) * random);
}

/** A picture that stood for so long was no accident. */
export function heldLong(connectedMs: number): boolean {
  return connectedMs >= STEADY_AFTER_MS;
}

/** The number of the next retry, after one that connected for `connectedMs` (0: it did not). */
export function nextRetry(retry: number, connectedMs: number): number {
  return heldLong(connectedMs) ? 1 : retry + 1;
}

/** How long to wait for another peer after so many (from 1) that failed, ms. */
export function peerRetryMs(failures: number): number {
  return Math.min(LONGEST_PEER_DELAY_MS, FIRST_PEER_DELAY_MS * 2 ** Math.min(failures - 1, 8));
}
