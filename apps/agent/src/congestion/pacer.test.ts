import { expect, test } from "vitest";
import { createPacer, pacerSent, pacerWaitMs } from "./pacer.ts";

const PACE_BPS = 40e6;
/** What the pace carries in half a frame interval at 60 Hz. */
const BUDGET_BYTES = (PACE_BPS / 8000) * (500 / 60);

/** Sends packets of 1200 bytes until the pacer says wait; returns how many and how long. */
function sendAll(pacer: ReturnType<typeof createPacer>, nowMs: number): { packets: number; waitMs: number } {
  let packets = 0;
  for (;;) {
    const waitMs = pacerWaitMs(pacer, PACE_BPS, nowMs);
    if (waitMs > 0) return { packets, waitMs };
    pacerSent(pacer, 1200);
    packets += 1;
  }
}

test("a frame within the budget leaves at once, a larger one is spread at the pace", () => {
  const pacer = createPacer({ framesPerSecond: 60 });
  const first = sendAll(pacer, 0);
  expect(first.packets).toBe(Math.ceil(BUDGET_BYTES / 1200));
  expect(first.waitMs).toBeLessThan(1);
  expect(sendAll(pacer, 2).packets).toBeCloseTo((2 * PACE_BPS) / 8000 / 1200, -1);
});

test("after a pause the budget is whole again, and not more", () => {
  const pacer = createPacer({ framesPerSecond: 60 });
  const { packets } = sendAll(pacer, 0);
  expect(sendAll(pacer, 60_000).packets).toBe(packets);
});

test("on the slowest link a few packets leave together", () => {
  const pacer = createPacer({ framesPerSecond: 60 });
  let packets = 0;
  for (; pacerWaitMs(pacer, 100e3, 0) === 0; packets += 1) pacerSent(pacer, 1200);
  expect(packets).toBe(6);
});
