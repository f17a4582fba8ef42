// Story: I close the lid, or walk into another network, and the desktop is there again at once, although nobody told the connection that it is dead.

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { LossyLink } from "../harness/desktop-page-link.ts";
import { SilentLink } from "../harness/silent-link.ts";
import { until } from "../harness/until.ts";
import type { Colour } from "../harness/x-screen.ts";
import { Desktop } from "./desktop.ts";

/** Half a second is usual, a second is promised on a machine that has nothing else to do. Without a word the viewer waits for minutes. */
const BACK_MS = 6000;
const BEFORE: Colour = [200, 40, 40];
const AFTER: Colour = [40, 180, 60];

let desktop: Desktop;
let viewer: DesktopPage;
let tcp: SilentLink;
let udp: LossyLink;

beforeAll(async () => {
  desktop = await Desktop.open();
});
afterAll(() => desktop?.close());
beforeEach(async () => {
  tcp = await SilentLink.open(desktop.port);
  udp = await LossyLink.open(desktop.port);
});
afterEach(async () => {
  await viewer?.close();
  await udp.close();
  await tcp.close();
});

/** The path dies, and while it is dead the desktop changes. */
async function die(): Promise<void> {
  const window = await desktop.screen.openWindow(0, 0, 1000, 700, BEFORE);
  viewer = await desktop.connectTo(tcp.url, { onWebSocket: udp.route });
  await viewer.waitForPixel(500, 350, BEFORE);
  tcp.goSilent();
  udp.loses = () => true;
  await window.paint(AFTER, 0, 0, 1000, 700);
}

/** From the word until the desktop as it is now is seen, ms, on the page's clock. */
async function backAfter(word: () => void): Promise<number> {
  await viewer.page.evaluate(watchState);
  const beforeMs = await viewer.page.evaluate(() => performance.now());
  await viewer.page.evaluate(word);
  await viewer.waitForPixel(500, 350, AFTER);
  const nowMs = await viewer.page.evaluate(() => performance.now());
  console.log(`back after ${Math.round(nowMs - beforeMs)} ms`);
  return nowMs - beforeMs;
}

/** Runs in the page. */
function watchState(): void {
  const states: (string | undefined)[] = [];
  Object.assign(globalThis, { eglantineTestStates: states });
  new MutationObserver(() => states.push(document.documentElement.dataset["state"])).observe(document.documentElement, {
    attributeFilter: ["data-state"],
  });
}

const statesSeen = (): Promise<string[]> =>
  viewer.page.evaluate(() => (globalThis as unknown as { eglantineTestStates: string[] }).eglantineTestStates);

test("another network is taken up as soon as the browser tells of it", async () => {
  await die();
  const backMs = await backAfter(() => void window.dispatchEvent(new Event("online")));
  expect(backMs).toBeLessThan(BACK_MS);
  expect(await statesSeen()).toEqual(["reconnecting", "connected"]);
  await viewer.movePointer(321, 234);
  await until("the hands", async () => (await desktop.screen.pointer()).xPx === 321);
});

test("a computer that slept takes the desktop up when somebody comes back to it: its clock has jumped", async () => {
  await die();
  const backMs = await backAfter(() => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + 3_600_000;
    window.dispatchEvent(new Event("pointermove"));
  });
  expect(backMs).toBeLessThan(BACK_MS);
  expect(await statesSeen()).toEqual(["reconnecting", "connected"]);
});

test("a network that changes under a connection that lives takes nothing away", async () => {
  viewer = await desktop.connectTo(tcp.url, { onWebSocket: udp.route });
  await viewer.page.evaluate(watchState);
  const frames = await desktop.screen.openWindow(0, 0, 1000, 700, BEFORE);
  await viewer.page.evaluate(() => void window.dispatchEvent(new Event("online")));
  await viewer.waitForPixel(500, 350, BEFORE);
  // Longer than an answer is waited for.
  const sinceMs = performance.now();
  await until("the time in which an answer counts", () => performance.now() > sinceMs + 1000);
  expect(await statesSeen()).toEqual([]);
  expect(await viewer.state()).toBe("connected");
  await frames.close();
});

test("a viewer that waits for its next try does not wait any longer when the network is back", async () => {
  await die();
  tcp.refuse(true);
  await viewer.page.evaluate(() => void window.dispatchEvent(new Event("online")));
  await viewer.waitForState("reconnecting");
  // Several tries have failed, and the waits between them have grown.
  await until("refused tries", () => tcp.refused >= 4);
  tcp.refuse(false);
  const backMs = await backAfter(() => void window.dispatchEvent(new Event("online")));
  expect(backMs).toBeLessThan(BACK_MS);
});
