// The moving picture: which of the 60 frames a second that pattern.c draws are seen, how old they are then, and what
// they cost. Counters are read by page-probe.ts; figures go to report.ts.

import type { HeadlessBrowser } from "../harness/browser.ts";
import type { FrameStamp } from "../harness/pattern.ts";
import { counterRows, movingArea, readCounter } from "../harness/pattern-counter.ts";
import { cpuMs } from "../harness/processes.ts";
import { pause } from "../latency/key-to-photon.ts";
import type { PageClock } from "./clock.ts";
import type { Looked } from "./page-probe.ts";
import { type Desk, openDesk, type SideName, view } from "./side.ts";
import { type Summary, summarise } from "./summary.ts";

export type MovingMode = "move" | "quarter";

export interface SeenFrames {
  readonly seconds: number;
  /** Animation frames that the page had: more can't be seen. */
  readonly looked: number;
  /** Different whole frames seen. */
  readonly distinct: number;
  /** Pictures whose two counters differ. */
  readonly torn: number;
  /** Animation frames with a counter that could not be read. */
  readonly unreadable: number;
  readonly longestGapMs: number;
  /** From the moment when the frame was drawn to the animation frame that saw it first, ms. */
  readonly agesMs: readonly number[];
  readonly ageMs: Summary;
}

/** CPU time over the window, ms per distinct frame seen. */
export interface FrameCost {
  readonly streamerMs: number;
  readonly xServerMs: number;
  readonly browserMs: number;
}

export interface MovingFigure extends Omit<SeenFrames, "agesMs"> {
  readonly side: SideName;
  readonly mode: MovingMode;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly drawn: number;
  readonly cost: FrameCost;
  /** Of the browser's own statistics, per second; undefined without WebRTC. */
  readonly decodedPerSecond: number | undefined;
  readonly bitsPerSecond: number | undefined;
}

/** Before the window: the rate controller has found its rate, caches are warm. */
const WARM_UP_MS = 4000;

/** Parts of the window, each with the drawing at another, random moment between two animation frames. */
const PARTS = 5;

/** One window out of its parts: counts are added, ages put together. */
export function combine(parts: readonly SeenFrames[]): Omit<SeenFrames, "agesMs"> {
  const sum = (name: "seconds" | "looked" | "distinct" | "torn" | "unreadable") =>
    parts.reduce((total, part) => total + part[name], 0);
  return {
    seconds: sum("seconds"),
    looked: sum("looked"),
    distinct: sum("distinct"),
    torn: sum("torn"),
    unreadable: sum("unreadable"),
    longestGapMs: Math.max(...parts.map(({ longestGapMs }) => longestGapMs)),
    ageMs: summarise(parts.flatMap(({ agesMs }) => agesMs)),
  };
}

export function analyse(samples: readonly Looked[], frames: readonly FrameStamp[], clock: PageClock): SeenFrames {
  const drawnMs = new Map(frames.map(({ counter, drawnUs }) => [counter, clock.toPageMs(drawnUs)]));
  const seen = new Set<number>();
  const tornPairs = new Set<string>();
  const ages: number[] = [];
  let unreadable = 0;
  let longestGapMs = 0;
  const firstMs = samples[0]?.[0] ?? 0;
  const lastMs = samples.at(-1)?.[0] ?? 0;
  let newMs = firstMs;
  for (const [atMs, upperBits, lowerBits] of samples) {
    const upper = readCounter(upperBits);
    const lower = readCounter(lowerBits);
    if (upper === undefined || lower === undefined) {
      unreadable += 1;
    } else if (upper !== lower) {
      tornPairs.add(`${upper} ${lower}`);
    } else if (!seen.has(upper)) {
      seen.add(upper);
      longestGapMs = Math.max(longestGapMs, atMs - newMs);
      newMs = atMs;
      const drawn = drawnMs.get(upper);
      if (drawn !== undefined) ages.push(atMs - drawn);
    }
  }
  return {
    seconds: (lastMs - firstMs) / 1000,
    looked: samples.length,
    distinct: seen.size,
    torn: tornPairs.size,
    unreadable,
    longestGapMs: Math.max(longestGapMs, lastMs - newMs),
    agesMs: ages,
    ageMs: summarise(ages),
  };
}

export async function measureMoving(
  side: SideName,
  browser: HeadlessBrowser,
  mode: MovingMode,
  size: { widthPx: number; heightPx: number },
  seconds: number,
): Promise<MovingFigure> {
  const desk = await openDesk(side, size.widthPx, size.heightPx);
  try {
    const viewer = await view(desk, browser);
    try {
      await desk.pattern.show(mode);
      await pause(WARM_UP_MS);
      const browserPids = await browser.pids();
      const read = async () => ({
        ...cost(desk, browserPids),
        atMs: performance.now(),
        stats: await viewer.page.evaluate(() => window.bench.probe?.videoStats()),
      });
      const rows = {
        ...counterRows(movingArea(mode, size.widthPx, size.heightPx)),
        durationMs: (seconds * 1000) / PARTS,
      };
      const parts: SeenFrames[] = [];
      let drawn = 0;
      const before = await read();
      for (let part = 0; part < PARTS; part += 1) {
        await desk.pattern.shiftUs(Math.random() * 16_667);
        await pause(100);
        const samples = await viewer.page.evaluate(
          ({ leftPx, widthPx, rowsPx, durationMs }) =>
            window.bench.probe?.watch(leftPx, widthPx, rowsPx, durationMs) ?? [],
          rows,
        );
        const { frames } = await desk.pattern.stamps();
        parts.push(analyse(samples, frames, viewer.clock));
        drawn += drawnWithin(frames, samples, viewer.clock);
      }
      const after = await read();
      const figure = combine(parts);
      const elapsedSeconds = (after.atMs - before.atMs) / 1000;
      const perSecond = (name: string) =>
        after.stats === undefined
          ? undefined
          : ((after.stats[name] ?? 0) - (before.stats?.[name] ?? 0)) / elapsedSeconds;
      // The pauses between the parts cost as much as the parts.
      const perFrame = (name: keyof FrameCost) =>
        (after[name] - before[name]) / elapsedSeconds / (figure.distinct / figure.seconds);
      const bytesPerSecond = perSecond("bytesReceived");
      return {
        side,
        mode,
        ...size,
        ...figure,
        drawn,
        cost: {
          streamerMs: perFrame("streamerMs"),
          xServerMs: perFrame("xServerMs"),
          browserMs: perFrame("browserMs"),
        },
        decodedPerSecond: perSecond("framesDecoded"),
        bitsPerSecond: bytesPerSecond === undefined ? undefined : bytesPerSecond * 8,
      };
    } finally {
      await viewer.close();
    }
  } finally {
    await desk.close();
  }
}

function drawnWithin(frames: readonly FrameStamp[], samples: readonly Looked[], clock: PageClock): number {
  const firstMs = samples[0]?.[0] ?? 0;
  const lastMs = samples.at(-1)?.[0] ?? 0;
  return frames.filter(({ drawnUs }) => {
    const atMs = clock.toPageMs(drawnUs);
    return atMs >= firstMs && atMs < lastMs;
  }).length;
}

function cost(desk: Desk, browserPids: readonly number[]): FrameCost {
  return {
    streamerMs: cpuMs(desk.streamerPids()),
    xServerMs: cpuMs([desk.server.pid]),
    browserMs: cpuMs(browserPids),
  };
}
