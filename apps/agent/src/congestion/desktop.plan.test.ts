// Our own plans: what a remote desktop meets. Start on narrow and wide paths, a path that changes, radio, full routers,
// keyframes, idleness, pauses. In virtual time; the aims are those of BENCHMARKS.md and of test/network.

import { expect, test } from "vitest";
import { drawOnFailure } from "./testing/plan.ts";
import {
  deepest,
  delivered,
  mean,
  reachedMs,
  type Sample,
  SimulatedLink,
  standing,
  targets,
} from "./testing/simulated-link.ts";
import { SteeredFlow } from "./testing/steered-flow.ts";
import { TcpFlow } from "./testing/tcp-flow.ts";
import type { LinkOptions } from "./testing/virtual-network.ts";

const RATE = { startBps: 8e6, minBps: 300e3, maxBps: 50e6 };
const KEYFRAME_BYTES = 100e3;

/** A session in full motion that began with a keyframe. */
function open(link: Partial<LinkOptions>, rate = RATE): SimulatedLink {
  const path = new SimulatedLink(rate, link, KEYFRAME_BYTES);
  drawOnFailure(path.flow);
  return path;
}

const frameDelays = (samples: readonly Sample[]): number[] =>
  samples.map(({ frameDelayMs }) => frameDelayMs).sort((a, b) => a - b);
const share = (values: readonly number[], part: number): number => values[Math.floor(values.length * part)] ?? 0;

test("a start at 8 Mbit/s on a path of 3 makes no queue of 100 ms", () => {
  const path = open({ capacityBps: 3e6 });
  const start = path.run(5000);
  expect(deepest(start)).toBeLessThan(100);
  expect(delivered(path.run(10_000))).toBeGreaterThan(0.85 * 3e6);
});

test("a start on a path of 100 Mbit/s is at 50 within a second", () => {
  const path = open({ capacityBps: 100e6 });
  expect(reachedMs(path.run(2000), 0.95 * RATE.maxBps)).toBeLessThanOrEqual(1000);
});

test("20 → 3 → 20 Mbit/s: the full rate is back within 2 s, and 85 % are used in between and after", () => {
  const path = open({ capacityBps: 20e6 });
  path.run(15_000);
  path.link.capacityBps = 3e6;
  path.run(2000);
  const narrow = path.run(10_000);
  expect(delivered(narrow)).toBeGreaterThan(0.85 * 3e6);
  expect(standing(narrow)).toBeLessThan(30);
  path.link.capacityBps = 20e6;
  const backMs = path.network.nowMs;
  expect(reachedMs(path.run(5000), 0.85 * 20e6) - backMs).toBeLessThan(2000);
  expect(delivered(path.run(20_000))).toBeGreaterThan(0.85 * 20e6);
});

test("20 → 3 → 20 Mbit/s: rate, frame rate and size are back within 5 s", () => {
  for (const preset of ["balanced", "games"] as const) {
    const path = open({ capacityBps: 20e6 });
    const steer = new SteeredFlow(path, preset);
    expect(steer.run(15_000)).toMatchObject({ framesPerSecond: 60, scale: 1 });
    path.link.capacityBps = 3e6;
    const narrow = steer.run(12_000);
    expect(narrow.scale ** 2 * narrow.framesPerSecond).toBeLessThan(40);
    path.link.capacityBps = 20e6;
    expect(steer.run(5000)).toMatchObject({ framesPerSecond: 60, scale: 1 });
    expect(path.output.targetBps).toBeGreaterThan(0.8 * 20e6);
  }
});

for (const atMs of [10_000, 11_300, 14_700]) {
  test(`when the capacity halves after ${atMs} ms, no frame is missed for 200 ms and the queue is under 20 ms within 1 s`, () => {
    const path = open({ capacityBps: 20e6 });
    path.run(atMs);
    path.link.capacityBps = 10e6;
    path.run(1000);
    const after = path.run(4000);
    expect(path.longestFreezeMs(atMs)).toBeLessThan(200);
    expect(share(frameDelays(path.flow.samples.slice(atMs / 100)), 1)).toBeLessThan(300);
    expect(standing(after)).toBeLessThan(20);
    expect(delivered(after)).toBeGreaterThan(0.8 * 10e6);
  });
}

test("random loss of 2 % costs no rate", () => {
  const path = open({ capacityBps: 20e6, loss: 0.02 });
  path.run(5000);
  const steady = path.run(20_000);
  expect(delivered(steady)).toBeGreaterThan(0.85 * 20e6);
  expect(path.longestFreezeMs(5000)).toBeLessThan(200);
});

test("repair packets follow the loss where a retransmission is late, and there are none without loss", () => {
  const near = open({ capacityBps: 20e6, loss: 0.02, delayMs: 5 });
  const far = open({ capacityBps: 20e6, loss: 0.02, delayMs: 40 });
  const clean = open({ capacityBps: 20e6, delayMs: 40 });
  const fec = (path: SimulatedLink) =>
    mean(
      path
        .run(15_000)
        .slice(50)
        .map(({ fecFraction }) => fecFraction),
    );
  expect(fec(far)).toBeGreaterThan(0.02);
  expect(fec(far)).toBeLessThan(0.1);
  expect(fec(near)).toBe(0);
  expect(fec(clean)).toBe(0);
});

test("what is asked for is sent twice where chance loses packets, and nowhere else", () => {
  for (const [link, copies] of [
    [{ loss: 0.02, delayMs: 5 }, 2],
    [{ delayMs: 5 }, 1],
    [{ outageEveryMs: 5000, outageMs: 200 }, 1],
  ] as const) {
    const path = open({ capacityBps: 20e6, ...link });
    path.run(14_900);
    expect(path.output.resendCopies).toBe(copies);
  }
});

test("what a full queue drops is no reason for repair packets", () => {
  const path = open({ capacityBps: 3e6, queueLimitMs: 60, delayMs: 40 }, { ...RATE, minBps: 4e6 });
  const overloaded = path.run(10_000);
  expect(path.output.lossFraction).toBeGreaterThan(0.1);
  expect(Math.max(...overloaded.map(({ fecFraction }) => fecFraction))).toBeLessThan(0.05);
});

test("a round trip of 100 ms with 30 ms of jitter is not taken for a queue", () => {
  const path = open({ capacityBps: 20e6, delayMs: 50, jitterMs: 30 });
  path.run(10_000);
  const steady = path.run(20_000);
  expect(delivered(steady)).toBeGreaterThan(0.65 * 20e6);
  expect(Math.min(...targets(steady))).toBeGreaterThan(0.4 * 20e6);
});

test("Wi-Fi that loses everything for 200 ms every 5 s keeps most of its rate", () => {
  const path = open({ capacityBps: 20e6, outageEveryMs: 5000, outageMs: 200, jitterMs: 5 });
  path.run(15_000);
  const steady = path.run(20_000);
  expect(delivered(steady)).toBeGreaterThan(0.75 * 20e6);
  expect(path.longestFreezeMs(15_000)).toBeLessThan(400);
});

test("a bufferbloated router of a second: its buffer stays empty", () => {
  const path = open({ capacityBps: 5e6, queueLimitMs: 1000, delayMs: 30 });
  path.run(3000);
  const steady = path.run(30_000);
  expect(delivered(steady)).toBeGreaterThan(0.85 * 5e6);
  expect(share(frameDelays(steady), 0.95)).toBeLessThan(60);
  path.link.capacityBps = 2.5e6;
  path.run(1500);
  expect(standing(path.run(5000))).toBeLessThan(40);
});

test("from idle to full motion: the rate is there, and no queue", () => {
  const path = open({ capacityBps: 20e6 });
  path.run(5000);
  path.source.limitBps = 80e3;
  path.run(60_000);
  expect(path.output.targetBps).toBeGreaterThan(0.7 * 20e6);
  path.source.limitBps = Number.POSITIVE_INFINITY;
  const motion = path.run(2000);
  expect(delivered(motion)).toBeGreaterThan(0.7 * 20e6);
  expect(standing(motion)).toBeLessThan(30);
});

test("a keyframe of 300 kB on a path of 5 Mbit/s waits at the sender, not in the path", () => {
  const path = open({ capacityBps: 5e6 });
  path.run(10_000);
  path.flow.burst(300e3);
  const after = path.run(1000);
  expect(deepest(after)).toBeLessThan(60);
  expect(path.flow.waitingBytes).toBeLessThan(20e3);
  expect(delivered(after)).toBeGreaterThan(0.85 * 5e6);
  expect(standing(path.run(3000))).toBeLessThan(20);
});

test("an hour's padding for a desktop that stands still is nothing, and for one with a blinking cursor little", () => {
  const still = open({ capacityBps: 20e6 }, { ...RATE, maxBps: 100e6 });
  still.source.still = true;
  still.run(60_000);
  expect(still.flow.probes).toBeLessThan(5);
  const cursor = open({ capacityBps: 20e6 }, { ...RATE, maxBps: 100e6 });
  cursor.source.limitBps = 20e3;
  cursor.run(120_000);
  expect(cursor.flow.probes).toBeLessThan(12);
});

test("a narrow target is tested by padding where the media is too thin to tell, and finds the path", () => {
  const path = open({ capacityBps: 20e6 }, { ...RATE, startBps: 1e6 });
  path.source.limitBps = 100e3;
  path.run(20_000);
  expect(path.flow.probes).toBeGreaterThan(1);
  expect(path.output.targetBps).toBeGreaterThan(0.5 * 20e6);
});

test("feedback lost for a second costs no more than 3 s", () => {
  const path = open({ capacityBps: 20e6 });
  path.run(10_000);
  path.source.feedbackLoss = 1;
  path.run(1000);
  path.source.feedbackLoss = 0;
  path.run(3000);
  expect(delivered(path.run(3000))).toBeGreaterThan(0.8 * 20e6);
});

test("an agent that stood still for 2 s goes on where it was", () => {
  const path = open({ capacityBps: 20e6 });
  path.run(10_000);
  const before = path.flow.controller.targetBps;
  path.source.paused = true;
  path.run(2000);
  path.source.paused = false;
  path.run(10);
  expect(path.flow.controller.targetBps).toBeGreaterThan(0.95 * before);
  const after = path.run(1000);
  expect(standing(after)).toBeLessThan(20);
});

for (const kind of ["reno", "cubic"] as const) {
  test(`a ${kind} download on 20 Mbit/s: neither starves, and when it ends, the path is ours at once`, () => {
    const path = open({ capacityBps: 20e6 });
    path.run(10_000);
    const download = new TcpFlow(path.network, path.path, { kind, startMs: 10_000, bytes: 80e6 });
    path.run(10_000);
    const before = download.deliveredBytes;
    const shared = path.run(20_000);
    expect(delivered(shared)).toBeGreaterThan(0.1 * 20e6);
    expect(((download.deliveredBytes - before) * 8) / 20).toBeGreaterThan(0.3 * 20e6);
    for (let second = 0; second < 120 && !download.done; second += 1) path.run(1000);
    expect(download.done).toBe(true);
    path.run(8000);
    expect(delivered(path.run(5000))).toBeGreaterThan(0.8 * 20e6);
  });
}

test("without congestion control the rate is the highest, whatever happens", () => {
  const path = new SimulatedLink({ ...RATE, maxBps: 16e6, fixed: true }, { capacityBps: 5e6 });
  expect(new Set(targets(path.run(5000)))).toEqual(new Set([16e6]));
});

test("other limits hold at once", () => {
  const path = open({ capacityBps: 20e6 });
  path.run(5000);
  path.flow.limits({ startBps: 1e6, minBps: 500e3, maxBps: 4e6 });
  expect(Math.max(...targets(path.run(2000)))).toBe(4e6);
  path.flow.limits({ startBps: 1e6, minBps: 500e3, maxBps: 50e6 });
  path.run(3000);
  expect(delivered(path.run(3000))).toBeGreaterThan(0.8 * 20e6);
});
