// Opus packets → packets of one RTP stream beside the video's: headers, repair by redundancy, sender reports. What it makes leaves
// at once: sound never waits behind pictures. Fed by `sender.ts`; the packets go to `outlet.ts`.

import { randomInt } from "node:crypto";
import type { SoundPacket } from "../audio/types.ts";
import { OpusPayload } from "./packetize/opus.ts";
import { SENDER_REPORT_BYTES, writeSenderReport } from "./rtcp.ts";
import { createRtpLayout, type ExtensionIds, type RtpLayout, writeRtpHeader } from "./rtp.ts";
import { monotonicUs } from "./rtp-clock.ts";
import type { AudioFormat } from "./sdp-audio.ts";

export interface AudioStreamOptions {
  readonly formats: readonly AudioFormat[];
  readonly extensions: ExtensionIds;
  readonly maxPacketBytes: number;
}

const SAMPLES_PER_US = 0.048;
const REPORT_EVERY_MS = 1000;
/** From this loss on packets carry the one before, and from that on the two before. */
const SOME_LOSS = 0.002;
const MUCH_LOSS = 0.05;
/** Loss counts for so long after it has ended. */
const LOSS_HOLDS_MS = 10_000;

export class AudioStream {
  readonly ssrc = randomInt(1, 2 ** 32);
  readonly layout: RtpLayout;
  readonly #options: AudioStreamOptions;
  readonly #buffer: Buffer;
  readonly #report = Buffer.alloc(SENDER_REPORT_BYTES);
  readonly #payload = new OpusPayload();
  /** RFC 3550 section 5.1: begins at random. The timestamp does not: it is the position, which the other path has too. */
  #sequence = randomInt(2 ** 15);
  #packets = 0;
  #payloadBytes = 0;
  #reportedMs = Number.NEGATIVE_INFINITY;
  #redundant = 0;
  #lossMs = Number.NEGATIVE_INFINITY;

  constructor(options: AudioStreamOptions) {
    this.#options = options;
    const { absoluteSendTime, transportSequence } = options.extensions;
    this.layout = createRtpLayout({ absoluteSendTime, transportSequence });
    this.#buffer = Buffer.allocUnsafeSlow(options.maxPacketBytes);
  }

  /** A packet may be lost, and the next one makes it good. */
  get redundant(): boolean {
    return this.#options.formats.some(({ channels, redPayloadType }) => channels === 2 && redPayloadType !== undefined);
  }

  /** The RTP packet, valid until the next one; undefined where the viewer takes no such channels. */
  take(packet: SoundPacket, lossFraction: number, nowMs: number): Buffer | undefined {
    const format = this.#options.formats.find(({ channels }) => channels === packet.channels);
    if (format === undefined) return undefined;
    const { layout } = this;
    const { data, begins } = packet;
    if (begins) this.#payload.reset();
    const timestamp = packet.position % 2 ** 32;
    const redundant = format.redPayloadType === undefined ? 0 : this.#redundancy(lossFraction, nowMs);
    if (layout.headerBytes + data.length > this.#options.maxPacketBytes) return undefined;
    const { end, blocks } = this.#payload.write({ data, timestamp }, this.#buffer, layout.headerBytes, {
      redundant,
      payloadType: format.payloadType,
      maxEnd: this.#options.maxPacketBytes,
    });
    writeRtpHeader(this.#buffer, 0, layout, {
      payloadType: blocks > 0 && format.redPayloadType !== undefined ? format.redPayloadType : format.payloadType,
      marker: begins,
      sequence: this.#sequence,
      timestamp,
      ssrc: this.ssrc,
    });
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#packets += 1;
    this.#payloadBytes += end - layout.headerBytes;
    return this.#buffer.subarray(0, end);
  }

  /** A sender report, when one is due. */
  report(nowMs: number): Buffer | undefined {
    if (nowMs - this.#reportedMs < REPORT_EVERY_MS) return undefined;
    this.#reportedMs = nowMs;
    writeSenderReport(this.#report, {
      ssrc: this.ssrc,
      unixMs: performance.timeOrigin + nowMs,
      timestamp: Math.round(monotonicUs(nowMs) * SAMPLES_PER_US) % 2 ** 32,
      sentPackets: this.#packets >>> 0,
      sentPayloadBytes: this.#payloadBytes >>> 0,
    });
    return this.#report;
  }

  #redundancy(lossFraction: number, nowMs: number): number {
    const wanted = lossFraction >= MUCH_LOSS ? 2 : lossFraction >= SOME_LOSS ? 1 : 0;
    if (wanted >= this.#redundant) {
      this.#redundant = wanted;
      if (wanted > 0) this.#lossMs = nowMs;
    } else if (nowMs - this.#lossMs > LOSS_HOLDS_MS) {
      this.#redundant = wanted;
    }
    return this.#redundant;
  }
}
