// Does a viewer on a narrow link slow another one down? The same desk is looked at by one viewer alone, then beside a second one
// behind a policer. To `pnpm bench` (bench.ts) as a ratio of one run.

import { analyse } from "../bench/moving.ts";
import { openDesk, type Desk, type Viewer, view } from "../bench/side.ts";
import type { HeadlessBrowser } from "../harness/browser.ts";
import { pause } from "../latency/key-to-photon.ts";
import { LossyLink, policer } from "../harness/desktop-page-link.ts";
import { counterRows, movingArea } from "../harness/pattern-counter.ts";
import { MBPS } from "./cases.ts";

export interface ViewerFigure {
  readonly viewer: "alone" | "beside a slow one" | "the slow one";
  readonly framesPerSecond: number;
  /** Animation frames that its page had: more can't be seen, and two pages share the cores. */
  readonly lookedPerSecond: number;
  readonly ageMs: { readonly median: number; readonly p95: number };
  readonly longestGapMs: number;
}

const SIZE = { widthPx: 1280, heightPx: 720 };
export const SLOW_BPS = 2 * MBPS;
/** For the rates to settle. */
const SETTLE_MS = 4000;

async function look(desk: Desk, viewers: readonly Viewer[], seconds: number) {
  await desk.pattern.stamps();
  const rows = { ...counterRows(movingArea("quarter", SIZE.widthPx, SIZE.heightPx)), durationMs: seconds * 1000 };
  const samples = await Promise.all(
    viewers.map(({ page }) =>
      page.evaluate(
        ({ leftPx, widthPx, rowsPx, durationMs }) =>
          window.bench.probe?.watch(leftPx, widthPx, rowsPx, durationMs) ?? [],
        rows,
      ),
    ),
  );
  const { frames } = await desk.pattern.stamps();
  return viewers.map(({ clock }, index) => analyse(samples[index] ?? [], frames, clock));
}

export async function measureTwoViewers(browser: HeadlessBrowser, seconds: number): Promise<ViewerFigure[]> {
  const desk = await openDesk("eglantine", SIZE.widthPx, SIZE.heightPx, { EGLANTINE_PATHS: "webrtc" });
  const link = await LossyLink.open(Number(new URL(desk.pageUrl).port));
  try {
    const fast = await view(desk, browser);
    await desk.pattern.show("quarter");
    await pause(SETTLE_MS);
    const alone = await look(desk, [fast], seconds);
    link.loses = policer(SLOW_BPS);
    const slow = await view(desk, browser, link.route);
    await desk.pattern.show("quarter");
    await pause(SETTLE_MS);
    const both = await look(desk, [fast, slow], seconds);
    // Before its link, over which it would come back.
    await slow.close();
    await fast.close();
    const names = ["alone", "beside a slow one", "the slow one"] as const;
    return [...alone, ...both].map(({ distinct, looked, seconds: lasted, ageMs, longestGapMs }, index) => ({
      viewer: names[index] ?? "alone",
      framesPerSecond: distinct / lasted,
      lookedPerSecond: looked / lasted,
      ageMs: { median: ageMs.median, p95: ageMs.p95 },
      longestGapMs,
    }));
  } finally {
    await desk.close();
    await link.close();
  }
}
