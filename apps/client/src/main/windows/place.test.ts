import fc from "fast-check";
import { expect, it } from "vitest";
import { type Display, displayOf, freeDisplays, placeWindow, type Rect } from "./place.ts";

const display = (id: number, x: number, y: number, width: number, height: number, primary = false): Display => ({
  id,
  bounds: { x, y, width, height },
  // A panel below.
  workArea: { x, y, width, height: height - 40 },
  primary,
});

const LEFT = display(1, -1920, 0, 1920, 1080);
const MIDDLE = display(2, 0, 0, 2560, 1440, true);
const RIGHT = display(3, 2560, 200, 1280, 1024);
const ALL = [MIDDLE, RIGHT, LEFT];
const IN_MIDDLE: Rect = { x: 100, y: 100, width: 1280, height: 800 };

it("opens the first window in the middle of the primary display", () => {
  expect(placeWindow({ displays: ALL, remembered: undefined, monitor: 0, others: [] })).toEqual({
    bounds: { x: 640, y: 300, width: 1280, height: 800 },
    maximized: false,
  });
});

it("opens each further monitor on a display of its own, to the right of the first and then on its left", () => {
  const second = placeWindow({ displays: ALL, remembered: undefined, monitor: 1, others: [IN_MIDDLE] });
  expect(second).toEqual({ bounds: RIGHT.workArea, maximized: true });
  const third = placeWindow({ displays: ALL, remembered: undefined, monitor: 2, others: [IN_MIDDLE, second.bounds] });
  expect(third).toEqual({ bounds: LEFT.workArea, maximized: true });
  const fourth = placeWindow({
    displays: ALL,
    remembered: undefined,
    monitor: 3,
    others: [IN_MIDDLE, second.bounds, third.bounds],
  });
  // There is none left: beside the one before it, within its display.
  expect(fourth).toEqual({ bounds: LEFT.workArea, maximized: false });
  expect(freeDisplays(ALL, [IN_MIDDLE])).toBe(2);
  expect(freeDisplays(ALL, [IN_MIDDLE, second.bounds, third.bounds, fourth.bounds])).toBe(0);
});

it("opens a window where it was, while its display is there", () => {
  const remembered = { bounds: { x: 2600, y: 300, width: 900, height: 700 }, maximized: true, display: RIGHT };
  expect(placeWindow({ displays: ALL, remembered, monitor: 0, others: [] })).toEqual({
    bounds: remembered.bounds,
    maximized: true,
  });
  // The system has numbered it anew.
  const renumbered = [MIDDLE, { ...RIGHT, id: 77 }];
  expect(placeWindow({ displays: renumbered, remembered, monitor: 0, others: [] }).bounds).toEqual(remembered.bounds);
});

it("brings a window back whose display is gone, or smaller now", () => {
  const remembered = { bounds: { x: 2600, y: 300, width: 900, height: 700 }, maximized: true, display: RIGHT };
  expect(placeWindow({ displays: [MIDDLE], remembered, monitor: 0, others: [] })).toEqual({
    bounds: { x: 830, y: 350, width: 900, height: 700 },
    maximized: false,
  });
  const smaller = display(3, 2560, 200, 800, 600);
  const placed = placeWindow({ displays: [MIDDLE, smaller], remembered, monitor: 1, others: [IN_MIDDLE] });
  expect(placed).toEqual({ bounds: smaller.workArea, maximized: true });
});

it("keeps every window wholly within one display, whatever was remembered", () => {
  const side = fc.integer({ min: 200, max: 4000 });
  const at = fc.integer({ min: -9000, max: 9000 });
  const rect = fc.record({ x: at, y: at, width: side, height: side });
  const displays = fc
    .array(rect, { minLength: 1, maxLength: 4 })
    .map((rects) =>
      rects.map((bounds, index): Display => ({ id: index, bounds, workArea: bounds, primary: index === 0 })),
    );
  fc.assert(
    fc.property(displays, rect, fc.nat(4), fc.array(rect), fc.boolean(), (screens, bounds, monitor, others, known) => {
      const [screen] = screens;
      if (screen === undefined) return;
      const remembered = known ? { bounds, maximized: false, display: screen } : undefined;
      const placed = placeWindow({ displays: screens, remembered, monitor, others });
      const on = displayOf(placed.bounds, screens, undefined);
      const isWithin = (area: Rect): boolean =>
        placed.bounds.x >= area.x &&
        placed.bounds.y >= area.y &&
        placed.bounds.x + placed.bounds.width <= area.x + area.width &&
        placed.bounds.y + placed.bounds.height <= area.y + area.height;
      expect(on).toBeDefined();
      expect(screens.some(({ workArea }) => isWithin(workArea))).toBe(true);
    }),
  );
});
