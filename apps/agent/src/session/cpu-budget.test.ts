import { expect, test } from "vitest";
import { CpuBudget, type CpuShare } from "./cpu-budget.ts";

/** Runs viewers against one budget until it settles: each draws what it wants, as far as it may. */
function settle(cores: number, viewers: readonly { pictureMs: number; wanted: number }[]): number[] {
  const budget = new CpuBudget(cores);
  const shares: CpuShare[] = viewers.map(() => budget.join());
  const limits = viewers.map(() => Infinity);
  for (let round = 0; round < 20; round += 1) {
    viewers.forEach(({ pictureMs, wanted }, index) => {
      const framesPerSecond = Math.min(wanted, limits[index] ?? Infinity);
      limits[index] =
        shares[index]?.report({ pictureMs, framesPerSecond, wantedFramesPerSecond: Math.max(wanted, 60) }) ?? 0;
    });
  }
  return limits;
}

test("one viewer alone is not limited", () => {
  expect(settle(2, [{ pictureMs: 20, wanted: 60 }])).toEqual([Infinity]);
});

test("two that fit are not limited", () => {
  expect(
    settle(4, [
      { pictureMs: 10, wanted: 60 },
      { pictureMs: 10, wanted: 60 },
    ]),
  ).toEqual([Infinity, Infinity]);
});

test("two alike that do not fit share evenly, within the budget", () => {
  const [a = 0, b = 0] = settle(1, [
    { pictureMs: 20, wanted: 60 },
    { pictureMs: 20, wanted: 60 },
  ]);
  expect(a).toBe(b);
  expect((a + b) * 20).toBeCloseTo(800, -1);
});

test("a still viewer beside a moving one takes nothing from it", () => {
  const [moving = 0] = settle(2, [
    { pictureMs: 15, wanted: 60 },
    { pictureMs: 15, wanted: 1 },
  ]);
  expect(moving).toBeGreaterThanOrEqual(60);
});

test("a costly viewer is held back, a cheap one is not", () => {
  const [costly = 0, cheap = 0] = settle(1, [
    { pictureMs: 40, wanted: 60 },
    { pictureMs: 3, wanted: 60 },
  ]);
  expect(cheap).toBe(Infinity);
  expect(costly).toBeGreaterThan(10);
  expect(costly).toBeLessThan(20);
});

test("encoders of the graphics card count for nothing", () => {
  expect(
    settle(1, [
      { pictureMs: 0, wanted: 60 },
      { pictureMs: 20, wanted: 40 },
    ]),
  ).toEqual([Infinity, Infinity]);
});

test("who leaves gives its part back, and nobody falls below 5 frames a second", () => {
  const budget = new CpuBudget(1);
  const [a, b] = [budget.join(), budget.join()];
  const use = { pictureMs: 500, framesPerSecond: 60, wantedFramesPerSecond: 60 };
  a.report(use);
  expect(b.report(use)).toBe(5);
  b.leave();
  expect(a.report(use)).toBe(Infinity);
});
