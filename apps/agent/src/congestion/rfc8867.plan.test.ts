// The test cases of RFC 8867 section 5 that apply to a sender like ours, in virtual time, with that document's capacities,
// delays and start times. Not here: 5.9 priorities (there is one stream) and 5.10/5.11 (no ECN, one bottleneck).

import { expect, test } from "vitest";
import { MediaFlow, type Sample } from "./testing/media-flow.ts";
import { drawOnFailure } from "./testing/plan.ts";
import { delivered, mean, standing } from "./testing/simulated-link.ts";
import { TcpFlow } from "./testing/tcp-flow.ts";
import { Link, VirtualNetwork } from "./testing/virtual-network.ts";

const RATE = { startBps: 1e6, minBps: 150e3, maxBps: 10e6 };
/** Section 4: path delay 50 ms, droptail queue 300 ms. */
const PATH = { delayMs: 50, queueLimitMs: 300 };

/** [from second, ratio of the reference capacity] */
type Steps = readonly (readonly [number, number])[];

function follow(network: VirtualNetwork, link: Link, referenceBps: number, steps: Steps, untilS: number): void {
  for (const [index, [fromS, ratio]] of steps.entries()) {
    link.options.capacityBps = ratio * referenceBps;
    network.run(((steps[index + 1]?.[0] ?? untilS) - fromS) * 1000);
  }
}

const between = (flow: MediaFlow, fromS: number, untilS: number): readonly Sample[] =>
  flow.samples.filter(({ atMs }) => atMs > fromS * 1000 && atMs <= untilS * 1000);
const meanQueueMs = (samples: readonly Sample[]): number => mean(samples.map(({ standingQueueMs }) => standingQueueMs));

for (const jitterMs of [0, 30]) {
  test(`5.1 variable available capacity, one flow, jitter ${jitterMs} ms: each level is used, without a queue`, () => {
    const network = new VirtualNetwork();
    const link = new Link(network, { ...PATH, jitterMs });
    const flow = new MediaFlow(network, RATE, { forward: link });
    drawOnFailure(flow);
    const steps: Steps = [
      [0, 1],
      [40, 2.5],
      [60, 0.6],
      [80, 1],
    ];
    follow(network, link, 1e6, steps, 100);
    const levels = [
      [10, 40, 1e6],
      [45, 60, 2.5e6],
      [65, 80, 0.6e6],
      [85, 100, 1e6],
    ] as const;
    for (const [fromS, untilS, capacityBps] of levels) {
      const samples = between(flow, fromS, untilS);
      expect(delivered(samples)).toBeGreaterThan(0.75 * capacityBps);
      expect(meanQueueMs(samples)).toBeLessThan(15);
    }
  });
}

test("5.2 variable available capacity, two flows: both share each level", () => {
  const network = new VirtualNetwork();
  const link = new Link(network, PATH);
  const flows = [0, 1].map(() => new MediaFlow(network, RATE, { forward: link }));
  drawOnFailure(...flows);
  const steps: Steps = [
    [0, 2],
    [25, 1],
    [50, 1.75],
    [75, 0.5],
    [100, 1],
  ];
  follow(network, link, 2e6, steps, 125);
  for (const [index, [fromS, ratio]] of steps.entries()) {
    const rates = flows.map((flow) => delivered(between(flow, fromS + 5, steps[index + 1]?.[0] ?? 125)));
    const capacityBps = ratio * 2e6;
    expect((rates[0] ?? 0) + (rates[1] ?? 0)).toBeGreaterThan(0.75 * capacityBps);
    expect(Math.min(...rates)).toBeGreaterThan(0.25 * capacityBps);
  }
  expect(meanQueueMs(between(flows[0], 5, 125))).toBeLessThan(20);
});

test("5.3 congested feedback link, media both ways: each way uses what it has", () => {
  const network = new VirtualNetwork();
  const [forward, backward] = [new Link(network, PATH), new Link(network, PATH)];
  const there = new MediaFlow(network, RATE, { forward, backward });
  const back = new MediaFlow(network, RATE, { forward: backward, backward: forward });
  drawOnFailure(there, back);
  // [until second, forward, backward], Mbit/s
  const phases = [
    [20, 2, 2],
    [35, 1, 2],
    [40, 1, 0.8],
    [60, 0.5, 0.8],
    [70, 2, 0.8],
    [100, 2, 2],
  ] as const;
  for (const [untilS, forwardMbps, backwardMbps] of phases) {
    forward.options.capacityBps = forwardMbps * 1e6;
    backward.options.capacityBps = backwardMbps * 1e6;
    network.run(untilS * 1000 - network.nowMs);
  }
  const checks = [
    [there, 5, 20, 2e6],
    [there, 25, 40, 1e6],
    [there, 45, 60, 0.5e6],
    [there, 75, 100, 2e6],
    [back, 5, 35, 2e6],
    [back, 40, 70, 0.8e6],
    [back, 75, 100, 2e6],
  ] as const;
  for (const [flow, fromS, untilS, capacityBps] of checks) {
    expect(delivered(between(flow, fromS, untilS))).toBeGreaterThan(0.75 * capacityBps);
  }
});

test("5.4 competing media flows that come one after the other: the late ones get their part", () => {
  const network = new VirtualNetwork();
  const link = new Link(network, { ...PATH, capacityBps: 3.5e6 });
  const flows = [0, 20, 40].map((startS) => new MediaFlow(network, RATE, { forward: link, startMs: startS * 1000 }));
  drawOnFailure(...flows);
  network.run(120_000);
  const rates = flows.map((flow) => delivered(between(flow, 80, 120)));
  expect(rates.reduce((sum, rate) => sum + rate)).toBeGreaterThan(0.8 * 3.5e6);
  expect(Math.min(...rates)).toBeGreaterThan(0.5 * (3.5e6 / 3));
});

test("5.5 round trip time fairness: nobody starves, whatever the distance", () => {
  const network = new VirtualNetwork();
  const link = new Link(network, { ...PATH, delayMs: 10, capacityBps: 4e6 });
  // One-way delays of 10, 25, 50, 100 and 150 ms.
  const flows = [0, 15, 40, 90, 140].map(
    (extraDelayMs, index) => new MediaFlow(network, RATE, { forward: link, extraDelayMs, startMs: index * 10_000 }),
  );
  drawOnFailure(...flows);
  network.run(300_000);
  const rates = flows.map((flow) => delivered(between(flow, 200, 300)));
  expect(rates.reduce((sum, rate) => sum + rate)).toBeGreaterThan(0.8 * 4e6);
  expect(Math.min(...rates)).toBeGreaterThan(0.25 * (4e6 / 5));
});

for (const kind of ["reno", "cubic"] as const) {
  for (const queueLimitMs of [300, 1000]) {
    test(`5.6 a long download (${kind}, queue of ${queueLimitMs} ms): neither starves`, () => {
      const network = new VirtualNetwork();
      const link = new Link(network, { ...PATH, queueLimitMs, capacityBps: 2e6 });
      const flow = new MediaFlow(network, RATE, { forward: link });
      const download = new TcpFlow(network, link, { kind, startMs: 20_000 });
      drawOnFailure(flow);
      network.run(40_000);
      const before = download.deliveredBytes;
      network.run(80_000);
      const downloadBps = ((download.deliveredBytes - before) * 8) / 80;
      expect(delivered(between(flow, 40, 120))).toBeGreaterThan(0.15 * 2e6);
      expect(downloadBps).toBeGreaterThan(0.3 * 2e6);
    });
  }
}

test("5.7 short downloads come and go: they are served, the media keeps most of the path and its queue does not stay", () => {
  const network = new VirtualNetwork();
  const link = new Link(network, { ...PATH, capacityBps: 2e6 });
  const flow = new MediaFlow(network, RATE, { forward: link });
  drawOnFailure(flow);
  const downloads = Array.from({ length: 30 }, () => {
    const startMs = 10_000 + network.draw() * 280_000;
    return new TcpFlow(network, link, { kind: "cubic", startMs, bytes: 100e3 + network.draw() * 900e3 });
  });
  network.run(300_000);
  const samples = between(flow, 10, 300);
  expect(delivered(samples)).toBeGreaterThan(0.45 * 2e6);
  expect(downloads.filter(({ done }) => done).length).toBeGreaterThanOrEqual(28);
  expect(meanQueueMs(samples)).toBeLessThan(100);
});

test("5.8 media pause and resume: the others take the room, the one that comes back gets its part again", () => {
  const network = new VirtualNetwork();
  const link = new Link(network, { ...PATH, capacityBps: 3.5e6 });
  const flows = [0, 1, 2].map(() => new MediaFlow(network, RATE, { forward: link }));
  drawOnFailure(...flows);
  const [first] = flows as [MediaFlow];
  network.run(40_000);
  first.source.still = true;
  network.run(20_000);
  first.source.still = false;
  network.run(60_000);
  const alone = flows.slice(1).map((flow) => delivered(between(flow, 50, 60)));
  expect(alone.reduce((sum, rate) => sum + rate)).toBeGreaterThan(0.8 * 3.5e6);
  const together = flows.map((flow) => delivered(between(flow, 90, 120)));
  expect(Math.min(...together)).toBeGreaterThan(0.5 * (3.5e6 / 3));
  expect(standing(between(first, 90, 120))).toBeLessThan(80);
});
