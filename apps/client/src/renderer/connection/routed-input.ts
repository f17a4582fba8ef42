// Input on its way out, over whichever path `input-route.ts` has chosen: the data channels or the control WebSocket. Written by
// `input/send.ts`, from `attempt.ts`, which tells it of paths and acknowledgements.

import type { InputChannels } from "../input/send.ts";
import { InputRoute, type InputPath, type Outgoing } from "./input-route.ts";

/** The input and motion channels of one path. False: not open. */
export interface InputLine {
  sendInput(message: Uint8Array<ArrayBuffer>): boolean;
  sendMotion(message: Uint8Array<ArrayBuffer>): boolean;
  motionBacklogBytes(): number;
}

export interface RoutedInputParts {
  readonly webrtc: () => InputLine | undefined;
  readonly socket: InputLine;
  /** Input has a way out. Once. */
  readonly onOpen: () => void;
  /** WebRTC has not answered since then (performance.now), and input went over to the socket. */
  readonly onUnanswered: (sinceMs: number) => void;
  /** More is unanswered than can be kept: no path could be taken up again without a gap. Once. */
  readonly onOverfull: () => void;
}

/** A timer this late, ms, was held up with everything else of this page: the answers may stand in the queue behind it. */
const LATE_MS = 50;
/** A socket does not tell when its backlog is gone: asked this often, ms. */
const BACKLOG_MS = 8;

export class RoutedInput implements InputChannels {
  readonly #parts: RoutedInputParts;
  readonly #route = new InputRoute();
  #timer: number | undefined;
  #timerAtMs = 0;
  #drainTimer: number | undefined;
  #drained: () => void = () => {};
  #told = false;
  #closed = false;
  #heldAndText = false;
  #socketOpen = false;

  constructor(parts: RoutedInputParts) {
    this.#parts = parts;
  }

  get path(): InputPath | undefined {
    return this.#route.path;
  }

  openSocket(): void {
    this.#socketOpen = true;
    this.#put(this.#route.openSocket(performance.now()));
  }

  setWebRtcOpen(open: boolean): void {
    this.#put(this.#route.setWebRtcOpen(open, performance.now()));
  }

  want(path: InputPath): void {
    this.#put(this.#route.want(path, performance.now()));
  }

  acknowledge(count: number): void {
    this.#route.acknowledge(count, performance.now());
    this.#watch();
  }

  sendInput(message: Uint8Array<ArrayBuffer>): boolean {
    if (this.#closed) return false;
    this.#put(this.#route.send(message, performance.now()));
    if (this.#route.overfull) {
      this.close();
      this.#parts.onOverfull();
      return false;
    }
    return this.#route.path !== undefined;
  }

  sendMotion(message: Uint8Array<ArrayBuffer>): boolean {
    return this.#line()?.sendMotion(message) ?? false;
  }

  /** By every path, so that the loss of one is no silence. */
  sendBeat(message: Uint8Array<ArrayBuffer>): void {
    if (this.#closed || !this.#heldAndText) return;
    this.#parts.webrtc()?.sendInput(message);
    if (this.#socketOpen) this.#parts.socket.sendInput(message);
  }

  /** The agent knows `held`, `text` and `locks`. */
  allowHeldAndText(): void {
    this.#heldAndText = true;
  }

  get takesText(): boolean {
    return this.#heldAndText;
  }

  motionBacklogBytes(): number {
    const bytes = this.#line()?.motionBacklogBytes() ?? 0;
    if (bytes > 0 && this.#route.path === "socket") this.#awaitDrain();
    return bytes;
  }

  whenMotionDrained(listener: () => void): void {
    this.#drained = listener;
  }

  /** The motion channel of WebRTC has sent everything. */
  webRtcDrained(): void {
    this.#drained();
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#drainTimer);
    this.#timer = undefined;
  }

  #line(): InputLine | undefined {
    return this.#route.path === "webrtc" ? this.#parts.webrtc() : this.#parts.socket;
  }

  #put(outgoing: Outgoing | undefined): void {
    if (this.#closed) return;
    if (outgoing !== undefined) {
      const line = outgoing.path === "webrtc" ? this.#parts.webrtc() : this.#parts.socket;
      for (const message of outgoing.messages) line?.sendInput(message);
    }
    if (!this.#told && this.#route.path !== undefined) {
      this.#told = true;
      this.#parts.onOpen();
    }
    this.#watch();
  }

  /** One timer, only while an answer is waited for or WebRTC is to be tried again. */
  #watch(): void {
    const atMs = this.#closed ? undefined : this.#route.deadlineMs;
    if (atMs === undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    } else if (this.#timer === undefined) {
      // One that runs already fires first, and is set again.
      this.#timerAtMs = atMs;
      this.#timer = window.setTimeout(() => this.#fired(), Math.max(0, atMs - performance.now()));
    }
  }

  #fired(): void {
    this.#timer = undefined;
    const nowMs = performance.now();
    const dueMs = this.#route.deadlineMs;
    if (dueMs === undefined) return;
    if (dueMs > nowMs) {
      this.#watch();
      return;
    }
    if (nowMs - this.#timerAtMs > LATE_MS) {
      this.#timerAtMs = nowMs + LATE_MS;
      this.#timer = window.setTimeout(() => this.#fired(), LATE_MS);
      return;
    }
    const { outgoing, unansweredSinceMs } = this.#route.expire(nowMs);
    this.#put(outgoing);
    if (unansweredSinceMs !== undefined) this.#parts.onUnanswered(unansweredSinceMs);
  }

  #awaitDrain(): void {
    this.#drainTimer ??= window.setTimeout(() => {
      this.#drainTimer = undefined;
      if (this.#closed) return;
      if (this.#route.path === "socket" && this.#parts.socket.motionBacklogBytes() > 0) this.#awaitDrain();
      else this.#drained();
    }, BACKLOG_MS);
  }
}
