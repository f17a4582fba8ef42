// Which way input goes, and that nothing is lost or doubled when it changes. PURE but for its state. The adapter is
// `routed-input.ts`; what the agent does with it is told in the protocol's `input.ts` (`resume`) and `feedback.ts` (`inputAck`).
// Every message of the input channel is numbered by its place and kept until the agent has acknowledged it; a path that is
// taken up begins with `resume` and what is not acknowledged.

import { inputCodec } from "@eglantine/protocol/input";

export type InputPath = "webrtc" | "socket";
type Bytes = Uint8Array<ArrayBuffer>;

/** Messages to put on a path's input channel now, in this order. */
export interface Outgoing {
  readonly path: InputPath;
  readonly messages: readonly Bytes[];
}

/** Without an answer for this long over WebRTC, input goes on over the socket, ms: a key that waits longer is felt. */
const ANSWER_MS = 300;
/** On long links: this many round trips, and no more than the second bound, ms. */
const ANSWER_ROUND_TRIPS = 3;
const ANSWER_MOST_MS = 1000;
/** How long WebRTC is left alone after that, ms: the first time, and at most. */
const FIRST_DISTRUST_MS = 2000;
const LONGEST_DISTRUST_MS = 30_000;
/** More than this is kept for no agent: 8000 a second may be sent, and each is answered within a round trip. */
export const KEPT_MAX = 50_000;

const NOTHING: Outgoing | undefined = undefined;

export class InputRoute {
  /** The agent takes input on the socket: only then can a path be changed. */
  #changeable = false;
  readonly #open = { webrtc: false, socket: false };
  #wanted: InputPath = "webrtc";
  #path: InputPath | undefined;
  /** Messages that the agent has acknowledged, and those after them. */
  #acknowledged = 0;
  #kept: { readonly message: Bytes; readonly sentMs: number }[] = [];
  #roundTripMs = 0;
  #distrustMs = FIRST_DISTRUST_MS;
  #distrustedUntilMs = Number.NEGATIVE_INFINITY;

  /** Where input goes now; undefined: nowhere. */
  get path(): InputPath | undefined {
    return this.#path;
  }

  /** The agent takes input on the socket from now on. */
  openSocket(nowMs: number): Outgoing | undefined {
    this.#changeable = true;
    this.#open.socket = true;
    return this.#choose(nowMs);
  }

  setWebRtcOpen(open: boolean, nowMs: number): Outgoing | undefined {
    this.#open.webrtc = open;
    return this.#choose(nowMs);
  }

  /** The picture takes this path: input moves along. */
  want(path: InputPath, nowMs: number): Outgoing | undefined {
    this.#wanted = path;
    this.#distrustedUntilMs = Number.NEGATIVE_INFINITY;
    return this.#choose(nowMs);
  }

  /** The agent answers nothing: it can't go on without forgetting what the agent may not have, so it is to end. */
  get overfull(): boolean {
    return this.#kept.length > KEPT_MAX;
  }

  /** A message of the input channel. Not `motion`, which is not kept: it goes where `path` says. */
  send(message: Bytes, nowMs: number): Outgoing | undefined {
    const before = this.#path;
    const moved = this.#choose(nowMs);
    if (this.#changeable) this.#kept.push({ message, sentMs: nowMs });
    // `moved` was made before this message was kept.
    if (this.#path === undefined) return NOTHING;
    return this.#path === before || moved === undefined
      ? { path: this.#path, messages: [message] }
      : { path: this.#path, messages: [...moved.messages, message] };
  }

  /** The agent has taken this many. What it can't have had is not counted. */
  acknowledge(count: number, nowMs: number): void {
    const taken = count - this.#acknowledged;
    if (taken <= 0 || taken > this.#kept.length) return;
    const last = this.#kept[taken - 1];
    if (last !== undefined) this.#roundTripMs = nowMs - last.sentMs;
    if (this.#path === "webrtc") this.#distrustMs = FIRST_DISTRUST_MS;
    this.#forget(taken);
  }

  /** When `expire` is to be asked, or undefined while nothing is waited for. */
  get deadlineMs(): number | undefined {
    if (!this.#changeable) return undefined;
    if (this.#path === "webrtc") {
      const oldest = this.#kept[0];
      return oldest === undefined ? undefined : oldest.sentMs + this.#patienceMs;
    }
    const returns = this.#wanted === "webrtc" && this.#open.webrtc && this.#distrustedUntilMs > 0;
    return returns ? this.#distrustedUntilMs : undefined;
  }

  /** The deadline has passed. `unanswered`: WebRTC has not answered since then, and input went over to the socket. */
  expire(nowMs: number): { readonly outgoing: Outgoing | undefined; readonly unansweredSinceMs?: number } {
    const oldest = this.#kept[0];
    if (this.#path !== "webrtc" || oldest === undefined || oldest.sentMs + this.#patienceMs > nowMs) {
      return { outgoing: this.#choose(nowMs) };
    }
    this.#distrustedUntilMs = nowMs + this.#distrustMs;
    this.#distrustMs = Math.min(LONGEST_DISTRUST_MS, this.#distrustMs * 2);
    return { outgoing: this.#choose(nowMs), unansweredSinceMs: oldest.sentMs };
  }

  get #patienceMs(): number {
    return Math.min(ANSWER_MOST_MS, Math.max(ANSWER_MS, ANSWER_ROUND_TRIPS * this.#roundTripMs));
  }

  /** Takes the best path; where that is another one, says what begins it. */
  #choose(nowMs: number): Outgoing | undefined {
    const trusted = this.#open.webrtc && (!this.#open.socket || nowMs >= this.#distrustedUntilMs);
    const path =
      this.#wanted === "webrtc" && trusted
        ? "webrtc"
        : this.#open.socket
          ? "socket"
          : this.#open.webrtc
            ? "webrtc"
            : undefined;
    if (path === this.#path) return NOTHING;
    this.#path = path;
    if (path === undefined || !this.#changeable) return NOTHING;
    // From now on these wait for this path's answers.
    this.#kept = this.#kept.map(({ message }) => ({ message, sentMs: nowMs }));
    const resume = inputCodec.encode({ type: "resume", count: this.#acknowledged });
    return { path, messages: [resume, ...this.#kept.map(({ message }) => message)] };
  }

  #forget(count: number): void {
    this.#kept.splice(0, count);
    this.#acknowledged += count;
  }
}
