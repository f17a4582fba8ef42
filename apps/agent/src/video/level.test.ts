import fc from "fast-check";
import { expect, it } from "vitest";
import { largestScale } from "./level.ts";

it("leaves what fits as it is, and other codecs whatever they have", () => {
  expect(largestScale("h264", 3840, 2160)).toBe(1);
  expect(largestScale("h264", 4096, 2304)).toBe(1);
  expect(largestScale("vp9", 7680, 4320)).toBe(1);
  expect(largestScale("h264", 0, 0)).toBe(1);
});

it("makes H.264's pictures no larger than level 5.2, and hardly smaller", () => {
  const side = fc.integer({ min: 64, max: 8192 });
  fc.assert(
    fc.property(side, side, (widthPx, heightPx) => {
      const scale = largestScale("h264", widthPx, heightPx);
      const [width, height] = [widthPx, heightPx].map((px) => Math.round((px * scale) / 2) * 2) as [number, number];
      expect(Math.ceil(width / 16) * Math.ceil(height / 16)).toBeLessThanOrEqual(36_864);
      if (scale < 1) expect(width * height).toBeGreaterThan(0.85 * 36_864 * 256);
    }),
  );
});
