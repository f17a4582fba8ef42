// A desktop on which nothing moves: what it costs and what is still sent, after the last refinement. To report.ts.

import type { Page } from "playwright-core";
import type { HeadlessBrowser } from "../harness/browser.ts";
import { cpuMs } from "../harness/processes.ts";
import { until } from "../harness/until.ts";
import { pause } from "../latency/key-to-photon.ts";
import { type Desk, openDesk, type SideName, view } from "./side.ts";

export interface IdleFigure {
  readonly side: SideName;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly seconds: number;
  /** Of one core. */
  readonly streamerPercent: number;
  readonly xServerPercent: number;
  readonly browserPercent: number;
  /** Undefined without WebRTC. */
  readonly videoPackets: number | undefined;
  /** Keyframes that the browser asked for meanwhile. */
  readonly keyframeRequests: number | undefined;
}

/** A picture that has stood still for 5 s is coded in full-size colour, once: waited for so long where it may come. */
const FULL_COLOUR_MS = 15_000;
/** The agent's once-a-second statistics end with what moves; the picture is settled when none came for so long. */
const SILENT_MS = 2500;
/** noVNC says nothing of itself. */
const SETTLE_MS = 5000;

export async function measureIdle(
  side: SideName,
  browser: HeadlessBrowser,
  size: { widthPx: number; heightPx: number },
  seconds: number,
): Promise<IdleFigure> {
  const desk = await openDesk(side, size.widthPx, size.heightPx);
  try {
    const viewer = await view(desk, browser);
    try {
      if (side === "eglantine") await untilSettled(desk, viewer.page);
      else await pause(SETTLE_MS);
      const pids = await browser.pids();
      const read = async () => ({
        video: await viewer.page.evaluate(() => window.bench.probe?.videoStats()),
        atMs: performance.now(),
        streamer: cpuMs(desk.streamerPids()),
        xServer: cpuMs([desk.server.pid]),
        browser: cpuMs(pids),
      });
      const before = await read();
      await pause(seconds * 1000);
      const after = await read();
      const percent = (name: "streamer" | "xServer" | "browser") =>
        ((after[name] - before[name]) / (after.atMs - before.atMs)) * 100;
      const counted = (name: string) =>
        after.video === undefined ? undefined : (after.video[name] ?? 0) - (before.video?.[name] ?? 0);
      return {
        side,
        ...size,
        seconds,
        streamerPercent: percent("streamer"),
        xServerPercent: percent("xServer"),
        browserPercent: percent("browser"),
        videoPackets: counted("packetsReceived"),
        keyframeRequests: counted("pliCount"),
      };
    } finally {
      await viewer.close();
    }
  } finally {
    await desk.close();
  }
}

/** By what the agent says: it has changed to full-size colour, where it does, and then sent nothing more. */
async function untilSettled(desk: Desk, page: Page): Promise<void> {
  const startMs = performance.now();
  const taken = () =>
    desk
      .log()
      .split("\n")
      .findLast((line) => line.includes('"encoder taken"'));
  await until(
    "the encoder's last word",
    () => {
      const mayChange = taken()?.includes('"chroma444":true') === true && taken()?.includes('"chroma":"420"') === true;
      return !mayChange || performance.now() - startMs > FULL_COLOUR_MS;
    },
    { everyMs: 100 },
  );
  let told = -1;
  let sinceMs = performance.now();
  await until(
    "a picture that stands still",
    async () => {
      const now = await page.evaluate(() => window.bench.agentStats.length);
      if (now !== told) sinceMs = performance.now();
      told = now;
      return performance.now() - sinceMs >= SILENT_MS;
    },
    { everyMs: 250 },
  );
}
