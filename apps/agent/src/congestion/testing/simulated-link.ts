// A link in virtual time: one queue in front of a capacity, a delay, loss; beyond it a viewer that reports by transport-wide
// feedback, on a clock of its own. In front of it a source of frames that obeys controller and pacer as `transport/sender.ts`
// does. Used by the plans (`*.plan.test.ts`): no timer, no randomness but a seeded one.

import { createController, stepController, type ControllerState } from "../controller.ts";
import { createPacer, pacerSent, pacerWaitMs, type Pacer } from "../pacer.ts";
import type { ControllerOptions, ControllerOutput, PacketResult } from "../types.ts";

export interface LinkState {
  capacityBps: number;
  delayMs: number;
  /** Longest the queue may get; what does not fit is lost. */
  queueLimitMs: number;
  /** Random loss, 0–1. */
  loss: number;
  /** Other traffic: the delay climbs for half a second, by a random part of this, falls back and climbs again. */
  wanderMs: number;
  /** What the source makes: a share of the target in full motion, or this many bit/s at most. */
  sourceLimitBps: number;
  /** Feedback: the share that is lost, and how much later than usual it comes. */
  feedbackLoss: number;
  feedbackDelayMs: number;
}

export interface Sample {
  readonly atMs: number;
  readonly targetBps: number;
  readonly deliveredBps: number;
  /** Standing queue of the link, ms, least within the interval. */
  readonly standingQueueMs: number;
  readonly maxQueueMs: number;
}

const STEP_MS = 1;
const FRAME_MS = 1000 / 60;
const FEEDBACK_EVERY_MS = 50;
const PACKET_BYTES = 1200;
const SAMPLE_MS = 100;
const VIEWER_CLOCK_OFFSET_MS = 1_234_567;

interface Packet {
  readonly sequence: number;
  readonly sentMs: number;
  readonly sizeBytes: number;
}

export class SimulatedLink {
  readonly link: LinkState;
  readonly samples: Sample[] = [];
  readonly #controller: ControllerState;
  readonly #pacer: Pacer;
  #output: ControllerOutput;
  #nowMs = 0;
  #nextFrameMs = 0;
  #nextFeedbackMs = FEEDBACK_EVERY_MS;
  #sequence = 0;
  #waitingBytes = 0;
  /** When the link will have sent all that is queued. */
  #busyUntilMs = 0;
  #onTheWay: { readonly packet: Packet; readonly arrivesMs: number; readonly lost: boolean }[] = [];
  #unreported: PacketResult[] = [];
  #feedback: { readonly results: readonly PacketResult[]; readonly arrivesMs: number }[] = [];
  #sampleBytes = 0;
  #leastQueueMs = Number.POSITIVE_INFINITY;
  #mostQueueMs = 0;
  #random = 1;
  #wanderPeakMs = 0;
  #wanderedMs = 0;

  constructor(options: ControllerOptions, link: Partial<LinkState>) {
    this.link = {
      capacityBps: 20e6,
      delayMs: 20,
      queueLimitMs: 300,
      loss: 0,
      wanderMs: 0,
      sourceLimitBps: Number.POSITIVE_INFINITY,
      feedbackLoss: 0,
      feedbackDelayMs: 0,
      ...link,
    };
    this.#controller = createController(options);
    this.#pacer = createPacer({ framesPerSecond: 60 });
    this.#output = stepController(this.#controller, { type: "tick" }, 0);
    stepController(this.#controller, { type: "round-trip", roundTripMs: 2 * this.link.delayMs }, 0);
  }

  get output(): ControllerOutput {
    return this.#output;
  }

  /** A frame of this size on top of what the source makes: a keyframe, a burst of text. Returns ms until it has left. */
  burst(bytes: number): number {
    const beganMs = this.#nowMs;
    this.#waitingBytes += bytes;
    while (this.#waitingBytes > 0) this.#step();
    return this.#nowMs - beganMs;
  }

  run(durationMs: number): readonly Sample[] {
    const from = this.samples.length;
    const untilMs = this.#nowMs + durationMs;
    while (this.#nowMs < untilMs) this.#step();
    return this.samples.slice(from);
  }

  #step(): void {
    this.#nowMs += STEP_MS;
    const half = (this.#nowMs % 500) / 500;
    if (half === 0) this.#wanderPeakMs = this.link.wanderMs * this.#draw();
    this.#wanderedMs = this.#wanderPeakMs * half;
    if (this.#nowMs >= this.#nextFrameMs) {
      this.#nextFrameMs += FRAME_MS;
      const bps = Math.min(this.#output.targetBps, this.link.sourceLimitBps);
      this.#waitingBytes += (bps / 8000) * FRAME_MS * (0.8 + 0.4 * this.#draw());
    }
    while (this.#waitingBytes >= 1 && pacerWaitMs(this.#pacer, this.#output.paceBps, this.#nowMs) === 0) this.#send();
    if (this.#waitingBytes < 1) this.#waitingBytes = 0;
    this.#deliver();
    this.#report();
    if (this.#nowMs % 100 === 0) this.#output = stepController(this.#controller, { type: "tick" }, this.#nowMs);
    this.#sample();
  }

  #send(): void {
    const sizeBytes = Math.min(PACKET_BYTES, Math.max(100, Math.ceil(this.#waitingBytes)));
    this.#waitingBytes -= sizeBytes;
    const packet = { sequence: this.#sequence, sentMs: this.#nowMs, sizeBytes };
    this.#sequence += 1;
    pacerSent(this.#pacer, sizeBytes);
    this.#output = stepController(this.#controller, { type: "sent", sizeBytes }, this.#nowMs);
    const queueMs = Math.max(0, this.#busyUntilMs - this.#nowMs);
    const lost = queueMs > this.link.queueLimitMs || this.#draw() < this.link.loss;
    if (!lost) {
      this.#busyUntilMs = this.#nowMs + queueMs + (sizeBytes * 8000) / this.link.capacityBps;
    }
    const leavesMs = lost ? this.#nowMs + queueMs : this.#busyUntilMs;
    this.#onTheWay.push({ packet, arrivesMs: leavesMs + this.link.delayMs + this.#wanderedMs, lost });
  }

  #deliver(): void {
    const arrived = this.#onTheWay.filter(({ arrivesMs }) => arrivesMs <= this.#nowMs);
    if (arrived.length === 0) return;
    this.#onTheWay = this.#onTheWay.filter(({ arrivesMs }) => arrivesMs > this.#nowMs);
    for (const { packet, arrivesMs, lost } of arrived) {
      if (!lost) this.#sampleBytes += packet.sizeBytes;
      this.#unreported.push({ ...packet, arrivedMs: lost ? Number.NaN : arrivesMs + VIEWER_CLOCK_OFFSET_MS });
    }
  }

  #report(): void {
    if (this.#nowMs >= this.#nextFeedbackMs) {
      this.#nextFeedbackMs += FEEDBACK_EVERY_MS;
      const results = this.#unreported.sort((a, b) => a.sequence - b.sequence);
      this.#unreported = [];
      const arrivesMs = this.#nowMs + this.link.delayMs + this.link.feedbackDelayMs;
      if (results.length > 0 && this.#draw() >= this.link.feedbackLoss) {
        this.#feedback.push({ results, arrivesMs });
      }
    }
    while ((this.#feedback[0]?.arrivesMs ?? Number.POSITIVE_INFINITY) <= this.#nowMs) {
      const { results } = this.#feedback.shift() ?? { results: [] };
      this.#output = stepController(this.#controller, { type: "feedback", results }, this.#nowMs);
    }
  }

  #sample(): void {
    const queueMs = Math.max(0, this.#busyUntilMs - this.#nowMs);
    this.#leastQueueMs = Math.min(this.#leastQueueMs, queueMs);
    this.#mostQueueMs = Math.max(this.#mostQueueMs, queueMs);
    if (this.#nowMs % SAMPLE_MS !== 0) return;
    this.samples.push({
      atMs: this.#nowMs,
      targetBps: this.#output.targetBps,
      deliveredBps: (this.#sampleBytes * 8000) / SAMPLE_MS,
      standingQueueMs: this.#leastQueueMs,
      maxQueueMs: this.#mostQueueMs,
    });
    this.#sampleBytes = 0;
    this.#leastQueueMs = Number.POSITIVE_INFINITY;
    this.#mostQueueMs = 0;
  }

  /** 0–1, the same in every run (xorshift). */
  #draw(): number {
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    return (this.#random >>> 0) / 2 ** 32;
  }
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
