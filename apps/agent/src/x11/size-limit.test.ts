import fc from "fast-check";
import { expect, it } from "vitest";
import { fitDesktop } from "./size-limit.ts";

const MAX = { widthPx: 3840, heightPx: 2160 };
const side = fc.integer({ min: 64, max: 8192 });

it("gives what fits as it is asked for, either way round", () => {
  expect(fitDesktop({ widthPx: 3840, heightPx: 2160 }, MAX)).toEqual({ widthPx: 3840, heightPx: 2160 });
  expect(fitDesktop({ widthPx: 2160, heightPx: 3840 }, MAX)).toEqual({ widthPx: 2160, heightPx: 3840 });
  expect(fitDesktop({ widthPx: 65, heightPx: 67 }, MAX)).toEqual({ widthPx: 65, heightPx: 67 });
});

it("gives the largest of the same shape where that is too large", () => {
  expect(fitDesktop({ widthPx: 7680, heightPx: 4320 }, MAX)).toEqual({ widthPx: 3840, heightPx: 2160 });
  expect(fitDesktop({ widthPx: 5120, heightPx: 1440 }, MAX)).toEqual({ widthPx: 3840, heightPx: 1080 });
  expect(fitDesktop({ widthPx: 3000, heightPx: 3000 }, MAX)).toEqual({ widthPx: 2160, heightPx: 2160 });
});

it("never goes beyond the operator's size, H.264's largest picture or the protocol's smallest side, and keeps the shape", () => {
  fc.assert(
    fc.property(side, side, side, side, (widthPx, heightPx, maxWidth, maxHeight) => {
      const fitted = fitDesktop({ widthPx, heightPx }, { widthPx: maxWidth, heightPx: maxHeight });
      const [short, long] = [fitted.widthPx, fitted.heightPx].sort((a, b) => a - b) as [number, number];
      const [maxShort, maxLong] = [maxWidth, maxHeight].sort((a, b) => a - b) as [number, number];
      expect(short).toBeLessThanOrEqual(Math.max(64, maxShort));
      expect(long).toBeLessThanOrEqual(Math.max(64, maxLong));
      expect(Math.ceil(short / 16) * Math.ceil(long / 16)).toBeLessThanOrEqual(139_264);
      expect(short).toBeGreaterThanOrEqual(64);
      if (short > 64) {
        const factor = long / Math.max(widthPx, heightPx);
        expect(Math.abs(short - Math.min(widthPx, heightPx) * factor)).toBeLessThanOrEqual(4);
      }
    }),
  );
});
