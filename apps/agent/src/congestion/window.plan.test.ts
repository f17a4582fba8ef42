// Media over one TCP connection, as steps in virtual time: what is in flight, how late pictures are, what the target does.

import { expect, test } from "vitest";
import { type Picture, SimulatedStream } from "./testing/simulated-stream.ts";
import { createWindow, inFlightBytes, partsAcked, partSent, setWindowLimits, windowOpen } from "./window.ts";

const OPTIONS = { startBps: 8e6, minBps: 300e3, maxBps: 60e6 };
const streamOf = (options: ConstructorParameters<typeof SimulatedStream>[1] = {}) =>
  new SimulatedStream(OPTIONS, options);
const bpsOf = (pictures: readonly Picture[], ms: number) =>
  (pictures.reduce((sum, { bytes }) => sum + bytes, 0) * 8000) / ms;
const percentile = (pictures: readonly Picture[], share: number) =>
  pictures.map(({ delayMs }) => delayMs).toSorted((a, b) => a - b)[Math.floor((pictures.length - 1) * share)] ??
  Number.POSITIVE_INFINITY;

test.each([1, 10, 50])(
  "on a steady 20 Mbit/s with %i ms each way pictures wait little and the path is used",
  (delayMs) => {
    const simulated = streamOf({ delayMs });
    simulated.run(2000);
    const pictures = simulated.run(10_000);
    expect(bpsOf(pictures, 10_000)).toBeGreaterThan(0.85 * 20e6);
    // A round trip, the picture's own time on the path, and the queue.
    expect(percentile(pictures, 0.95)).toBeLessThan(2 * delayMs + 17 + 50);
    expect(percentile(pictures, 0.5)).toBeLessThan(delayMs + 17 + 25);
  },
);

test.each([1, 10])("20 → 3 → 20 Mbit/s: a second later nothing stands, and the rate is back within five", (delayMs) => {
  const simulated = streamOf({ delayMs });
  simulated.run(3000);
  simulated.stream.capacityBps = 3e6;
  simulated.run(1000);
  const narrow = simulated.run(4000);
  expect(percentile(narrow, 0.95)).toBeLessThan(2 * delayMs + 17 + 50);
  expect(bpsOf(narrow, 4000)).toBeGreaterThan(0.85 * 3e6);
  simulated.stream.capacityBps = 20e6;
  simulated.run(5000);
  expect(bpsOf(simulated.run(2000), 2000)).toBeGreaterThan(0.85 * 20e6);
});

test("a still desktop neither raises nor lowers the target, and full motion after it makes no long queue", () => {
  const simulated = streamOf();
  simulated.run(5000);
  simulated.stream.sourceLimitBps = 100_000;
  simulated.run(1000);
  const before = simulated.window.targetBps;
  simulated.run(60_000);
  expect(simulated.window.targetBps).toBe(before);
  simulated.stream.sourceLimitBps = Number.POSITIVE_INFINITY;
  const pictures = simulated.run(2000);
  expect(percentile(pictures, 1)).toBeLessThan(10 + 17 + 100);
});

test("a keyframe ten times as large delays the next pictures by itself and no more", () => {
  const simulated = streamOf({ capacityBps: 10e6 });
  simulated.run(5000);
  simulated.keyframe(150_000);
  const pictures = simulated.run(1000);
  expect(percentile(pictures, 1)).toBeLessThan(10 + 120 + 50);
  const after = simulated.run(2000);
  expect(percentile(after, 0.95)).toBeLessThan(10 + 17 + 50);
});

test("pictures that are large for the path leave no time unused, and wait for one other at most", () => {
  const simulated = streamOf({ capacityBps: 4e6, delayMs: 20, leastPictureBytes: 20_000 });
  simulated.run(3000);
  const pictures = simulated.run(10_000);
  expect(bpsOf(pictures, 10_000)).toBeGreaterThan(0.8 * 4e6);
  // Each takes 40 ms by itself, and so does the shortest round trip that was ever seen.
  expect(percentile(pictures, 0.95)).toBeLessThan(2 * 20 + 2 * 40 + 50);
});

test("while a lost segment holds everything up no more is taken, and the rate is back soon after", () => {
  const simulated = streamOf();
  simulated.run(5000);
  const before = simulated.window.targetBps;
  simulated.mostInFlightBytes = 0;
  simulated.stream.stalledUntilMs = simulated.nowMs + 300;
  simulated.run(300);
  expect(simulated.mostInFlightBytes).toBeLessThan((20e6 / 8000) * (20 + 17 + 50) * 1.6);
  simulated.run(3000);
  expect(simulated.window.targetBps).toBeGreaterThan(0.7 * before);
});

const TEN = { capacityBps: 10e6, delayMs: 1 };
/** In steady state on the path of TEN: it is used, and no picture finds more than the queue before it. */
function expectSteady(simulated: SimulatedStream, lateMs = 0): void {
  const pictures = simulated.run(5000);
  expect(bpsOf(pictures, 5000)).toBeGreaterThan(0.85 * 10e6);
  expect(percentile(pictures, 0.95)).toBeLessThan(2 * TEN.delayMs + lateMs + 17 + 50);
}

test.each([
  { who: "browser", times: 1 },
  { who: "browser", times: 6 },
  { who: "agent", times: 1 },
  { who: "agent", times: 6 },
])("the $who stands still for half a second, $times times: the path is no narrower for it", ({ who, times }) => {
  const simulated = streamOf(TEN);
  simulated.run(5000);
  for (let time = 0; time < times; time += 1) {
    const untilMs = simulated.nowMs + 500;
    if (who === "browser") simulated.stream.stalledUntilMs = untilMs;
    else simulated.stream.agentStalledUntilMs = untilMs;
    simulated.run(500);
    let least = Number.POSITIVE_INFINITY;
    let lateSum = 0;
    for (let ms = 0; ms < 2500; ms += 10) {
      simulated.run(10);
      least = Math.min(least, simulated.window.targetBps);
      if (ms >= 2000) lateSum += simulated.window.targetBps;
    }
    expect(least).toBeGreaterThan(0.5 * 10e6);
    expect(lateSum / 50).toBeGreaterThan(0.8 * 10e6);
  }
  expectSteady(simulated);
});

test("the browser stands still twice, with a moment between", () => {
  const simulated = streamOf(TEN);
  simulated.run(5000);
  for (const restMs of [20, 2000]) {
    simulated.stream.stalledUntilMs = simulated.nowMs + 400;
    simulated.run(400 + restMs);
  }
  expect(simulated.window.targetBps).toBeGreaterThan(0.8 * 10e6);
  expectSteady(simulated);
});

test.each([
  [15, 40],
  [40, 80],
] as const)("a busy machine, each acknowledgement late by %i to %i ms, is no queue", (...late) => {
  const simulated = streamOf(TEN);
  simulated.run(5000);
  simulated.stream.ackLateMs = late;
  simulated.run(2000);
  let sum = 0;
  for (let second = 0; second < 20; second += 1) {
    simulated.run(1000);
    sum += simulated.window.targetBps;
    expect(simulated.window.targetBps).toBeGreaterThan(0.5 * 10e6);
  }
  expect(sum / 20).toBeGreaterThan(0.8 * 10e6);
  expectSteady(simulated, late[1]);
  simulated.stream.ackLateMs = [0, 0];
  simulated.run(2000);
  expectSteady(simulated);
});

test("busy from the start, the path is found all the same", () => {
  const simulated = new SimulatedStream({ ...OPTIONS, startBps: 1e6 }, { ...TEN, ackLateMs: [15, 40] });
  simulated.run(5000);
  expect(simulated.window.targetBps).toBeGreaterThan(0.8 * 10e6);
  expectSteady(simulated, 40);
});

test.each([60, 8])(
  "small pictures at 8 Hz lock nothing in: more is had when it is wanted, at %i Hz",
  (framesPerSecond) => {
    const simulated = new SimulatedStream(
      { ...OPTIONS, startBps: 300e3 },
      { ...TEN, framesPerSecond: 8, sourceLimitBps: 50e3 },
    );
    simulated.window.limited = true;
    simulated.run(10_000);
    expect(simulated.window.targetBps).toBe(300e3);
    Object.assign(simulated.stream, { framesPerSecond, sourceLimitBps: Number.POSITIVE_INFINITY });
    simulated.run(5000);
    expect(simulated.window.targetBps).toBeGreaterThan(0.8 * 10e6);
  },
);

test("what the path gave is known after a pause, and had at once when a fall came before it", () => {
  const simulated = streamOf(TEN);
  simulated.run(5000);
  simulated.stream.capacityBps = 3e6;
  simulated.run(1000);
  simulated.stream.capacityBps = 10e6;
  simulated.stream.sourceLimitBps = 0;
  simulated.run(6000);
  simulated.stream.sourceLimitBps = Number.POSITIVE_INFINITY;
  simulated.run(2000);
  expect(simulated.window.targetBps).toBeGreaterThan(0.8 * 10e6);
  expectSteady(simulated);
});

test.each([4000, 20_000])(
  "10 → 5 → 10 Mbit/s, %i ms of it narrow: obeyed, and left behind within two seconds",
  (ms) => {
    const simulated = streamOf(TEN);
    simulated.run(5000);
    simulated.stream.capacityBps = 5e6;
    simulated.run(1000);
    const narrow = simulated.run(ms - 1000);
    expect(bpsOf(narrow, ms - 1000)).toBeGreaterThan(0.85 * 5e6);
    expect(percentile(narrow, 0.95)).toBeLessThan(2 * TEN.delayMs + 17 + 50);
    simulated.stream.capacityBps = 10e6;
    simulated.run(2000);
    expect(simulated.window.targetBps).toBeGreaterThan(0.8 * 10e6);
    expectSteady(simulated);
  },
);

test("a longer way to the viewer is no queue", () => {
  const simulated = streamOf(TEN);
  simulated.run(5000);
  simulated.stream.delayMs = 35;
  simulated.run(2000);
  expect(simulated.window.targetBps).toBeGreaterThan(0.8 * 10e6);
});

test("a slow decoder does not raise the target", () => {
  const state = createWindow(OPTIONS);
  for (let nowMs = 0, total = 0; nowMs < 10_000; nowMs += 40) {
    partSent(state, 4000, true, true, nowMs);
    total += 4000;
    partsAcked(state, total, 5, nowMs + 5);
  }
  expect(state.targetBps).toBe(OPTIONS.startBps);
});

test("without acknowledgements what is in flight stays within the window", () => {
  const simulated = streamOf({ silent: true });
  simulated.run(5000);
  // 8 Mbit/s for an unknown round trip of 100 ms, 50 ms of queue, and the picture that filled it.
  expect(simulated.mostInFlightBytes).toBeLessThanOrEqual(150_000 + 20_000);
  expect(windowOpen(simulated.window, simulated.nowMs)).toBe(false);
});

test("a picture is always let through when nothing is in flight, however large the one before was", () => {
  const state = createWindow({ ...OPTIONS, startBps: 300e3 });
  partSent(state, 2_000_000, true, true, 0);
  expect(windowOpen(state, 0)).toBe(false);
  expect(partsAcked(state, 2_000_000, 0, 5000)).toBe(true);
  expect(windowOpen(state, 5000)).toBe(true);
});

test("an acknowledgement of what was never sent is told, an old one changes nothing", () => {
  const state = createWindow(OPTIONS);
  partSent(state, 1000, true, false, 0);
  partSent(state, 1000, false, true, 0);
  expect(partsAcked(state, 1000, 0, 10)).toBe(true);
  for (const wrong of [1500, 2001, 3000, 2 ** 31 - 1]) expect(partsAcked(state, wrong, 0, 10)).toBe(false);
  for (const old of [1000, 0]) expect(partsAcked(state, old, 0, 10)).toBe(true);
  expect(inFlightBytes(state)).toBe(1000);
  expect(partsAcked(state, 2000, 0, 10)).toBe(true);
});

test("byte counts wrap at 32 bits", () => {
  const state = createWindow({ ...OPTIONS, maxBps: 1e9, startBps: 1e9 });
  const part = 2 ** 24;
  let total = 0;
  for (let nowMs = 0; total < 2 ** 33; nowMs += 10) {
    partSent(state, part, true, true, nowMs);
    total += part;
    expect(partsAcked(state, total % 2 ** 32, 0, nowMs + 5)).toBe(true);
    expect(inFlightBytes(state)).toBe(0);
  }
});

test("a decoder that is behind holds the next picture for a while, not for ever", () => {
  const state = createWindow(OPTIONS);
  partSent(state, 1000, true, true, 0);
  partsAcked(state, 1000, 12, 5);
  expect(windowOpen(state, 5)).toBe(false);
  expect(windowOpen(state, 5 + 10 * 16)).toBe(true);
});

test("new limits hold at once", () => {
  const state = createWindow(OPTIONS);
  setWindowLimits(state, { startBps: 1e6, minBps: 100e3, maxBps: 2e6 });
  expect(state.targetBps).toBe(1e6);
  partSent(state, 1000, true, true, 0);
  setWindowLimits(state, { startBps: 8e6, minBps: 100e3, maxBps: 500e3 });
  expect(state.targetBps).toBe(500e3);
});
