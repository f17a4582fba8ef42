// Story: my network lets nothing through but HTTP, and the desktop is there all the same.

import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { Terminal } from "../harness/terminal.ts";
import { until } from "../harness/until.ts";
import type { Colour } from "../harness/x-screen.ts";
import { Desktop } from "./desktop.ts";

let desktop: Desktop;
let viewer: DesktopPage;
let terminal: Terminal | undefined;

beforeAll(async () => {
  desktop = await Desktop.open({ env: { EGLANTINE_PATHS: "socket", WEBRTC_ENABLE_RESIZE: "true" } });
  desktop.repeatKeysAfter(10_000);
  viewer = await desktop.connect({ path: "socket", query: { stats: "true", resize: "true" } });
});
afterAll(() => desktop?.close());
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
});

/** Patches of every corner of the colour cube, greys and some between. */
const COLOURS: readonly Colour[] = [
  [0, 0, 0],
  [255, 255, 255],
  [128, 128, 128],
  [30, 30, 30],
  [235, 235, 235],
  [200, 40, 120],
  [40, 180, 60],
  [60, 120, 200],
  [180, 150, 90],
  [90, 60, 40],
];

test("the picture has the X screen's colours, pixel by pixel", async () => {
  const window = await desktop.screen.openWindow(0, 0, 1000, 700, [60, 60, 60]);
  for (const [index, colour] of COLOURS.entries()) await window.paint(colour, index * 64, 128, 64, 64);
  const last = COLOURS.length - 1;
  await viewer.waitForPixel(last * 64 + 32, 160, COLOURS[last] ?? [0, 0, 0], 8);
  await until("every colour as on the screen", async () => {
    const seen = await viewer.pixels(COLOURS.map((_colour, index) => ({ xPx: index * 64 + 32, yPx: 160 })));
    // Chromium's software conversion makes the most saturated blues too dark by up to 13: see harness/desktop-page.ts.
    return seen.every((pixel, index) =>
      pixel.every((value, channel) => Math.abs(value - (COLOURS[index]?.[channel] ?? 0)) <= (channel === 2 ? 10 : 4)),
    );
  });
  await window.close();
});

test("what I type arrives, once and in order", async () => {
  terminal = await Terminal.start({ display: desktop.display, mode: "bytes" });
  await viewer.movePointer(300, 300);
  await until("the pointer over the terminal", async () => (await desktop.screen.pointer()).xPx === 300);
  const text = "Through TCP alone: 0123456789, (all of it)!";
  await viewer.type(text);
  await until("the text", () => terminal?.text() === text).catch(() => expect(terminal?.text()).toBe(text));
});

test("the pointer goes where I point, and its shape comes back", async () => {
  await viewer.movePointer(612, 345);
  await until("the pointer", async () => {
    const { xPx, yPx } = await desktop.screen.pointer();
    return xPx === 612 && yPx === 345;
  });
  expect(await viewer.cursor()).not.toBe("");
});

test("the desktop follows the window's size", async () => {
  await viewer.page.setViewportSize({ width: 820, height: 560 });
  await until("the new size", async () => {
    const { widthPx, heightPx } = await viewer.pictureSize();
    return widthPx === 820 && heightPx === 560;
  });
  expect(await desktop.screen.size()).toEqual({ widthPx: 820, heightPx: 560 });
});

test("the statistics say that it is TCP, and why", async () => {
  expect(await viewer.byTestId("path-name").innerText()).toBe("TCP");
  expect(await viewer.byTestId("path-why").innerText()).toMatch(/^TCP: .*\w/);
});
