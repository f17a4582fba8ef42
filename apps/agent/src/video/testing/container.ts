// Access units as a file that a decoder reads: as they are for H.264 and H.265, as IVF for the others.

import type { AccessUnit, Codec } from "../types.ts";

const FOURCC: Partial<Record<Codec, string>> = { vp8: "VP80", vp9: "VP90", av1: "AV01" };

/** `format`: what ffmpeg calls it. All units are of one codec and size. */
export function containerOf(units: readonly AccessUnit[]): { format: string; bytes: Buffer } {
  const { codec, widthPx, heightPx } = units[0] ?? { codec: "h264", widthPx: 0, heightPx: 0 };
  const fourcc = FOURCC[codec];
  if (fourcc === undefined) {
    const format = codec === "h265" ? "hevc" : "h264";
    return { format, bytes: Buffer.concat(units.map((unit) => unit.data)) };
  }
  const head = Buffer.alloc(32);
  head.write("DKIF", 0, "latin1");
  head.writeUInt16LE(32, 6);
  head.write(fourcc, 8, "latin1");
  head.writeUInt16LE(widthPx, 12);
  head.writeUInt16LE(heightPx, 14);
  head.writeUInt32LE(60, 16);
  head.writeUInt32LE(1, 20);
  head.writeUInt32LE(units.length, 24);
  const frames = units.flatMap((unit, i) => {
    const frameHead = Buffer.alloc(12);
    frameHead.writeUInt32LE(unit.data.length, 0);
    frameHead.writeUInt32LE(i, 4);
    return [frameHead, unit.data];
  });
  return { format: "ivf", bytes: Buffer.concat([head, ...frames]) };
}
