// Story: however I leave, no key and no button stays down behind me.

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { HeadlessBrowser } from "../harness/browser.ts";
import { DesktopPage } from "../harness/desktop-page.ts";
import { signalAll } from "../harness/processes.ts";
import { until } from "../harness/until.ts";
import type { EventWindow } from "../harness/x-screen.ts";
import { Desktop } from "./desktop.ts";

/** What a machine that is busy with other tests may add to half a second, ms. */
const BUSY_MS = 250;
let desktop: Desktop;
let viewer: DesktopPage;
let window: EventWindow;

beforeAll(async () => {
  desktop = await Desktop.open();
  // The X server's own repeat would come between what is counted.
  desktop.repeatKeysAfter(10_000);
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

test("a viewer that falls silent with keys down is let go of within half a second", async () => {
  const browser = await HeadlessBrowser.start();
  const frozen = await DesktopPage.connect(browser, desktop.url);
  await holdFour(frozen);
  const renderers = await browser.pids("renderer");
  try {
    signalAll(renderers, "SIGSTOP");
    // The X server's own clock, once the viewer says nothing any more.
    await desktop.screen.movePointer(300, 300);
    await until("the mark", () => window.pointerEvents.at(-1)?.xPx === 300);
    const silentMs = window.lastMs.pointer;
    await nothingIsHeld();
    expect(window.lastMs.key - silentMs).toBeGreaterThan(0);
    expect(window.lastMs.key - silentMs).toBeLessThan(500 + BUSY_MS);
  } finally {
    signalAll(renderers, "SIGCONT");
  }
  await browser.close();
});

test("keys and a button that are held for seconds by a viewer that lives stay down", async () => {
  viewer = await desktop.connect();
  await holdFour(viewer);
  const pressedMs = window.lastMs.key;
  // What is seen to be held here was held by the X server's clock.
  await until("three seconds", async () => {
    await desktop.screen.movePointer(300 + (Math.round(performance.now()) % 100), 300);
    return window.lastMs.pointer - pressedMs > 3000;
  });
  expect(await desktop.screen.heldKeys()).toHaveLength(3);
  expect(window.keyEvents.filter((code) => code < 0)).toHaveLength(0);
  await viewer.close();
  await nothingIsHeld();
});

test("a tab that is hidden with keys down releases everything", async () => {
  viewer = await desktop.connect();
  await holdFour(viewer);
  await viewer.page.evaluate(() => {
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await nothingIsHeld();
  await viewer.close();
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
