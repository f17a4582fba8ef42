// The icons in the tree are pictures of the drawing, in files as Windows and macOS read them.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PNG } from "pngjs";
import { Data } from "resedit";
import { expect, it } from "vitest";
import { LINUX_SIZES_PX, MACOS_SIZES_PX, paint, WINDOWS_SIZES_PX } from "./icons.mjs";

const ICONS = fileURLToPath(new URL("../icons", import.meta.url));
const painter = spawnSync("rsvg-convert", ["--version"]).status === 0;
const why = painter ? "" : " (skipped: rsvg-convert is not here)";

/** Mean difference of a channel, of 255. Painters of different versions smooth edges a little differently. */
function difference(a: Buffer, b: Buffer): number {
  const [one, other] = [PNG.sync.read(a), PNG.sync.read(b)];
  expect([one.width, one.height]).toEqual([other.width, other.height]);
  let sum = 0;
  for (const [at, value] of one.data.entries()) sum += Math.abs(value - (other.data[at] ?? 0));
  return sum / one.data.length;
}

function linux(sizePx: number): Buffer {
  return readFileSync(join(ICONS, `linux/${sizePx}x${sizePx}.png`));
}

it.skipIf(!painter).each(LINUX_SIZES_PX)(`%d pixels: the drawing as it is now${why}`, (sizePx) => {
  expect(difference(linux(sizePx), paint(sizePx))).toBeLessThan(2);
});

it("is a flower on nothing: pink petals, a yellow middle, clear corners", () => {
  const { data } = PNG.sync.read(linux(512));
  const pixel = (x: number, y: number) => [...data.subarray((y * 512 + x) * 4, (y * 512 + x) * 4 + 4)];
  expect(pixel(256, 256)).toEqual([0xf4, 0xc9, 0x5d, 255]);
  expect(pixel(220, 120)).toEqual([0xd6, 0x49, 0x8a, 255]);
  expect(pixel(0, 0)[3]).toBe(0);
});

it("Windows: every size, small ones as bitmaps, each the picture that Linux has", () => {
  const { icons } = Data.IconFile.from(readFileSync(join(ICONS, "eglantine.ico")));
  // One byte a size: 256 is written as 0.
  const sizes = icons.map(({ width = 0 }) => (width === 0 ? 256 : width));
  expect(sizes).toEqual(WINDOWS_SIZES_PX);
  for (const [index, { data }] of icons.entries()) {
    const width = sizes[index] ?? 0;
    const seen = data.isIcon()
      ? bitmapPixels(Buffer.from(data.generate()), width)
      : PNG.sync.read(Buffer.from(data.bin)).data;
    expect(data.isIcon()).toBe(width < 256);
    expect(Buffer.compare(seen, PNG.sync.read(linux(width)).data), `${width}`).toBe(0);
  }
});

/** RGBA from the first row on, of a bitmap in an .ico file. */
function bitmapPixels(bitmap: Buffer, widthPx: number): Buffer {
  const rows = Array.from({ length: widthPx }, (_, row) => {
    const at = 40 + (widthPx - 1 - row) * widthPx * 4;
    return Buffer.from(bitmap.subarray(at, at + widthPx * 4)).swap32();
  });
  // BGRA, turned around: ARGB.
  const argb = Buffer.concat(rows);
  for (let at = 0; at < argb.length; at += 4) {
    const [a = 0, r = 0, g = 0, b = 0] = argb.subarray(at, at + 4);
    argb.set([r, g, b, a], at);
  }
  return argb;
}

it("macOS: every type that it knows, with pictures of their sizes, to the last byte", () => {
  const file = readFileSync(join(ICONS, "eglantine.icns"));
  expect(file.toString("latin1", 0, 4)).toBe("icns");
  expect(file.readUInt32BE(4)).toBe(file.length);
  const seen: Record<string, number> = {};
  let at = 8;
  while (at < file.length) {
    const lengthBytes = file.readUInt32BE(at + 4);
    seen[file.toString("latin1", at, at + 4)] = PNG.sync.read(file.subarray(at + 8, at + lengthBytes)).width;
    at += lengthBytes;
  }
  expect(at).toBe(file.length);
  expect(seen).toEqual(MACOS_SIZES_PX);
});
