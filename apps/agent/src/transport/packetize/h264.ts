// Access unit → RTP payloads of H.264, packetization mode 1 (RFC 6184): single NAL unit, STAP-A for consecutive
// small ones, FU-A for one that is larger than a packet. Comes from `sender.ts`, goes into the slots of `packet-ring.ts`.

/** Where payloads are written: the packetizer fills `bytes` from `offset` on, then commits what it wrote. */
export interface PayloadTarget {
  readonly bytes: Uint8Array;
  readonly offset: number;
  /** The payload is complete; `bytes` and `offset` now name the next one's place. `last`: it ends the access unit. */
  commit(sizeBytes: number, last: boolean): void;
}

/** NAL unit types of RFC 6184 section 5.2. */
const STAP_A = 24;
const FU_A = 28;
const FU_HEADER_BYTES = 2;
const FU_START = 0x80;
const FU_END = 0x40;
const STAP_SIZE_BYTES = 2;

/** Start and end of each NAL unit, pairwise; one array for all access units, since they are cut one after the other. */
const bounds: number[] = [];

/**
 * Finds the NAL units of an Annex B byte stream without copying: `[start, end, start, end, …]` without start codes
 * and trailing zero bytes (ITU-T H.264 annex B). The array is reused by the next call.
 */
export function findNalUnits(stream: Uint8Array): readonly number[] {
  bounds.length = 0;
  const size = stream.length;
  let start = -1;
  let index = 0;
  while (index + 2 < size) {
    const third = stream[index + 2] as number;
    if (third > 1) {
      index += 3;
    } else if (third === 1 && stream[index] === 0 && stream[index + 1] === 0) {
      if (start >= 0) addNalUnit(stream, start, index);
      start = index + 3;
      index = start;
    } else {
      index += 1;
    }
  }
  if (start >= 0) addNalUnit(stream, start, size);
  return bounds;
}

function addNalUnit(stream: Uint8Array, start: number, end: number): void {
  let last = end;
  while (last > start && stream[last - 1] === 0) last -= 1;
  if (last > start) bounds.push(start, last);
}

/**
 * Cuts one access unit into payloads of at most `maxPayloadBytes` (at least 16). Returns how many it wrote.
 * @param ends the stream holds the end of the access unit, not just a run of its slices
 */
export function packetizeH264(
  stream: Uint8Array,
  maxPayloadBytes: number,
  target: PayloadTarget,
  ends: boolean = true,
): number {
  const units = findNalUnits(stream);
  const count = units.length;
  let written = 0;
  let index = 0;
  while (index < count) {
    const start = units[index] as number;
    const end = units[index + 1] as number;
    if (end - start > maxPayloadBytes) {
      written += fragment(stream, start, end, maxPayloadBytes, ends && index + 2 === count, target);
      index += 2;
      continue;
    }
    let next = index + 2;
    let total = 1 + STAP_SIZE_BYTES + (end - start);
    while (next < count) {
      const more = STAP_SIZE_BYTES + (units[next + 1] as number) - (units[next] as number);
      if (total + more > maxPayloadBytes) break;
      total += more;
      next += 2;
    }
    if (next === index + 2) {
      copy(stream, start, end, target.bytes, target.offset);
      target.commit(end - start, ends && next === count);
    } else {
      aggregate(stream, units, index, next, target);
      target.commit(total, ends && next === count);
    }
    written += 1;
    index = next;
  }
  return written;
}

/** STAP-A, RFC 6184 section 5.7.1: its NRI is the largest of its parts, its F bit set if one part's is. */
function aggregate(
  stream: Uint8Array,
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
    at = copy(stream, start, end, bytes, at + STAP_SIZE_BYTES);
  }
  bytes[offset] = forbidden | nri | STAP_A;
}

/** FU-A, RFC 6184 section 5.8: the NAL unit's header byte is spread over FU indicator and FU header. */
function fragment(
  stream: Uint8Array,
  start: number,
  end: number,
  maxPayloadBytes: number,
  endsUnit: boolean,
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
    copy(stream, from, to, bytes, offset + FU_HEADER_BYTES);
    target.commit(FU_HEADER_BYTES + to - from, endsUnit && to === end);
    written += 1;
  }
  return written;
}

function copy(stream: Uint8Array, start: number, end: number, into: Uint8Array, offset: number): number {
  into.set(stream.subarray(start, end), offset);
  return offset + end - start;
}
