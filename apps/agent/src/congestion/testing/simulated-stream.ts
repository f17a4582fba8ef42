// A TCP connection in virtual time, as media over it sees one: everything arrives, in order, behind what was sent before; a lost
// segment holds up all that follows. In front of it an encoder that obeys `window.ts` as `transport/socket.ts` does, beyond it a
// viewer that acknowledges at once. Used by `window.plan.test.ts`.

import { createWindow, inFlightBytes, partsAcked, partSent, type SocketWindow, windowOpen } from "../window.ts";
import type { RateLimits } from "../types.ts";

export interface StreamState {
  capacityBps: number;
  /** One way; the acknowledgement takes as long. */
  delayMs: number;
  /** What the encoder makes: what the target allows, or this many bit/s at most. 0: a still desktop. */
  sourceLimitBps: number;
  /** No picture is smaller: there is more in it than the target has room for, and the frame rate gives way. */
  leastPictureBytes: number;
  /** A retransmission is under way: nothing arrives before this moment. */
  stalledUntilMs: number;
  /** The agent's process stands still: it neither sends nor reads what was acknowledged before this moment. */
  agentStalledUntilMs: number;
  /** A busy machine: each acknowledgement is late by something between these, and none overtakes another. */
  ackLateMs: readonly [number, number];
  framesPerSecond: number;
  /** The viewer does not acknowledge any more. */
  silent: boolean;
}

export interface Picture {
  readonly sentMs: number;
  readonly bytes: number;
  /** From being handed to the stream to having arrived whole. */
  readonly delayMs: number;
}

const STEP_MS = 1;

export class SimulatedStream {
  readonly stream: StreamState;
  readonly window: SocketWindow;
  readonly arrived: Picture[] = [];
  mostInFlightBytes = 0;
  nowMs = 0;
  #nextFrameMs = 0;
  #busyUntilMs = 0;
  #keyframeBytes = 0;
  #onTheWay: { sentMs: number; bytes: number; arrivesMs: number }[] = [];
  #acks: { received: number; arrivesMs: number }[] = [];
  #received = 0;
  #ackedAtMs = 0;
  #random = 1;

  constructor(options: RateLimits, stream: Partial<StreamState>) {
    this.window = createWindow(options);
    this.stream = {
      capacityBps: 20e6,
      delayMs: 10,
      sourceLimitBps: Number.POSITIVE_INFINITY,
      leastPictureBytes: 0,
      stalledUntilMs: 0,
      agentStalledUntilMs: 0,
      ackLateMs: [0, 0],
      framesPerSecond: 60,
      silent: false,
      ...stream,
    };
  }

  /** The next picture has this size, whatever the target. */
  keyframe(bytes: number): void {
    this.#keyframeBytes = bytes;
  }

  /** The pictures that arrived in this time. */
  run(durationMs: number): Picture[] {
    const from = this.arrived.length;
    const untilMs = this.nowMs + durationMs;
    while (this.nowMs < untilMs) this.#step();
    return this.arrived.slice(from);
  }

  #step(): void {
    this.nowMs += STEP_MS;
    const frameMs = 1000 / this.stream.framesPerSecond;
    const awake = this.nowMs >= this.stream.agentStalledUntilMs;
    if (awake && this.nowMs >= this.#nextFrameMs && windowOpen(this.window, this.nowMs)) {
      this.#nextFrameMs = Math.max(this.#nextFrameMs + frameMs, this.nowMs - frameMs);
      const bps = Math.min(this.window.targetBps, this.stream.sourceLimitBps);
      const ordinary = Math.max(this.stream.leastPictureBytes, (bps / 8000) * frameMs * (0.8 + 0.4 * this.#draw()));
      const bytes = Math.round(this.#keyframeBytes === 0 ? ordinary : this.#keyframeBytes);
      this.#keyframeBytes = 0;
      if (bytes > 0) this.#send(bytes);
    }
    this.#deliver();
    if (awake) this.#acknowledge();
  }

  #send(bytes: number): void {
    partSent(this.window, bytes, true, true, this.nowMs);
    this.mostInFlightBytes = Math.max(this.mostInFlightBytes, inFlightBytes(this.window));
    this.#busyUntilMs = Math.max(this.#busyUntilMs, this.nowMs) + (bytes * 8000) / this.stream.capacityBps;
    this.#onTheWay.push({ sentMs: this.nowMs, bytes, arrivesMs: this.#busyUntilMs + this.stream.delayMs });
  }

  #deliver(): void {
    for (let next = this.#onTheWay[0]; next !== undefined; next = this.#onTheWay[0]) {
      if (next.arrivesMs > this.nowMs || this.nowMs < this.stream.stalledUntilMs) break;
      this.#onTheWay.shift();
      this.#received += next.bytes;
      this.arrived.push({ sentMs: next.sentMs, bytes: next.bytes, delayMs: this.nowMs - next.sentMs });
      if (!this.stream.silent) {
        const [least, most] = this.stream.ackLateMs;
        const lateMs = most === 0 ? 0 : least + (most - least) * this.#draw();
        this.#ackedAtMs = Math.max(this.#ackedAtMs, this.nowMs + this.stream.delayMs + lateMs);
        this.#acks.push({ received: this.#received, arrivesMs: this.#ackedAtMs });
      }
    }
  }

  #acknowledge(): void {
    while ((this.#acks[0]?.arrivesMs ?? Number.POSITIVE_INFINITY) <= this.nowMs) {
      partsAcked(this.window, (this.#acks.shift()?.received ?? 0) >>> 0, 0, this.nowMs);
    }
  }

  /** mulberry32, seeded. */
  #draw(): number {
    this.#random = (this.#random + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#random ^ (this.#random >>> 15), 1 | this.#random);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
