import { expect, test } from "vitest";
import type { Picture } from "../harness/pixels.ts";
import { codedLumaDb, compare, subsampled } from "./quality.ts";

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

test("a luma plane is measured on the scale of the screen", () => {
  const grey = picture(() => [110, 110, 110]);
  const plane = new Uint8Array(32 * 16).fill(16 + Math.round((110 * 219) / 255));
  // One step of the coded range is 255/219 of the screen's; rounding leaves less than half of one.
  expect(codedLumaDb(plane, grey)).toBeGreaterThan(50);
  expect(codedLumaDb(plane.fill(16 + Math.round((120 * 219) / 255)), grey)).toBeCloseTo(28, 0);
});

test("halving the colour's resolution leaves what is the same over two pixels, and blurs what is not", () => {
  expect(compare(subsampled(stripes), stripes).redDb).toBeGreaterThan(45);
  const fine = picture((x) => (x % 2 === 0 ? [200, 20, 20] : [20, 20, 200]));
  expect(compare(subsampled(fine), fine).redDb).toBeLessThan(15);
});
