// Story: the X server dies under a bare agent. I am told so in the picture instead of seeing black, and the desktop is
// back by itself when its X server is.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { until } from "../harness/until.ts";
import { Desktop } from "./desktop.ts";

let desktop: Desktop;
let viewer: DesktopPage;

beforeAll(async () => {
  desktop = await Desktop.open();
  await desktop.screen.openWindow(0, 0, 1000, 700, [30, 160, 90]);
  viewer = await desktop.connect();
  await viewer.waitForPixel(500, 350, [30, 160, 90]);
});
afterAll(() => desktop?.close());

/** Distinct colours on a grid over the picture: a card has letters on a ground, black has one colour. */
async function coloursSeen(): Promise<number> {
  const { widthPx, heightPx } = await viewer.pictureSize();
  const grid = Array.from({ length: 60 * 60 }, (_, index) => ({
    xPx: Math.floor(((index % 60) + 0.5) * (widthPx / 60)),
    yPx: Math.floor((Math.floor(index / 60) + 0.5) * (heightPx / 60)),
  }));
  return new Set((await viewer.pixels(grid)).map((colour) => colour.map((value) => value >> 5).join())).size;
}

test("a card stands where the desktop was, the agent lives on, and a later viewer sees the card too", async () => {
  await desktop.killXServer();
  const isCard = async () => {
    const [red, green, blue] = await viewer.pixel(500, 20);
    const isDesktop = Math.abs(red - 30) < 20 && Math.abs(green - 160) < 20 && Math.abs(blue - 90) < 20;
    return !isDesktop && (await coloursSeen()) >= 2;
  };
  await until("a card", isCard, { everyMs: 200 });
  expect(desktop.agentIsAlive()).toBe(true);
  await viewer.close();
  viewer = await desktop.connect();
  await until("a card for the later viewer", isCard, { everyMs: 200 });
});

test("the desktop is back when the X server is, and the keyboard and pointer drive it", async () => {
  await desktop.startXServer();
  const window = await desktop.screen.openWindow(0, 0, 1000, 700, [200, 90, 30]);
  await viewer.waitForPixel(500, 350, [200, 90, 30]);
  let xPx = 200;
  await until("the pointer", async () => {
    await viewer.movePointer(++xPx, 333);
    return (await desktop.screen.pointer()).yPx === 333;
  });
  await viewer.page.keyboard.press("k");
  await until("the key", () => window.keyEvents.length === 2);
  expect(await viewer.state()).toBe("connected");
});
