// What a byte stream of H.264 says of itself (ITU-T H.264, 7.3): just enough for tests to look into it.

export interface NalUnit {
  /** nal_unit_type, table 7-1. */
  readonly type: number;
  /** From its header byte on, with emulation prevention. */
  readonly bytes: Uint8Array;
}

/** Annex B: the NAL units between start codes. */
export function nalUnits(stream: Uint8Array): NalUnit[] {
  const data = Buffer.from(stream.buffer, stream.byteOffset, stream.byteLength);
  const startCode = Buffer.from([0, 0, 1]);
  const units: NalUnit[] = [];
  for (let at = data.indexOf(startCode); at >= 0; ) {
    const next = data.indexOf(startCode, at + 3);
    units.push({ type: (data[at + 3] ?? 0) & 31, bytes: data.subarray(at + 3, next < 0 ? undefined : next) });
    at = next;
  }
  return units;
}

/** first_mb_in_slice of each slice, 7.3.3. */
export function firstMacroblocks(stream: Uint8Array): number[] {
  return nalUnits(stream)
    .filter(({ type }) => type === 1 || type === 5)
    .map(({ bytes }) => readUe(bytes, 8));
}

/** ue(v), 9.1; of the first bits of a slice header, where no emulation prevention can stand. */
function readUe(bytes: Uint8Array, fromBit: number): number {
  const bit = (at: number): number => ((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
  let zeros = 0;
  while (zeros < 32 && bit(fromBit + zeros) === 0) zeros += 1;
  let value = 0;
  for (let i = 0; i <= zeros; i++) value = value * 2 + bit(fromBit + zeros + i);
  return value - 1;
}
