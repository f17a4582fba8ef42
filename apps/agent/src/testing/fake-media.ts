// Fakes of the two contracts of a session, `video/types.ts` and `transport/types.ts`: they keep what was asked of them, and
// a test drives their sinks.

import { ProtocolError } from "@eglantine/protocol/field";
import type { Format } from "@eglantine/protocol/formats";
import type { SoundPacket } from "../audio/types.ts";
import type { SoundRepair } from "../audio/viewer-sound.ts";
import type { RateLimits } from "../congestion/types.ts";
import type { Transport, TransportCounters, TransportSink } from "../transport/types.ts";
import type { AccessUnit, EncoderWish, Region, VideoPipeline, VideoSink } from "../video/types.ts";

export class FakeVideo implements VideoPipeline {
  readonly sink: VideoSink;
  readonly bitratesBps: number[] = [];
  readonly framesPerSecond: number[] = [];
  readonly scales: number[] = [];
  readonly wishes: EncoderWish[] = [];
  region: Region | undefined;
  keyframes = 0;
  paused = false;
  closed = false;

  constructor(sink: VideoSink) {
    this.sink = sink;
  }

  setBitrateBps(bitrateBps: number): void {
    this.bitratesBps.push(bitrateBps);
  }

  setFramesPerSecond(framesPerSecond: number): void {
    this.framesPerSecond.push(framesPerSecond);
  }

  setScale(scale: number): void {
    this.scales.push(scale);
  }

  setRegion(region: Region | undefined): void {
    this.region = region;
  }

  setEncoder(wish: EncoderWish): void {
    this.wishes.push(wish);
  }

  setPaused(paused: boolean): void {
    this.paused = paused;
  }

  requestKeyframe(): void {
    this.keyframes += 1;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/** Answers every offer that begins with "v=0"; `connect()` opens it. */
export class FakeTransport implements Transport {
  readonly sink: TransportSink;
  readonly sent: AccessUnit[] = [];
  readonly sounds: SoundPacket[] = [];
  /** As when the offer had an audio section. */
  takesSound = true;
  soundRepair: SoundRepair = { lossFraction: 0, redundant: true };
  readonly feedback: Uint8Array[] = [];
  /** As when the channel is open. */
  takesFeedback = true;
  readonly candidates: string[] = [];
  numbers: TransportCounters = {
    sentPackets: 0,
    sentBytes: 0,
    retransmittedPackets: 0,
    lostPackets: 0,
    ignoredFeedback: 0,
    roundTripMs: 0,
    targetBps: 8_000_000,
    queueMs: 0,
    lossFraction: 0,
    fecFraction: 0,
    sendMs: 0,
  };
  formats: readonly Format[] = ["h264"];
  malformedFeedback = 0;
  readonly limits: RateLimits[] = [];
  active = true;
  stirred = 0;
  closed = false;

  constructor(sink: TransportSink) {
    this.sink = sink;
  }

  async answer(offerSdp: string): Promise<string> {
    if (!offerSdp.startsWith("v=0")) throw new ProtocolError("no SDP");
    return "v=0 answer";
  }

  addCandidate(candidate: string): void {
    this.candidates.push(candidate);
  }

  setActive(active: boolean): void {
    this.active = active;
  }

  stir(): void {
    this.stirred += 1;
  }

  setLimits(limits: RateLimits): void {
    this.limits.push(limits);
  }

  send(unit: AccessUnit): number | undefined {
    this.sent.push(unit);
    return unit.frame * 1500;
  }

  sendSound(packet: SoundPacket): boolean {
    if (this.takesSound) this.sounds.push(packet);
    return this.takesSound;
  }

  sendFeedback(message: Uint8Array): boolean {
    if (this.takesFeedback) this.feedback.push(message);
    return this.takesFeedback;
  }

  get sentBytes(): number {
    return this.numbers.sentBytes;
  }

  counters(): TransportCounters {
    return this.numbers;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

export function accessUnit(frame: number, startUs = 0): AccessUnit {
  return {
    data: new Uint8Array([0, 0, 0, 1, 0x65]),
    codec: "h264",
    chroma: "420",
    first: true,
    last: true,
    changed: 1,
    keyframe: frame === 1,
    frame,
    refinement: false,
    widthPx: 640,
    heightPx: 480,
    timing: { damageUs: startUs, grabUs: startUs + 1000, convertUs: startUs + 3000, encodeUs: startUs + 6000 },
  };
}
