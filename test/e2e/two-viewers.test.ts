// Story: two of us look at one desktop and both work on it; the other one's bad day is not mine.

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { HeadlessBrowser } from "../harness/browser.ts";
import { DesktopPage } from "../harness/desktop-page.ts";
import { signalAll } from "../harness/processes.ts";
import { until } from "../harness/until.ts";
import type { Colour, EventWindow } from "../harness/x-screen.ts";
import { Desktop } from "./desktop.ts";

let desktop: Desktop;
let first: DesktopPage;
let window: EventWindow;

beforeAll(async () => {
  desktop = await Desktop.open({ env: { EGLANTINE_MAX_VIEWERS: "2" } });
  window = await desktop.screen.openWindow(0, 0, 1000, 700, [60, 60, 60]);
  first = await desktop.connect();
});
afterAll(() => desktop?.close());
beforeEach(() => window.clear());

async function seesChanges(viewers: readonly DesktopPage[], times = 6): Promise<void> {
  for (let turn = 0; turn < times; turn++) {
    const colour: Colour = turn % 2 === 0 ? [180, 60, 200] : [60, 180, 90];
    await window.paint(colour, 100, 100, 400, 400);
    await Promise.all(viewers.map((viewer) => viewer.waitForPixel(300, 300, colour, 25)));
  }
}

test("both see the same changes", async () => {
  const second = await desktop.connect();
  await seesChanges([first, second]);
  await second.close();
});

test("both control it, and one who leaves releases only what he holds himself", async () => {
  const second = await desktop.connect();
  await first.movePointer(100, 100);
  await until("the first one's pointer", async () => (await desktop.screen.pointer()).xPx === 100);
  await second.movePointer(400, 300);
  await until("the second one's pointer", async () => (await desktop.screen.pointer()).xPx === 400);
  await first.page.keyboard.down("a");
  await second.page.keyboard.down("b");
  await until("both keys", async () => (await desktop.screen.heldKeys()).length === 2);
  await second.close();
  await until("one key", async () => (await desktop.screen.heldKeys()).length === 1);
  await first.page.keyboard.up("a");
  await until("no key", async () => (await desktop.screen.heldKeys()).length === 0);
  await seesChanges([first], 2);
});

test("one more than the agent takes is told so, and the others go on", async () => {
  const second = await desktop.connect();
  const third = await DesktopPage.open(desktop.browser, desktop.url);
  await third.submit();
  await third.waitForState("ended");
  await third.page.getByText("as many viewers as it accepts").first().waitFor();
  await third.close();
  await seesChanges([first, second], 2);
  await second.close();
});

test("a viewer whose browser stands still doesn't hold up the other, and is let go when it is killed", async () => {
  const browser = await HeadlessBrowser.start();
  const second = await DesktopPage.connect(browser, desktop.url);
  const pids = await browser.pids();
  signalAll(pids, "SIGSTOP");
  try {
    await seesChanges([first], 20);
  } finally {
    signalAll(pids, "SIGCONT");
  }
  await window.paint([10, 90, 170], 100, 100, 400, 400);
  await second.waitForState("connected");
  await second.waitForPixel(300, 300, [10, 90, 170], 25);
  signalAll(pids, "SIGKILL");
  await browser.close();
  await seesChanges([first], 4);
  await until(
    "room for another viewer",
    async () => {
      const next = await DesktopPage.open(desktop.browser, desktop.url);
      await next.submit();
      const state = await next.waitForState("connected", "ended");
      await next.close();
      return state === "connected";
    },
    { limitMs: 30_000, everyMs: 500 },
  );
  expect(desktop.agentIsAlive()).toBe(true);
});
