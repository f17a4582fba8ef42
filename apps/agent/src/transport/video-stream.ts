// Access units → packets of one RTP stream: chooses payload type and packetizer by what the encoder made, so that codec and
// chroma may change from one keyframe to the next, stamps the picture's time, and lets `fec.ts` add repair packets. Fed by
// `sender.ts`, which empties the ring.

import { randomInt } from "node:crypto";
import type { Codec } from "@eglantine/protocol/formats";
import type { AccessUnit } from "../video/types.ts";
import { FlexFec } from "./fec.ts";
import { PacketRing } from "./packet-ring.ts";
import { createPacketizer } from "./packetize/packetizer.ts";
import type { Packetizer } from "./packetize/payload.ts";
import type { RtpLayout } from "./rtp.ts";
import { RtpClock } from "./rtp-clock.ts";
import type { VideoFormat } from "./sdp-formats.ts";

export interface VideoStreamOptions {
  readonly formats: readonly VideoFormat[];
  readonly layout: RtpLayout;
  readonly maxPacketBytes: number;
  readonly ssrc: number;
  /** `undefined`: the viewer takes no repair packets. */
  readonly fec: { readonly payloadType: number; readonly ssrc: number } | undefined;
}

/** What the link allows now. */
export interface StreamRate {
  readonly targetBps: number;
  /** Repair packets as a share of it. */
  readonly fecFraction: number;
}

/** Packets kept: the queue, and what can be sent again. */
const RING_SLOTS = 2048;
/** More queued than the target carries in this time is stale: it is dropped and begun anew with a keyframe. */
const MAX_QUEUE_MS = 1000;
const MIN_QUEUE_BYTES = 512 * 1024;

export class VideoStream {
  readonly #options: VideoStreamOptions;
  readonly #packetizers = new Map<Codec, Packetizer>();
  readonly ring: PacketRing;
  readonly fec: FlexFec | undefined;
  readonly clock = new RtpClock();
  #needsKeyframe = true;
  #format: VideoFormat | undefined;
  #timestamp = 0;
  /** First packet of the picture in the making. */
  #pictureIndex = 0;

  constructor(options: VideoStreamOptions) {
    this.#options = options;
    const { layout, maxPacketBytes, ssrc, fec } = options;
    const firstSequence = () => 2 ** 16 + randomInt(2 ** 15);
    this.ring = new PacketRing({ layout, maxPacketBytes, slots: RING_SLOTS, ssrc, firstSequence: firstSequence() });
    if (fec !== undefined) {
      this.fec = new FlexFec({ layout, maxPacketBytes, ...fec, mediaSsrc: ssrc, firstSequence: firstSequence() });
    }
  }

  /** The format of the last picture, or of the first that will come: retransmission of it carries padding. */
  get format(): VideoFormat | undefined {
    return this.#format ?? this.#options.formats[0];
  }

  /** RTP timestamp of the last picture. */
  get timestamp(): number {
    return this.#timestamp;
  }

  /**
   * Cuts a picture, or the next part of one, into packets of the ring. Returns its RTP timestamp; "dropped" for what
   * the viewer can't decode now: nothing before a keyframe, and no format that it has not offered; "stale" when that is new and
   * a keyframe is to be asked for.
   */
  take(unit: AccessUnit, rate: StreamRate, nowMs: number): number | "dropped" | "stale" {
    if (this.#needsKeyframe && !(unit.keyframe && unit.first)) return "dropped";
    const format = this.#formatOf(unit);
    if (format === undefined) return this.#stop("dropped");
    if (format !== this.#format && !unit.keyframe) return this.#stop("stale");
    if (!this.#hasRoom(unit.data.length, rate.targetBps)) {
      this.drop();
      if (!(unit.keyframe && unit.first) || !this.#hasRoom(unit.data.length, rate.targetBps)) return "stale";
    }
    this.#needsKeyframe = false;
    this.#format = format;
    if (unit.first) {
      this.#timestamp = this.clock.next(unit.timing.damageUs);
      this.#pictureIndex = this.ring.endIndex;
    }
    this.ring.begin({
      timestamp: this.#timestamp,
      payloadType: format.payloadType,
      rtxPayloadType: format.rtxPayloadType,
      endsPicture: unit.last,
      beginsKeyframe: unit.keyframe && unit.first,
    });
    const { keyframe, first, last, widthPx, heightPx } = unit;
    const data = Buffer.isBuffer(unit.data) ? unit.data : bufferOf(unit.data);
    const part = { data, keyframe, first, last, widthPx, heightPx };
    this.#packetizerOf(format.codec).packetize(part, this.#maxPayloadBytes(rate), this.ring);
    if (unit.last) this.fec?.protect(this.ring, this.#pictureIndex, rate, nowMs);
    return this.#timestamp;
  }

  /** Forgets what has not left; the next picture to be taken is a keyframe. */
  drop(): void {
    this.#needsKeyframe = true;
    this.ring.dropQueue();
    this.fec?.drop();
  }

  #stop(as: "dropped" | "stale"): "dropped" | "stale" {
    this.#needsKeyframe = true;
    return as;
  }

  #formatOf({ codec, chroma }: AccessUnit): VideoFormat | undefined {
    const wanted = codec === "h264" && chroma === "444" ? "h264-444" : codec;
    if (this.#format?.format === wanted) return this.#format;
    return this.#options.formats.find(({ format }) => format === wanted);
  }

  #packetizerOf(codec: Codec): Packetizer {
    let packetizer = this.#packetizers.get(codec);
    if (packetizer === undefined) {
      packetizer = createPacketizer(codec, randomInt(2 ** 15));
      this.#packetizers.set(codec, packetizer);
    }
    return packetizer;
  }

  /** A repair packet is larger than what it repairs: only while there are some, packets leave room for that. */
  #maxPayloadBytes({ fecFraction }: StreamRate): number {
    const { maxPacketBytes, layout } = this.#options;
    const largest = fecFraction > 0 && this.fec !== undefined ? this.fec.maxProtectedBytes : maxPacketBytes;
    return largest - layout.headerBytes;
  }

  /** The ring must hold what is queued and this unit, and the queue may not be older than a second's worth. */
  #hasRoom(unitBytes: number, targetBps: number): boolean {
    const packets = Math.ceil((2 * unitBytes) / (this.#options.maxPacketBytes - this.#options.layout.headerBytes)) + 8;
    const limitBytes = Math.max(MIN_QUEUE_BYTES, (targetBps / 8000) * MAX_QUEUE_MS);
    return this.ring.queued + packets < RING_SLOTS && this.ring.queuedBytes < limitBytes;
  }
}

/** The same bytes, as what Node copies from without a view each time. */
function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
