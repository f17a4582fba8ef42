import { expect, test } from "vitest";
import type { Picture } from "../harness/pixels.ts";
import { compare } from "./quality.ts";

function picture(colourAt: (x: number, y: number) => readonly [number, number, number]): Picture {
  const data = new Uint8Array(32 * 16 * 4);
  for (let i = 0; i < 32 * 16; i += 1) data.set([...colourAt(i % 32, Math.floor(i / 32)), 255], i * 4);
  return { widthPx: 32, heightPx: 16, data };
}

const stripes = picture((x) => (x % 4 < 2 ? [200, 180, 160] : [20, 40, 60]));

test("a picture is like itself", () => {
  const quality = compare(stripes, stripes);
  expect(quality.redDb).toBe(Number.POSITIVE_INFINITY);
  expect(quality.ssim).toBeCloseTo(1, 9);
});

test("one channel that is off by 10 costs 28.13 dB there and nothing elsewhere", () => {
  const off = picture((x) => (x % 4 < 2 ? [200, 180, 170] : [20, 40, 70]));
  const quality = compare(off, stripes);
  expect(quality.blueDb).toBeCloseTo(20 * Math.log10(25.5), 6);
  expect(quality.redDb).toBe(Number.POSITIVE_INFINITY);
  // BT.709: blue weighs 0.0722.
  expect(quality.lumaDb).toBeCloseTo(20 * Math.log10(255 / 0.722), 3);
});

test("a picture that lost its stripes has lost its structure", () => {
  const grey = picture(() => [110, 110, 110]);
  expect(compare(grey, stripes).ssim).toBeLessThan(0.2);
});

test("pictures of two sizes are not compared", () => {
  expect(() => compare({ ...stripes, heightPx: 8 }, stripes)).toThrow("32x8");
});
