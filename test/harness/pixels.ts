// Pictures as RGBA bytes, from the X server (pattern.ts), from the page (bench/page-probe.ts) or from a program's file; compared in
// bench/quality.ts, written as PNG beside the figures.

import { readFileSync, writeFileSync } from "node:fs";
import { PNG } from "pngjs";

export interface Picture {
  readonly widthPx: number;
  readonly heightPx: number;
  /** RGBA, row by row, no padding. */
  readonly data: Uint8Array;
}

/** What X11's GetImage gives at depth 24 on a little-endian machine. */
export function fromBgrx(bytes: Uint8Array, widthPx: number, heightPx: number): Picture {
  const pixels = widthPx * heightPx;
  if (bytes.length < pixels * 4) throw new Error(`${bytes.length} bytes are no ${widthPx}x${heightPx} picture`);
  const data = new Uint8Array(pixels * 4);
  for (let i = 0; i < pixels * 4; i += 4) {
    data[i] = bytes[i + 2] ?? 0;
    data[i + 1] = bytes[i + 1] ?? 0;
    data[i + 2] = bytes[i] ?? 0;
    data[i + 3] = 255;
  }
  return { widthPx, heightPx, data };
}

/** A PPM of 8 bits (P6), as image/graphics/scene.c writes it. */
export function readPpm(path: string): Picture {
  const bytes = readFileSync(path);
  const { width, height } =
    /^P6\n(?<width>\d+) (?<height>\d+)\n255\n/u.exec(bytes.toString("latin1", 0, 40))?.groups ?? {};
  const [widthPx, heightPx] = [Number(width), Number(height)];
  const pixels = widthPx * heightPx;
  const start = bytes.length - pixels * 3;
  if (!(start > 0)) throw new Error(`${path} is no PPM`);
  const data = new Uint8Array(pixels * 4).fill(255);
  for (let i = 0; i < pixels; i++) data.set(bytes.subarray(start + i * 3, start + i * 3 + 3), i * 4);
  return { widthPx, heightPx, data };
}

export function readPng(path: string): Picture {
  const { width, height, data } = PNG.sync.read(readFileSync(path));
  return { widthPx: width, heightPx: height, data };
}

/** Red, green, blue. */
export function pixelAt({ widthPx, data }: Picture, xPx: number, yPx: number): readonly [number, number, number] {
  const at = (yPx * widthPx + xPx) * 4;
  return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
}

export function writePng(path: string, picture: Picture): void {
  const png = new PNG({ width: picture.widthPx, height: picture.heightPx });
  png.data.set(picture.data);
  writeFileSync(path, PNG.sync.write(png));
}
