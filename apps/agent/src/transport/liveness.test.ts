import { expect, test } from "vitest";
import { Liveness } from "./liveness.ts";

const RTT_MS = 40;

/** Packets each 16 ms and a check each 50 ms from `fromMs` to `toMs`; when it died. */
function run(liveness: Liveness, fromMs: number, toMs: number, answers: boolean): number[] {
  const deathsMs: number[] = [];
  for (let nowMs = fromMs; nowMs < toMs; nowMs += 2) {
    if (nowMs % 16 === 0) liveness.sent(nowMs);
    if (answers && nowMs % 100 === 0) liveness.answered(RTT_MS);
    if (nowMs % 50 === 0 && liveness.dies(RTT_MS, nowMs)) deathsMs.push(nowMs);
  }
  return deathsMs;
}

test("a path that stops to answer is dead within half a second, once", () => {
  const liveness = new Liveness();
  expect(run(liveness, 0, 1000, true)).toEqual([]);
  const deathsMs = run(liveness, 1000, 8000, false);
  expect(deathsMs).toHaveLength(1);
  expect(deathsMs[0]).toBeLessThanOrEqual(1500);
  expect(liveness.alive).toBe(false);
});

test("one that answers again lives again, and is told of once", () => {
  const liveness = new Liveness();
  run(liveness, 0, 1000, false);
  expect(liveness.answered(RTT_MS)).toBe(true);
  expect(liveness.answered(RTT_MS)).toBe(false);
  expect(run(liveness, 1000, 3000, true)).toEqual([]);
});

test("nothing sent is nothing unanswered", () => {
  const liveness = new Liveness();
  liveness.sent(0);
  liveness.answered(RTT_MS);
  expect(liveness.dies(RTT_MS, 60_000)).toBe(false);
});

test("a program that stood still for seconds does not take the path for dead before it could hear of it", () => {
  const liveness = new Liveness();
  run(liveness, 0, 1000, true);
  liveness.sent(1004);
  expect(liveness.dies(RTT_MS, 4000)).toBe(false);
  liveness.answered(RTT_MS);
  expect(run(liveness, 4016, 6000, true)).toEqual([]);
});

test("a path that only got long is not dead again for it", () => {
  const liveness = new Liveness();
  run(liveness, 0, 1000, true);
  expect(run(liveness, 1000, 1600, false)).toHaveLength(1);
  expect(liveness.answered(600)).toBe(true);
  expect(run(liveness, 1600, 2400, false)).toEqual([]);
  liveness.answered(600);
  expect(run(liveness, 2400, 4400, false)).toHaveLength(1);
});

test("what is heard besides keeps a path alive, and does not bring it back", () => {
  const liveness = new Liveness();
  for (let turn = 0; turn < 5; turn += 1) {
    expect(run(liveness, turn * 400, turn * 400 + 400, false)).toEqual([]);
    liveness.heard();
  }
  run(liveness, 2000, 3000, false);
  liveness.heard();
  expect(liveness.alive).toBe(false);
});
