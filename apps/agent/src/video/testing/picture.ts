// What a viewer sees and what the X screen shows, as planes, and how far they are apart. Decoding and grabbing are
// ffmpeg's, the colours are computed here from the formula: nothing of the add-on is used.

import { execFileSync } from "node:child_process";
import type { AccessUnit } from "../types.ts";

export interface Planes {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly y: Uint8Array | Float32Array;
  readonly u: Uint8Array | Float32Array;
  readonly v: Uint8Array | Float32Array;
}

const QUIET = ["-v", "error", "-nostdin"];
const LARGEST_BYTES = 1 << 30;

/** Decodes access units, the first of them an IDR, and returns the last picture. */
export function decodeLast(units: readonly AccessUnit[]): Planes {
  const last = units.at(-1);
  if (!last) throw new Error("no access units");
  const { widthPx, heightPx } = last;
  const decoded = execFileSync(
    "ffmpeg",
    [
      ...QUIET,
      "-f",
      "h264",
      "-i",
      "pipe:0",
      "-fps_mode",
      "passthrough",
      "-f",
      "rawvideo",
      "-pix_fmt",
      "yuv420p",
      "pipe:1",
    ],
    { input: Buffer.concat(units.map((unit) => unit.data)), maxBuffer: LARGEST_BYTES },
  );
  const bytes = (widthPx * heightPx * 3) / 2;
  if (decoded.length !== bytes * units.length) {
    throw new Error(`${units.length} access units became ${decoded.length / bytes} pictures`);
  }
  const picture = decoded.subarray(decoded.length - bytes);
  const luma = widthPx * heightPx;
  return {
    widthPx,
    heightPx,
    y: picture.subarray(0, luma),
    u: picture.subarray(luma, luma * 1.25),
    v: picture.subarray(luma * 1.25),
  };
}

/** The screen as it is, in BT.709 limited range (Rec. ITU-R BT.709-6, 3.2 to 3.5), not rounded. */
export function screenPlanes(display: string, widthPx: number, heightPx: number): Planes {
  const size = `${widthPx}x${heightPx}`;
  const source = ["-f", "x11grab", "-draw_mouse", "0", "-video_size", size, "-i", display];
  const bgrx = execFileSync(
    "ffmpeg",
    [...QUIET, ...source, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "bgr0", "pipe:1"],
    {
      maxBuffer: LARGEST_BYTES,
    },
  );
  const y = new Float32Array(widthPx * heightPx);
  const u = new Float32Array(y.length / 4);
  const v = new Float32Array(y.length / 4);
  for (let row = 0; row < heightPx; row++) {
    for (let column = 0; column < widthPx; column++) {
      const p = (row * widthPx + column) * 4;
      const [b = 0, g = 0, r = 0] = [bgrx[p], bgrx[p + 1], bgrx[p + 2]];
      const luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
      y[row * widthPx + column] = 16 + (219 / 255) * luma;
      const c = (row >> 1) * (widthPx >> 1) + (column >> 1);
      u[c] = (u[c] ?? 0) + (128 + ((224 / 255) * (b - luma)) / 1.8556) / 4;
      v[c] = (v[c] ?? 0) + (128 + ((224 / 255) * (r - luma)) / 1.5748) / 4;
    }
  }
  return { widthPx, heightPx, y, u, v };
}

/** Peak signal-to-noise ratio, dB. */
export function psnrDb(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return 10 * Math.log10((255 * 255) / Math.max(sum / a.length, 1e-9));
}
