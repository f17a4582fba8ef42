// The codec string that WebCodecs wants (RFC 6381), from what the stream itself says of its profile and level. PURE.
// Used by `decoder.ts` at each keyframe; a stream that does not say it in the expected place gives undefined.

import type { Codec } from "@eglantine/protocol/formats";

export function codecString(codec: Codec, keyframe: Uint8Array, widthPx: number, heightPx: number): string | undefined {
  switch (codec) {
    case "h264":
      return h264String(keyframe);
    case "h265":
      return h265String(keyframe);
    case "av1":
      return av1String(keyframe);
    case "vp8":
      return "vp8";
    case "vp9":
      return vp9String(keyframe, widthPx, heightPx);
  }
}

/** The bytes of the first NAL unit that `wanted` accepts by its first byte, behind an Annex B start code. */
function findNal(stream: Uint8Array, wanted: (first: number) => boolean): Uint8Array | undefined {
  for (let at = 0; at + 3 < stream.length; at++) {
    if (stream[at] !== 0 || stream[at + 1] !== 0 || stream[at + 2] !== 1) continue;
    if (wanted(stream[at + 3] ?? 0)) return stream.subarray(at + 3);
    at += 3;
  }
  return undefined;
}

const hex = (value: number): string => value.toString(16).padStart(2, "0");

/** H.264 7.3.2.1.1: profile_idc, constraint flags, level_idc stand bare behind the NAL header of the SPS (type 7). */
function h264String(stream: Uint8Array): string | undefined {
  const sps = findNal(stream, (first) => (first & 0x1f) === 7);
  if (sps === undefined || sps.length < 4) return undefined;
  return `avc1.${hex(sps[1] ?? 0)}${hex(sps[2] ?? 0)}${hex(sps[3] ?? 0)}`;
}

/** H.265 7.3.3: profile_tier_level in the SPS (type 33). The string is ISO/IEC 14496-15's, annex E.3. */
function h265String(stream: Uint8Array): string | undefined {
  const sps = findNal(stream, (first) => ((first >> 1) & 0x3f) === 33);
  if (sps === undefined) return undefined;
  // Two bytes of header, one with the layers; what follows may hold emulation prevention (7.3.1.1).
  const profile = withoutEmulation(sps.subarray(3), 12);
  if (profile.length < 12) return undefined;
  const first = profile[0] ?? 0;
  const space = ["", "A", "B", "C"][first >> 6] ?? "";
  const tier = (first & 0x20) === 0 ? "L" : "H";
  let compatibility = 0;
  for (let bit = 0; bit < 32; bit++) {
    if ((((profile[1 + (bit >> 3)] ?? 0) >> (7 - (bit & 7))) & 1) === 1) compatibility += 2 ** bit;
  }
  const constraints = [...profile.subarray(5, 11)];
  while (constraints.length > 0 && constraints.at(-1) === 0) constraints.pop();
  return [
    "hev1",
    `${space}${first & 0x1f}`,
    compatibility.toString(16),
    `${tier}${profile[11] ?? 0}`,
    ...constraints.map((value) => value.toString(16).toUpperCase()),
  ].join(".");
}

/** The first `bytes` of a NAL unit's payload, each 00 00 03 without its 03. */
function withoutEmulation(nal: Uint8Array, bytes: number): Uint8Array {
  const out: number[] = [];
  let zeros = 0;
  for (const value of nal) {
    if (out.length === bytes) break;
    if (zeros >= 2 && value === 3) {
      zeros = 0;
      continue;
    }
    zeros = value === 0 ? zeros + 1 : 0;
    out.push(value);
  }
  return Uint8Array.from(out);
}

/** Reads bits, the most significant first. */
class Bits {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get over(): boolean {
    return this.#at > this.#bytes.length * 8;
  }

  read(count: number): number {
    let value = 0;
    for (let bit = 0; bit < count; bit++, this.#at++) {
      value = value * 2 + (((this.#bytes[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1);
    }
    return value;
  }

  /** AV1 4.10.3: as many zeros as bits follow behind the one. */
  readUvlc(): void {
    let zeros = 0;
    while (zeros < 32 && this.read(1) === 0 && !this.over) zeros++;
    this.read(zeros);
  }
}

/** AV1 5.3 (OBU headers), 5.5 (sequence header); the string is the AV1 codec's ISOBMFF binding's, section 5. */
function av1String(stream: Uint8Array): string | undefined {
  let at = 0;
  while (at < stream.length) {
    const header = stream[at] ?? 0;
    const type = (header >> 3) & 0xf;
    at += (header & 4) === 0 ? 1 : 2;
    if ((header & 2) === 0) return type === 1 ? sequenceString(stream.subarray(at)) : undefined;
    let size = 0;
    for (let shift = 0; shift < 56; shift += 7) {
      const value = stream[at++] ?? 0;
      size += (value & 0x7f) * 2 ** shift;
      if ((value & 0x80) === 0) break;
    }
    if (type === 1) return sequenceString(stream.subarray(at, at + size));
    at += size;
  }
  return undefined;
}

function sequenceString(payload: Uint8Array): string | undefined {
  const bits = new Bits(payload);
  const profile = bits.read(3);
  bits.read(1);
  const reduced = bits.read(1) === 1;
  let level: number;
  let tier = 0;
  if (reduced) {
    level = bits.read(5);
  } else {
    if (bits.read(1) === 1) {
      bits.read(64);
      if (bits.read(1) === 1) bits.readUvlc();
      if (bits.read(1) === 1) bits.read(47);
    }
    bits.read(1);
    // The first operating point is the whole stream.
    bits.read(5 + 12);
    level = bits.read(5);
    if (level > 7) tier = bits.read(1);
  }
  if (bits.over) return undefined;
  // Eight bits a sample: this protocol's agent codes no others.
  return `av01.${profile}.${String(level).padStart(2, "0")}${tier === 0 ? "M" : "H"}.08`;
}

/** VP9 6.2 (uncompressed header) and annex A (levels): the least level that holds a picture of this size at 60 a second. */
function vp9String(stream: Uint8Array, widthPx: number, heightPx: number): string | undefined {
  const bits = new Bits(stream);
  if (bits.read(2) !== 2) return undefined;
  const low = bits.read(1);
  const profile = low + 2 * bits.read(1);
  const pixels = widthPx * heightPx;
  const level = VP9_LEVELS.find(({ most }) => pixels <= most)?.level ?? 62;
  return `vp09.0${profile}.${level}.08`;
}

/** Largest luma picture of the levels 3.1, 4.1, 5.1, 6.1. */
const VP9_LEVELS = [
  { most: 983_040, level: 31 },
  { most: 2_228_224, level: 41 },
  { most: 8_912_896, level: 51 },
  { most: 35_651_584, level: 61 },
] as const;
