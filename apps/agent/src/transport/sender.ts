// One viewer's video stream: access units in, RTP and RTCP packets out. Packetizes (`packetize/`), queues and keeps
// (`packet-ring.ts`), paces (`congestion/pacer.ts`), stamps and counts (`feedback.ts`), retransmits (`rtx.ts`), reports
// (`rtcp.ts`) and asks the controller for the rate. Knows no socket: `webrtc.ts` gives it `write` and the RTCP that arrives.

import { randomInt } from "node:crypto";
import { createController, stepController, type ControllerState } from "../congestion/controller.ts";
import { createPacer, type Pacer, pacerSent, pacerWaitMs } from "../congestion/pacer.ts";
import type { ControllerInput, ControllerOutput, RateLimits } from "../congestion/types.ts";
import type { AccessUnit } from "../video/types.ts";
import { SentPackets } from "./feedback.ts";
import { HEADROOM_BYTES, PacketRing, type PacketSlot } from "./packet-ring.ts";
import { packetizeH264 } from "./packetize/h264.ts";
import {
  compactNtp,
  readRtcp,
  type ReportBlock,
  type RtcpEvent,
  SENDER_REPORT_BYTES,
  writeSenderReport,
} from "./rtcp.ts";
import { createRtpLayout, type ExtensionIds, patchSendTime, type RtpLayout } from "./rtp.ts";
import { RetransmissionBudget, selectRetransmissions, writeRtxPacket } from "./rtx.ts";
import { Tail } from "./tail.ts";

export interface SenderOptions {
  readonly payloadType: number;
  readonly rtxPayloadType: number | undefined;
  readonly extensions: ExtensionIds;
  readonly mtuBytes: number;
  readonly startBps: number;
  readonly minBps: number;
  readonly maxBps: number;
  readonly framesPerSecond: number;
  /** The rate is `maxBps` whatever the network does: for measurements. */
  readonly fixed?: boolean;
  /** Puts one packet on the wire; the buffer is only valid during the call. */
  write(packet: Buffer): void;
  onKeyframeNeeded(): void;
  /** Nothing has come back for a while although packets go out. Once in each such silence. */
  onSilence(): void;
  onTargetBps(targetBps: number): void;
}

export interface SenderCounters {
  readonly sentPackets: number;
  readonly sentBytes: number;
  readonly retransmittedPackets: number;
  readonly lostPackets: number;
  readonly roundTripMs: number;
  readonly targetBps: number;
  readonly sendMs: number;
  readonly queueMs: number;
  readonly lossFraction: number;
  readonly fecFraction: number;
}

/** IPv6 and UDP headers, and the largest SRTP tag. */
const NETWORK_BYTES = 48;
const SRTP_TAG_BYTES = 16;
const RING_SLOTS = 2048;
const CLOCK_HZ = 90_000;
const REPORT_EVERY_MS = 1000;
const TICK_MS = 100;
/** More queued than the target carries in this time is stale: it is dropped and begun anew with a keyframe. */
const MAX_QUEUE_MS = 1000;
const MIN_QUEUE_BYTES = 512 * 1024;
const START_ROUND_TRIP_MS = 100;
/** The encoder hears of a rise when it is worth it, of a fall at once. */
const RISE_STEP = 1.02;
const FALL_STEP = 0.995;

export class Sender {
  readonly ssrc = randomInt(1, 2 ** 32);
  readonly rtxSsrc = (this.ssrc ^ randomInt(1, 2 ** 31)) >>> 0;
  readonly #options: SenderOptions;
  readonly #layout: RtpLayout;
  readonly #maxPayloadBytes: number;
  readonly #ring: PacketRing;
  readonly #sentPackets = new SentPackets();
  readonly #tail = new Tail();
  readonly #controller: ControllerState;
  readonly #pacer: Pacer;
  readonly #retransmission = new RetransmissionBudget();
  readonly #report = Buffer.alloc(SENDER_REPORT_BYTES);
  /** Access units whose last packet is still queued: when they came in, and the index of that packet. */
  readonly #pending: { receivedMs: number; endIndex: number }[] = [];
  readonly #sendTimes: { atMs: number; tookMs: number }[] = [];
  readonly #timestampOffset = randomInt(2 ** 32);
  /** Runs while something that was sent may be unconfirmed: a still desktop wakes nobody. */
  #ticker: NodeJS.Timeout | undefined;
  #pacing: NodeJS.Timeout | undefined;
  #output: ControllerOutput;
  #rtxSequence = randomInt(2 ** 15);
  #lastTimestamp: number | undefined;
  #needsKeyframe = true;
  #announcedBps = 0;
  #roundTripMs = START_ROUND_TRIP_MS;
  #reportedMs = Number.NEGATIVE_INFINITY;
  #lastFir = -1;
  #sent = 0;
  #sentBytes = 0;
  #payloadBytes = 0;
  #retransmitted = 0;
  #lost = 0;
  #closed = false;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#layout = createRtpLayout(options.extensions);
    const maxPacketBytes = options.mtuBytes - NETWORK_BYTES - SRTP_TAG_BYTES - HEADROOM_BYTES;
    this.#maxPayloadBytes = maxPacketBytes - this.#layout.headerBytes;
    this.#ring = new PacketRing({
      layout: this.#layout,
      maxPacketBytes,
      slots: RING_SLOTS,
      payloadType: options.payloadType,
      ssrc: this.ssrc,
      firstSequence: 2 ** 16 + randomInt(2 ** 15),
    });
    this.#controller = createController(options);
    this.#pacer = createPacer(options);
    this.#output = stepController(this.#controller, { type: "tick" }, performance.now());
    this.#announceTarget();
  }

  /** Packetizes at once and sends what the pacer lets through; the rest follows by timer. */
  send(unit: AccessUnit): void {
    if (this.#closed || unit.codec !== "h264") return;
    if (this.#needsKeyframe && !(unit.keyframe && unit.first)) return;
    const nowMs = performance.now();
    if (!this.#hasRoom(unit.data.length)) {
      this.#ring.dropQueue();
      this.#pending.length = 0;
      if (!unit.keyframe || !unit.first || !this.#hasRoom(unit.data.length)) {
        this.#needsKeyframe = true;
        this.#options.onKeyframeNeeded();
        return;
      }
    }
    if (unit.keyframe && unit.first) {
      this.#needsKeyframe = false;
      this.#tail.keyframe();
    }
    this.#ring.begin(this.#timestampOf(unit));
    const packets = packetizeH264(unit.data, this.#maxPayloadBytes, this.#ring, unit.last);
    if (packets === 0) return;
    this.#pending.push({ receivedMs: nowMs, endIndex: this.#ring.endIndex });
    this.#drain(nowMs);
  }

  /** Throws ProtocolError for bytes that are no RTCP. */
  onRtcp(bytes: Uint8Array): void {
    if (this.#closed) return;
    const events = readRtcp(bytes);
    const nowMs = performance.now();
    for (const event of events) this.#onEvent(event, nowMs);
  }

  setLimits(limits: RateLimits): void {
    if (this.#closed) return;
    this.#step({ type: "limits", ...limits }, performance.now());
    this.#announceTarget();
  }

  counters(): SenderCounters {
    const sinceMs = performance.now() - 1000;
    const recent = this.#sendTimes.filter((entry) => entry.atMs >= sinceMs).map((entry) => entry.tookMs);
    recent.sort((a, b) => a - b);
    return {
      sentPackets: this.#sent,
      sentBytes: this.#sentBytes,
      retransmittedPackets: this.#retransmitted,
      lostPackets: this.#lost,
      roundTripMs: this.#roundTripMs,
      targetBps: this.#output.targetBps,
      queueMs: this.#output.queueMs,
      lossFraction: this.#output.lossFraction,
      fecFraction: this.#output.fecFraction,
      sendMs: recent[recent.length >> 1] ?? 0,
    };
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#ticker);
    clearTimeout(this.#pacing);
    this.#ring.dropQueue();
  }

  /** The ring must hold what is queued and this unit, and the queue may not be older than a second's worth. */
  #hasRoom(unitBytes: number): boolean {
    const packets = Math.ceil((2 * unitBytes) / this.#maxPayloadBytes) + 8;
    const limitBytes = Math.max(MIN_QUEUE_BYTES, (this.#output.targetBps / 8000) * MAX_QUEUE_MS);
    return this.#ring.queued + packets < RING_SLOTS && this.#ring.queuedBytes < limitBytes;
  }

  /** 90 kHz clock of the moment of capture; two pictures never share a timestamp, the parts of one do. */
  #timestampOf(unit: AccessUnit): number {
    if (!unit.first && this.#lastTimestamp !== undefined) return this.#lastTimestamp;
    let timestamp = this.#toTimestamp(unit.timing.damageUs);
    const last = this.#lastTimestamp;
    if (last !== undefined && ((timestamp - last) | 0) <= 0) timestamp = (last + 1) >>> 0;
    this.#lastTimestamp = timestamp;
    return timestamp;
  }

  #toTimestamp(monotonicUs: number): number {
    return (this.#timestampOffset + (Math.floor((monotonicUs * CLOCK_HZ) / 1e6) % 2 ** 32)) >>> 0;
  }

  #drain(nowMs: number): void {
    let slot = this.#ring.next;
    while (slot !== undefined) {
      const waitMs = pacerWaitMs(this.#pacer, this.#output.paceBps, nowMs);
      if (waitMs > 0) {
        this.#pacing ??= setTimeout(() => {
          this.#pacing = undefined;
          this.#drain(performance.now());
        }, Math.ceil(waitMs));
        break;
      }
      this.#sendFirst(slot, nowMs);
      slot = this.#ring.next;
    }
    while (this.#pending[0] !== undefined && this.#pending[0].endIndex <= this.#ring.sendIndex) {
      const { receivedMs } = this.#pending[0];
      const doneMs = performance.now();
      this.#pending.shift();
      this.#sendTimes.push({ atMs: doneMs, tookMs: doneMs - receivedMs });
      while ((this.#sendTimes[0]?.atMs ?? doneMs) < doneMs - 1000) this.#sendTimes.shift();
    }
  }

  #sendFirst(slot: PacketSlot, nowMs: number): void {
    const { packetBytes } = slot;
    const packet =
      packetBytes === slot.fullPacket.length
        ? slot.fullPacket
        : slot.buffer.subarray(HEADROOM_BYTES, HEADROOM_BYTES + packetBytes);
    this.#ring.sent(slot, nowMs);
    this.#sent += 1;
    this.#payloadBytes += packetBytes - this.#layout.headerBytes;
    this.#put(packet, nowMs);
  }

  /** Stamps, counts and writes one packet of either stream. */
  #put(packet: Buffer, nowMs: number): void {
    const wireBytes = packet.length + NETWORK_BYTES + SRTP_TAG_BYTES;
    patchSendTime(packet, 0, this.#layout, this.#sentPackets.next & 0xffff, nowMs);
    this.#tail.sent(this.#sentPackets.next, nowMs);
    this.#sentPackets.add(wireBytes, nowMs);
    pacerSent(this.#pacer, wireBytes);
    this.#sentBytes += packet.length;
    // Without transport-wide numbers there is no feedback to wait for: the rate stays where it began.
    if (this.#layout.transportSequenceOffset !== 0) {
      this.#step({ type: "sent", sizeBytes: wireBytes }, nowMs);
      this.#ticker ??= setInterval(() => {
        this.#onTick();
      }, TICK_MS);
    }
    this.#options.write(packet);
    if (nowMs - this.#reportedMs >= REPORT_EVERY_MS) this.#sendReport(nowMs);
  }

  #sendReport(nowMs: number): void {
    this.#reportedMs = nowMs;
    writeSenderReport(this.#report, {
      ssrc: this.ssrc,
      unixMs: performance.timeOrigin + nowMs,
      timestamp: this.#toTimestamp(monotonicUs(nowMs)),
      sentPackets: this.#sent,
      sentPayloadBytes: this.#payloadBytes,
    });
    this.#options.write(this.#report);
  }

  #onEvent(event: RtcpEvent, nowMs: number): void {
    switch (event.type) {
      case "transport-feedback": {
        const results = this.#sentPackets.read(event);
        const newest = results.at(-1);
        if (newest !== undefined) this.#roundTripMs = Math.min(this.#roundTripMs, nowMs - newest.sentMs);
        this.#tail.reported(results);
        this.#step({ type: "feedback", results }, nowMs);
        this.#announceTarget();
        break;
      }
      case "nack":
        if (event.ssrc === this.ssrc) this.#onNack(event.sequences, nowMs);
        break;
      case "pli":
        if (event.ssrc === this.ssrc && this.#tail.believes(nowMs)) this.#options.onKeyframeNeeded();
        break;
      case "fir":
        if (event.ssrc !== this.ssrc || event.sequence === this.#lastFir) break;
        this.#lastFir = event.sequence;
        this.#options.onKeyframeNeeded();
        break;
      case "report":
        if (event.ssrc === this.ssrc) this.#onReport(event, nowMs);
        break;
    }
  }

  /** Round trip by RFC 3550 section 6.4.1. */
  #onReport(report: ReportBlock, nowMs: number): void {
    this.#lost = Math.max(0, report.lostPackets);
    if (report.lastReport === 0) return;
    const roundTripMs =
      ((compactNtp(performance.timeOrigin + nowMs) - report.lastReport - report.delaySinceLastReport) | 0) / 65.536;
    if (roundTripMs < 0 || roundTripMs > 60_000) return;
    this.#roundTripMs = Math.max(0.1, roundTripMs);
    this.#step({ type: "round-trip", roundTripMs: this.#roundTripMs }, nowMs);
  }

  #onNack(sequences: readonly number[], nowMs: number): void {
    const { rtxPayloadType } = this.#options;
    if (rtxPayloadType === undefined) return;
    const link = { roundTripMs: this.#roundTripMs, targetBps: this.#output.targetBps };
    for (const slot of selectRetransmissions(this.#ring, sequences, this.#retransmission, link, nowMs)) {
      const stream = { payloadType: rtxPayloadType, ssrc: this.rtxSsrc, sequence: this.#rtxSequence };
      this.#rtxSequence += 1;
      this.#retransmitted += 1;
      this.#put(writeRtxPacket(slot, this.#layout, stream), nowMs);
    }
  }

  /**
   * The end of what was sent may be lost without anybody knowing: see `tail.ts`. Only feedback can tell. The packet goes
   * out in its first form, since libwebrtc looks for no gap in front of an RTX packet; one that has it drops the second.
   */
  #probeTail(nowMs: number): void {
    if (this.#ring.queued > 0) return;
    const probe = this.#tail.probe(this.#roundTripMs, nowMs);
    if (probe === "keyframe") this.#options.onKeyframeNeeded();
    const last = probe === "last-packet" ? this.#ring.last : undefined;
    if (last === undefined) return;
    this.#retransmitted += 1;
    this.#put(this.#ring.again(last), nowMs);
  }

  #onTick(): void {
    const nowMs = performance.now();
    this.#step({ type: "tick" }, nowMs);
    this.#announceTarget();
    if (this.#tail.dies(this.#roundTripMs, nowMs)) this.#options.onSilence();
    this.#probeTail(nowMs);
    if (!this.#tail.settled) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  #step(input: ControllerInput, nowMs: number): void {
    this.#output = stepController(this.#controller, input, nowMs);
  }

  /** What is left for the encoder once every packet's headers are paid. */
  #announceTarget(): void {
    const share = this.#maxPayloadBytes / this.#options.mtuBytes;
    const encoderBps = Math.round(this.#output.targetBps * share);
    const ratio = encoderBps / this.#announcedBps;
    if (ratio > FALL_STEP && ratio < RISE_STEP) return;
    this.#announcedBps = encoderBps;
    this.#options.onTargetBps(encoderBps);
  }
}

/** CLOCK_MONOTONIC, µs, at a moment of `performance.now()`: both count the same clock from different zeros. */
const monotonicOffsetUs = Number(process.hrtime.bigint()) / 1000 - performance.now() * 1000;
function monotonicUs(nowMs: number): number {
  return monotonicOffsetUs + nowMs * 1000;
}
