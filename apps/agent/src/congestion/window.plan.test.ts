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
