// What is late though no queue of ours stands: jitter that comes in clumps, losses that TCP repairs, a way that becomes longer in
// mid-stream, machines with more to do than they can. Over one TCP connection, as steps in virtual time, over several seeds.

import { expect, test } from "vitest";
import { type Picture, SimulatedStream, type StreamState } from "./testing/simulated-stream.ts";

const OPTIONS = { startBps: 8e6, minBps: 300e3, maxBps: 30e6 };
const SEEDS = [7919, 15_838, 23_757, 31_676, 39_595, 47_514, 55_433, 63_352];
const BUSY_MS = 20;

const usedOf = (pictures: readonly Picture[], ms: number, bps: number) =>
  (pictures.reduce((sum, { bytes }) => sum + bytes, 0) * 8000) / ms / bps;
const delaysOf = (pictures: readonly Picture[]) => pictures.map(({ delayMs }) => delayMs).toSorted((a, b) => a - b);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** One run a seed. */
function over<Result>(stream: Partial<StreamState>, run: (simulated: SimulatedStream) => Result): Result[] {
  return SEEDS.map((seed) => run(new SimulatedStream(OPTIONS, { capacityBps: 19e6, delayMs: 1, ...stream }, seed)));
}

/** Share of the path that is used from `fromMs` on. */
function usedAfter(simulated: SimulatedStream, fromMs: number, forMs: number, bps: number): number {
  simulated.run(fromMs);
  return usedOf(simulated.run(forMs), forMs, bps);
}

test.each([
  { busyMs: 0, capacityBps: 19e6, eachUsed: 0.9, used: 0.95 },
  { busyMs: 0, capacityBps: 3e6, eachUsed: 0.85, used: 0.9 },
  { busyMs: 10, capacityBps: 19e6, eachUsed: 0.75, used: 0.85 },
  { busyMs: 10, capacityBps: 3e6, eachUsed: 0.7, used: 0.85 },
  { busyMs: BUSY_MS, capacityBps: 19e6, eachUsed: 0.6, used: 0.75 },
  { busyMs: BUSY_MS, capacityBps: 3e6, eachUsed: 0.7, used: 0.75 },
])(
  "a way that is 100 ms longer from now on and has 30 ms of jitter is used, $capacityBps bit/s, busy for $busyMs ms",
  ({ eachUsed, used, ...stream }) => {
    const shares = over(stream, (simulated) => {
      simulated.run(2000);
      Object.assign(simulated.stream, { delayMs: 50, jitterMs: 30 });
      return usedAfter(simulated, 5000, 13_000, stream.capacityBps);
    });
    expect(Math.min(...shares)).toBeGreaterThan(eachUsed);
    expect(mean(shares)).toBeGreaterThan(used);
  },
);

test("that it is longer is known after a second and a half, whatever else makes answers late", () => {
  for (const busyMs of [0, 10]) {
    const targets = over({ busyMs }, (simulated) => {
      simulated.run(2000);
      Object.assign(simulated.stream, { delayMs: 50, jitterMs: 30 });
      simulated.run(1500);
      return simulated.window.targetBps;
    });
    expect(mean(targets)).toBeGreaterThan(0.6 * 19e6);
  }
});

test.each([9.5e6, 4.75e6])("busy machines do not lower the target, %i bit/s", (capacityBps) => {
  const runs = over({ capacityBps, busyMs: BUSY_MS }, (simulated) => {
    simulated.run(5000);
    return simulated.run(10_000);
  });
  expect(mean(runs.map((pictures) => usedOf(pictures, 10_000, capacityBps)))).toBeGreaterThan(0.85);
  for (const pictures of runs) {
    const delays = delaysOf(pictures);
    // The queue, the picture's own time on the path, and what the machines make of it.
    expect(delays[Math.floor(0.95 * delays.length)]).toBeLessThan(2 + 17 + 50 + 3 * BUSY_MS);
  }
});

test("20 → 3 → 20 Mbit/s on busy machines: no longer way is seen in the queue, and the rate is back within five seconds", () => {
  const shares = over({ busyMs: 10 }, (simulated) => {
    simulated.run(10_000);
    simulated.stream.capacityBps = 2.85e6;
    simulated.run(1000);
    const narrow = delaysOf(simulated.run(9000));
    // One picture as large as before it, and no burst at the old rate.
    expect(narrow.at(-1)).toBeLessThan(400);
    simulated.stream.capacityBps = 19e6;
    return usedAfter(simulated, 5000, 5000, 19e6);
  });
  expect(Math.min(...shares)).toBeGreaterThan(0.85);
  expect(mean(shares)).toBeGreaterThan(0.9);
});

test.each([
  { busyMs: 0, used: 0.85 },
  { busyMs: 10, used: 0.83 },
])("2 % of the segments are lost, by a kernel that sends on all the same, busy for $busyMs ms", ({ busyMs, used }) => {
  const shares = over({ busyMs }, (simulated) => {
    simulated.run(2000);
    simulated.stream.lostShare = 0.02;
    return usedAfter(simulated, 5000, 13_000, 19e6);
  });
  expect(mean(shares)).toBeGreaterThan(used);
});

test("2 % are lost, by one that gives way: what it lets through is used, on busy machines too", () => {
  const delayMs = 10;
  // The mean window of RFC 5681's rules at this loss, sqrt(3 / 2p) segments.
  const throughBps = (Math.sqrt(1.5 / 0.02) * 1448 * 8000) / (2 * delayMs);
  const shares = over({ delayMs, cubic: true, busyMs: BUSY_MS }, (simulated) => {
    simulated.run(2000);
    simulated.stream.lostShare = 0.02;
    return usedAfter(simulated, 5000, 13_000, throughBps);
  });
  expect(mean(shares)).toBeGreaterThan(0.85);
});

test("an agent that slept for two seconds goes on as before, on busy machines too", () => {
  const shares = over({ busyMs: BUSY_MS }, (simulated) => {
    simulated.run(5000);
    simulated.stream.agentStalledUntilMs = simulated.nowMs + 2000;
    return usedAfter(simulated, 2000, 5000, 19e6);
  });
  expect(Math.min(...shares)).toBeGreaterThan(0.75);
  expect(mean(shares)).toBeGreaterThan(0.8);
});
