// Where the packets of all streams of a viewer leave: picture, sound, retransmissions, repair packets, padding. Stamps what is known only
// now, counts, remembers for the feedback (`feedback.ts`) and sends the sender reports. Used by `sender.ts` and `resend.ts`.

import { SentPackets } from "./feedback.ts";
import { compactNtp, type ReportBlock, SENDER_REPORT_BYTES, writeSenderReport } from "./rtcp.ts";
import { patchSendTime, type RtpLayout } from "./rtp.ts";
import { monotonicUs, type RtpClock } from "./rtp-clock.ts";

export interface OutletOptions {
  readonly layout: RtpLayout;
  /** Of the media. */
  readonly ssrc: number;
  readonly clock: RtpClock;
  write(packet: Buffer, kind: PacketKind): void;
  /** A packet is about to leave, under the transport-wide number `sequence`. */
  onPacket(sequence: number, wireBytes: number, kind: PacketKind, nowMs: number): void;
}

/** `media`: of the picture; `probe`: padding of a probe cluster. */
export type PacketKind = "media" | "sound" | "retransmission" | "repair" | "padding" | "probe";

/** IPv6 and UDP headers, and the largest SRTP tag. */
export const NETWORK_BYTES = 48;
export const SRTP_TAG_BYTES = 16;
const REPORT_EVERY_MS = 1000;
/** A round trip beyond this is no measurement. */
const MAX_ROUND_TRIP_MS = 60_000;

export class Outlet {
  readonly #options: OutletOptions;
  readonly #report = Buffer.alloc(SENDER_REPORT_BYTES);
  readonly sent = new SentPackets();
  readonly packets: Record<PacketKind, number> = {
    media: 0,
    sound: 0,
    retransmission: 0,
    repair: 0,
    padding: 0,
    probe: 0,
  };
  readonly bytes: Record<PacketKind, number> = {
    media: 0,
    sound: 0,
    retransmission: 0,
    repair: 0,
    padding: 0,
    probe: 0,
  };
  #reportedMs = Number.NEGATIVE_INFINITY;

  constructor(options: OutletOptions) {
    this.#options = options;
  }

  get sentBytes(): number {
    const { media, sound, retransmission, repair, padding, probe } = this.bytes;
    return media + sound + retransmission + repair + padding + probe;
  }

  /** `layout`: of a packet that is not of the picture's section. */
  put(packet: Buffer, kind: PacketKind, nowMs: number, probeId?: number, layout = this.#options.layout): void {
    const wireBytes = packet.length + NETWORK_BYTES + SRTP_TAG_BYTES;
    const sequence = this.sent.next;
    patchSendTime(packet, 0, layout, sequence & 0xffff, nowMs);
    this.sent.add(wireBytes, nowMs, probeId);
    this.packets[kind] += 1;
    this.bytes[kind] += packet.length;
    this.#options.onPacket(sequence, wireBytes, kind, nowMs);
    this.#options.write(packet, kind);
    if (kind === "sound") return;
    if (nowMs - this.#reportedMs >= REPORT_EVERY_MS) this.#sendReport(nowMs);
  }

  /** Round trip by RFC 3550 section 6.4.1; `undefined`: no measurement, "absurd": none of this earth. */
  roundTripMs(report: ReportBlock, nowMs: number): number | "absurd" | undefined {
    if (report.lastReport === 0) return undefined;
    const echoed = (compactNtp(performance.timeOrigin + nowMs) - report.lastReport - report.delaySinceLastReport) | 0;
    const roundTripMs = echoed / 65.536;
    return roundTripMs < 0 || roundTripMs > MAX_ROUND_TRIP_MS ? "absurd" : Math.max(0.1, roundTripMs);
  }

  #sendReport(nowMs: number): void {
    this.#reportedMs = nowMs;
    const { ssrc, clock, layout } = this.#options;
    writeSenderReport(this.#report, {
      ssrc,
      unixMs: performance.timeOrigin + nowMs,
      timestamp: clock.at(monotonicUs(nowMs)),
      sentPackets: this.packets.media,
      sentPayloadBytes: this.bytes.media - this.packets.media * layout.headerBytes,
    });
    this.#options.write(this.#report, "media");
  }
}
