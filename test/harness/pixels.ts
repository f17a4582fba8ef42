// Pictures as RGBA bytes, from the X server (pattern.ts) or from the page (bench/page-probe.ts); compared in
// bench/quality.ts, written as PNG beside the figures.

import { writeFileSync } from "node:fs";
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

export function writePng(path: string, picture: Picture): void {
  const png = new PNG({ width: picture.widthPx, height: picture.heightPx });
  png.data.set(picture.data);
  writeFileSync(path, PNG.sync.write(png));
}
