// The page's `performance.now()` against CLOCK_MONOTONIC, both on this machine: each round trip to the page bounds the
// difference from both sides, and many of them together narrow it down. Used wherever a stamp of pattern.c meets one
// of the page.

import type { Page } from "playwright-core";
import { monotonicUs } from "../harness/processes.ts";

export interface PageClock {
  /** How far the difference may be off, to either side. */
  readonly uncertaintyMs: number;
  /** A stamp of pattern.c in the page's time, ms. */
  toPageMs(monotonicUs: number): number;
}

const ROUND_TRIPS = 60;

/** @throws Error when the bounds contradict each other: then the two are not the same clock. */
export async function calibrate(page: Page): Promise<PageClock> {
  let lowMs = Number.NEGATIVE_INFINITY;
  let highMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < ROUND_TRIPS; i += 1) {
    const before = monotonicUs() / 1000;
    const pageMs = await page.evaluate(() => performance.now());
    const after = monotonicUs() / 1000;
    lowMs = Math.max(lowMs, before - pageMs);
    highMs = Math.min(highMs, after - pageMs);
  }
  // The page's clock is read in steps of 0.1 ms.
  if (highMs < lowMs - 0.2) throw new Error(`the clocks drift apart: ${lowMs} ms to ${highMs} ms`);
  const offsetMs = (lowMs + highMs) / 2;
  return { uncertaintyMs: Math.abs(highMs - lowMs) / 2, toPageMs: (stampUs) => stampUs / 1000 - offsetMs };
}
