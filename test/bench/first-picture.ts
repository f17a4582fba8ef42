// From the start of the navigation to the first animation frame that shows the desktop: streamer warm, browser running,
// a new profile for each load (nothing cached). Milestones are noted by page-probe.ts; figures go to report.ts.

import type { HeadlessBrowser } from "../harness/browser.ts";
import { type Desk, openDesk, openPage, type SideName, view } from "./side.ts";
import { median, type Summary, summarise } from "./summary.ts";

export interface FirstPictureFigure {
  readonly side: SideName;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly totalMs: Summary;
  /**
   * Answering for the page, and the sooner of two: from the hello to the first picture over TCP; answering the offer, and from the
   * open connection to the first whole frame over WebRTC. Undefined: unknown.
   */
  readonly streamerMs: number | undefined;
  /** Medians, ms since the start of the navigation, in their order. */
  readonly milestonesMs: Readonly<Record<string, number>>;
}

const TIMEOUT_MS = 10_000;

export async function measureFirstPicture(
  side: SideName,
  browser: HeadlessBrowser,
  size: { widthPx: number; heightPx: number },
  loads: number,
): Promise<FirstPictureFigure> {
  const desk = await openDesk(side, size.widthPx, size.heightPx);
  try {
    const warm = await view(desk, browser);
    await warm.close();
    const all: (Record<string, number> | undefined)[] = [];
    for (let i = 0; i < loads; i += 1) all.push(await load(desk, browser));
    const shown = all.filter((milestones) => milestones !== undefined);
    const names = [...new Set(shown.flatMap((milestones) => Object.keys(milestones)))];
    const medians = names.map((name): [string, number] => [
      name,
      median(shown.map((milestones) => milestones[name]).filter((value) => value !== undefined)),
    ]);
    const shares = shown.map(streamerShare).filter((share) => share !== undefined);
    return {
      side,
      ...size,
      totalMs: summarise(all.map((milestones) => milestones?.["seen"])),
      streamerMs: shares.length === 0 ? undefined : median(shares),
      milestonesMs: Object.fromEntries(medians.sort(([, a], [, b]) => a - b)),
    };
  } finally {
    await desk.close();
  }
}

/** Undefined when no picture came in time. */
async function load(desk: Desk, browser: HeadlessBrowser): Promise<Record<string, number> | undefined> {
  const page = await openPage(desk, browser);
  try {
    await page.goto(desk.pageUrl, { waitUntil: "commit" });
    const shown = await page
      .waitForFunction(() => window.bench.milestones["seen"] !== undefined, undefined, { timeout: TIMEOUT_MS })
      .then(
        () => true,
        () => false,
      );
    if (!shown) return;
    return await page.evaluate(() => {
      const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
      const resources = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
      const served = resources.filter(({ responseEnd }) => responseEnd < (window.bench.milestones["socket"] ?? 0));
      return {
        ...window.bench.milestones,
        "page requested": navigation?.requestStart ?? 0,
        "page answered": navigation?.responseEnd ?? 0,
        "first resource requested": Math.min(...served.map(({ requestStart }) => requestStart)),
        "last resource answered": Math.max(...served.map(({ responseEnd }) => responseEnd)),
      };
    });
  } finally {
    await page.context().close();
  }
}

/** What the page waits for and only the streamer can shorten, on the path that has the first picture sooner. */
function streamerShare(milestones: Record<string, number>): number | undefined {
  const between = (from: string, to: string) => (milestones[to] ?? Number.NaN) - (milestones[from] ?? Number.NaN);
  const paths = [
    between("sent hello", "got picture"),
    between("sent offer", "got answer") + Math.max(0, between("connected", "received")),
  ].filter((pathMs) => !Number.isNaN(pathMs));
  return paths.length === 0 ? undefined : between("page requested", "page answered") + Math.min(...paths);
}
