// RTCP: writes sender reports (RFC 3550 section 6.4.1), reads what a viewer sends back: receiver reports, NACK and PLI
// (RFC 4585), FIR (RFC 5104), transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01).
// Bytes come from `webrtc.ts`, what they say goes to `sender.ts`. Pure.

import { ProtocolError } from "@eglantine/protocol/field";
import { writeU16Be, writeU32Be } from "./rtp.ts";

export interface ReportBlock {
  readonly type: "report";
  readonly ssrc: number;
  /** Of the last interval, 0–1. */
  readonly lossFraction: number;
  /** Since start; may fall, since duplicates count against it. */
  readonly lostPackets: number;
  /** Middle 32 bits of the NTP time of the last sender report that arrived; 0: none. */
  readonly lastReport: number;
  /** Between its arrival and this report, 1/65536 s. */
  readonly delaySinceLastReport: number;
}

export interface TransportFeedback {
  readonly type: "transport-feedback";
  readonly baseSequence: number;
  /**
   * Per packet from `baseSequence` on: arrival on the viewer's clock, ms, which wraps every `ARRIVAL_WRAP_MS`;
   * NaN: not received.
   */
  readonly arrivalMs: Float64Array;
}

export type RtcpEvent =
  | ReportBlock
  | TransportFeedback
  | { readonly type: "nack"; readonly ssrc: number; readonly sequences: readonly number[] }
  | { readonly type: "pli"; readonly ssrc: number }
  | { readonly type: "fir"; readonly ssrc: number; readonly sequence: number };

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const TRANSPORT_FEEDBACK = 205;
const PAYLOAD_FEEDBACK = 206;
const HEADER_BYTES = 4;
const REPORT_BLOCK_BYTES = 24;
export const SENDER_REPORT_BYTES = 28;

/** Most events taken from one datagram; more than any honest viewer puts into 1500 bytes that matters to us. */
const MAX_EVENTS = 64;
/** Most sequence numbers of one NACK message: what one datagram can name at most is about 6,000. */
const MAX_NACKED = 1024;
/**
 * Most packets that the transport feedback of one datagram tells of: a run of 8191 takes two bytes. libwebrtc tells at least
 * every 250 ms, which is 2048 packets at 80 Mbit/s.
 */
const MAX_STATUSES = 2048;
/** 1 January 1970 in NTP seconds. */
const NTP_EPOCH_S = 2_208_988_800;
/** Units of the feedback message: 64 ms reference time, 250 µs deltas. */
const REFERENCE_MS = 64;
const DELTA_MS = 0.25;
/** The reference time has 24 bits: 12.4 days. */
export const ARRIVAL_WRAP_MS = 2 ** 24 * REFERENCE_MS;

/** NTP time as its two halves, from Unix milliseconds. */
export function toNtp(unixMs: number): { readonly seconds: number; readonly fraction: number } {
  const seconds = Math.floor(unixMs / 1000);
  return { seconds: (seconds + NTP_EPOCH_S) >>> 0, fraction: Math.floor(((unixMs / 1000) % 1) * 2 ** 32) >>> 0 };
}

/** The middle 32 bits of an NTP time: what a report block echoes. */
export function compactNtp(unixMs: number): number {
  const { seconds, fraction } = toNtp(unixMs);
  return (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0;
}

export interface SenderReport {
  readonly ssrc: number;
  readonly unixMs: number;
  /** The RTP clock at the same moment. */
  readonly timestamp: number;
  readonly sentPackets: number;
  readonly sentPayloadBytes: number;
}

/** Writes a sender report without report blocks into the first 28 bytes. */
export function writeSenderReport(bytes: Uint8Array, report: SenderReport): void {
  const { seconds, fraction } = toNtp(report.unixMs);
  bytes[0] = 0x80;
  bytes[1] = SENDER_REPORT;
  writeU16Be(bytes, 2, SENDER_REPORT_BYTES / 4 - 1);
  writeU32Be(bytes, 4, report.ssrc);
  writeU32Be(bytes, 8, seconds);
  writeU32Be(bytes, 12, fraction);
  writeU32Be(bytes, 16, report.timestamp);
  writeU32Be(bytes, 20, report.sentPackets);
  writeU32Be(bytes, 24, report.sentPayloadBytes);
}

/** True for RTCP, false for RTP on the same flow (RFC 5761 section 4). */
export function isRtcp(bytes: Uint8Array): boolean {
  const type = bytes[1];
  return bytes.length >= 8 && type !== undefined && type >= 192 && type <= 223;
}

/** Reads a compound or reduced-size packet. Throws ProtocolError, and nothing else; unknown packet types are skipped. */
export function readRtcp(bytes: Uint8Array): RtcpEvent[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const events: RtcpEvent[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (bytes.length - offset < HEADER_BYTES) throw new ProtocolError("RTCP: cut header");
    const first = view.getUint8(offset);
    if (first >> 6 !== 2) throw new ProtocolError("RTCP: not version 2");
    const size = (view.getUint16(offset + 2) + 1) * 4;
    let end = offset + size;
    if (end > bytes.length) throw new ProtocolError("RTCP: cut packet");
    const next = end;
    if ((first & 0x20) !== 0) {
      const padding = view.getUint8(end - 1);
      if (padding === 0 || padding > size - HEADER_BYTES) throw new ProtocolError("RTCP: bad padding");
      end -= padding;
    }
    readPacket(view, offset, end, first & 0x1f, view.getUint8(offset + 1), events);
    if (events.length > MAX_EVENTS) throw new ProtocolError("RTCP: too much in one datagram");
    offset = next;
  }
  return events;
}

function readPacket(view: DataView, start: number, end: number, count: number, type: number, events: RtcpEvent[]) {
  if (type === SENDER_REPORT) readReports(view, start + SENDER_REPORT_BYTES, end, count, events);
  else if (type === RECEIVER_REPORT) readReports(view, start + 8, end, count, events);
  else if (type === TRANSPORT_FEEDBACK && count === 1) events.push(readNack(view, start, end));
  else if (type === TRANSPORT_FEEDBACK && count === 15)
    events.push(readTransportFeedback(view, start, end, MAX_STATUSES - statusesOf(events)));
  else if (type === PAYLOAD_FEEDBACK && count === 1) {
    need(end - start >= 12, "PLI");
    events.push({ type: "pli", ssrc: view.getUint32(start + 8) });
  } else if (type === PAYLOAD_FEEDBACK && count === 4) readFir(view, start, end, events);
}

function need(condition: boolean, what: string): asserts condition {
  if (!condition) throw new ProtocolError(`RTCP: bad ${what}`);
}

function readReports(view: DataView, from: number, end: number, count: number, events: RtcpEvent[]): void {
  need(from + count * REPORT_BLOCK_BYTES <= end, "report");
  for (let index = 0; index < count; index += 1) {
    const at = from + index * REPORT_BLOCK_BYTES;
    events.push({
      type: "report",
      ssrc: view.getUint32(at),
      lossFraction: view.getUint8(at + 4) / 256,
      lostPackets: (view.getInt32(at + 4) << 8) >> 8,
      lastReport: view.getUint32(at + 16),
      delaySinceLastReport: view.getUint32(at + 20),
    });
  }
}

/** Generic NACK, RFC 4585 section 6.2.1: a sequence number and a mask of the 16 behind it. */
function readNack(view: DataView, start: number, end: number): RtcpEvent {
  need(end - start >= 16 && (end - start) % 4 === 0, "NACK");
  const sequences: number[] = [];
  for (let at = start + 12; at < end; at += 4) {
    const sequence = view.getUint16(at);
    sequences.push(sequence);
    for (let mask = view.getUint16(at + 2), step = 1; mask !== 0; mask >>>= 1, step += 1) {
      if ((mask & 1) !== 0) sequences.push((sequence + step) & 0xffff);
    }
  }
  need(sequences.length <= MAX_NACKED, "NACK length");
  return { type: "nack", ssrc: view.getUint32(start + 8), sequences };
}

/** FIR, RFC 5104 section 4.3.1: the stream is named in each entry, not in the header. */
function readFir(view: DataView, start: number, end: number, events: RtcpEvent[]): void {
  need(end - start >= 20 && (end - start - 12) % 8 === 0, "FIR");
  for (let at = start + 12; at < end; at += 8) {
    events.push({ type: "fir", ssrc: view.getUint32(at), sequence: view.getUint8(at + 4) });
  }
}

function statusesOf(events: readonly RtcpEvent[]): number {
  return events.reduce((sum, event) => sum + (event.type === "transport-feedback" ? event.arrivalMs.length : 0), 0);
}

/** Section 3.1 of the draft: statuses in run-length or vector chunks, then one delta for each packet received. */
function readTransportFeedback(view: DataView, start: number, end: number, most: number): TransportFeedback {
  need(end - start >= 20, "transport feedback");
  const count = view.getUint16(start + 14);
  need(count > 0 && count <= most, "status count");
  const statuses = new Uint8Array(count);
  let at = start + 20;
  let filled = 0;
  while (filled < count) {
    need(at + 2 <= end, "status chunk");
    const chunk = view.getUint16(at);
    at += 2;
    if ((chunk & 0x8000) === 0) {
      const run = chunk & 0x1fff;
      need(run > 0, "run length");
      const to = Math.min(count, filled + run);
      statuses.fill((chunk >> 13) & 3, filled, to);
      filled = to;
    } else {
      const bits = (chunk & 0x4000) === 0 ? 1 : 2;
      for (let shift = 14 - bits; shift >= 0 && filled < count; shift -= bits) {
        statuses[filled] = (chunk >> shift) & (bits === 1 ? 1 : 3);
        filled += 1;
      }
    }
  }
  const arrivalMs = new Float64Array(count).fill(Number.NaN);
  let clockMs = (view.getInt32(start + 16) >> 8) * REFERENCE_MS;
  for (let index = 0; index < count; index += 1) {
    const status = statuses[index];
    if (status === 1) {
      need(at + 1 <= end, "delta");
      clockMs += view.getUint8(at) * DELTA_MS;
      at += 1;
    } else if (status === 2) {
      need(at + 2 <= end, "delta");
      clockMs += view.getInt16(at) * DELTA_MS;
      at += 2;
    } else {
      need(status === 0, "status");
      continue;
    }
    arrivalMs[index] = clockMs;
  }
  return { type: "transport-feedback", baseSequence: view.getUint16(start + 12), arrivalMs };
}
