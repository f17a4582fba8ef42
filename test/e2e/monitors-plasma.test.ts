// Story: the real KDE Plasma desktop on two monitors: a window that I drag out of one window of the client is in the other one, and is back
// when I close that.

import { type ChildProcess, spawn } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HeadlessBrowser } from "../harness/browser.ts";
import { DesktopPage } from "../harness/desktop-page.ts";
import { monitorsOf } from "../harness/monitors.ts";
import { type Session, startSession } from "../harness/session.ts";
import { until } from "../harness/until.ts";
import { type Colour, XScreen, type XWindow } from "../harness/x-screen.ts";

const WIDTH_PX = 1000;
const HEIGHT_PX = 700;
const YELLOW: Colour = [230, 200, 30];
/** Of a program's window, from the left and from above. */
const PLACE_PX = 150;
/** Into the title bar above a program's window. */
const TITLE_BAR_PX = 12;

let session: Session;
let browser: HeadlessBrowser;
let screen: XScreen;
let first: DesktopPage;
let second: DesktopPage;
let program: ChildProcess;

beforeAll(async () => {
  const env = { ENABLE_BASIC_AUTH: "false", SIZEW: `${WIDTH_PX}`, SIZEH: `${HEIGHT_PX}` };
  session = await startSession({ desktop: "plasma", env });
  browser = await HeadlessBrowser.start();
  process.env["XAUTHORITY"] = session.xauthority;
  screen = await XScreen.open(session.display);
  first = await DesktopPage.connect(browser, session.url, { widthPx: WIDTH_PX, heightPx: HEIGHT_PX });
  await screen.windowWhere("Plasma's panel", ({ isDock, widthPx }) => isDock && widthPx > WIDTH_PX / 2, 60_000);
});
afterAll(async () => {
  program?.kill();
  await screen?.close();
  await browser?.close();
  await session?.close();
});

const isWanderer = ({ name }: XWindow) => name.includes("wanderer");
const monitors = () => monitorsOf(session.display, session.xauthority);

test("a further window is a further monitor of Plasma's, with a wallpaper of its own", async () => {
  second = await first.addMonitor(800, 600);
  await until("two monitors", () => monitors().join(" ") === `${WIDTH_PX}x${HEIGHT_PX}+0+0 800x600+${WIDTH_PX}+0`);
  await until(
    "the wallpaper",
    async () => {
      const row = await second.pixels(Array.from({ length: 200 }, (_, index) => ({ xPx: index * 4, yPx: 300 })));
      return new Set(row.map((colour) => colour.map((value) => value >> 4).join())).size > 8;
    },
    { limitMs: 60_000 },
  );
  // What Plasma does about a new monitor is done, and it left them where the viewer's screens are.
  expect(monitors()).toEqual([`${WIDTH_PX}x${HEIGHT_PX}+0+0`, `800x600+${WIDTH_PX}+0`]);
});

test("a program's window that is dragged out of one client window is seen in the other", async () => {
  const colour = `#${YELLOW.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
  program = spawn(
    "xterm",
    ["-name", "wanderer", "-geometry", `40x12+${PLACE_PX}+${PLACE_PX}`, "-bg", colour, "-fg", colour],
    {
      env: session.programEnv,
      stdio: "ignore",
    },
  );
  // Where it asked to be, below the title bar that it got: at first a window has neither.
  const isPut = (window: XWindow) => isWanderer(window) && window.xPx >= PLACE_PX && window.yPx > PLACE_PX;
  const before = await screen.windowWhere("the program", isPut);
  await first.waitForPixel(before.xPx + 100, before.yPx + 60, YELLOW);
  await first.page.bringToFront();
  const grip = { xPx: before.xPx + 60, yPx: before.yPx - TITLE_BAR_PX };
  await first.movePointer(grip.xPx, grip.yPx);
  await first.page.mouse.down();
  const from = await first.onPage(grip.xPx, grip.yPx);
  // In steps, as a hand does it, to the middle of the other monitor.
  await first.page.mouse.move(from.x + (WIDTH_PX - before.xPx) + 200, from.y + 40, { steps: 40 });
  const isThere = (window: XWindow) => isWanderer(window) && window.xPx > WIDTH_PX + 50;
  const after = await screen.windowWhere("the program on the other monitor", isThere);
  await first.page.mouse.up();
  await second.waitForPixel(after.xPx - WIDTH_PX + 100, after.yPx + 60, YELLOW);
  await until("the first window without it", async () => {
    const [red, green, blue] = await first.pixel(before.xPx + 100, before.yPx + 60);
    return Math.abs(red - YELLOW[0]) + Math.abs(green - YELLOW[1]) + Math.abs(blue - YELLOW[2]) > 60;
  });
});

test("closing the further window unplugs the monitor, and the program's window comes back", async () => {
  await second.close();
  await until("one monitor", () => monitors().join(" ") === `${WIDTH_PX}x${HEIGHT_PX}+0+0`);
  const back = await screen.windowWhere("the program on the first monitor", (window) => {
    const { xPx, yPx, widthPx, heightPx } = window;
    return isWanderer(window) && xPx + widthPx <= WIDTH_PX && yPx + heightPx <= HEIGHT_PX;
  });
  await first.waitForPixel(back.xPx + 100, back.yPx + 60, YELLOW);
});
