// Story: however I leave, no key and no button stays down behind me.

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { HeadlessBrowser } from "../harness/browser.ts";
import { DesktopPage } from "../harness/desktop-page.ts";
import { signalAll } from "../harness/processes.ts";
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
beforeEach(async () => {
  window = await desktop.screen.openWindow(0, 0, 1000, 700, [0, 0, 0]);
});
afterEach(async () => {
  await window.close();
});

/** Shift, Control, a letter and the left button go down and are down on the X server. */
async function holdFour(held: DesktopPage): Promise<void> {
  await held.movePointer(200, 200);
  for (const key of ["Shift", "Control", "a"]) await held.page.keyboard.down(key);
  await held.page.mouse.down();
  await until("three keys and a button are down", async () => {
    const keys = await desktop.screen.heldKeys();
    return keys.length === 3 && (await desktop.screen.pointer()).heldButtons === 1;
  });
}

async function nothingIsHeld(): Promise<void> {
  await until("nothing is held", async () => {
    const keys = await desktop.screen.heldKeys();
    return keys.length === 0 && (await desktop.screen.pointer()).heldButtons === 0;
  });
  const pressed = window.keyEvents.filter((code) => code > 0).length;
  expect(window.keyEvents.filter((code) => code < 0)).toHaveLength(pressed);
}

test("closing the page releases everything", async () => {
  viewer = await desktop.connect();
  await holdFour(viewer);
  await viewer.close();
  await nothingIsHeld();
});

test("a window that loses the focus releases everything, and goes on afterwards", async () => {
  viewer = await desktop.connect();
  await holdFour(viewer);
  await viewer.page.evaluate(() => globalThis.dispatchEvent(new FocusEvent("blur")));
  await nothingIsHeld();
  expect(await viewer.state()).toBe("connected");
  await viewer.close();
});

test("a browser that is killed hard releases everything", async () => {
  const browser = await HeadlessBrowser.start();
  const doomed = await DesktopPage.connect(browser, desktop.url);
  await holdFour(doomed);
  const killedMs = performance.now();
  signalAll(await browser.pids(), "SIGKILL");
  await nothingIsHeld();
  expect(performance.now() - killedMs).toBeLessThan(15_000);
  await browser.close();
});

test("a page that is reloaded in the middle of a chord releases everything", async () => {
  viewer = await desktop.connect();
  await holdFour(viewer);
  await viewer.page.reload();
  await nothingIsHeld();
  await viewer.close();
});

test("an agent that is told to end releases everything first", async () => {
  viewer = await desktop.connect();
  await holdFour(viewer);
  await desktop.agent.close();
  await nothingIsHeld();
  await viewer.close();
  await desktop.restartAgent();
});
