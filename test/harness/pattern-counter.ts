// The frame counter that pattern.c draws twice, in the first and in the last 16 rows of the moving area: 24 blocks of
// 16x16 px, white for 1, most significant first; 16 bits of the counter, 8 of a check sum. Two counters that differ
// within one picture mean that it was torn. Read by bench/moving.ts.

export interface AreaPx {
  readonly leftPx: number;
  readonly topPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

const BLOCK_PX = 16;
const BITS = 24;
const LEFT_PX = 16;

/** Where the moving area is: the whole screen, or its lower right quarter. */
export function movingArea(mode: "move" | "quarter", widthPx: number, heightPx: number): AreaPx {
  if (mode === "move") return { leftPx: 0, topPx: 0, widthPx, heightPx };
  const halfWidthPx = Math.floor(widthPx / 2);
  const halfHeightPx = Math.floor(heightPx / 2);
  return { leftPx: halfWidthPx, topPx: halfHeightPx, widthPx: halfWidthPx, heightPx: halfHeightPx };
}

/** The one row of pixels through the middle of each of the two counters. */
export function counterRows(area: AreaPx): { leftPx: number; widthPx: number; rowsPx: [number, number] } {
  return {
    leftPx: area.leftPx + LEFT_PX,
    widthPx: BITS * BLOCK_PX,
    rowsPx: [area.topPx + BLOCK_PX / 2, area.topPx + area.heightPx - BLOCK_PX / 2],
  };
}

/** @returns the counter, or undefined when the check sum says that these are no counter's blocks. */
export function readCounter(bits: number): number | undefined {
  const counter = (bits >>> 8) & 0xffff;
  const check = (counter * 167 + (counter >>> 8) * 29 + 89) & 0xff;
  return check === (bits & 0xff) ? counter : undefined;
}
