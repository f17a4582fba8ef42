// Whatever a viewer's feedback says: the decisions stay numbers within their bounds, and nothing grows.

import fc from "fast-check";
import { expect, test } from "vitest";
import { createController, stepController } from "./controller.ts";
import { createDataCap, capBps, spendCap } from "./data-cap.ts";
import { addPicture, createSteer, steer } from "./steer.ts";
import type { ControllerInput, ControllerOutput } from "./types.ts";

const LIMITS = { startBps: 8e6, minBps: 300e3, maxBps: 50e6 };

const anyTime = fc.oneof(
  fc.double({ noNaN: false }),
  fc.double({ min: -1e5, max: 1e5 }),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, 1e300, -1e300, 0, 2 ** 53, 1e12),
);
const anyInteger = fc.oneof(
  fc.integer({ min: -10, max: 3000 }),
  fc.constantFrom(Number.NaN, Infinity, -1, 2 ** 53, 1e300, 0.5),
);
const result = fc.record({
  sequence: anyInteger,
  sentMs: anyTime,
  sizeBytes: fc.oneof(fc.integer({ min: 0, max: 1500 }), anyTime),
  arrivedMs: anyTime,
  probeId: fc.oneof(fc.constant(undefined), anyInteger),
});
const input: fc.Arbitrary<ControllerInput> = fc.oneof(
  fc.record({ type: fc.constant("sent" as const), sizeBytes: fc.integer({ min: 1, max: 1500 }) }),
  fc.record({ type: fc.constant("feedback" as const), results: fc.array(result, { maxLength: 40 }) }),
  fc.record({ type: fc.constant("round-trip" as const), roundTripMs: anyTime }),
  fc.record({ type: fc.constant("report-loss" as const), fraction: anyTime }),
  fc.record({ type: fc.constant("tick" as const) }),
);

function holds(output: ControllerOutput): void {
  expect(output.targetBps).toBeGreaterThanOrEqual(LIMITS.minBps);
  expect(output.targetBps).toBeLessThanOrEqual(LIMITS.maxBps);
  expect(output.paceBps).toBeGreaterThan(0);
  for (const value of [output.paceBps, output.queueMs, output.lossFraction, output.fecFraction]) {
    expect(Number.isFinite(value)).toBe(true);
  }
  expect(output.queueMs).toBeGreaterThanOrEqual(0);
  expect(output.lossFraction).toBeLessThanOrEqual(1);
  expect(output.fecFraction).toBeLessThanOrEqual(0.25);
  const { probe } = output;
  if (probe === undefined) return;
  expect(probe.bytes).toBeLessThan(1e6);
  expect(probe.bps).toBeLessThanOrEqual(1.1 * LIMITS.maxBps);
}

test("no feedback, however absurd, makes a decision that is none", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(input, fc.integer({ min: 0, max: 400 })), { maxLength: 120 }), (steps) => {
      const state = createController(LIMITS);
      let nowMs = 0;
      for (const [step, elapsedMs] of steps) {
        nowMs += elapsedMs;
        holds(stepController(state, step, nowMs));
      }
    }),
    { numRuns: 300 },
  );
});

test("after absurd feedback honest feedback is believed again", () => {
  const state = createController(LIMITS);
  for (let i = 0; i < 500; i += 1) {
    const lie = { sequence: i, sentMs: i, sizeBytes: 1200, arrivedMs: i % 2 === 0 ? 9e11 : -9e11, probeId: undefined };
    stepController(state, { type: "feedback", results: [lie] }, i + 1);
  }
  let output = stepController(state, { type: "tick" }, 501);
  for (let i = 500; i < 80_000; i += 1) {
    const nowMs = i + 1;
    stepController(state, { type: "sent", sizeBytes: 1200 }, nowMs);
    const honest = { sequence: i, sentMs: nowMs, sizeBytes: 1200, arrivedMs: nowMs + 20 };
    output = stepController(state, { type: "feedback", results: [honest] }, nowMs);
  }
  holds(output);
  expect(output.queueMs).toBeLessThan(1);
  expect(output.targetBps).toBeGreaterThan(8e6);
});

/** All that a state holds, counted: objects, array elements, numbers. */
function size(value: unknown): number {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce<number>((sum, part) => sum + size(part), 1);
}

test("a hundred thousand results at one moment take no memory", () => {
  const state = createController(LIMITS);
  const results = (from: number, arrivedMs: number) =>
    Array.from({ length: 1000 }, (_, i) => ({ sequence: from + i, sentMs: from / 1000, sizeBytes: 1200, arrivedMs }));
  for (let round = 0; round < 20; round += 1) {
    stepController(state, { type: "feedback", results: results(round * 1000, 50 + round * 0.01) }, round + 1);
  }
  const before = size(state);
  for (let round = 20; round < 120; round += 1) {
    stepController(state, { type: "feedback", results: results(round * 1000, 50 + (round % 7) * 71) }, round + 1);
  }
  expect(size(state)).toBeLessThan(before + 200);
});

test("the steering stays within its limits for any picture and any rate", () => {
  const picture = fc.record({
    bytes: fc.integer({ min: 0, max: 16e6 }),
    changed: fc.double({ min: -1, max: 2, noNaN: true }),
    pixels: fc.integer({ min: 0, max: 8192 * 8192 }),
    refinement: fc.boolean(),
  });
  const step = fc.tuple(
    fc.array(picture, { maxLength: 20 }),
    fc.integer({ min: 0, max: 1e9 }),
    fc.integer({ min: 0, max: 5000 }),
  );
  const preset = fc.constantFrom("games", "text", "balanced", "metered" as const);
  fc.assert(
    fc.property(
      preset,
      fc.option(fc.integer({ min: 22.5e6, max: 1e10 }), { nil: undefined }),
      fc.array(step, { maxLength: 60 }),
      (chosen, capBytesPerHour, steps) => {
        const limits = {
          preset: chosen,
          framesPerSecond: 60,
          chroma: "auto" as const,
          maxBps: 50e6,
          capBytesPerHour,
          has444: true,
        };
        const state = createSteer(limits);
        let nowMs = 0;
        for (const [pictures, targetBps, elapsedMs] of steps) {
          nowMs += elapsedMs;
          for (const each of pictures) addPicture(state, each);
          const steered = steer(
            state,
            { targetBps, cpuFramesPerSecond: Infinity, paceFramesPerSecond: Infinity, spentBytes: targetBps / 80 },
            nowMs,
          );
          expect(steered.bitrateBps).toBeLessThanOrEqual(50e6);
          expect(steered.bitrateBps).toBeGreaterThanOrEqual(0);
          expect(steered.framesPerSecond).toBeGreaterThanOrEqual(1);
          expect(steered.framesPerSecond).toBeLessThanOrEqual(60);
          expect(steered.scale).toBeGreaterThan(0);
          expect(steered.scale).toBeLessThanOrEqual(1);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("a cap that is overdrawn a thousandfold still gives a rate", () => {
  const cap = createDataCap(22.5e6);
  spendCap(cap, 22.5e9);
  expect(capBps(cap, 1000)).toBeGreaterThan(0);
});
