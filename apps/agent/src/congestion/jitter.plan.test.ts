// Plans of ways that change and jitter while the stream runs, in virtual time: what test/network/relay.ts does to the real one. None
// of it is a queue, and a queue behind it must still be seen.

import { expect, test } from "vitest";
import { drawOnFailure } from "./testing/plan.ts";
import { delivered, SimulatedLink, standing, targets } from "./testing/simulated-link.ts";
import { TcpFlow } from "./testing/tcp-flow.ts";
import type { LinkOptions } from "./testing/virtual-network.ts";

const RATE = { startBps: 8e6, minBps: 300e3, maxBps: 30e6 };
const NEAR: Partial<LinkOptions> = { capacityBps: 20e6, delayMs: 1, queueLimitMs: 200 };
const JITTER = { delayMs: 51, jitterMs: 30 };
const REORDER = { delayMs: 21, jitterMs: 10, reorders: true };
const SETTLE_MS = 5000;

function open(link: Partial<LinkOptions>): SimulatedLink {
  const path = new SimulatedLink(RATE, link, 100e3);
  drawOnFailure(path.flow);
  return path;
}

for (const atMs of [1500, 3000, 10_000]) {
  test(`100 ms round trip with 30 ms of jitter from ${atMs} ms on: the path stays used, without a queue`, () => {
    const path = open(NEAR);
    path.run(atMs);
    Object.assign(path.link, JITTER);
    path.run(SETTLE_MS);
    const steady = path.run(15_000);
    expect(delivered(steady)).toBeGreaterThan(0.85 * 20e6);
    expect(standing(steady)).toBeLessThan(60);
    expect(path.longestFreezeMs(atMs + 200)).toBeLessThan(150);
  });
}

for (const jitterMs of [10, 30]) {
  test(`packets that overtake each other by up to ${jitterMs} ms are neither a queue nor lost`, () => {
    const path = open(NEAR);
    path.run(1500);
    Object.assign(path.link, { ...REORDER, jitterMs });
    path.run(SETTLE_MS);
    const steady = path.run(15_000);
    expect(delivered(steady)).toBeGreaterThan(0.85 * 20e6);
    expect(standing(steady)).toBeLessThan(60);
    expect(Math.max(...steady.map(({ fecFraction }) => fecFraction))).toBeLessThan(0.01);
  });
}

for (const [fromMs, toMs] of [
  [20, 35],
  [20, 70],
  [20, 220],
  [70, 20],
] as const) {
  test(`another route, ${fromMs} → ${toMs} ms one way: the rate is what it was within 3 s`, () => {
    const path = open({ ...NEAR, delayMs: fromMs });
    path.run(8000);
    const before = path.output.targetBps;
    path.link.delayMs = toMs;
    const change = path.run(3000);
    const steady = path.run(12_000);
    expect(Math.min(...targets(change))).toBeGreaterThan(0.4 * before);
    expect(delivered(steady)).toBeGreaterThan(0.85 * 20e6);
  });
}

test("another route while the desktop is idle leaves the rate", () => {
  const path = open({ ...NEAR, delayMs: 20 });
  path.run(8000);
  const before = path.output.targetBps;
  path.source.limitBps = 200e3;
  path.run(3000);
  path.link.delayMs = 70;
  path.run(5000);
  path.source.limitBps = Number.POSITIVE_INFINITY;
  path.run(200);
  expect(path.output.targetBps).toBeGreaterThan(0.8 * before);
});

for (const [capacityBps, freezeMs] of [
  [10e6, 300],
  [3e6, 500],
] as const) {
  test(`under 30 ms of jitter, 20 → ${capacityBps / 1e6} Mbit/s: the queue goes, and the rest is used`, () => {
    const path = open(NEAR);
    path.run(1500);
    Object.assign(path.link, JITTER);
    path.run(13_500);
    path.link.capacityBps = capacityBps;
    path.run(2500);
    const narrow = path.run(12_000);
    expect(delivered(narrow)).toBeGreaterThan(0.8 * capacityBps);
    expect(standing(narrow)).toBeLessThan(70);
    expect(path.longestFreezeMs(15_000)).toBeLessThan(freezeMs);
  });
}

for (const batchMs of [10, 20, 30]) {
  test(`Wi-Fi that delivers every ${batchMs} ms what has gathered: bursts that it squeezes fill no queue`, () => {
    const path = open({ ...NEAR, delayMs: 10 });
    path.run(5000);
    path.link.batchMs = batchMs;
    path.run(SETTLE_MS);
    const steady = path.run(15_000);
    expect(delivered(steady)).toBeGreaterThan(0.85 * 20e6);
    expect(standing(steady)).toBeLessThan(60);
  });
}

test("a download that fills the path under jitter is shared with", () => {
  const path = open({ ...NEAR, ...JITTER, queueLimitMs: 300 });
  path.run(10_000);
  const download = new TcpFlow(path.network, path.path, { kind: "cubic", startMs: 10_000 });
  path.run(20_000);
  const before = download.deliveredBytes;
  const shared = path.run(40_000);
  expect(delivered(shared)).toBeGreaterThan(0.1 * 20e6);
  expect(((download.deliveredBytes - before) * 8) / 40).toBeGreaterThan(0.3 * 20e6);
});

test("a way that jitters, and now and then holds all up for 300 ms, keeps its rate", () => {
  const path = open({ ...NEAR, ...JITTER, outageEveryMs: 3000, outageMs: 300, outageHolds: true });
  path.run(SETTLE_MS);
  expect(delivered(path.run(20_000))).toBeGreaterThan(0.86 * 20e6);
});
