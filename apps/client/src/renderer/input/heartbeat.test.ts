import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Heartbeat } from "./heartbeat.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function heart() {
  const state = { holds: false, beats: 0 };
  const heartbeat = new Heartbeat({ holds: () => state.holds, beat: () => void (state.beats += 1) });
  return { state, heartbeat };
}

it("beats once when the hands come, so that the agent counts on it", () => {
  const { state, heartbeat } = heart();
  heartbeat.start();
  vi.advanceTimersByTime(1000);
  expect(state.beats).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

it("beats ten times a second after a press, not with it, and ends with the release", () => {
  const { state, heartbeat } = heart();
  state.holds = true;
  heartbeat.touch();
  heartbeat.touch();
  expect(state.beats).toBe(0);
  vi.advanceTimersByTime(1000);
  expect(state.beats).toBe(10);
  state.holds = false;
  vi.advanceTimersByTime(1000);
  expect(state.beats).toBe(10);
  expect(vi.getTimerCount()).toBe(0);
});

it("is still while nothing is held", () => {
  const { state, heartbeat } = heart();
  heartbeat.touch();
  expect(state.beats).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

it("stops when told to", () => {
  const { state, heartbeat } = heart();
  state.holds = true;
  heartbeat.touch();
  heartbeat.stop();
  vi.advanceTimersByTime(1000);
  expect(state.beats).toBe(0);
});
