import { expect, it } from "vitest";
import { refreshRateOf } from "./refresh-rate.ts";

const frames = (rateHz: number, count = 40): number[] => Array.from({ length: count }, () => 1000 / rateHz);

it("knows the screens that there are", () => {
  for (const rateHz of [50, 60, 75, 90, 120, 144, 165, 240]) expect(refreshRateOf(frames(rateHz))).toBe(rateHz);
  expect(refreshRateOf(frames(59.94))).toBe(60);
});

it("is not misled by frames that a busy page misses", () => {
  expect(refreshRateOf([...frames(120, 15), ...frames(60, 15), ...frames(20, 10)])).toBe(120);
  const jittered = frames(60).map((intervalMs, index) => intervalMs + (index % 2 === 0 ? 0.1 : -0.1));
  expect(refreshRateOf(jittered)).toBe(60);
});

it("says nothing where it can't know", () => {
  expect(refreshRateOf([])).toBeUndefined();
  expect(refreshRateOf(frames(30))).toBeUndefined();
  expect(refreshRateOf(frames(55))).toBeUndefined();
  expect(refreshRateOf([0, 0, 0])).toBeUndefined();
});
