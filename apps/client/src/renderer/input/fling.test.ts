import { expect, it } from "vitest";
import { Fling, trackpadGain } from "./fling.ts";

/** All the way, and how long it took, with a picture each so many ms. */
function thrown(vx: number, vy: number, everyMs: number): { x: number; y: number; ms: number } {
  const fling = new Fling(vx, vy, 1000);
  let [x, y] = [0, 0];
  for (let ms = 0; ; ms += everyMs) {
    const step = fling.next(1000 + ms);
    if (step === undefined) return { x, y, ms };
    x += step.dx;
    y += step.dy;
  }
}

it("goes on in its direction, slower and slower, and stands within seconds", () => {
  const { x, y, ms } = thrown(0.5, -2, 16);
  expect(x / y).toBeCloseTo(-0.25);
  expect(y).toBeGreaterThan(-2 * 325);
  expect(y).toBeLessThan(-2 * 325 * 0.95);
  expect(ms).toBeLessThan(3000);
});

it("goes as far at 10 pictures a second as at 240", () => {
  expect(thrown(0, 3, 4).y).toBeCloseTo(thrown(0, 3, 100).y, -1.3);
});

it("takes the pointer by the finger's own way while it aims, and further the faster it goes, up to a bound", () => {
  expect(trackpadGain(1, 0, 16)).toBe(1);
  expect(trackpadGain(0, 0, 0)).toBe(1);
  const gains = [5, 10, 15, 20, 25].map((px) => trackpadGain(0, px, 16));
  expect(gains).toEqual(gains.toSorted((one, other) => one - other));
  expect(gains[0]).toBeGreaterThan(1);
  expect(trackpadGain(500, 500, 1)).toBe(3);
});
