// Story: I open a further window of my desktop for each of my screens. Each is a monitor there, beside the others as my screens are; my
// pointer goes from one to the other, and a window that I close takes its monitor along.

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { monitorsOf } from "../harness/monitors.ts";
import { until } from "../harness/until.ts";
import type { Colour, EventWindow } from "../harness/x-screen.ts";
import { Desktop } from "./desktop.ts";

const RED: Colour = [200, 40, 40];
const BLUE: Colour = [40, 60, 200];
const GREEN: Colour = [40, 180, 60];
const GREY: Colour = [90, 90, 90];

let desktop: Desktop;
let first: DesktopPage;
/** Under all others, wider and higher than everything. */
let ground: EventWindow;
const ends: (() => Promise<void>)[] = [];

/** Runs in each page: a further window is on a screen of its own, left of the first one's where the test says so. */
function twoScreens(): void {
  const left = () => {
    if (!location.search.includes("monitor=true")) return 0;
    return localStorage.getItem("test-left") === "yes" ? -1920 : 1920;
  };
  // Twice in a window that is opened: for its first, empty document too.
  const values = { availLeft: left, availTop: () => 0, width: () => 1920, height: () => 1080 };
  for (const [name, get] of Object.entries(values)) Object.defineProperty(screen, name, { get, configurable: true });
}

beforeAll(async () => {
  desktop = await Desktop.open({ widthPx: 1000, heightPx: 700, rfb: true });
  ground = await desktop.screen.openWindow(0, 0, 6000, 4000, GREY);
});
afterAll(() => desktop?.close());

beforeEach(async () => {
  first = await desktop.connect({ beforeClient: twoScreens });
  await haveMonitors("1000x700+0+0");
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await first.close();
  await until("one monitor", () => monitorsOf(desktop.display).length === 1);
});

async function haveMonitors(...wanted: readonly string[]): Promise<void> {
  let seen: string[] = [];
  const same = () => (seen = monitorsOf(desktop.display)).join(" ") === wanted.join(" ");
  await until("monitors", same).catch(() => expect(seen).toEqual(wanted));
}

/** A window of one colour. */
async function patch(
  xPx: number,
  yPx: number,
  widthPx: number,
  heightPx: number,
  colour: Colour,
): Promise<EventWindow> {
  const window = await desktop.screen.openWindow(xPx, yPx, widthPx, heightPx, colour);
  ends.push(() => window.close());
  return window;
}

test("a further window is a further monitor, and each window shows its own", async () => {
  const second = await first.addMonitor(800, 600);
  await haveMonitors("1000x700+0+0", "800x600+1000+0");
  await patch(0, 0, 1000, 700, RED);
  await patch(1000, 0, 800, 600, BLUE);
  for (const [viewer, colour, [widthPx, heightPx]] of [
    [first, RED, [1000, 700]],
    [second, BLUE, [800, 600]],
  ] as const) {
    await until("its size", async () => (await viewer.pictureSize()).widthPx === widthPx);
    expect(await viewer.pictureSize()).toEqual({ widthPx, heightPx });
    for (const [x, y] of [
      [2, 2],
      [widthPx - 3, 2],
      [2, heightPx - 3],
      [widthPx - 3, heightPx - 3],
    ] as const) {
      await viewer.waitForPixel(x, y, colour);
    }
  }
  // One pixel into the other's edge each: what is beside is not seen.
  const edge = await patch(960, 100, 80, 100, GREEN);
  await first.waitForPixel(970, 150, GREEN);
  await second.waitForPixel(30, 150, GREEN);
  await second.waitForPixel(60, 150, BLUE);
  await edge.close();
  expect(await first.state()).toBe("connected");
});

test("nothing is sent to a window for what changes on another monitor", async () => {
  const second = await first.addMonitor(800, 600);
  await haveMonitors("1000x700+0+0", "800x600+1000+0");
  const there = await patch(1000, 0, 800, 600, BLUE);
  await second.waitForPixel(400, 300, BLUE);
  let frames = -1;
  await until(
    "the first window's picture to be still",
    async () => frames === (frames = await first.framesPresented()),
    { everyMs: 700 },
  );
  for (let turn = 0; turn < 10; turn++) {
    const colour = turn % 2 === 0 ? GREEN : BLUE;
    await there.paint(colour);
    await second.waitForPixel(400, 300, colour);
  }
  expect(await first.framesPresented()).toBe(frames);
  await ground.paint(RED, 100, 100, 50, 50);
  await first.waitForPixel(120, 120, RED);
  await ground.paint(GREY, 100, 100, 50, 50);
});

test("the monitors lie as the viewer's screens do", async () => {
  await first.page.evaluate(() => localStorage.setItem("test-left", "yes"));
  const second = await first.addMonitor(640, 480);
  await haveMonitors("1000x700+640+0", "640x480+0+0");
  await patch(0, 0, 640, 480, BLUE);
  await patch(640, 0, 1000, 700, RED);
  await second.waitForPixel(600, 400, BLUE);
  await first.waitForPixel(4, 400, RED);
  await first.movePointer(10, 20);
  await until("the pointer", async () => (await desktop.screen.pointer()).xPx === 650);
  // The window is taken to a screen on the other side; who moves one uses it next.
  await second.page.evaluate(() => {
    localStorage.removeItem("test-left");
    window.dispatchEvent(new Event("focus"));
  });
  await haveMonitors("1000x700+0+0", "640x480+1000+0");
  await patch(0, 0, 1000, 700, GREEN);
  await patch(1000, 0, 640, 480, RED);
  await first.waitForPixel(4, 400, GREEN);
  await second.waitForPixel(600, 400, RED);
});

test("a window that is resized resizes its own monitor, and the others stay where they are", async () => {
  const second = await first.addMonitor(800, 600);
  await haveMonitors("1000x700+0+0", "800x600+1000+0");
  await second.page.setViewportSize({ width: 640, height: 720 });
  await haveMonitors("1000x700+0+0", "640x720+1000+0");
  await first.page.setViewportSize({ width: 1100, height: 500 });
  await haveMonitors("1100x500+0+0", "640x720+1100+0");
  await patch(1100, 0, 640, 720, BLUE);
  await second.waitForPixel(636, 716, BLUE);
  await until("its picture", async () => (await first.pictureSize()).widthPx === 1100);
  await first.page.setViewportSize({ width: 1000, height: 700 });
  await haveMonitors("1000x700+0+0", "640x720+1000+0");
});

test("pointer and keys go to the monitor of the window that has them", async () => {
  const second = await first.addMonitor(800, 600);
  await haveMonitors("1000x700+0+0", "800x600+1000+0");
  const left = await patch(0, 0, 1000, 700, RED);
  const right = await patch(1000, 0, 800, 600, BLUE);
  await second.waitForPixel(400, 300, BLUE);
  await second.movePointer(123, 45);
  await second.button("press", "left", { xPx: 123, yPx: 45 });
  await second.button("release", "left", { xPx: 123, yPx: 45 });
  await until("the click", () => right.pointerEvents.some(({ kind }) => kind === "release"));
  expect(right.pointerEvents.find(({ kind }) => kind === "press")).toEqual({
    kind: "press",
    button: 1,
    xPx: 1123,
    yPx: 45,
  });
  expect(left.pointerEvents.filter(({ kind }) => kind !== "motion")).toEqual([]);
  await second.page.keyboard.press("a");
  await until("the key", () => right.keyEvents.length === 2);
  await first.movePointer(10, 12);
  await first.button("press", "right", { xPx: 10, yPx: 12 });
  await first.button("release", "right", { xPx: 10, yPx: 12 });
  await until("the other click", () => left.pointerEvents.some(({ kind }) => kind === "release"));
  expect(left.pointerEvents.find(({ kind }) => kind === "press")).toMatchObject({ button: 3, xPx: 10, yPx: 12 });
});

test("a drag that leaves the window goes on over the other monitor", async () => {
  await first.addMonitor(800, 600);
  await haveMonitors("1000x700+0+0", "800x600+1000+0");
  await first.page.bringToFront();
  await first.movePointer(950, 300);
  await first.page.mouse.down();
  const { x, y } = await first.onPage(999, 300);
  await first.page.mouse.move(x, y);
  await first.page.mouse.move(x + 61, y + 20, { steps: 4 });
  await until("the pointer on the other monitor", async () => (await desktop.screen.pointer()).xPx === 1060);
  expect(await desktop.screen.pointer()).toMatchObject({ yPx: 320, heldButtons: expect.any(Number) });
  expect((await desktop.screen.pointer()).heldButtons).not.toBe(0);
  await first.page.mouse.up();
  await until("the button up", async () => (await desktop.screen.pointer()).heldButtons === 0);
});

test("a window that is closed takes its monitor along; one that is loaded again gets it back", async () => {
  const second = await first.addMonitor(800, 600);
  await haveMonitors("1000x700+0+0", "800x600+1000+0");
  await second.page.reload();
  await second.waitForPicture();
  expect(monitorsOf(desktop.display)).toEqual(["1000x700+0+0", "800x600+1000+0"]);
  await second.close();
  await haveMonitors("1000x700+0+0");
  await until("its own size", async () => (await first.pictureSize()).widthPx === 1000);
  await patch(0, 0, 1000, 700, GREEN);
  await first.waitForPixel(990, 690, GREEN);
  expect(await first.state()).toBe("connected");
});

test("both windows come back by themselves when the agent does, with their monitors", async () => {
  const second = await first.addMonitor(800, 600);
  await haveMonitors("1000x700+0+0", "800x600+1000+0");
  await patch(1000, 0, 800, 600, BLUE);
  await desktop.restartAgent();
  await first.waitForState("connected");
  await second.waitForPicture();
  await haveMonitors("1000x700+0+0", "800x600+1000+0");
  await second.waitForPixel(790, 590, BLUE);
});

test("the first window is loaded again, and the other one stays", async () => {
  const second = await first.addMonitor(800, 600);
  await haveMonitors("1000x700+0+0", "800x600+1000+0");
  await patch(1000, 0, 800, 600, BLUE);
  await first.page.reload();
  await first.waitForPicture();
  // Longer than it would have been waited for.
  await new Promise((resolve) => setTimeout(resolve, 3500));
  expect(await second.state()).toBe("connected");
  expect(monitorsOf(desktop.display)).toEqual(["1000x700+0+0", "800x600+1000+0"]);
  await until("its own monitor alone", async () => (await first.pictureSize()).widthPx === 1000);
  await second.waitForPixel(790, 590, BLUE);
});

test("the first window leaves, and the others say so; they can join again when it is back", async () => {
  const second = await first.addMonitor(800, 600);
  await haveMonitors("1000x700+0+0", "800x600+1000+0");
  await first.page.keyboard.press("Control+Alt+Shift+KeyM");
  await first.byTestId("disconnect").click();
  expect(await second.ending()).toContain("first window has left");
  await haveMonitors("1000x700+0+0");
  await first.byTestId("connect-again").click();
  await first.waitForPicture();
  await second.byTestId("connect-again").click();
  await second.waitForPicture();
  await haveMonitors("1000x700+0+0", "800x600+1000+0");
});

test("another viewer sees all monitors beside each other, and works on each", async () => {
  await first.addMonitor(800, 600);
  await haveMonitors("1000x700+0+0", "800x600+1000+0");
  const other = await desktop.connect();
  ends.push(() => other.close());
  await until("all of it", async () => (await other.pictureSize()).widthPx === 1800);
  await other.byTestId("notice").getByText("another viewer has this desktop on several monitors").waitFor();
  const right = await patch(1000, 0, 800, 600, BLUE);
  await other.waitForPixel(1400, 300, BLUE);
  await other.movePointer(1400, 300);
  await other.button("press", "left", { xPx: 1400, yPx: 300 });
  await other.button("release", "left", { xPx: 1400, yPx: 300 });
  await until("the click", () => right.pointerEvents.some(({ kind }) => kind === "release"));
  const { xPx = 0, yPx = 0 } = right.pointerEvents.find(({ kind }) => kind === "press") ?? {};
  // Its picture is shown smaller: a pixel of the page is several of the desktop.
  expect(Math.abs(xPx - 1400) + Math.abs(yPx - 300)).toBeLessThan(5);
  expect(monitorsOf(desktop.display)).toEqual(["1000x700+0+0", "800x600+1000+0"]);
});

test("a further window without its first one says what to do", async () => {
  const alone = await desktop.browser.page(800, 600);
  ends.push(() => alone.context().close());
  await alone.goto(`${desktop.url}?monitor=true`);
  await alone.getByTestId("end-reason").waitFor();
  expect(await alone.getByTestId("end-page").innerText()).toMatch(/toolbar of the desktop's first window/);
});

test("sound, gamepads, files and noVNC are the first window's", async () => {
  const second = await first.addMonitor(800, 600);
  await second.page.keyboard.press("Control+Alt+Shift+KeyM");
  await second.byTestId("toolbar").waitFor();
  for (const tool of [
    "add-monitor",
    "toggle-sound",
    "toggle-microphone",
    "open-gamepads",
    "open-files",
    "toggle-vnc",
  ]) {
    expect(await second.byTestId(tool).count()).toBe(0);
  }
  expect(await second.byTestId("toggle-fullscreen").count()).toBe(1);
});
