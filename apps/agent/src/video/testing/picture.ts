// What a viewer sees and what the X screen shows, as planes, and how far they are apart. Decoding and grabbing are
// ffmpeg's, the colours are computed here from the formula: nothing of the add-on is used.

import { execFileSync } from "node:child_process";
import type { AccessUnit } from "../types.ts";
import { containerOf } from "./container.ts";

export interface Planes {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly y: Uint8Array | Float32Array;
  readonly u: Uint8Array | Float32Array;
  readonly v: Uint8Array | Float32Array;
}

const QUIET = ["-v", "error", "-nostdin"];
const LARGEST_BYTES = 1 << 30;

/** Decodes access units of one size, the first of them a keyframe, and returns the last picture. */
export function decodeLast(units: readonly AccessUnit[]): Planes {
  const last = units.at(-1);
  if (!last) throw new Error("no access units");
  const { widthPx, heightPx, chroma } = last;
  const { format, bytes: coded } = containerOf(units);
  const decoded = execFileSync(
    "ffmpeg",
    [
      ...QUIET,
      "-f",
      format,
      "-i",
      "pipe:0",
      "-fps_mode",
      "passthrough",
      "-f",
      "rawvideo",
      "-pix_fmt",
      chroma === "444" ? "yuv444p" : "yuv420p",
      "pipe:1",
    ],
    { input: coded, maxBuffer: LARGEST_BYTES },
  );
  const luma = widthPx * heightPx;
  const sub = chroma === "444" ? luma : luma / 4;
  const bytes = luma + 2 * sub;
  if (decoded.length !== bytes * units.length) {
    throw new Error(`${units.length} access units became ${decoded.length / bytes} pictures`);
  }
  const picture = decoded.subarray(decoded.length - bytes);
  return {
    widthPx,
    heightPx,
    y: picture.subarray(0, luma),
    u: picture.subarray(luma, luma + sub),
    v: picture.subarray(luma + sub),
  };
}

/** The screen as it is, in BT.709 limited range (Rec. ITU-R BT.709-6, 3.2 to 3.5), not rounded. */
export function screenPlanes(
  display: string,
  widthPx: number,
  heightPx: number,
  chroma: AccessUnit["chroma"] = "420",
): Planes {
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
  const side = chroma === "444" ? 1 : 2;
  const share = side * side;
  const u = new Float32Array(y.length / share);
  const v = new Float32Array(y.length / share);
  for (let row = 0; row < heightPx; row++) {
    for (let column = 0; column < widthPx; column++) {
      const p = (row * widthPx + column) * 4;
      const [b = 0, g = 0, r = 0] = [bgrx[p], bgrx[p + 1], bgrx[p + 2]];
      const luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
      y[row * widthPx + column] = 16 + (219 / 255) * luma;
      const c = Math.floor(row / side) * (widthPx / side) + Math.floor(column / side);
      u[c] = (u[c] ?? 0) + (128 + ((224 / 255) * (b - luma)) / 1.8556) / share;
      v[c] = (v[c] ?? 0) + (128 + ((224 / 255) * (r - luma)) / 1.5748) / share;
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

/** The left part of a picture, an even number of pixels wide. */
export function cropPlanes({ widthPx, heightPx, y, u, v }: Planes, toWidthPx: number): Planes {
  const crop = (plane: Planes["y"], fromWidth: number, toWidth: number): Float32Array => {
    const rows = plane.length / fromWidth;
    const cropped = new Float32Array(toWidth * rows);
    for (let row = 0; row < rows; row++) {
      cropped.set(plane.subarray(row * fromWidth, row * fromWidth + toWidth), row * toWidth);
    }
    return cropped;
  };
  const side = u.length === y.length ? 1 : 2;
  const chroma = (plane: Planes["y"]) => crop(plane, widthPx / side, toWidthPx / side);
  return { widthPx: toWidthPx, heightPx, y: crop(y, widthPx, toWidthPx), u: chroma(u), v: chroma(v) };
}
