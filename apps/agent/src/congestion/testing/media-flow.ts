// A viewer's stream in virtual time: a source of frames that obeys controller and pacer as `transport/sender.ts` does, with
// retransmission and probe padding, and a viewer that reports by transport-wide feedback on a clock of its own.

import { type ControllerState, createController, stepController } from "../controller.ts";
import { createPacer, type Pacer, pacerSent, pacerWaitMs } from "../pacer.ts";
import type { ControllerOptions, ControllerOutput, PacketResult, RateLimits } from "../types.ts";
import type { Link, VirtualNetwork } from "./virtual-network.ts";

export interface SourceState {
  /** What the source makes: the target in full motion, or this many bit/s at most. */
  limitBps: number;
  framesPerSecond: number;
  /** Feedback: the share that is lost, and how much later than usual it comes. */
  feedbackLoss: number;
  feedbackDelayMs: number;
  /** Nothing runs in the sender: no frame, no packet, no feedback is read. */
  paused: boolean;
  /** The source stands still, the sender works on. */
  still: boolean;
}

export interface Sample {
  readonly atMs: number;
  readonly targetBps: number;
  readonly deliveredBps: number;
  /** Queue of the link, ms, least within the interval and most. */
  readonly standingQueueMs: number;
  readonly maxQueueMs: number;
  /** Longest that a frame took from the source to its last packet at the viewer, less the way itself, ms. */
  readonly frameDelayMs: number;
  readonly fecFraction: number;
}

interface Frame {
  readonly bornMs: number;
  left: number;
}

interface Packet {
  readonly sizeBytes: number;
  /** Undefined for padding, and once it has arrived: a second copy adds nothing. */
  frame: Frame | undefined;
}

interface SentPacket {
  readonly packet: Packet;
  readonly sentMs: number;
  readonly probeId: number | undefined;
}

const FEEDBACK_EVERY_MS = 50;
const FEEDBACK_BYTES = 80;
const PACKET_BYTES = 1200;
/** As `transport/rtx.ts`: what comes too late is not resent, nor more than a share of the rate. */
const RESEND_WITHIN_MS = 300;
const RESEND_SHARE = 0.3;
const SAMPLE_MS = 100;
const VIEWER_CLOCK_OFFSET_MS = 1_234_567;
/** Resolution of transport-wide feedback. */
const ARRIVAL_STEP_MS = 0.25;

export class MediaFlow {
  readonly source: SourceState = {
    limitBps: Number.POSITIVE_INFINITY,
    framesPerSecond: 60,
    feedbackLoss: 0,
    feedbackDelayMs: 0,
    paused: false,
    still: false,
  };
  readonly samples: Sample[] = [];
  /** When frames were complete at the viewer, ms. */
  readonly framesMs: number[] = [];
  readonly controller: ControllerState;
  retransmitted = 0;
  probes = 0;
  readonly #network: VirtualNetwork;
  readonly #forward: Link;
  readonly #backward: Link | undefined;
  readonly #extraDelayMs: number;
  readonly #startMs: number;
  readonly #pacer: Pacer;
  #output: ControllerOutput;
  #nextFrameMs: number;
  #nextFeedbackMs: number;
  #sequence = 0;
  readonly #waiting: Packet[] = [];
  readonly #sent = new Map<number, SentPacket>();
  waitingBytes = 0;
  #probeId = 0;
  #probeLeftBytes = 0;
  #probeDueMs = 0;
  #unreported: PacketResult[] = [];
  /** The next number that no message has spoken of. */
  #unspoken = 0;
  /** Came while the sender was paused. */
  #unread: PacketResult[][] = [];
  #resendBytes = 0;
  #sampleBytes = 0;
  #leastQueueMs = Number.POSITIVE_INFINITY;
  #mostQueueMs = 0;
  #frameDelayMs = 0;

  constructor(
    network: VirtualNetwork,
    options: ControllerOptions,
    path: { forward: Link; backward?: Link; extraDelayMs?: number; startMs?: number; keyframeBytes?: number },
  ) {
    this.#network = network;
    this.#forward = path.forward;
    this.#backward = path.backward;
    this.#extraDelayMs = path.extraDelayMs ?? 0;
    this.#startMs = path.startMs ?? 0;
    this.#nextFrameMs = this.#startMs;
    this.#nextFeedbackMs = this.#startMs + FEEDBACK_EVERY_MS;
    this.controller = createController(options);
    this.#pacer = createPacer({ framesPerSecond: 60 });
    this.#output = { ...stepController(this.controller, { type: "tick" }, this.#startMs) };
    const keyframeBytes = path.keyframeBytes ?? 0;
    if (keyframeBytes > 0) network.at(this.#startMs + 1, () => this.#enqueue(keyframeBytes));
    network.everyMs(() => this.#step());
  }

  get output(): ControllerOutput {
    return this.#output;
  }

  #enqueue(bytes: number): void {
    const frame = { bornMs: this.#network.nowMs, left: 0 };
    for (let left = Math.max(100, Math.ceil(bytes)); left > 0; left -= PACKET_BYTES) {
      frame.left += 1;
      const sizeBytes = Math.max(100, Math.min(PACKET_BYTES, left));
      this.#waiting.push({ sizeBytes, frame });
      this.waitingBytes += sizeBytes;
    }
  }

  limits(limits: RateLimits): void {
    this.#output = stepController(this.controller, { type: "limits", ...limits }, this.#network.nowMs);
  }

  /** A frame of this size on top of what the source makes: a keyframe, a burst of text. */
  burst(bytes: number): void {
    this.#enqueue(bytes);
  }

  #step(): void {
    const { nowMs } = this.#network;
    if (nowMs < this.#startMs) return;
    this.#feedBack(nowMs);
    this.#sample(nowMs);
    if (this.source.paused) return;
    // A program that slept finds its timers due before it reads its sockets.
    if (this.#unread.length > 0) this.#output = stepController(this.controller, { type: "tick" }, nowMs);
    for (const results of this.#unread.splice(0)) this.#read(results);
    if (nowMs >= this.#nextFrameMs) {
      const intervalMs = 1000 / this.source.framesPerSecond;
      this.#nextFrameMs = Math.max(this.#nextFrameMs + intervalMs, nowMs);
      const bps = Math.min(this.#output.targetBps, this.source.limitBps);
      const bytes = (bps / 8000) * intervalMs * (0.8 + 0.4 * this.#network.draw());
      // As the real sender does: a queue of more than a second is not added to.
      if (!this.source.still && this.waitingBytes < this.#output.targetBps / 8) this.#enqueue(bytes);
    }
    this.#drain(nowMs);
    this.#probe(nowMs);
    if (nowMs % 100 === 0) this.#output = stepController(this.controller, { type: "tick" }, nowMs);
  }

  #drain(nowMs: number): void {
    let packet = this.#waiting[0];
    while (packet !== undefined && pacerWaitMs(this.#pacer, this.#output.paceBps, nowMs) === 0) {
      this.#waiting.shift();
      this.waitingBytes -= packet.sizeBytes;
      this.#put(packet, undefined);
      packet = this.#waiting[0];
    }
  }

  #probe(nowMs: number): void {
    const { probe } = this.#output;
    if (probe === undefined) return;
    if (probe.id !== this.#probeId) {
      this.#probeId = probe.id;
      this.#probeLeftBytes = probe.bytes;
      this.#probeDueMs = nowMs;
      this.probes += 1;
    }
    while (this.#probeLeftBytes > 0 && this.#probeDueMs <= nowMs) {
      this.#put({ sizeBytes: PACKET_BYTES, frame: undefined }, probe.id);
      this.#probeLeftBytes -= PACKET_BYTES;
      this.#probeDueMs += (PACKET_BYTES * 8000) / probe.bps;
    }
  }

  #put(packet: Packet, probeId: number | undefined): void {
    const sentMs = this.#network.nowMs;
    const sequence = this.#sequence;
    const { sizeBytes } = packet;
    this.#sequence += 1;
    this.#sent.set(sequence, { packet, sentMs, probeId });
    pacerSent(this.#pacer, sizeBytes);
    this.#output = stepController(
      this.controller,
      { type: "sent", sizeBytes, waitingBytes: this.waitingBytes },
      sentMs,
    );
    this.#forward.send(
      sizeBytes,
      this.#extraDelayMs,
      (atMs) => {
        this.#sampleBytes += sizeBytes;
        const arrivedMs = Math.floor(atMs / ARRIVAL_STEP_MS) * ARRIVAL_STEP_MS + VIEWER_CLOCK_OFFSET_MS;
        this.#unreported.push({ sequence, sentMs, sizeBytes, arrivedMs, probeId });
        const { frame } = packet;
        if (frame === undefined) return;
        packet.frame = undefined;
        frame.left -= 1;
        if (frame.left > 0) return;
        const wayMs = this.#forward.options.delayMs + this.#extraDelayMs;
        this.#frameDelayMs = Math.max(this.#frameDelayMs, atMs - frame.bornMs - wayMs);
        this.framesMs.push(atMs);
      },
      () => undefined,
    );
  }

  /** What is missing below the highest number that arrived is told as lost, and as arrived when it comes late. */
  #withGaps(arrived: readonly PacketResult[]): PacketResult[] {
    const results: PacketResult[] = [];
    for (const result of arrived) {
      for (; this.#unspoken < result.sequence; this.#unspoken += 1) {
        const missing = this.#sent.get(this.#unspoken);
        if (missing === undefined) continue;
        const { packet, sentMs, probeId } = missing;
        const { sizeBytes } = packet;
        results.push({ sequence: this.#unspoken, sentMs, sizeBytes, arrivedMs: Number.NaN, probeId });
      }
      this.#unspoken = Math.max(this.#unspoken, result.sequence + 1);
      results.push(result);
    }
    return results;
  }

  #feedBack(nowMs: number): void {
    if (nowMs < this.#nextFeedbackMs) return;
    this.#nextFeedbackMs = nowMs + FEEDBACK_EVERY_MS;
    const results = this.#withGaps(this.#unreported.sort((a, b) => a.sequence - b.sequence));
    if (results.length === 0) return;
    this.#unreported = [];
    if (this.#network.draw() < this.source.feedbackLoss) return;
    const arrive = () => {
      if (this.source.paused) this.#unread.push(results);
      else this.#read(results);
    };
    const delayMs = this.#extraDelayMs + this.source.feedbackDelayMs;
    if (this.#backward === undefined) {
      this.#network.at(nowMs + this.#forward.options.delayMs + delayMs, arrive);
    } else {
      this.#backward.send(FEEDBACK_BYTES, delayMs, arrive, () => undefined);
    }
  }

  #read(results: readonly PacketResult[]): void {
    const { nowMs } = this.#network;
    const newest = results.at(-1);
    if (newest !== undefined) {
      const wayMs = 2 * (this.#forward.options.delayMs + this.#extraDelayMs) + this.source.feedbackDelayMs;
      stepController(this.controller, { type: "round-trip", roundTripMs: wayMs }, nowMs);
    }
    this.#output = stepController(this.controller, { type: "feedback", results }, nowMs);
    const mostBytes = (this.#output.targetBps / 8000) * RESEND_SHARE * 200;
    this.#resendBytes = Math.min(mostBytes, this.#resendBytes + mostBytes / 4);
    for (const { sequence, arrivedMs } of results) {
      const packet = this.#sent.get(sequence)?.packet;
      this.#sent.delete(sequence);
      if (packet?.frame === undefined || !Number.isNaN(arrivedMs)) continue;
      if (nowMs - packet.frame.bornMs > RESEND_WITHIN_MS || this.#resendBytes < packet.sizeBytes) continue;
      this.#resendBytes -= packet.sizeBytes;
      this.retransmitted += 1;
      this.#put(packet, undefined);
    }
  }

  #sample(nowMs: number): void {
    const { queueMs } = this.#forward;
    this.#leastQueueMs = Math.min(this.#leastQueueMs, queueMs);
    this.#mostQueueMs = Math.max(this.#mostQueueMs, queueMs);
    if (nowMs % SAMPLE_MS !== 0) return;
    this.samples.push({
      atMs: nowMs,
      targetBps: this.#output.targetBps,
      deliveredBps: (this.#sampleBytes * 8000) / SAMPLE_MS,
      standingQueueMs: this.#leastQueueMs,
      maxQueueMs: this.#mostQueueMs,
      frameDelayMs: this.#frameDelayMs,
      fecFraction: this.#output.fecFraction,
    });
    this.#sampleBytes = 0;
    this.#leastQueueMs = Number.POSITIVE_INFINITY;
    this.#mostQueueMs = 0;
    this.#frameDelayMs = 0;
  }
}
