// Story: my pointer takes the shape that the remote program gives it, and is gone where the program hides it.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { until } from "../harness/until.ts";
import type { EventWindow } from "../harness/x-screen.ts";
import { Desktop } from "./desktop.ts";

/** X11's cursor font (cursorfont.h). */
const XC_CROSS = 30;
const XC_WATCH = 150;
let desktop: Desktop;
let viewer: DesktopPage;
let window: EventWindow;

beforeAll(async () => {
  desktop = await Desktop.open();
  window = await desktop.screen.openWindow(0, 0, 1000, 700, [90, 90, 90]);
  viewer = await desktop.connect();
  await viewer.movePointer(500, 350);
});
afterAll(() => desktop?.close());

async function nextCursor(before: string): Promise<string> {
  let cursor = before;
  await until("another cursor", async () => (cursor = await viewer.cursor()) !== before);
  return cursor;
}

test("the shape follows the remote cursor", async () => {
  const first = await viewer.cursor();
  await window.setCursor(desktop.screen.glyphCursor(XC_CROSS));
  const cross = await nextCursor(first);
  expect(cross).toMatch(/^(url|image-set)\(/);
  await window.setCursor(desktop.screen.glyphCursor(XC_WATCH));
  const watch = await nextCursor(cross);
  expect(watch).toMatch(/^(url|image-set)\(/);
});

test("the shape's picture and hot spot are the X server's", async () => {
  const remote = await desktop.screen.cursorImage();
  const css = await viewer.cursor();
  const parsed = /url\("([^"]+)"\)[^)]*\)?\s+(\d+)\s+(\d+)/.exec(css);
  expect(parsed, css).not.toBeNull();
  expect([Number(parsed?.[2]), Number(parsed?.[3])]).toEqual([remote.hotXPx, remote.hotYPx]);
  const local = await viewer.page.evaluate(async (address) => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    context?.drawImage(image, 0, 0);
    const data = context?.getImageData(0, 0, image.width, image.height).data ?? [];
    return {
      widthPx: image.width,
      heightPx: image.height,
      opaque: [...data].filter((v, i) => i % 4 === 3 && v > 127).length,
    };
  }, parsed?.[1] ?? "");
  expect(local).toEqual({ widthPx: remote.widthPx, heightPx: remote.heightPx, opaque: remote.opaquePixels });
});

test("a shape that was shown before comes back", async () => {
  const watch = await viewer.cursor();
  const cross = desktop.screen.glyphCursor(XC_CROSS);
  await window.setCursor(cross);
  const before = await nextCursor(watch);
  await window.setCursor(desktop.screen.glyphCursor(XC_WATCH));
  const other = await nextCursor(before);
  await window.setCursor(cross);
  expect(await nextCursor(other)).toBe(before);
});

test("the pointer is hidden where the remote program hides it, and is back after it", async () => {
  await window.setCursor(desktop.screen.emptyCursor());
  await until("no cursor", async () => (await viewer.cursor()) === "none");
  await window.setCursor(desktop.screen.glyphCursor(XC_CROSS));
  await until("a cursor", async () => (await viewer.cursor()) !== "none");
});

test("a viewer who comes later sees the shape that is there", async () => {
  const shape = await viewer.cursor();
  expect(shape).toMatch(/url/);
  const later = await desktop.connect();
  await expect.poll(() => later.cursor()).toBe(shape);
  await later.close();
});
