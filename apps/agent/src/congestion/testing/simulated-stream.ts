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
  /** Each segment comes up to so much later, at random, and none overtakes another: they come in clumps. */
  jitterMs: number;
  /** Share of the segments that is lost: TCP repairs it, and what is behind waits. */
  lostShare: number;
  /** The kernel holds back by a congestion window (CUBIC, as Reno on so short a way); else it sends as fast as the path takes it. */
  cubic: boolean;
  /** Machines with more to do than they can: agent and viewer each stand still for times of this mean, half as often as they run. */
  busyMs: number;
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
const SEGMENT_BYTES = 1448;
/** No standstill of a busy machine is longer, in means. */
const MOST_BUSY = 6;
/** A segment that is the last of all is seen to be lost by a timer (RFC 8985, section 7.2), here at 250 Hz; a second time only by another. */
const TAIL_LOSS_MS = 10;
const TIMEOUT_MS = 200;
/** CUBIC where its window is small (RFC 9438, section 4.3): segments a round trip, and what stays after a loss. */
const CUBIC_GROWTH = 0.53;
const CUBIC_BETA = 0.7;

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
  #arrivesMs = 0;
  #congestionWindow = 10;
  #reducedMs = 0;
  readonly #busy = { agent: { untilMs: 0, nextMs: 0 }, viewer: { untilMs: 0, nextMs: 0 } };
  #random: number;

  constructor(options: RateLimits, stream: Partial<StreamState>, seed = 1) {
    this.#random = seed;
    this.window = createWindow(options);
    this.stream = {
      capacityBps: 20e6,
      delayMs: 10,
      sourceLimitBps: Number.POSITIVE_INFINITY,
      leastPictureBytes: 0,
      stalledUntilMs: 0,
      agentStalledUntilMs: 0,
      ackLateMs: [0, 0],
      jitterMs: 0,
      lostShare: 0,
      cubic: false,
      busyMs: 0,
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
    const awake = this.nowMs >= this.stream.agentStalledUntilMs && !this.#standsStill(this.#busy.agent);
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
    for (let left = bytes; left > 0; left -= SEGMENT_BYTES) {
      this.#carry(Math.min(left, SEGMENT_BYTES), left <= SEGMENT_BYTES);
    }
    this.#onTheWay.push({ sentMs: this.nowMs, bytes, arrivesMs: this.#arrivesMs });
  }

  /** One segment, behind those before it. */
  #carry(bytes: number, last: boolean): void {
    const { capacityBps, delayMs, jitterMs, lostShare, cubic } = this.stream;
    const roundTripMs = Math.max(1, 2 * delayMs);
    const heldBps = cubic ? (this.#congestionWindow * SEGMENT_BYTES * 8000) / roundTripMs : Number.POSITIVE_INFINITY;
    this.#busyUntilMs = Math.max(this.#busyUntilMs, this.nowMs) + (bytes * 8000) / Math.min(capacityBps, heldBps);
    this.#congestionWindow += CUBIC_GROWTH / this.#congestionWindow;
    let arrivesMs = this.#busyUntilMs + delayMs + (jitterMs === 0 ? 0 : jitterMs * this.#draw());
    if (lostShare > 0 && this.#draw() < lostShare) {
      const again = this.#draw() < lostShare;
      arrivesMs += again ? TIMEOUT_MS : roundTripMs + (last ? TAIL_LOSS_MS : 0);
      if (this.#busyUntilMs >= this.#reducedMs + roundTripMs) {
        this.#congestionWindow = Math.max(2, CUBIC_BETA * this.#congestionWindow);
        this.#reducedMs = this.#busyUntilMs;
      }
    }
    this.#arrivesMs = Math.max(arrivesMs, this.#arrivesMs);
  }

  /** Random times of standing still; what was to be done comes after each. */
  #standsStill(busy: { untilMs: number; nextMs: number }): boolean {
    const { busyMs } = this.stream;
    if (busyMs === 0) return false;
    if (this.nowMs >= busy.nextMs) {
      const exponential = () => -Math.log(1 - this.#draw()) * busyMs;
      busy.untilMs = this.nowMs + Math.min(MOST_BUSY * busyMs, exponential());
      busy.nextMs = busy.untilMs + 2 * exponential();
    }
    return this.nowMs < busy.untilMs;
  }

  #deliver(): void {
    if (this.#standsStill(this.#busy.viewer)) return;
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
