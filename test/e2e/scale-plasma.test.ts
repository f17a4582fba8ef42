// Story: the real KDE Plasma desktop grows with my screen while I am on it: panel, pointer, and what I start. My own settings stay mine.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HeadlessBrowser } from "../harness/browser.ts";
import { DesktopPage } from "../harness/desktop-page.ts";
import { commandLine } from "../harness/processes.ts";
import { type Session, startSession } from "../harness/session.ts";
import { until } from "../harness/until.ts";
import { mergeResources, resourceOf } from "../harness/x-programs.ts";
import { XScreen, type XWindow } from "../harness/x-screen.ts";

const WINDOW = { widthPx: 960, heightPx: 600 };
/** Plasma's shell is started anew, on a machine that may be busy. */
const TEST_MS = 120_000;
const PATIENTLY = { limitMs: 90_000, everyMs: 200 };
let session: Session;
let browser: HeadlessBrowser;
let screen: XScreen;
let viewer: DesktopPage;
let usual: XWindow;
let usualKonsole: XWindow;

beforeAll(async () => {
  session = await startSession({ desktop: "plasma", env: { ENABLE_BASIC_AUTH: "false" } });
  browser = await HeadlessBrowser.start();
  process.env["XAUTHORITY"] = session.xauthority;
  screen = await XScreen.open(session.display);
  viewer = await DesktopPage.connect(browser, session.url, { ...WINDOW, devicePixelRatio: 1 });
  usual = await panelWhere("Plasma's panel", ({ widthPx }) => widthPx === WINDOW.widthPx);
  usualKonsole = await konsole();
}, TEST_MS);
afterAll(async () => {
  await screen?.close();
  await browser?.close();
  await session?.close();
  delete process.env["XAUTHORITY"];
});

async function panelWhere(what: string, fits: (panel: XWindow) => boolean): Promise<XWindow> {
  let panel: XWindow | undefined;
  const find = async () => {
    panel = (await screen.windows()).find(({ isDock, widthPx }) => isDock && widthPx > WINDOW.widthPx / 2);
    return panel !== undefined && fits(panel);
  };
  await until(what, find, PATIENTLY).catch((error: unknown) => {
    throw new Error(`${what}: ${JSON.stringify(panel)}\n${session.log("agent").slice(-1500)}`, { cause: error });
  });
  if (panel === undefined) throw new Error(what);
  return panel;
}

/** Chromium tells a page of an emulated ratio with another size alone. */
async function setRatio(deviceScaleFactor: number, width: number): Promise<void> {
  const cdp = await viewer.page.context().newCDPSession(viewer.page);
  const height = WINDOW.heightPx;
  await cdp.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor, mobile: false });
}

/** Of the pointer over the panel's clock. */
async function pointerPx(panel: XWindow): Promise<number> {
  await screen.movePointer(panel.xPx + (panel.widthPx >> 1), panel.yPx + (panel.heightPx >> 1));
  return (await screen.cursorImage()).heightPx;
}

const named = async (name: string) => (await screen.windows()).find((window) => window.name.startsWith(name));

/** Starts it as a user does, by name, measures it and ends it. */
async function konsole(): Promise<XWindow> {
  const opens = async () => {
    if ((await named("krunner")) === undefined) await viewer.page.keyboard.press("Alt+F2");
    await until("KRunner", async () => (await named("krunner")) !== undefined, { limitMs: 5000 }).catch(
      () => undefined,
    );
    return (await named("krunner")) !== undefined;
  };
  await until("KRunner", opens, PATIENTLY);
  await viewer.type("konsole");
  await viewer.page.keyboard.press("Enter");
  await until("Konsole", async () => (await named("konsole")) !== undefined, PATIENTLY);
  let seen: XWindow | undefined;
  const rests = async () => {
    const before = seen;
    seen = await named("konsole");
    return seen !== undefined && before?.widthPx === seen.widthPx && before.heightPx === seen.heightPx;
  };
  await until("Konsole at rest", rests, { limitMs: 30_000, everyMs: 700 });
  for (const pid of session.pids()) if (commandLine(pid)[0]?.endsWith("konsole") === true) process.kill(pid, "SIGKILL");
  await until("no Konsole", async () => (await named("konsole")) === undefined, PATIENTLY);
  if (seen === undefined) throw new Error("Konsole has gone");
  return seen;
}

test(
  "the panel is twice as high on a screen of two device pixels a CSS pixel, at the lower edge of a desktop twice as large",
  async () => {
    expect(usual.heightPx).toBeGreaterThan(20);
    const pointerBefore = await pointerPx(usual);
    await setRatio(2, 980);
    const panel = await panelWhere(
      "a panel twice as high",
      ({ heightPx }) => Math.abs(heightPx - 2 * usual.heightPx) <= 2,
    );
    expect(panel).toMatchObject({ xPx: 0, widthPx: 2 * 980 });
    expect(panel.yPx + panel.heightPx).toBe(2 * WINDOW.heightPx);
    await until("a pointer twice as large", async () => (await pointerPx(panel)) >= 1.8 * pointerBefore, PATIENTLY);
    expect(await viewer.state()).toBe("connected");
  },
  TEST_MS,
);

test(
  "a program that I start there is as much larger",
  async () => {
    const large = await konsole();
    expect(large.widthPx / usualKonsole.widthPx).toBeCloseTo(2, 0.7);
    expect(large.heightPx / usualKonsole.heightPx).toBeCloseTo(2, 0.7);
  },
  TEST_MS,
);

test(
  "it shrinks again where the screen's ratio does, and nothing in my home was written",
  async () => {
    await setRatio(1, WINDOW.widthPx);
    await panelWhere("the usual panel", ({ heightPx }) => Math.abs(heightPx - usual.heightPx) <= 1);
    expect(resourceOf(session.display, "Xft.dpi")).toBe("96");
    const written = ["kdeglobals", "kcmfonts", "kcminputrc"].map((name) => {
      const file = join(session.home, ".config", name);
      return existsSync(file) ? readFileSync(file, "utf8") : "";
    });
    expect(written.join("")).not.toMatch(/ScaleFactor|forceFontDPI|cursorSize/);
  },
  TEST_MS,
);

test(
  "a scale that I set in System Settings is kept",
  async () => {
    // What its module for displays does at once (the rest waits for the next session).
    mergeResources(session.display, "Xft.dpi:\t120\n");
    await viewer.page.keyboard.press("Control+Alt+Shift+M");
    await viewer.byTestId("open-settings").click();
    await expect
      .poll(() => viewer.byTestId("now-scale").innerText())
      .toContain("125 %: it is set on the desktop itself");
    await setRatio(2, 980);
    await until("the larger desktop", async () => (await screen.size()).widthPx === 2 * 980);
    expect(resourceOf(session.display, "Xft.dpi")).toBe("120");
  },
  TEST_MS,
);
