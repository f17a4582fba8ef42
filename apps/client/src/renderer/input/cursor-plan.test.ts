import fc from "fast-check";
import { expect, it } from "vitest";
import { planCursor } from "./cursor-plan.ts";

const ARROW = { widthPx: 24, heightPx: 24, hotXPx: 4, hotYPx: 3 };

it("draws a cursor as it is where a desktop pixel is a CSS pixel", () => {
  const plan = { widthPx: 24, heightPx: 24, padXPx: 0, padYPx: 0, resolution: 1, hotX: 4, hotY: 3 };
  expect(planCursor(ARROW, 1, 1)).toEqual(plan);
});

it("keeps every pixel at 1:1 on a dense screen", () => {
  expect(planCursor({ ...ARROW, hotXPx: 8 }, 0.5, 2)).toMatchObject({ widthPx: 24, resolution: 2, hotX: 4 });
});

it("puts the hot spot on a whole CSS pixel and shifts nothing by it, at 1:1 on every screen", () => {
  for (const dpr of [1, 1.25, 1.5, 1.75, 2, 2.5, 3]) {
    for (let hotXPx = 0; hotXPx < 48; hotXPx++) {
      const plan = planCursor({ widthPx: 48, heightPx: 48, hotXPx, hotYPx: 47 - hotXPx }, 1 / dpr, dpr);
      expect([plan.widthPx - plan.padXPx, plan.heightPx - plan.padYPx]).toEqual([48, 48]);
      expect(Math.abs(plan.hotX * dpr - (hotXPx + plan.padXPx))).toBeLessThanOrEqual(0.5);
      expect(Math.abs(plan.hotY * dpr - (47 - hotXPx + plan.padYPx))).toBeLessThanOrEqual(0.5);
    }
  }
});

it("scales with the picture", () => {
  expect(planCursor(ARROW, 0.5, 1)).toMatchObject({ widthPx: 12, heightPx: 12, hotX: 2, hotY: 2 });
});

it("stays within what browsers draw, with the hot spot inside, for any cursor and scale", () => {
  const side = fc.integer({ min: 1, max: 256 });
  fc.assert(
    fc.property(
      side,
      side,
      fc.nat(),
      fc.nat(),
      fc.double({ min: 0.05, max: 8, noNaN: true }),
      fc.constantFrom(1, 1.25, 2, 3),
      (widthPx, heightPx, hotX, hotY, scale, dpr) => {
        const cursor = { widthPx, heightPx, hotXPx: hotX % widthPx, hotYPx: hotY % heightPx };
        const plan = planCursor(cursor, scale, dpr);
        expect(plan.widthPx / dpr).toBeLessThanOrEqual(128);
        expect(plan.heightPx / dpr).toBeLessThanOrEqual(128);
        expect(plan.hotX).toBeLessThan(plan.widthPx / dpr);
        expect(plan.hotY).toBeLessThan(plan.heightPx / dpr);
        expect(Math.min(plan.hotX, plan.hotY)).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});
