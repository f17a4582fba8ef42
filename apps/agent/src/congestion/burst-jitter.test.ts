// Jitter and steps, told from queues.

import { expect, test } from "vitest";
import { createBurstJitter, type BurstJitter, updateBurstJitter } from "./burst-jitter.ts";

/** A burst of three packets every 17 ms, each a little later than the one before it. */
function run(delayMs: (burst: number) => number, bursts = 60): BurstJitter {
  const state = createBurstJitter();
  for (let burst = 0; burst < bursts; burst += 1) {
    for (let packet = 0; packet < 3; packet += 1) {
      updateBurstJitter(state, 1e6 + delayMs(burst) + packet, burst * 17 + packet);
    }
  }
  return state;
}

test("a delay that stays the same is no jitter, nor is a queue that grows and shrinks", () => {
  expect(run(() => 20).jitterMs).toBe(0);
  expect(run((burst) => 20 + 5 * burst).jitterMs).toBe(0);
  expect(run((burst) => 20 + 5 * Math.abs(30 - burst)).jitterMs).toBe(0);
});

test("another route is a step, and no jitter", () => {
  const state = run((burst) => (burst < 40 ? 20 : 70));
  expect(state.jitterMs).toBe(0);
  expect(state.stepMs).toBe(50);
  expect(state.stepAtMs).toBeGreaterThanOrEqual(40 * 17);
  expect(state.stepAtMs).toBeLessThan(43 * 17);
});

test("a queue that grows by less than a step at a time is none", () => {
  expect(run((burst) => 20 + 4 * burst).stepMs).toBe(0);
});

test("bursts that are late by chance are jitter of about half their spread, and soon lasting", () => {
  const late = [3, 28, 11, 19, 0, 25, 8, 30, 14, 22, 5, 17, 27, 1, 20, 9];
  const short = run((burst) => 20 + (late[burst % late.length] ?? 0), 60);
  expect(short.jitterMs).toBeGreaterThan(8);
  expect(short.jitterMs).toBeLessThan(30);
  expect(short).toMatchObject({ jittery: true, lasting: false });
  expect(run((burst) => 20 + (late[burst % late.length] ?? 0), 300)).toMatchObject({ jittery: true, lasting: true });
});
