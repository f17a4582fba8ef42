import { expect, test } from "vitest";
import { addToProbe, createProber, type Prober, type ProbeInput, probeResult, stepProber } from "./probe.ts";
import { addToTrain, capacityOf, createTrains, endTrain } from "./train.ts";
import type { PacketResult } from "./types.ts";

const INPUT: ProbeInput = {
  targetBps: 4e6,
  maxBps: 50e6,
  roundTripMs: 40,
  calm: true,
  measured: false,
  applicationLimited: true,
  awake: true,
  lostBps: undefined,
};

/** The viewer's report of a cluster of `bytes` that left at `bps` and arrived at `arrivedBps`. */
function cluster(bytes: number, bps: number, arrivedBps: number, probeId: number, atMs: number): PacketResult[] {
  return Array.from({ length: Math.ceil(bytes / 1200) }, (_, index) => ({
    sequence: index,
    sentMs: atMs + (index * 9.6e6) / bps,
    sizeBytes: 1200,
    arrivedMs: 5000 + atMs + (index * 9.6e6) / arrivedBps,
    probeId,
  }));
}

function answer(state: Prober, arrivedBps: number, atMs: number): number | undefined {
  const { id, bps, bytes } = state.cluster ?? { id: 0, bps: 1, bytes: 0 };
  for (const packet of cluster(bytes, bps, Math.min(bps, arrivedBps), id, atMs)) addToProbe(state, packet);
  return probeResult(state);
}

test("at the start each cluster that arrives as it left is followed by a faster one, until one does not", () => {
  const state = createProber();
  const rates: number[] = [];
  let targetBps = INPUT.targetBps;
  for (let atMs = 0; atMs < 5000; atMs += 100) {
    stepProber(state, { ...INPUT, targetBps }, atMs);
    if (state.cluster === undefined) continue;
    rates.push(state.cluster.bps);
    targetBps = Math.max(targetBps, answer(state, 20e6, atMs) ?? 0);
  }
  expect(rates.slice(0, 3).map((bps) => Math.round(bps / 1e6))).toEqual([8, 16, 32]);
  expect(targetBps).toBeCloseTo(20e6, -6);
});

test("a cluster fills a path that carries no more than the target with little queue", () => {
  for (const targetBps of [300e3, 3e6, 40e6]) {
    const state = createProber();
    stepProber(state, { ...INPUT, targetBps }, 0);
    const queueMs = ((state.cluster?.bytes ?? 0) * 8000) / targetBps;
    expect(queueMs).toBeLessThan(targetBps < 2e6 ? 200 : 45);
  }
});

test("nothing is tested while there is a queue, nothing is sent, or the target is near its most", () => {
  for (const change of [{ calm: false }, { awake: false }, { targetBps: 49e6 }]) {
    const state = createProber();
    stepProber(state, { ...INPUT, ...change }, 0);
    expect(state.cluster).toBeUndefined();
  }
});

test("while the media measures the path, no padding is sent; in a spell of little it is, ever less often", () => {
  const state = createProber();
  state.ramping = false;
  stepProber(state, { ...INPUT, measured: true }, 10_000);
  expect(state.cluster).toBeUndefined();
  const askedMs: number[] = [];
  for (let atMs = 10_000; atMs < 200_000; atMs += 100) {
    stepProber(state, INPUT, atMs);
    if (state.cluster === undefined) continue;
    askedMs.push(atMs);
    answer(state, 4e6, atMs);
  }
  const gaps = askedMs.slice(1).map((atMs, index) => atMs - (askedMs[index] ?? 0));
  expect(gaps.length).toBeGreaterThan(2);
  expect(gaps).toEqual(gaps.toSorted((a, b) => a - b));
  expect(gaps.at(-1)).toBeGreaterThan(50_000);
});

test("after an overuse what was lost is tested, and no more", () => {
  const state = createProber();
  state.ramping = false;
  stepProber(state, { ...INPUT, applicationLimited: false, lostBps: 5e6 }, 10_000);
  expect(state.cluster?.bps).toBe(5e6);
});

test("a cluster that nobody answers ends, and the next has another number", () => {
  const state = createProber();
  stepProber(state, INPUT, 0);
  expect(state.cluster?.id).toBe(1);
  stepProber(state, { ...INPUT, awake: false }, 2000);
  expect(state.cluster).toBeUndefined();
  const ids = new Set<number>();
  for (let atMs = 2000; atMs < 20_000; atMs += 500) {
    stepProber(state, INPUT, atMs);
    ids.add(state.cluster?.id ?? 0);
  }
  expect(ids).toEqual(new Set([0, 2, 3]));
});

/** A frame of 20 packets that left at once and was spread by a path of `bps`, quantised as feedback is. */
function frame(state: ReturnType<typeof createTrains>, bps: number, atMs: number, jitterMs = 0): void {
  for (let index = 0; index < 20; index += 1) {
    const arrivedMs =
      Math.floor((1000 + atMs + (index * 9.6e6) / bps + jitterMs * Math.abs(Math.sin(index * atMs))) * 4) / 4;
    addToTrain(state, { sequence: index, sentMs: atMs, sizeBytes: 1200, arrivedMs }, atMs + 50);
  }
  endTrain(state, atMs + 50);
}

test("frames tell the capacity within 10 %, from 1 to 100 Mbit/s", () => {
  for (const bps of [1e6, 5e6, 20e6, 100e6]) {
    const state = createTrains();
    for (let count = 0; count < 5; count += 1) frame(state, bps, count * 17);
    const capacity = capacityOf(state, 100);
    expect((capacity?.bps ?? 0) / bps).toBeGreaterThan(0.9);
    expect((capacity?.bps ?? 0) / bps).toBeLessThan(1.1);
    expect(capacity).toMatchObject({ open: false, steady: true });
  }
});

test("jitter makes frames disagree, and age makes them say nothing", () => {
  const state = createTrains();
  for (let count = 0; count < 5; count += 1) frame(state, 50e6, 1 + count * 17, 3 + 4 * (count % 3));
  expect(capacityOf(state, 100)?.steady).toBe(false);
  expect(capacityOf(state, 5000)).toBeUndefined();
});

test("packets that were spread by the pacer itself show no limit", () => {
  const state = createTrains();
  for (const packet of cluster(12_000, 4e6, 4e6, 0, 0)) addToTrain(state, packet, 50);
  endTrain(state, 50);
  expect(capacityOf(state, 60)).toMatchObject({ open: true });
});
