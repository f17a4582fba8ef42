import { expect, test } from "vitest";
import { SpareRate } from "./spare-rate.ts";

const LEAST_BPS = 500e3;

function spareAt() {
  const clock = { nowMs: 0 };
  const spare = new SpareRate(() => clock.nowMs);
  /** Asked ten times a second for so long. */
  const run = (ms: number, waitMs: number) => {
    let bps = 0;
    for (const endMs = clock.nowMs + ms; clock.nowMs < endMs; clock.nowMs += 100) bps = spare.bps(waitMs, LEAST_BPS);
    return bps;
  };
  return { clock, run };
}

test("on a link without a queue it grows to hundreds of megabits within three seconds", () => {
  expect(spareAt().run(3000, 2)).toBeGreaterThan(500e6);
});

test("where packets wait it gives way within half a second, and down to what is left to it", () => {
  const { run } = spareAt();
  const before = run(1000, 2);
  expect(run(500, 60)).toBeLessThan(before / 4);
  expect(run(10_000, 60)).toBe(LEAST_BPS);
});

test("after a pause it begins anew: the link may be another one", () => {
  const { clock, run } = spareAt();
  expect(run(3000, 2)).toBeGreaterThan(500e6);
  clock.nowMs += 6000;
  expect(run(100, 2)).toBeLessThan(10e6);
});

test("asking more often makes it no faster", () => {
  const clock = { nowMs: 0 };
  const spare = new SpareRate(() => clock.nowMs);
  let bps = 0;
  for (; clock.nowMs < 1000; clock.nowMs += 1) bps = spare.bps(2, LEAST_BPS);
  expect(bps).toBeCloseTo(spareAt().run(1000, 2));
});
