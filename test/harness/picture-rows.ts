// What a viewer's picture shows along a line: a painted desktop has many colours there, a black or empty one has few. Used where Plasma is looked at, in
// e2e/plasma.test.ts and image/test/story.test.ts.

import type { DesktopPage } from "./desktop-page.ts";

/** Distinct colours, to sixteen steps a channel, on every fourth pixel of a row of the received picture. */
export async function coloursInRow(viewer: DesktopPage, widthPx: number, yPx: number): Promise<number> {
  const row = await viewer.pixels(Array.from({ length: widthPx / 4 }, (_, index) => ({ xPx: index * 4, yPx })));
  return new Set(row.map((colour) => colour.map((value) => value >> 4).join())).size;
}
