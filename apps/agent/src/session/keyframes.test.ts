import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Keyframes } from "./keyframes.ts";

let asked: number;
let coded: number;
let keyframes: Keyframes;

/** An encoder that codes one picture each 16 ms, a whole one where that was asked for. */
function run(ms: number, each: () => void): void {
  for (let elapsedMs = 0; elapsedMs < ms; elapsedMs += 16) {
    const before = asked;
    each();
    vi.advanceTimersByTime(16);
    if (asked === before) continue;
    coded += 1;
    keyframes.coded();
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  asked = 0;
  coded = 0;
  keyframes = new Keyframes(
    () => {
      asked += 1;
    },
    () => performance.now(),
  );
});
afterEach(() => {
  keyframes.close();
  vi.useRealTimers();
});

test("one who asks with every picture, and thirty times, has four whole ones at once and four a second", () => {
  run(10_000, () => {
    for (let count = 0; count < 30; count += 1) keyframes.ask();
  });
  expect(coded).toBeGreaterThanOrEqual(40);
  expect(coded).toBeLessThanOrEqual(44);
  expect(keyframes.held).toBeGreaterThan(10_000);
});

test("requests for one and the same whole picture count as one: the next that is needed comes at once", () => {
  for (let count = 0; count < 20; count += 1) keyframes.ask();
  keyframes.coded();
  expect(keyframes.held).toBe(0);
  const before = asked;
  keyframes.ask();
  expect(asked).toBe(before + 1);
});

test("what came too soon is answered once, as soon as it may be", () => {
  for (let count = 0; count < 4; count += 1) keyframes.coded();
  keyframes.ask();
  keyframes.ask();
  expect(asked).toBe(0);
  vi.advanceTimersByTime(250);
  expect(asked).toBe(1);
  vi.advanceTimersByTime(1000);
  expect(asked).toBe(1);
});

test("nothing is asked for after the end, and no timer is left", () => {
  for (let count = 0; count < 4; count += 1) keyframes.coded();
  keyframes.ask();
  keyframes.close();
  keyframes.ask();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(1000);
  expect(asked).toBe(0);
});
