import { expect, test } from "vitest";
import { addToRate, createRateWindow, rateBps } from "./acked-rate.ts";

/** A megabit a second, for a second from `startMs` on; returns when it ends. */
function second(state: ReturnType<typeof createRateWindow>, startMs: number): number {
  for (let elapsedMs = 0; elapsedMs < 1000; elapsedMs += 10) addToRate(state, 1250, startMs + elapsedMs);
  return startMs + 990;
}

test("a clock that was set back begins anew and measures the same rate", () => {
  const state = createRateWindow();
  const before = rateBps(state, second(state, 1e9));
  const after = rateBps(state, second(state, -1e9));
  expect(before).toBeCloseTo(1e6, -5);
  expect(after).toBe(before);
});

test("a packet that comes late within the window is counted with the others", () => {
  const state = createRateWindow();
  const endMs = second(state, 0);
  const before = rateBps(state, endMs) ?? 0;
  addToRate(state, 12_500, endMs - 400);
  expect(rateBps(state, endMs)).toBeCloseTo(before + 200_000, -4);
});

test("a shorter window sees a change sooner", () => {
  const state = createRateWindow();
  const endMs = second(state, 0);
  for (let elapsedMs = 10; elapsedMs <= 150; elapsedMs += 10) addToRate(state, 625, endMs + elapsedMs);
  expect(rateBps(state, endMs + 150, 150)).toBeCloseTo(0.5e6, -5);
  expect(rateBps(state, endMs + 150)).toBeGreaterThan(0.8e6);
});

test("what stopped is nothing after a window, and begins anew", () => {
  const state = createRateWindow();
  const endMs = second(state, 0);
  expect(rateBps(state, endMs + 600)).toBeUndefined();
  expect(rateBps(state, second(state, 60_000))).toBeCloseTo(1e6, -5);
});
