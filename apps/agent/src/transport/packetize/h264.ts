// H.264 → RTP payloads, packetization mode 1 (RFC 6184): single NAL unit, STAP-A for consecutive small ones, FU-A for
// one that is larger than a packet. Comes from `sender.ts`, goes into the slots of `packet-ring.ts`.

import { type NalFormat, packetizeNalUnits, SIZE_BYTES } from "./nal-units.ts";
import { type CodedPart, copyInto, type Packetizer, type PayloadTarget } from "./payload.ts";

/** NAL unit types of RFC 6184 section 5.2. */
const STAP_A = 24;
const FU_A = 28;
const FU_HEADER_BYTES = 2;
const FU_START = 0x80;
const FU_END = 0x40;

/** How RFC 6184 aggregates and fragments. */
const FORMAT: NalFormat = { headerBytes: 1, aggregate, fragment };

export class H264Packetizer implements Packetizer {
  packetize({ data }: CodedPart, maxPayloadBytes: number, target: PayloadTarget): number {
    return packetizeNalUnits(data, FORMAT, maxPayloadBytes, target);
  }
}

/** STAP-A, RFC 6184 section 5.7.1: its NRI is the largest of its parts, its F bit set if one part's is. */
function aggregate(
  stream: Buffer,
  units: readonly number[],
  from: number,
  to: number,
  { bytes, offset }: PayloadTarget,
) {
  let nri = 0;
  let forbidden = 0;
  let at = offset + 1;
  for (let index = from; index < to; index += 2) {
    const start = units[index] as number;
    const end = units[index + 1] as number;
    const header = stream[start] as number;
    nri = Math.max(nri, header & 0x60);
    forbidden |= header & 0x80;
    bytes[at] = (end - start) >> 8;
    bytes[at + 1] = (end - start) & 0xff;
    at = copyInto(stream, start, end, bytes, at + SIZE_BYTES);
  }
  bytes[offset] = forbidden | nri | STAP_A;
}

/** FU-A, RFC 6184 section 5.8: the NAL unit's header byte is spread over FU indicator and FU header. */
function fragment(
  stream: Buffer,
  start: number,
  end: number,
  maxPayloadBytes: number,
  endsPart: boolean,
  target: PayloadTarget,
): number {
  const header = stream[start] as number;
  const indicator = (header & 0xe0) | FU_A;
  const type = header & 0x1f;
  const room = maxPayloadBytes - FU_HEADER_BYTES;
  let written = 0;
  for (let from = start + 1; from < end; from += room) {
    const to = Math.min(from + room, end);
    const { bytes, offset } = target;
    bytes[offset] = indicator;
    bytes[offset + 1] = type | (from === start + 1 ? FU_START : 0) | (to === end ? FU_END : 0);
    copyInto(stream, from, to, bytes, offset + FU_HEADER_BYTES);
    target.commit(FU_HEADER_BYTES + to - from, endsPart && to === end);
    written += 1;
  }
  return written;
}
