// One case, one path, with or without congestion control → what its viewer saw and what the link carried. From cases.ts and
// shaped-desk.ts; to `pnpm bench` (bench.ts) and network.test.ts.

import type { Looked } from "../bench/page-probe.ts";
import { quantile } from "../bench/summary.ts";
import type { HeadlessBrowser } from "../harness/browser.ts";
import { pause } from "../latency/key-to-photon.ts";
import type { FrameStamp } from "../harness/pattern.ts";
import { counterRows, movingArea, readCounter } from "../harness/pattern-counter.ts";
import type { NetworkCase } from "./cases.ts";
import { ShapedDesk, SIZE } from "./shaped-desk.ts";

export type NetworkPath = "webrtc" | "socket";

export interface NetworkFigure {
  readonly name: string;
  readonly path: NetworkPath;
  /** False: the fixed rate, for comparison. */
  readonly controlled: boolean;
  readonly frames: number;
  /** Shown after a newer one, or a second time after another: must be 0. */
  readonly disordered: number;
  readonly longestFreezeMs: number;
  /** When it began, since the beginning. */
  readonly longestFreezeAtMs: number;
  /** Share of the time without a new picture for more than FREEZE_MS. */
  readonly frozenShare: number;
  readonly lastNewMs: number;
  /** From being drawn to being seen. */
  readonly delayMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** Bits on the wire of what the link could carry, the first SETTLE_MS after each change of it left out. */
  readonly utilisation: number;
  /** What waits in front of the link, p95 of the same times. */
  readonly queueMs: number;
  /** The same in the second that begins 1 s after capacity fell, half of it and the worst; undefined where it never does. */
  readonly queueAfterDropMs: { readonly p50: number; readonly worst: number } | undefined;
  /** From a rise of capacity until 85 % of it is used, the worst; undefined where it never rises, ∞ where it takes longer than the case. */
  readonly recoveryMs: number | undefined;
  readonly keyframes: number;
}

export const FREEZE_MS = 200;
export const SETTLE_MS = 5000;
const SAMPLE_MS = 100;
const WARM_UP_MS = 1500;
/** What the encoder may take at most: more than the widest link. */
export const MAX_KBPS = 30_000;
const FULL_SHARE = 0.85;
/** The agent's and the browser's own clocks need no more than this to put a rate into one second. */
const RATE_WINDOW_MS = 1000;

interface LinkSample {
  readonly atMs: number;
  readonly bytes: number;
  readonly backlogBytes: number;
  readonly rateBps: number;
}

export interface Seen {
  readonly frames: number;
  readonly disordered: number;
  readonly longestFreezeMs: number;
  /** When it began, since the beginning. */
  readonly longestFreezeAtMs: number;
  readonly frozenShare: number;
  /** From the last new picture to the end. */
  readonly lastNewMs: number;
  readonly agesMs: readonly number[];
}

/** What a viewer saw of a counter that only rises. `toPageMs`: a stamp of the pattern in the page's time. */
export function see(samples: readonly Looked[], stamps: readonly FrameStamp[], toPageMs: (us: number) => number): Seen {
  const drawnMs = new Map(stamps.map(({ counter, drawnUs }) => [counter, toPageMs(drawnUs)]));
  const firstMs = samples[0]?.[0] ?? 0;
  const lastMs = samples.at(-1)?.[0] ?? 0;
  let newest: number | undefined;
  let newMs = firstMs;
  let frames = 0;
  let disordered = 0;
  let longestFreezeMs = 0;
  let longestFreezeAtMs = 0;
  let frozenMs = 0;
  const agesMs: number[] = [];
  const gap = (ms: number) => {
    if (ms > longestFreezeMs) {
      longestFreezeMs = ms;
      longestFreezeAtMs = newMs - firstMs;
    }
    if (ms > FREEZE_MS) frozenMs += ms;
  };
  for (const [atMs, upperBits, lowerBits] of samples) {
    const counter = readCounter(upperBits);
    if (counter === undefined || counter !== readCounter(lowerBits) || counter === newest) continue;
    // The counter has 16 bits.
    if (newest !== undefined && ((counter - newest) & 0xffff) > 0x8000) {
      disordered += 1;
      continue;
    }
    newest = counter;
    frames += 1;
    gap(atMs - newMs);
    newMs = atMs;
    const drawn = drawnMs.get(counter);
    if (drawn !== undefined) agesMs.push(atMs - drawn);
  }
  const lastNewMs = lastMs - newMs;
  gap(lastNewMs);
  const frozenShare = frozenMs / Math.max(1, lastMs - firstMs);
  return { frames, disordered, longestFreezeMs, longestFreezeAtMs, frozenShare, lastNewMs, agesMs };
}

/** Takes the link's counters and makes its steps happen, from `startMs` to the case's end. */
async function play(desk: ShapedDesk, which: NetworkCase, startMs: number): Promise<LinkSample[]> {
  const samples: LinkSample[] = [];
  const steps = [...which.steps];
  let rateBps = steps[0]?.rateBps ?? 0;
  while (performance.now() < startMs + which.seconds * 1000) {
    const atMs = performance.now() - startMs;
    while (steps[0] !== undefined && steps[0].atMs <= atMs) {
      const step = steps.shift();
      if (step?.rateBps !== undefined && step.rateBps !== rateBps) {
        rateBps = step.rateBps;
        desk.network.shape(rateBps);
      }
      step?.act?.(desk);
    }
    const { bytes, backlogBytes } = await desk.network.counters();
    samples.push({ atMs, bytes, backlogBytes, rateBps });
    await pause(Math.max(1, SAMPLE_MS - (performance.now() - startMs - atMs)));
  }
  return samples;
}

/** How the link was used: by its counters alone. */
export function judgeLink(
  samples: readonly LinkSample[],
): Pick<NetworkFigure, "utilisation" | "queueMs" | "queueAfterDropMs" | "recoveryMs"> {
  let changedMs = samples[0]?.atMs ?? 0;
  let carriedBits = 0;
  let possibleBits = 0;
  const queues: number[] = [];
  const afterDrops: number[] = [];
  let recoveryMs: number | undefined;
  /** A rise that is not used yet. */
  let risenMs: number | undefined;
  let isDrop = false;
  for (const [index, sample] of samples.entries()) {
    const before = samples[index - 1];
    if (before === undefined) continue;
    const { atMs, rateBps } = sample;
    if (rateBps !== before.rateBps) {
      changedMs = atMs;
      isDrop = rateBps < before.rateBps;
      risenMs = isDrop ? undefined : atMs;
    }
    const queueMs = (sample.backlogBytes * 8000) / rateBps;
    if (isDrop && atMs - changedMs >= 1000 && atMs - changedMs < 2000) afterDrops.push(queueMs);
    const from = samples.findLast((earlier) => earlier.atMs <= atMs - RATE_WINDOW_MS);
    if (risenMs !== undefined && from !== undefined && from.atMs >= risenMs) {
      const usedBps = ((sample.bytes - from.bytes) * 8000) / (atMs - from.atMs);
      if (usedBps >= FULL_SHARE * rateBps) {
        recoveryMs = Math.max(recoveryMs ?? 0, from.atMs - risenMs);
        risenMs = undefined;
      }
    }
    if (atMs - changedMs < SETTLE_MS) continue;
    carriedBits += (sample.bytes - before.bytes) * 8;
    possibleBits += (rateBps * (atMs - before.atMs)) / 1000;
    queues.push(queueMs);
  }
  if (risenMs !== undefined) recoveryMs = Number.POSITIVE_INFINITY;
  const queueAfterDropMs =
    afterDrops.length === 0 ? undefined : { p50: quantile(afterDrops, 0.5), worst: Math.max(...afterDrops) };
  return { utilisation: carriedBits / possibleBits, queueMs: quantile(queues, 0.95), queueAfterDropMs, recoveryMs };
}

export async function measureNetwork(
  browser: HeadlessBrowser,
  which: NetworkCase,
  path: NetworkPath,
  controlled: boolean,
): Promise<NetworkFigure> {
  const desk = await ShapedDesk.open({
    env: {
      EGLANTINE_VIDEO_BITRATE: `${MAX_KBPS}`,
      EGLANTINE_PATHS: path === "socket" ? "socket" : "webrtc,socket",
      EGLANTINE_CONGESTION_CONTROL: `${controlled}`,
    },
  });
  try {
    const firstBps = which.steps[0]?.rateBps;
    desk.network.shape(firstBps);
    const viewer = await desk.view(browser, path);
    try {
      await desk.pattern.show("storm");
      await pause(WARM_UP_MS);
      await viewer.page.evaluate(() => void (window.bench.agentStats.length = 0));
      await desk.pattern.stamps();
      const area = movingArea("move", SIZE.widthPx, SIZE.heightPx);
      const watched = viewer.page.evaluate(
        ({ leftPx, widthPx, rowsPx, durationMs }) =>
          window.bench.probe?.watch(leftPx, widthPx, rowsPx, durationMs) ?? [],
        { ...counterRows(area), durationMs: which.seconds * 1000 },
      );
      const link = await play(desk, which, performance.now());
      const samples = await watched;
      const state = await viewer.page.evaluate(() => document.documentElement.dataset["state"]);
      if (state !== "connected") throw new Error(`the session did not last: ${state}\n${desk.agent.log()}`);
      const { frames } = await desk.pattern.stamps();
      const seen = see(samples, frames, (us) => viewer.clock.toPageMs(us));
      const keyframes = await viewer.page.evaluate(() =>
        window.bench.agentStats.reduce((sum, { keyframes: one }) => sum + Number(one ?? 0), 0),
      );
      const { agesMs, ...rest } = seen;
      const delayMs = { p50: quantile(agesMs, 0.5), p95: quantile(agesMs, 0.95), p99: quantile(agesMs, 0.99) };
      return { name: which.name, path, controlled, ...rest, delayMs, keyframes, ...judgeLink(link) };
    } finally {
      await viewer.close();
    }
  } finally {
    await desk.close();
  }
}
