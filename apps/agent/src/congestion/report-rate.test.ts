import { expect, test } from "vitest";
import { createController, stepController } from "./controller.ts";

const LIMITS = { startBps: 8e6, minBps: 300e3, maxBps: 50e6 };

/** A path that is only known by receiver reports, one a second: a queue of up to 200 ms, then loss. */
function follow(capacityBps: number, seconds: number, randomLoss = 0): { targetBps: number; meanQueueMs: number } {
  const state = createController(LIMITS);
  let { targetBps } = stepController(state, { type: "tick" }, 0);
  let queueMs = 0;
  let sumMs = 0;
  for (let second = 1; second <= seconds; second += 1) {
    const excess = targetBps / capacityBps - 1;
    const lost = Math.max(0, queueMs + excess * 1000 - 200) / 1000;
    queueMs = Math.min(200, Math.max(0, queueMs + excess * 1000));
    sumMs += queueMs;
    const nowMs = second * 1000;
    stepController(state, { type: "round-trip", roundTripMs: 40 + queueMs }, nowMs);
    const fraction = Math.min(1, randomLoss + (lost * capacityBps) / targetBps);
    ({ targetBps } = stepController(state, { type: "report-loss", fraction }, nowMs));
  }
  return { targetBps, meanQueueMs: sumMs / seconds };
}

test("receiver reports alone bring the rate down to a narrow path", () => {
  const { targetBps, meanQueueMs } = follow(3e6, 60);
  expect(targetBps).toBeLessThan(3.3e6);
  expect(targetBps).toBeGreaterThan(1.5e6);
  expect(meanQueueMs).toBeLessThan(120);
});

test("and up to a wide one", () => {
  expect(follow(40e6, 60).targetBps).toBeGreaterThan(25e6);
});

test("with 1 % of random loss too, and with 5 % it does not fall", () => {
  expect(follow(40e6, 60, 0.01).targetBps).toBeGreaterThan(25e6);
  expect(follow(40e6, 60, 0.05).targetBps).toBeGreaterThanOrEqual(LIMITS.startBps);
});
