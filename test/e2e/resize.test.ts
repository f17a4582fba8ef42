// Story: the desktop takes the size of my window, and keeps its own when I ask it to.

import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { until } from "../harness/until.ts";
import type { EventWindow } from "../harness/x-screen.ts";
import { Desktop } from "./desktop.ts";

let desktop: Desktop;
let viewer: DesktopPage;
let window: EventWindow;

beforeAll(async () => {
  desktop = await Desktop.open({ widthPx: 1200, heightPx: 800 });
  window = await desktop.screen.openWindow(0, 0, 3000, 2000, [20, 140, 60]);
  viewer = await desktop.connect();
});
afterAll(() => desktop?.close());

async function screenAndPictureAre(widthPx: number, heightPx: number): Promise<void> {
  let seen = {};
  const same = async () => {
    seen = { screen: await desktop.screen.size(), picture: await viewer.pictureSize() };
    const wanted = { widthPx, heightPx };
    return JSON.stringify(seen) === JSON.stringify({ screen: wanted, picture: wanted });
  };
  await until("size", same).catch(() => {
    expect(seen).toEqual({ screen: { widthPx, heightPx }, picture: { widthPx, heightPx } });
  });
}

test("the desktop has the window's size from the start", async () => {
  await screenAndPictureAre(1000, 700);
});

test("it grows, shrinks and takes odd shapes with the window, and the picture is whole each time", async () => {
  const sizes = [
    [1300, 900],
    [640, 480],
    [480, 860],
    [1280, 720],
  ] as const;
  for (const [width, height] of sizes) {
    await viewer.page.setViewportSize({ width, height });
    await screenAndPictureAre(width, height);
    await window.paint([200, 30, 90], width - 40, height - 40, 40, 40);
    await viewer.waitForPixel(width - 20, height - 20, [200, 30, 90]);
    await viewer.waitForPixel(width - 60, height - 60, [20, 140, 60]);
    await window.paint([20, 140, 60], 0, 0, width, height);
  }
  expect(await viewer.state()).toBe("connected");
});

test("a window that is dragged through many sizes ends at the last one", async () => {
  for (let step = 0; step <= 20; step++) {
    await viewer.page.setViewportSize({ width: 900 + step * 10, height: 600 + step * 5 });
  }
  await screenAndPictureAre(1100, 700);
});

test("a program on the desktop can change the size itself, and the picture follows", async () => {
  await viewer.close();
  viewer = await desktop.connect({ query: { resize: "false" } });
  execFileSync("xrandr", ["--display", desktop.display, "--output", "VNC-0", "--mode", "800x600"]);
  await screenAndPictureAre(800, 600);
});

test("with resize=false the desktop keeps its size", async () => {
  const before = await desktop.screen.size();
  await viewer.page.setViewportSize({ width: 1200, height: 800 });
  // A request would have been made, debounced, and carried out within this span: its absence is what is measured.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(await desktop.screen.size()).toEqual(before);
  expect(await viewer.pictureSize()).toEqual(before);
});
