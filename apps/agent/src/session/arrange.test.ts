import fc from "fast-check";
import { expect, test } from "vitest";
import { type Arranged, arrange, type ViewerScreen } from "./arrange.ts";

const screen = (left: number, top: number, width = 1920, height = 1080): ViewerScreen => ({ left, top, width, height });
const on = (place: ViewerScreen | undefined, widthPx: number, heightPx: number): Arranged => ({
  screen: place,
  size: { widthPx, heightPx },
});
const placesOf = (windows: readonly Arranged[]) =>
  arrange(windows).map(({ xPx, yPx, widthPx, heightPx }) => `${widthPx}x${heightPx}+${xPx}+${yPx}`);

test("one window is the whole desktop", () => {
  expect(placesOf([on(screen(300, 200), 800, 600)])).toEqual(["800x600+0+0"]);
});

test.each([
  ["right of it", screen(1920, 0), ["1920x1000+0+0", "1280x720+1920+0"]],
  ["left of it", screen(-1920, 0), ["1920x1000+1280+0", "1280x720+0+0"]],
  ["below it", screen(0, 1080), ["1920x1000+0+0", "1280x720+0+1000"]],
  ["above it", screen(0, -1080), ["1920x1000+0+720", "1280x720+0+0"]],
])("a second screen %s is there on the desktop too", (_, second, expected) => {
  expect(placesOf([on(screen(0, 0), 1920, 1000), on(second, 1280, 720)])).toEqual(expected);
});

test("windows of one screen stand in a row, in the order in which they were opened", () => {
  const windows = [on(screen(0, 0), 800, 600), on(screen(0, 0), 640, 480), on(screen(0, 0), 1024, 768)];
  expect(placesOf(windows)).toEqual(["800x600+0+0", "640x480+800+0", "1024x768+1440+0"]);
});

test("a screen that is said to have another size, as with another zoom, is the same one where it is in the same place", () => {
  expect(placesOf([on(screen(0, 0), 800, 600), on(screen(0, 0, 960, 540), 640, 480)])).toEqual([
    "800x600+0+0",
    "640x480+800+0",
  ]);
});

test("a screen between two others is between them, whichever window was opened first", () => {
  const [left, middle, right] = [screen(0, 0), screen(1920, 0), screen(3840, 0)];
  expect(placesOf([on(left, 100, 100), on(right, 300, 100), on(middle, 200, 100)])).toEqual([
    "100x100+0+0",
    "300x100+300+0",
    "200x100+100+0",
  ]);
  expect(placesOf([on(right, 300, 100), on(left, 100, 100), on(middle, 200, 100)])).toEqual([
    "300x100+300+0",
    "100x100+0+0",
    "200x100+100+0",
  ]);
});

test("four screens around a corner make a square", () => {
  const windows = [screen(0, 0), screen(1920, 0), screen(0, 1080), screen(1920, 1080)].map((one) => on(one, 800, 600));
  expect(placesOf(windows)).toEqual(["800x600+0+0", "800x600+800+0", "800x600+0+600", "800x600+800+600"]);
});

test("screens on three sides of the first one stay on their sides", () => {
  const windows = [screen(0, 0), screen(-1920, 0), screen(0, -1080), screen(1920, 0)].map((one) => on(one, 960, 540));
  expect(placesOf(windows)).toEqual(["960x540+960+540", "960x540+0+540", "960x540+960+0", "960x540+1920+540"]);
});

test("a screen that is set off along a side is set off by as much of it", () => {
  expect(placesOf([on(screen(0, 0), 1920, 1080), on(screen(1920, 270), 1920, 1080)])[1]).toBe("1920x1080+1920+270");
});

test("a window that grows moves the others on, and keeps them on their sides", () => {
  const windows = (widthPx: number) => [on(screen(0, 0), widthPx, 600), on(screen(1920, 0), 640, 480)];
  expect(placesOf(windows(800))[1]).toBe("640x480+800+0");
  expect(placesOf(windows(1200))[1]).toBe("640x480+1200+0");
});

const coordinate = fc.integer({ min: -65_536, max: 65_536 });
const sidePx = fc.integer({ min: 64, max: 8192 });
const anyScreen = fc.record({
  left: coordinate,
  top: coordinate,
  width: fc.integer({ min: 1, max: 65_536 }),
  height: fc.integer({ min: 1, max: 65_536 }),
});
const anyWindow: fc.Arbitrary<Arranged> = fc.record({
  size: fc.record({ widthPx: sidePx, heightPx: sidePx }),
  screen: fc.option(anyScreen, { nil: undefined }),
});

test("whatever the viewer says of its screens: no overlap, no gap, nothing beyond the desktop", () => {
  fc.assert(
    fc.property(fc.array(anyWindow, { minLength: 1, maxLength: 8 }), (windows) => {
      const regions = arrange(windows);
      expect(regions.map(({ widthPx, heightPx }) => ({ widthPx, heightPx }))).toEqual(windows.map(({ size }) => size));
      expect(Math.min(...regions.map(({ xPx }) => xPx))).toBe(0);
      expect(Math.min(...regions.map(({ yPx }) => yPx))).toBe(0);
      const shared = (a: number, aLength: number, b: number, bLength: number) =>
        Math.min(a + aLength, b + bLength) - Math.max(a, b);
      const reached = new Set([0]);
      for (let turn = 0; turn < regions.length; turn++) {
        for (const [index, one] of regions.entries()) {
          for (const [at, other] of regions.entries()) {
            if (index === at) continue;
            const across = shared(one.xPx, one.widthPx, other.xPx, other.widthPx);
            const down = shared(one.yPx, one.heightPx, other.yPx, other.heightPx);
            expect(across > 0 && down > 0).toBe(false);
            if (reached.has(at) && ((across === 0 && down > 0) || (down === 0 && across > 0))) reached.add(index);
          }
        }
      }
      expect(reached.size).toBe(regions.length);
    }),
  );
});
