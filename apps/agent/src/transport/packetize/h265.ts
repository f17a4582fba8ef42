// H.265 → RTP payloads without decoding order numbers (RFC 7798): single NAL unit, aggregation packet for consecutive
// small ones, fragmentation units for one that is larger than a packet. Comes from `sender.ts`, goes into the slots of
// `packet-ring.ts`.

import { type NalFormat, packetizeNalUnits, SIZE_BYTES } from "./nal-units.ts";
import { type CodedPart, copyInto, type Packetizer, type PayloadTarget } from "./payload.ts";

/** Payload types in the place of a NAL unit type, RFC 7798 sections 4.4.2 and 4.4.3. */
const AGGREGATION = 48;
const FRAGMENTATION = 49;
/** F, type (6 bits), layer id (6 bits), temporal id + 1 (3 bits): RFC 7798 section 1.1.4. */
const NAL_HEADER_BYTES = 2;
const FU_HEADER_BYTES = 1;
const FU_START = 0x80;
const FU_END = 0x40;

/** How RFC 7798 aggregates and fragments. */
const FORMAT: NalFormat = { headerBytes: NAL_HEADER_BYTES, aggregate, fragment };

export class H265Packetizer implements Packetizer {
  packetize({ data }: CodedPart, maxPayloadBytes: number, target: PayloadTarget): number {
    return packetizeNalUnits(data, FORMAT, maxPayloadBytes, target);
  }
}

/** RFC 7798 section 4.4.2: F is set if one part's is, layer id and temporal id are the lowest of the parts. */
function aggregate(
  stream: Buffer,
  units: readonly number[],
  from: number,
  to: number,
  { bytes, offset }: PayloadTarget,
) {
  let forbidden = 0;
  let layer = 63;
  let temporal = 7;
  let at = offset + NAL_HEADER_BYTES;
  for (let index = from; index < to; index += 2) {
    const start = units[index] as number;
    const end = units[index + 1] as number;
    const high = stream[start] as number;
    const low = stream[start + 1] ?? 0;
    forbidden |= high & 0x80;
    layer = Math.min(layer, ((high & 1) << 5) | (low >> 3));
    temporal = Math.min(temporal, low & 7);
    bytes[at] = (end - start) >> 8;
    bytes[at + 1] = (end - start) & 0xff;
    at = copyInto(stream, start, end, bytes, at + SIZE_BYTES);
  }
  bytes[offset] = forbidden | (AGGREGATION << 1) | (layer >> 5);
  bytes[offset + 1] = ((layer & 0x1f) << 3) | temporal;
}

/** RFC 7798 section 4.4.3: the NAL unit's header is spread over payload header (all but the type) and FU header. */
function fragment(
  stream: Buffer,
  start: number,
  end: number,
  maxPayloadBytes: number,
  endsPart: boolean,
  target: PayloadTarget,
): number {
  const high = stream[start] as number;
  const low = stream[start + 1] as number;
  const type = (high >> 1) & 0x3f;
  const first = start + NAL_HEADER_BYTES;
  const headerBytes = NAL_HEADER_BYTES + FU_HEADER_BYTES;
  const room = maxPayloadBytes - headerBytes;
  let written = 0;
  for (let from = first; from < end; from += room) {
    const to = Math.min(from + room, end);
    const { bytes, offset } = target;
    bytes[offset] = (high & 0x81) | (FRAGMENTATION << 1);
    bytes[offset + 1] = low;
    bytes[offset + 2] = type | (from === first ? FU_START : 0) | (to === end ? FU_END : 0);
    copyInto(stream, from, to, bytes, offset + headerBytes);
    target.commit(headerBytes + to - from, endsPart && to === end);
    written += 1;
  }
  return written;
}
