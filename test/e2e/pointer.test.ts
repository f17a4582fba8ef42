// Story: the remote pointer is where mine is, and my buttons, drags and wheel do there what they do here.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { until } from "../harness/until.ts";
import type { EventWindow } from "../harness/x-screen.ts";
import { Desktop } from "./desktop.ts";

let desktop: Desktop;
let viewer: DesktopPage;
let window: EventWindow;

beforeAll(async () => {
  desktop = await Desktop.open();
});
afterAll(() => desktop?.close());

async function pointerIs(xPx: number, yPx: number): Promise<void> {
  let seen = "";
  const arrived = async () => {
    const pointer = await desktop.screen.pointer();
    seen = `${pointer.xPx},${pointer.yPx}`;
    return seen === `${xPx},${yPx}`;
  };
  await until("pointer", arrived).catch(() => expect(seen).toBe(`${xPx},${yPx}`));
}

const PLACES = [
  [0, 0],
  [1, 1],
  [333, 217],
  [998, 698],
  [999, 699],
] as const;

describe("at one desktop pixel a CSS pixel", () => {
  beforeEach(async () => {
    viewer ??= await desktop.connect();
    window = await desktop.screen.openWindow(0, 0, 1000, 700, [40, 60, 80]);
  });
  afterEach(() => window.close());
  afterAll(() => viewer.close());

  test("the pointer stands on the exact pixel", async () => {
    for (const [xPx, yPx] of PLACES) {
      await viewer.movePointer(xPx, yPx);
      await pointerIs(xPx, yPx);
    }
  });

  test("left, middle, right, back and forward are X buttons 1, 2, 3, 8 and 9 at the pointer", async () => {
    const buttons = [
      ["left", 1],
      ["middle", 2],
      ["right", 3],
      ["back", 8],
      ["forward", 9],
    ] as const;
    for (const [index, [name, number]] of buttons.entries()) {
      const at = { xPx: 100 + 50 * index, yPx: 200 };
      await viewer.movePointer(at.xPx, at.yPx);
      await viewer.button("press", name, at);
      await viewer.button("release", name, at);
      await until(`button ${number}`, () => window.pointerEvents.some(({ kind }) => kind === "release"));
      expect(window.pointerEvents.filter(({ kind }) => kind !== "motion")).toEqual([
        { kind: "press", button: number, ...at },
        { kind: "release", button: number, ...at },
      ]);
      window.clear();
    }
    expect(viewer.page.url()).toContain(desktop.url);
  });

  test("a button never overtakes the motion before it, a hundred times over", async () => {
    const expected: string[] = [];
    for (let click = 0; click < 100; click++) {
      const at = { xPx: 10 + ((click * 337) % 980), yPx: 10 + ((click * 211) % 680) };
      expected.push(`press ${at.xPx},${at.yPx}`, `release ${at.xPx},${at.yPx}`);
      const { x, y } = await viewer.onPage(at.xPx, at.yPx);
      await viewer.page.mouse.click(x, y);
    }
    const clicks = () => window.pointerEvents.filter(({ kind }) => kind !== "motion");
    await until("all clicks", () => clicks().length >= expected.length);
    expect(clicks().map(({ kind, xPx, yPx }) => `${kind} ${xPx},${yPx}`)).toEqual(expected);
  });

  test("a drag is press, motions on the way, release at its end", async () => {
    await viewer.movePointer(100, 100);
    await viewer.page.mouse.down();
    for (let step = 1; step <= 20; step++) await viewer.movePointer(100 + step * 20, 100 + step * 10);
    await viewer.page.mouse.up();
    await until("the release", () => window.pointerEvents.some(({ kind }) => kind === "release"));
    const drag = window.pointerEvents.slice(window.pointerEvents.findIndex(({ kind }) => kind === "press"));
    expect(drag[0]).toEqual({ kind: "press", button: 1, xPx: 100, yPx: 100 });
    expect(drag.at(-1)).toEqual({ kind: "release", button: 1, xPx: 500, yPx: 300 });
    const motions = drag.slice(1, -1);
    expect(motions.length).toBeGreaterThan(2);
    expect(motions.every(({ kind }) => kind === "motion")).toBe(true);
    const along = motions.map(({ xPx }) => xPx);
    expect(along).toEqual(along.toSorted((one, other) => one - other));
  });

  test("the wheel is X buttons 4 and 5 up and down, 6 and 7 left and right", async () => {
    await viewer.movePointer(400, 400);
    const turns = [
      [0, -120, 4],
      [0, 120, 5],
      [-120, 0, 6],
      [120, 0, 7],
    ] as const;
    for (const [deltaX, deltaY, button] of turns) {
      await viewer.page.mouse.wheel(deltaX, deltaY);
      await until(`button ${button}`, () => window.pointerEvents.some(({ kind }) => kind === "release"));
      const clicks = window.pointerEvents.filter(({ kind }) => kind !== "motion");
      expect(new Set(clicks.map((event) => event.button))).toEqual(new Set([button]));
      expect(clicks[0]).toMatchObject({ kind: "press", xPx: 400, yPx: 400 });
      window.clear();
    }
  });

  test("small steps of a fine wheel add up to whole clicks and none is lost", async () => {
    await viewer.movePointer(400, 400);
    // Made in the page: Chromium's own synthetic wheel calls every step, however small, a whole detent.
    await viewer.byTestId("surface").evaluate((element) => {
      const turn = (deltaY: number) =>
        element.dispatchEvent(new WheelEvent("wheel", { deltaY, bubbles: true, cancelable: true }));
      for (let step = 0; step < 40; step++) turn(30);
      turn(-250);
    });
    await until(
      "the way back",
      () => window.pointerEvents.filter(({ kind, button }) => kind === "release" && button === 4).length === 2,
    );
    expect(window.pointerEvents.filter(({ kind, button }) => kind === "press" && button === 5)).toHaveLength(12);
  });

  test("a fine wheel turned there and back in both directions at once leaves nothing behind", async () => {
    await viewer.movePointer(400, 400);
    await viewer.byTestId("surface").evaluate((element) => {
      const turn = (deltaX: number, deltaY: number) =>
        element.dispatchEvent(new WheelEvent("wheel", { deltaX, deltaY, bubbles: true, cancelable: true }));
      for (let round = 0; round < 5; round++) {
        for (let step = 0; step < 80; step++) turn(2.5, -3.75);
        for (let step = 0; step < 80; step++) turn(-2.5, 3.75);
      }
    });
    const clicks = (button: number) =>
      window.pointerEvents.filter((event) => event.kind === "release" && event.button === button).length;
    const all = [4, 5, 6, 7] as const;
    await until("all turns", () => all.reduce((sum, button) => sum + clicks(button), 0) >= 50);
    expect(all.map(clicks)).toEqual([15, 15, 10, 10]);
  });

  test("under pointer lock the motions' sum is exact", async () => {
    await viewer.movePointer(500, 350);
    await viewer.page.mouse.down();
    await viewer.page.mouse.up();
    await pointerIs(500, 350);
    await viewer.byTestId("surface").evaluate((element) => element.requestPointerLock());
    await until("pointer lock", () => viewer.page.evaluate(() => document.pointerLockElement !== null));
    const { x, y } = await viewer.onPage(500, 350);
    for (let step = 1; step <= 60; step++) await viewer.page.mouse.move(x + step * 3, y - step * 2);
    await pointerIs(500 + 180, 350 - 120);
    for (let step = 59; step >= 0; step--) await viewer.page.mouse.move(x + step * 3, y - step * 2);
    await pointerIs(500, 350);
    await viewer.page.evaluate(() => document.exitPointerLock());
    await until("no lock", () => viewer.page.evaluate(() => document.pointerLockElement === null));
    await viewer.movePointer(120, 130);
    await pointerIs(120, 130);
  });
});

test("two clicks on one pixel here are two clicks on one pixel there, however the picture is scaled", async () => {
  const taker = await desktop.screen.openWindow(0, 0, 1000, 700, [40, 60, 80]);
  for (const widthPx of [300, 617, 1700]) {
    const scaled = await desktop.connect({ widthPx, heightPx: 1200, query: { resize: "false", scale: "fit" } });
    for (const [xPx, yPx] of [
      [101, 57],
      [532, 388],
      [931, 611],
    ] as const) {
      taker.clear();
      const { x, y } = await scaled.onPage(xPx, yPx);
      await scaled.page.mouse.dblclick(Math.floor(x), Math.floor(y));
      await until("both clicks", () => taker.pointerEvents.filter(({ kind }) => kind === "release").length === 2);
      const [first, ...others] = taker.pointerEvents
        .filter(({ kind }) => kind !== "motion")
        .map((event) => `${event.xPx},${event.yPx}`);
      expect(others).toEqual([first, first, first]);
      // No further from where it was meant than a pixel of the page is wide there.
      const [atX = 0, atY = 0] = (first ?? "").split(",").map(Number);
      expect(Math.max(Math.abs(atX - xPx), Math.abs(atY - yPx))).toBeLessThanOrEqual(Math.ceil(1000 / widthPx));
    }
    await scaled.close();
  }
  await taker.close();
});

test("the pointer stands on the exact pixel when the picture is scaled to fit", async () => {
  const small = await desktop.connect({ widthPx: 617, heightPx: 503, query: { resize: "false", scale: "fit" } });
  for (const [xPx, yPx] of PLACES) {
    await small.movePointer(xPx, yPx);
    await pointerIs(xPx, yPx);
  }
  await small.close();
});

test("the pointer stands on the exact pixel on a display of two device pixels a CSS pixel", async () => {
  const fine = await desktop.connect({
    widthPx: 700,
    heightPx: 500,
    devicePixelRatio: 2,
    query: { resize: "false", scale: "native" },
  });
  expect((await fine.onPage(1, 0)).x - (await fine.onPage(0, 0)).x).toBeCloseTo(0.5);
  for (const [xPx, yPx] of PLACES) {
    await fine.movePointer(xPx, yPx);
    await pointerIs(xPx, yPx);
  }
  await fine.close();
});
