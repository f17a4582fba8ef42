// Plans in virtual time: what the rate does on a link of which all is known. The list begins with RFC 8867.

import { expect, test } from "vitest";
import { delivered, SimulatedLink, standing, targets } from "./testing/simulated-link.ts";

const OPTIONS = { startBps: 10e6, minBps: 300e3, maxBps: 50e6 };

test("a steady link is filled to at least 85 % without a queue that stands", () => {
  const path = new SimulatedLink(OPTIONS, { capacityBps: 20e6 });
  path.run(12_000);
  const steady = path.run(30_000);
  expect(delivered(steady)).toBeGreaterThan(0.85 * 20e6);
  expect(standing(steady)).toBeLessThan(20);
});

test("when the capacity halves, the queue is back under 20 ms within 1.5 s and the link stays used", () => {
  const path = new SimulatedLink(OPTIONS, { capacityBps: 20e6 });
  path.run(20_000);
  path.link.capacityBps = 10e6;
  path.run(1500);
  const after = path.run(5000);
  expect(standing(after)).toBeLessThan(20);
  expect(delivered(after)).toBeGreaterThan(0.75 * 10e6);
});

test("a start far above the capacity settles within 2 s and then finds it", () => {
  const path = new SimulatedLink(OPTIONS, { capacityBps: 3e6 });
  path.run(2000);
  const settled = path.run(15_000);
  expect(standing(settled)).toBeLessThan(40);
  expect(delivered(settled.slice(-30))).toBeGreaterThan(0.75 * 3e6);
});

test("when the capacity comes back, the rate follows", () => {
  const path = new SimulatedLink(OPTIONS, { capacityBps: 8e6 });
  path.run(5000);
  path.link.capacityBps = 20e6;
  path.run(15_000);
  expect(delivered(path.run(2000))).toBeGreaterThan(0.75 * 20e6);
});

test("random loss of 2 % does not make the rate collapse", () => {
  const path = new SimulatedLink(OPTIONS, { capacityBps: 20e6, loss: 0.02 });
  path.run(12_000);
  expect(delivered(path.run(10_000))).toBeGreaterThan(0.75 * 20e6);
});

test("loss of 20 % makes the rate fall", () => {
  const path = new SimulatedLink(OPTIONS, { capacityBps: 50e6, loss: 0.2 });
  path.run(5000);
  expect(path.output.targetBps).toBeLessThan(0.5 * OPTIONS.startBps);
});

test("half a minute of an idle desktop neither wears the rate down nor blows it up, and a burst of text after it leaves at once", () => {
  const path = new SimulatedLink(OPTIONS, { capacityBps: 20e6 });
  path.source.limitBps = 100e3;
  const idle = path.run(30_000);
  expect(Math.min(...targets(idle))).toBeGreaterThanOrEqual(0.8 * OPTIONS.startBps);
  // Padding has tested what is there, no more.
  expect(Math.max(...targets(idle))).toBeLessThanOrEqual(20e6);
  expect(path.burst(20_000)).toBeLessThanOrEqual(1);
});

test("an idle desktop beside traffic that makes the delay wander keeps half of its rate", () => {
  const path = new SimulatedLink(OPTIONS, { capacityBps: 20e6 });
  path.source.limitBps = 6e6;
  path.run(5000);
  path.source.limitBps = 300e3;
  path.link.wanderMs = 60;
  path.run(30_000);
  expect(path.output.targetBps).toBeGreaterThan(0.25 * OPTIONS.startBps);
});

test("full motion out of idleness has its rate at once", () => {
  const path = new SimulatedLink(OPTIONS, { capacityBps: 20e6 });
  path.source.limitBps = 100e3;
  path.run(20_000);
  path.source.limitBps = Number.POSITIVE_INFINITY;
  const motion = path.run(2000);
  expect(delivered(motion)).toBeGreaterThan(0.9 * OPTIONS.startBps);
  expect(standing(motion)).toBeLessThan(20);
});

test("a link that got slow while nothing was sent is noticed as soon as something is", () => {
  const path = new SimulatedLink(OPTIONS, { capacityBps: 20e6 });
  path.source.limitBps = 100e3;
  path.run(10_000);
  path.link.capacityBps = 4e6;
  path.source.limitBps = Number.POSITIVE_INFINITY;
  path.run(2000);
  expect(standing(path.run(4000))).toBeLessThan(20);
});

test("a fifth of the feedback lost, and all of it 100 ms late, still fills the link and keeps the queue short", () => {
  const path = new SimulatedLink(OPTIONS, { capacityBps: 12e6 });
  path.source.feedbackLoss = 0.2;
  path.source.feedbackDelayMs = 100;
  path.run(10_000);
  const steady = path.run(15_000);
  expect(standing(steady)).toBeLessThan(60);
  expect(delivered(steady)).toBeGreaterThan(0.85 * 12e6);
});

test("when feedback stops altogether, the rate falls to the least", () => {
  const path = new SimulatedLink(OPTIONS, {});
  path.run(3000);
  path.source.feedbackLoss = 1;
  path.run(8000);
  expect(path.output.targetBps).toBe(OPTIONS.minBps);
});

test("after an outage of five seconds half of the rate is there at once", () => {
  const path = new SimulatedLink(OPTIONS, { capacityBps: 20e6 });
  path.run(3000);
  path.source.feedbackLoss = 1;
  path.run(5000);
  path.source.feedbackLoss = 0;
  path.run(500);
  expect(path.output.targetBps).toBeGreaterThan(0.4 * OPTIONS.startBps);
});

test("the rate never leaves its bounds", () => {
  const path = new SimulatedLink({ startBps: 2e6, minBps: 1e6, maxBps: 4e6 }, { capacityBps: 500e3 });
  const slow = path.run(5000);
  path.link.capacityBps = 50e6;
  const fast = path.run(20_000);
  expect(Math.min(...targets(slow))).toBe(1e6);
  expect(Math.max(...targets(fast))).toBe(4e6);
});
