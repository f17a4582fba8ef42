// One viewer's picture and sound on the wire: access units and Opus packets in, RTP and RTCP packets out. `video-stream.ts` cuts
// pictures into packets, `audio-stream.ts` makes those of sound, `congestion/pacer.ts` says when each of a picture may leave, `outlet.ts`
// puts it on the wire, `resend.ts` sends again, and the controller says what may be spent. Knows no socket: `webrtc.ts` gives it `write`
// and the RTCP that arrives.

import { randomInt } from "node:crypto";
import { createController, stepController, type ControllerState } from "../congestion/controller.ts";
import { createPacer, type Pacer, pacerSent, pacerWaitMs } from "../congestion/pacer.ts";
import type { ControllerInput, ControllerOptions, ControllerOutput, RateLimits } from "../congestion/types.ts";
import type { SoundPacket } from "../audio/types.ts";
import type { AccessUnit } from "../video/types.ts";
import { AudioStream } from "./audio-stream.ts";
import { Liveness } from "./liveness.ts";
import { NETWORK_BYTES, Outlet, type PacketKind, SRTP_TAG_BYTES } from "./outlet.ts";
import { HEADROOM_BYTES, type PacketSlot } from "./packet-ring.ts";
import { Resend } from "./resend.ts";
import { readRtcp, type ReportBlock, type RtcpEvent, type TransportFeedback } from "./rtcp.ts";
import { createRtpLayout, type ExtensionIds, type RtpLayout } from "./rtp.ts";
import type { AudioFormat } from "./sdp-audio.ts";
import type { VideoFormat } from "./sdp-formats.ts";
import { SendTimes } from "./send-times.ts";
import { Tail } from "./tail.ts";
import type { TransportCounters } from "./types.ts";
import { VideoStream } from "./video-stream.ts";

export interface SenderOptions extends ControllerOptions {
  /** What the viewer decodes, at least one. */
  readonly formats: readonly VideoFormat[];
  /** `undefined`: it takes no repair packets. */
  readonly fecPayloadType: number | undefined;
  readonly extensions: ExtensionIds;
  /** `undefined`: it takes no sound on this path. */
  readonly audio?: { readonly formats: readonly AudioFormat[]; readonly extensions: ExtensionIds } | undefined;
  readonly mtuBytes: number;
  readonly framesPerSecond: number;
  /** Repair packets as a share of the media, whatever the controller wants: for measurements. */
  readonly fecFraction?: number | undefined;
  /** Puts one packet on the wire; the buffer is only valid during the call. */
  write(packet: Buffer, kind: PacketKind): void;
  onKeyframeNeeded(): void;
  /** Packets go out and nothing comes back (false), or something does again (true). */
  onAlive(alive: boolean): void;
  onTargetBps(targetBps: number): void;
}

const TICK_MS = 50;
const START_ROUND_TRIP_MS = 100;
const MIN_ROUND_TRIP_MS = 0.1;
/** The encoder hears of a rise when it is worth it, of a fall at once. */
const RISE_STEP = 1.02;
const FALL_STEP = 0.995;
/** A path that is set aside carries a packet of so much padding, so often; and less often when there was no picture for so long. */
const IDLE_EVERY_MS = 500;
const STILL_EVERY_MS = 10_000;
const STILL_MS = 3000;
const IDLE_BYTES = 16;
/** The rate of the sound is looked at so often, and is what it was in the last time. */
const SOUND_RATE_MS = 1000;

/** Transport-wide numbers of the sound's packets among the last 8192. */
class SequenceSet {
  readonly #slots = new Float64Array(8192).fill(-1);

  add(sequence: number): void {
    this.#slots[sequence & 8191] = sequence;
  }

  has(sequence: number): boolean {
    return this.#slots[sequence & 8191] === sequence;
  }
}

export class Sender {
  readonly ssrc = randomInt(1, 2 ** 32);
  readonly rtxSsrc = (this.ssrc ^ randomInt(1, 2 ** 31)) >>> 0;
  /** Its highest bit sets it apart from both. */
  readonly fecSsrc = (this.ssrc ^ (2 ** 31 + randomInt(2 ** 31))) >>> 0;
  readonly #options: SenderOptions;
  readonly #layout: RtpLayout;
  /** Of a full packet on the wire, what is picture. */
  readonly #payloadShare: number;
  readonly #stream: VideoStream;
  readonly #audio: AudioStream | undefined;
  readonly #outlet: Outlet;
  readonly #resend: Resend;
  readonly #tail = new Tail();
  readonly #liveness = new Liveness();
  readonly #controller: ControllerState;
  readonly #pacer: Pacer;
  readonly #sendTimes = new SendTimes();
  /** Only where there is sound. */
  readonly #soundSequences: SequenceSet | undefined;
  /** What sound takes of the target, what it has taken since, and when it was last heard. */
  #soundBps = 0;
  #soundBytes = 0;
  #soundSinceMs = Number.NEGATIVE_INFINITY;
  #soundMs = Number.NEGATIVE_INFINITY;
  readonly #sentInput = { type: "sent" as const, sizeBytes: 0, waitingBytes: 0 };
  /** Runs while something that was sent may be unconfirmed: a still desktop wakes nobody. */
  #ticker: NodeJS.Timeout | undefined;
  #pacing: NodeJS.Timeout | undefined;
  /** Runs while the picture goes another way. */
  #idle: NodeJS.Timeout | undefined;
  /** When it was last heard of a picture, and whether signs of life have become rare since. */
  #stirredMs = Number.NEGATIVE_INFINITY;
  #still = false;
  #untoldMs = 0;
  #output: ControllerOutput;
  #announcedBps = 0;
  #roundTripMs = START_ROUND_TRIP_MS;
  #lastFir = -1;
  #lost = 0;
  #ignored = 0;
  #closed = false;

  constructor(options: SenderOptions) {
    this.#options = options;
    const { formats, fecPayloadType, mtuBytes } = options;
    this.#layout = createRtpLayout(options.extensions);
    const maxPacketBytes = mtuBytes - NETWORK_BYTES - SRTP_TAG_BYTES - HEADROOM_BYTES;
    this.#payloadShare = (maxPacketBytes - this.#layout.headerBytes) / mtuBytes;
    this.#stream = new VideoStream({
      formats,
      layout: this.#layout,
      maxPacketBytes,
      ssrc: this.ssrc,
      fec: fecPayloadType === undefined ? undefined : { payloadType: fecPayloadType, ssrc: this.fecSsrc },
    });
    this.#audio = options.audio === undefined ? undefined : new AudioStream({ ...options.audio, maxPacketBytes });
    this.#soundSequences = this.#audio === undefined ? undefined : new SequenceSet();
    this.#outlet = new Outlet({
      layout: this.#layout,
      ssrc: this.ssrc,
      clock: this.#stream.clock,
      write: (packet, kind) => options.write(packet, kind),
      onPacket: (sequence, wireBytes, kind, nowMs) => this.#onPacket(sequence, wireBytes, kind, nowMs),
    });
    this.#resend = new Resend(this.#stream, this.#outlet, this.#layout, this.rtxSsrc);
    this.#controller = createController(options);
    this.#pacer = createPacer(options);
    this.#output = this.#steered(stepController(this.#controller, { type: "tick" }, performance.now()));
    this.#announceTarget();
  }

  /**
   * Packetizes at once and sends what the pacer lets through; the rest follows by timer. Returns the picture's RTP timestamp,
   * `undefined` when it was dropped.
   */
  send(unit: AccessUnit): number | undefined {
    if (this.#closed || this.#idle !== undefined) return undefined;
    const nowMs = performance.now();
    const taken = this.#stream.take(unit, this.#output, nowMs);
    if (typeof taken !== "number") {
      if (taken === "dropped") return undefined;
      this.#sendTimes.drop();
      this.#options.onKeyframeNeeded();
      return undefined;
    }
    if (unit.keyframe && unit.first) this.#tail.keyframe();
    if (unit.last) this.#sendTimes.received(nowMs, this.#stream.ring.endIndex);
    this.#drain(nowMs);
    return taken;
  }

  /** Sends it at once: sound waits for nothing. False: the viewer takes none here. */
  sendSound(packet: SoundPacket): boolean {
    const audio = this.#audio;
    if (this.#closed || audio === undefined) return false;
    const nowMs = performance.now();
    const bytes = audio.take(packet, this.#output.lossFraction, nowMs);
    if (bytes === undefined) return false;
    this.#outlet.put(bytes, "sound", nowMs, undefined, audio.layout);
    const report = audio.report(nowMs);
    if (report !== undefined) this.#options.write(report, "sound");
    this.#countSound(bytes.length + NETWORK_BYTES + SRTP_TAG_BYTES, nowMs);
    this.#tellSent();
    return true;
  }

  /** Of all our streams. */
  get ssrcs(): readonly number[] {
    const all = [this.ssrc, this.rtxSsrc, this.fecSsrc, this.#audio?.ssrc];
    return all.filter((ssrc) => ssrc !== undefined);
  }

  /** Of the sound's stream; undefined where there is none. */
  get soundSsrc(): number | undefined {
    return this.#audio?.ssrc;
  }

  get soundRepair(): { readonly lossFraction: number; readonly redundant: boolean } {
    return { lossFraction: this.#output.lossFraction, redundant: this.#audio?.redundant === true };
  }

  /** Throws ProtocolError for bytes that are no RTCP. */
  onRtcp(bytes: Uint8Array): void {
    if (this.#closed) return;
    const events = readRtcp(bytes);
    const nowMs = performance.now();
    for (const event of events) {
      if (this.#onEvent(event, nowMs)) this.#liveness.heard();
      else this.#ignored += 1;
    }
  }

  /** Whether the picture goes this way. If not, small signs of life tell whether it could. */
  setActive(active: boolean): void {
    if (this.#closed || active === (this.#idle === undefined)) return;
    clearTimeout(this.#idle);
    this.#idle = undefined;
    const nowMs = performance.now();
    this.#step({ type: "set-aside", aside: !active }, nowMs);
    if (active) return;
    this.#stream.drop();
    this.#sendTimes.drop();
    this.#resend.stop();
    this.#stirredMs = nowMs;
    this.#signOfLife();
  }

  /** A picture goes another way. */
  stir(): void {
    this.#stirredMs = performance.now();
    if (this.#closed || this.#idle === undefined || !this.#still) return;
    clearTimeout(this.#idle);
    this.#signOfLife();
  }

  setLimits({ minBps, startBps, maxBps }: RateLimits): void {
    if (this.#closed) return;
    this.#step({ type: "limits", minBps, startBps, maxBps }, performance.now());
    this.#announceTarget();
  }

  get sentBytes(): number {
    return this.#outlet.sentBytes;
  }

  counters(): TransportCounters {
    const { packets, bytes, sentBytes } = this.#outlet;
    return {
      sentPackets: packets.media,
      sentBytes,
      retransmittedPackets: packets.retransmission,
      lostPackets: this.#lost,
      ignoredFeedback: this.#ignored,
      roundTripMs: this.#roundTripMs,
      targetBps: this.#output.targetBps,
      queueMs: this.#output.queueMs,
      lossFraction: this.#output.lossFraction,
      fecFraction: sentBytes === 0 ? 0 : bytes.repair / sentBytes,
      sendMs: this.#sendTimes.medianMs(performance.now()),
    };
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#ticker);
    clearTimeout(this.#idle);
    clearTimeout(this.#pacing);
    this.#resend.stop();
    this.#stream.drop();
  }

  #signOfLife(): void {
    const nowMs = performance.now();
    this.#still = nowMs - this.#stirredMs >= STILL_MS;
    this.#idle = setTimeout(() => this.#signOfLife(), this.#still ? STILL_EVERY_MS : IDLE_EVERY_MS);
    this.#resend.signOfLife(IDLE_BYTES, nowMs);
  }

  #drain(nowMs: number): void {
    const { ring, fec } = this.#stream;
    for (;;) {
      const repair = fec?.due(ring.sendIndex) === true;
      const slot = ring.next;
      if (!repair && slot === undefined) break;
      const waitMs = pacerWaitMs(this.#pacer, this.#output.paceBps, nowMs);
      if (waitMs > 0) {
        this.#pacing ??= setTimeout(() => {
          this.#pacing = undefined;
          this.#drain(performance.now());
        }, Math.ceil(waitMs));
        break;
      }
      if (repair) this.#outlet.put(fec.take(), "repair", nowMs);
      else if (slot !== undefined) this.#sendFirst(slot, nowMs);
    }
    this.#tellSent();
    this.#sendTimes.left(ring.sendIndex);
  }

  #sendFirst(slot: PacketSlot, nowMs: number): void {
    const { packetBytes } = slot;
    const packet =
      packetBytes === slot.fullPacket.length
        ? slot.fullPacket
        : slot.buffer.subarray(HEADROOM_BYTES, HEADROOM_BYTES + packetBytes);
    this.#stream.ring.sent(slot, this.#outlet.sent.next, nowMs);
    this.#outlet.put(packet, "media", nowMs);
  }

  #onPacket(sequence: number, wireBytes: number, kind: PacketKind, nowMs: number): void {
    // The tail is the picture's: what follows a lost sound tells of it.
    if (kind === "sound") this.#soundSequences?.add(sequence);
    else this.#tail.sent(sequence, nowMs);
    // A probe is measured by what it adds to the media: it takes nothing from their budget.
    if (kind !== "probe") pacerSent(this.#pacer, wireBytes);
    // Without transport-wide numbers there is no feedback to wait for: receiver reports alone steer the rate.
    if (this.#layout.transportSequenceOffset === 0) return;
    this.#liveness.sent(nowMs);
    // The controller hears of all packets of one moment at once.
    if (nowMs !== this.#untoldMs) this.#tellSent();
    this.#untoldMs = nowMs;
    this.#sentInput.sizeBytes += wireBytes;
    this.#ticker ??= setInterval(() => this.#onTick(), TICK_MS);
  }

  /** False for what means nothing to us. */
  #onEvent(event: RtcpEvent, nowMs: number): boolean {
    switch (event.type) {
      case "transport-feedback":
        return this.#onFeedback(event, nowMs);
      case "nack":
        if (event.ssrc !== this.ssrc) return false;
        if (this.#idle === undefined) this.#onNack(event.sequences, nowMs);
        return true;
      case "pli":
        if (event.ssrc !== this.ssrc) return false;
        if (this.#idle === undefined && this.#tail.believes(nowMs)) this.#options.onKeyframeNeeded();
        return true;
      case "fir":
        if (event.ssrc !== this.ssrc) return false;
        if (this.#idle === undefined && event.sequence !== this.#lastFir) this.#options.onKeyframeNeeded();
        this.#lastFir = event.sequence;
        return true;
      case "report":
        return this.#onReport(event, nowMs);
    }
  }

  #onFeedback(feedback: TransportFeedback, nowMs: number): boolean {
    const results = this.#outlet.sent.read(feedback);
    const newest = results.at(-1);
    if (newest === undefined) return false;
    const afterMs = Math.max(MIN_ROUND_TRIP_MS, nowMs - newest.sentMs);
    this.#roundTripMs = Math.min(this.#roundTripMs, afterMs);
    const sounds = this.#soundSequences;
    this.#tail.reported(sounds === undefined ? results : results.filter(({ sequence }) => !sounds.has(sequence)));
    if (this.#liveness.answered(afterMs)) this.#options.onAlive(true);
    this.#step({ type: "feedback", results }, nowMs);
    this.#announceTarget();
    return true;
  }

  #onReport(report: ReportBlock, nowMs: number): boolean {
    if (report.ssrc !== this.ssrc) return this.ssrcs.includes(report.ssrc);
    this.#lost = Math.max(0, report.lostPackets);
    const roundTripMs = this.#outlet.roundTripMs(report, nowMs);
    if (roundTripMs === "absurd") return false;
    if (roundTripMs === undefined) return true;
    this.#roundTripMs = roundTripMs;
    this.#step({ type: "round-trip", roundTripMs }, nowMs);
    if (this.#layout.transportSequenceOffset === 0) {
      this.#step({ type: "report-loss", fraction: report.lossFraction }, nowMs);
      this.#announceTarget();
    }
    return true;
  }

  #onNack(sequences: readonly number[], nowMs: number): void {
    const { targetBps, resendCopies: copies } = this.#output;
    const path = { roundTripMs: this.#roundTripMs, targetBps, copies };
    if (this.#resend.answer(sequences, path, nowMs)) this.#options.onKeyframeNeeded();
  }

  /**
   * The end of what was sent may be lost without anybody knowing: see `tail.ts`. Only feedback can tell. The packet goes
   * out in its first form, since libwebrtc looks for no gap in front of an RTX packet; one that has it drops the second.
   */
  #probeTail(nowMs: number): void {
    const { ring } = this.#stream;
    if (ring.queued > 0 || this.#idle !== undefined) return;
    const probe = this.#tail.probe(this.#roundTripMs, nowMs);
    if (probe === "keyframe") this.#options.onKeyframeNeeded();
    const last = probe === "last-packet" ? ring.last : undefined;
    if (last !== undefined) this.#outlet.put(ring.again(last), "retransmission", nowMs);
  }

  #onTick(): void {
    const nowMs = performance.now();
    this.#step({ type: "tick" }, nowMs);
    this.#announceTarget();
    if (this.#liveness.dies(this.#roundTripMs, nowMs)) this.#options.onAlive(false);
    this.#probeTail(nowMs);
    // A path that is set aside and dead has its next sign of life to wait for.
    const hopeless = this.#idle !== undefined && !this.#liveness.alive;
    if (!this.#tail.settled && !hopeless) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  #countSound(wireBytes: number, nowMs: number): void {
    this.#soundBytes += wireBytes;
    this.#soundMs = nowMs;
    const sinceMs = nowMs - this.#soundSinceMs;
    if (sinceMs < SOUND_RATE_MS) return;
    // After silence it says nothing yet.
    this.#soundBps = sinceMs > 2 * SOUND_RATE_MS ? 0 : (this.#soundBytes * 8000) / sinceMs;
    this.#soundBytes = 0;
    this.#soundSinceMs = nowMs;
    this.#announceTarget();
  }

  #tellSent(): void {
    if (this.#sentInput.sizeBytes === 0) return;
    this.#sentInput.waitingBytes = this.#stream.ring.queuedBytes;
    const output = stepController(this.#controller, this.#sentInput, this.#untoldMs);
    this.#sentInput.sizeBytes = 0;
    this.#take(output, this.#untoldMs);
  }

  #step(input: ControllerInput, nowMs: number): void {
    this.#tellSent();
    this.#take(stepController(this.#controller, input, nowMs), nowMs);
  }

  #take(output: ControllerOutput, nowMs: number): void {
    this.#output = this.#steered(output);
    if (output.probe !== undefined) this.#resend.probe(output.probe, nowMs);
  }

  #steered(output: ControllerOutput): ControllerOutput {
    const { fecFraction } = this.#options;
    return fecFraction === undefined ? output : { ...output, fecFraction };
  }

  /** What is left for the encoder once every packet's headers and the repair packets are paid. */
  #announceTarget(): void {
    const repair = this.#stream.fec === undefined ? 0 : this.#output.fecFraction;
    const isHeard = performance.now() - this.#soundMs < SOUND_RATE_MS;
    const pictureBps = Math.max(0, this.#output.targetBps - (isHeard ? this.#soundBps : 0));
    const encoderBps = Math.round((pictureBps * this.#payloadShare) / (1 + repair));
    const ratio = encoderBps / this.#announcedBps;
    if (ratio > FALL_STEP && ratio < RISE_STEP) return;
    this.#announcedBps = encoderBps;
    this.#options.onTargetBps(encoderBps);
  }
}
