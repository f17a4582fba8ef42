// Where the monitors of one viewer lie on the desktop: as the screens lie on which its windows are. PURE. Asked by `monitors.ts`; what it
// answers goes to `x11/monitors.ts`.

import type { Screen } from "../input/types.ts";
import type { Region } from "../video/types.ts";

/** Less of a side than this is a bar of the viewer's desktop, not a screen that is set off. */
const SNAP = 1 / 8;

/** A screen of the viewer's, in whatever unit its system counts: only how screens lie to each other is used. */
export interface ViewerScreen {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Arranged {
  readonly size: Screen;
  /** That the window is on; undefined: it did not say. */
  readonly screen: ViewerScreen | undefined;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The first is taken where several are as good: windows of one screen stand in a row. */
const SIDES = ["right", "left", "below", "above"] as const;
const NOWHERE: ViewerScreen = { left: 0, top: 0, width: 1, height: 1 };

/**
 * Rectangles of the given sizes that do not overlap, each with at least half of a side on another one, the leftmost and the topmost at 0;
 * in the order of `windows`. The first one stays and the others are put to it, those first whose screens touch.
 */
export function arrange(windows: readonly Arranged[]): readonly Region[] {
  const screens = windows.map(({ screen }) => screen ?? NOWHERE);
  const placed = new Map<number, Box>();
  if (windows.length > 0) placed.set(0, boxOf(windows, 0, { left: 0, top: 0 }));
  while (placed.size < windows.length) {
    const [index, box] = best(windows, screens, placed);
    placed.set(index, box);
  }
  const boxes = windows.map((_, index) => placed.get(index) ?? boxOf(windows, index, { left: 0, top: 0 }));
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top));
  return boxes.map((box) => ({
    xPx: box.left - left,
    yPx: box.top - top,
    widthPx: box.width,
    heightPx: box.height,
  }));
}

function best(
  windows: readonly Arranged[],
  screens: readonly ViewerScreen[],
  placed: ReadonlyMap<number, Box>,
): readonly [number, Box] {
  let found: { readonly cost: number; readonly index: number; readonly box: Box } | undefined;
  for (const index of windows.keys()) {
    if (placed.has(index)) continue;
    // Behind the newest one first, so that a row goes on at its end.
    for (const [at, next] of [...placed].reverse()) {
      const [own, other] = [screens[index] ?? NOWHERE, screens[at] ?? NOWHERE];
      const wanted = relation(own, other);
      for (const side of SIDES) {
        const box = beside(side, boxOf(windows, index, { left: 0, top: 0 }), next, own, other);
        if ([...placed.values()].some((one) => overlap(one, box))) continue;
        const given = onSide(side, wanted);
        const cost = (given.x - wanted.x) ** 2 + (given.y - wanted.y) ** 2;
        if (found === undefined || cost < found.cost - 1e-9) found = { cost, index, box };
      }
    }
  }
  // Right of the rightmost one there is always room.
  if (found === undefined) throw new Error("monitors could not be arranged");
  return [found.index, found.box];
}

/** What comes nearest to `wanted` on that side, where half of a side must touch. */
function onSide(side: (typeof SIDES)[number], wanted: { readonly x: number; readonly y: number }) {
  const half = (value: number): number => Math.max(-0.5, Math.min(0.5, value));
  if (side === "right" || side === "left") return { x: side === "right" ? 1 : -1, y: half(wanted.y) };
  return { x: half(wanted.x), y: side === "below" ? 1 : -1 };
}

function boxOf(windows: readonly Arranged[], index: number, { left, top }: { left: number; top: number }): Box {
  const { widthPx, heightPx } = windows[index]?.size ?? { widthPx: 1, heightPx: 1 };
  return { left, top, width: widthPx, height: heightPx };
}

/** From the middle of `to` to that of `one`; 1 where two that touch would be. */
function relation(one: Box, to: Box): { readonly x: number; readonly y: number } {
  // The same screen, whatever its size is said to be.
  if (one.left === to.left && one.top === to.top) return { x: 0, y: 0 };
  return {
    x: (one.left - to.left + (one.width - to.width) / 2) / ((one.width + to.width) / 2),
    y: (one.top - to.top + (one.height - to.height) / 2) / ((one.height + to.height) / 2),
  };
}

/** Shifted along that side as their screens are. */
function beside(side: (typeof SIDES)[number], box: Box, next: Box, own: ViewerScreen, other: ViewerScreen): Box {
  if (side === "right" || side === "left") {
    const left = side === "right" ? next.left + next.width : next.left - box.width;
    const shift = ((own.top - other.top) * next.height) / other.height;
    return { ...box, left, top: next.top + touching(shift, box.height, next.height) };
  }
  const top = side === "below" ? next.top + next.height : next.top - box.height;
  const shift = ((own.left - other.left) * next.width) / other.width;
  return { ...box, top, left: next.left + touching(shift, box.width, next.width) };
}

function touching(shift: number, length: number, nextLength: number): number {
  if (Math.abs(shift) < nextLength * SNAP) return 0;
  const shared = Math.ceil(Math.min(length, nextLength) / 2);
  return Math.round(Math.max(shared - length, Math.min(nextLength - shared, shift)));
}

function overlap(one: Box, other: Box): boolean {
  return (
    one.left < other.left + other.width &&
    other.left < one.left + one.width &&
    one.top < other.top + other.height &&
    other.top < one.top + one.height
  );
}
