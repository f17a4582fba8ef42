// What H.264 and H.265 share on their way into RTP: consecutive small NAL units go into one payload, one that is larger than a
// payload is cut, any other is a payload by itself. Used by `h264.ts` and `h265.ts`, which know the bytes around them.

import { findNalUnits } from "./annex-b.ts";
import { copyInto, type PayloadTarget } from "./payload.ts";

/** Length in front of each NAL unit of an aggregate: RFC 6184 section 5.7.1, RFC 7798 section 4.4.2. */
export const SIZE_BYTES = 2;

export interface NalFormat {
  /** Of an aggregate, before its first length. */
  readonly headerBytes: number;
  /** Writes the units of `units[from, to)` (start and end, pairwise) as one payload. */
  aggregate(stream: Buffer, units: readonly number[], from: number, to: number, target: PayloadTarget): void;
  /** Cuts one unit into payloads and commits them. Returns how many. */
  fragment(
    stream: Buffer,
    start: number,
    end: number,
    maxPayloadBytes: number,
    endsPart: boolean,
    target: PayloadTarget,
  ): number;
}

/** Returns how many payloads it wrote. */
export function packetizeNalUnits(
  stream: Buffer,
  format: NalFormat,
  maxPayloadBytes: number,
  target: PayloadTarget,
): number {
  const units = findNalUnits(stream);
  const count = units.length;
  let written = 0;
  let index = 0;
  while (index < count) {
    const start = units[index] as number;
    const end = units[index + 1] as number;
    if (end - start > maxPayloadBytes) {
      written += format.fragment(stream, start, end, maxPayloadBytes, index + 2 === count, target);
      index += 2;
      continue;
    }
    let next = index + 2;
    let total = format.headerBytes + SIZE_BYTES + (end - start);
    while (next < count) {
      const more = SIZE_BYTES + (units[next + 1] as number) - (units[next] as number);
      if (total + more > maxPayloadBytes) break;
      total += more;
      next += 2;
    }
    if (next === index + 2) {
      copyInto(stream, start, end, target.bytes, target.offset);
      target.commit(end - start, next === count);
    } else {
      format.aggregate(stream, units, index, next, target);
      target.commit(total, next === count);
    }
    written += 1;
    index = next;
  }
  return written;
}
