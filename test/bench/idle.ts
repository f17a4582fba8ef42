// A desktop on which nothing moves: what it costs and what is still sent, after the last refinement. To report.ts.

import type { HeadlessBrowser } from "../harness/browser.ts";
import { cpuMs } from "../harness/processes.ts";
import { pause } from "../latency/key-to-photon.ts";
import { openDesk, type SideName, view } from "./side.ts";

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
      await pause(SETTLE_MS);
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
