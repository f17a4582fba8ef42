// Story: on a sharp screen the desktop is as sharp, and nothing on it is tiny: programs draw themselves as large as this page's own things,
// also when I zoom or move the window to another screen. What I, the operator or a setting on the desktop says otherwise holds.

import { execFileSync } from "node:child_process";
import { afterEach, describe, expect, test } from "vitest";
import type { DesktopPage, DesktopPageOptions } from "../harness/desktop-page.ts";
import { Fingers } from "../harness/fingers.ts";
import { RawViewer } from "../harness/raw-viewer.ts";
import { until, untilSteady } from "../harness/until.ts";
import { mergeResources, resourceOf, screenDpi, screenRate, xtermWidthPx } from "../harness/x-programs.ts";
import { Desktop } from "./desktop.ts";

const FOLLOWS = { EGLANTINE_SCALE: "auto" };
const WINDOW = { widthPx: 800, heightPx: 500 };
let desktop: Desktop;
afterEach(() => desktop?.close());

const open = async (env: Readonly<Record<string, string>>) => {
  desktop = await Desktop.open({ env });
};
const connect = (devicePixelRatio: number, options: DesktopPageOptions = {}) =>
  desktop.connect({ ...WINDOW, devicePixelRatio, ...options });

async function sizeIs(widthPx: number, heightPx: number): Promise<void> {
  let seen = {};
  const is = async () => {
    seen = await desktop.screen.size();
    return JSON.stringify(seen) === JSON.stringify({ widthPx, heightPx });
  };
  await until("the desktop's size", is).catch(() => expect(seen).toEqual({ widthPx, heightPx }));
}

async function dpiIs(dpi: number): Promise<void> {
  let seen: string | undefined;
  const is = () => (seen = resourceOf(desktop.display, "Xft.dpi")) === String(dpi);
  await until("dots an inch", is).catch(() => expect(seen).toBe(String(dpi)));
}

/** As a window that goes to another screen, or a page that is zoomed: Chromium tells a page of an emulated ratio with another size alone. */
async function setRatio(viewer: DesktopPage, deviceScaleFactor: number, width: number): Promise<void> {
  const cdp = await viewer.page.context().newCDPSession(viewer.page);
  await cdp.send("Emulation.setDeviceMetricsOverride", {
    width,
    height: WINDOW.heightPx,
    deviceScaleFactor,
    mobile: false,
  });
}

async function openSettings(viewer: DesktopPage): Promise<void> {
  await viewer.page.keyboard.press("Control+Alt+Shift+M");
  await viewer.byTestId("open-settings").click();
}

const scaleNow = async (viewer: DesktopPage) => viewer.byTestId("now-scale").innerText();
const says = (viewer: DesktopPage, text: string) =>
  until(`"${text}" in the panel`, async () => (await scaleNow(viewer)).includes(text));

describe("in a session that follows its viewers", () => {
  test("two fingers scroll programs that are twice as large no further than they go", async () => {
    await open(FOLLOWS);
    const viewer = await connect(2, { touch: true });
    await dpiIs(192);
    await viewer.byTestId("key-row").waitFor();
    await until("room for the row of keys", async () => (await viewer.pictureSize()).heightPx === 2 * (500 - 44));
    const window = await desktop.screen.openWindow(0, 0, 1600, 1000, [40, 60, 80]);
    const fingers = await Fingers.of(viewer);
    const pair = (yPx: number) => [
      { xPx: 700, yPx },
      { xPx: 800, yPx },
    ];
    await fingers.together(async () => {
      await fingers.putAll(pair(800));
      for (let step = 1; step <= 10; step++) {
        fingers.later(16);
        // 300 CSS pixels in all.
        await fingers.putAll(pair(800 - step * 60));
      }
      fingers.later(500);
      await fingers.liftAll();
    });
    const turns = () => window.pointerEvents.filter(({ kind, button }) => kind === "press" && button === 5).length;
    await until("five turns", () => turns() >= 5);
    await untilSteady("the wheel", turns);
    expect(turns()).toBe(5);
    await viewer.close();
  });

  test("a screen of ratio 1, 1.5 or 2 gets its own pixels, and programs that start are as much larger", async () => {
    await open(FOLLOWS);
    mergeResources(desktop.display, "My.own:\tkept\nXTerm*saveLines:\t77\n");
    const widths: number[] = [];
    for (const ratio of [1, 1.5, 2]) {
      const viewer = await connect(ratio);
      await sizeIs(800 * ratio, 500 * ratio);
      if (ratio > 1) await dpiIs(96 * ratio);
      await until("the screen's millimetres", () => Math.abs(screenDpi(desktop.display) - 96 * ratio) <= 1);
      widths.push(await xtermWidthPx(desktop.display, desktop.screen));
      await viewer.close();
    }
    const [usual = 0, ...larger] = widths;
    expect(usual).toBeGreaterThan(200);
    expect(larger.map((width) => Math.round((width / usual) * 10) / 10)).toEqual([1.5, 2]);
    // Nothing else of the database is lost.
    expect(resourceOf(desktop.display, "My.own")).toBe("kept");
    expect(resourceOf(desktop.display, "XTerm*saveLines")).toBe("77");
    expect(resourceOf(desktop.display, "Xcursor.size")).toBe("48");
  });

  test("it follows a window that goes to another screen, and one that is zoomed, to the nearest quarter", async () => {
    await open(FOLLOWS);
    const viewer = await connect(1);
    await sizeIs(800, 500);
    await setRatio(viewer, 2, 820);
    await sizeIs(1640, 1000);
    await dpiIs(192);
    await setRatio(viewer, 1.1, 840);
    await sizeIs(924, 550);
    await dpiIs(96);
    await setRatio(viewer, 1.67, 800);
    await dpiIs(168);
    expect(await viewer.state()).toBe("connected");
  });

  test("programs that have asked for it hear of it while they run", async () => {
    await open(FOLLOWS);
    const viewer = await connect(2);
    await dpiIs(192);
    const settings = () => desktop.screen.xSettings();
    await until("settings", async () => (await settings())["Xft/DPI"] === 192 * 1024);
    expect(await settings()).toMatchObject({ "Gdk/WindowScalingFactor": 2, "Gdk/UnscaledDPI": 96 * 1024 });
    await setRatio(viewer, 1, 820);
    await until("other settings", async () => (await settings())["Gdk/WindowScalingFactor"] === 1);
  });

  test("the viewer who sets the size sets the scale", async () => {
    await open(FOLLOWS);
    const first = await connect(2);
    await dpiIs(192);
    const second = await connect(1, { widthPx: 700, heightPx: 400 });
    await sizeIs(700, 400);
    await dpiIs(96);
    const third = await connect(2, { query: { resize: "false" } });
    await first.page.setViewportSize({ width: 640, height: 480 });
    await sizeIs(1280, 960);
    await dpiIs(192);
    expect(await Promise.all([first, second, third].map((viewer) => viewer.state()))).toEqual(
      Array(3).fill("connected"),
    );
  });

  test("I choose another scale, or a smaller picture that is enlarged, and it is remembered", async () => {
    await open(FOLLOWS);
    const viewer = await connect(2);
    await dpiIs(192);
    await openSettings(viewer);
    await says(viewer, "200 %");
    await viewer.byTestId("setting-scale").selectOption("1.25");
    await says(viewer, "125 %");
    await dpiIs(120);
    await sizeIs(1600, 1000);
    await viewer.byTestId("setting-scale").selectOption("smaller");
    await dpiIs(96);
    await sizeIs(800, 500);
    await until("the picture fills the window", async () => {
      const box = await viewer.byTestId("surface").boundingBox();
      const picture = await viewer.pictureSize();
      return box?.width === 800 && box.height === 500 && picture.widthPx === 800;
    });
    await viewer.page.reload();
    await viewer.waitForPicture();
    await openSettings(viewer);
    expect(await viewer.byTestId("setting-scale").inputValue()).toBe("smaller");
    await says(viewer, "100 %");
  });

  test("what is set on the desktop itself is kept, and the panel says so", async () => {
    await open(FOLLOWS);
    const viewer = await connect(1);
    await sizeIs(800, 500);
    await openSettings(viewer);
    await says(viewer, "100 %");
    mergeResources(desktop.display, "Xft.dpi:\t110\n");
    await says(viewer, "it is set on the desktop itself");
    await setRatio(viewer, 2, 820);
    await sizeIs(1640, 1000);
    expect(resourceOf(desktop.display, "Xft.dpi")).toBe("110");
    // Back at what it was, it follows again.
    mergeResources(desktop.display, "Xft.dpi:\t96\n");
    await dpiIs(192);
  });

  test("a desktop that starts anew and says its own dots an inch does not shrink", async () => {
    await open(FOLLOWS);
    await connect(2);
    await dpiIs(192);
    mergeResources(desktop.display, "Xft.dpi:\t96\n");
    await dpiIs(192);
    await desktop.restartAgent();
    expect(resourceOf(desktop.display, "Xft.dpi")).toBe("192");
    await dpiIs(192);
  });

  test("who may only watch changes neither size nor scale", async () => {
    await open({
      ...FOLLOWS,
      ENABLE_BASIC_AUTH: "true",
      BASIC_AUTH_PASSWORD: "master key",
      NOVNC_VIEWPASS: "eyes only",
    });
    const owner = await connect(1, { user: "user", password: "master key" });
    await sizeIs(800, 500);
    const watcher = await connect(2, { user: "user", password: "eyes only" });
    await expect.poll(() => watcher.byTestId("notice").innerText()).toContain("not touch it");
    await watcher.page.setViewportSize({ width: 640, height: 400 });
    await owner.page.setViewportSize({ width: 820, height: 500 });
    await sizeIs(820, 500);
    expect(Number(resourceOf(desktop.display, "Xft.dpi") ?? 96)).toBe(96);
  });
});

test("absurd sizes and scales are refused with the reason, and change nothing", async () => {
  await open(FOLLOWS);
  const honest = await connect(1);
  await sizeIs(800, 500);
  const size = { type: "display", widthPx: 900, heightPx: 600 };
  for (const absurd of [
    { ...size, scale: 1e9 },
    { ...size, scale: 1.1 },
    { ...size, scale: -1 },
    { ...size, scale: "2" },
    { ...size, scale: null },
    { ...size, widthPx: 63 },
    { ...size, heightPx: 8193 },
    { ...size, widthPx: 900.5 },
  ]) {
    const hostile = await RawViewer.connect(desktop.url);
    hostile.send(absurd);
    await until("the end of the session", () => hostile.find("bye") !== undefined);
    expect(hostile.find("bye")).toMatchObject({
      reason: "protocol-error",
      detail: expect.stringContaining("display") as string,
    });
    hostile.close();
  }
  // As many as one connection may send, each another one: the last counts, and the desktop stands.
  const restless = await RawViewer.connect(desktop.url);
  for (let turn = 0; turn < 60; turn++) restless.send({ ...size, scale: 0.5 + (turn % 15) * 0.25 });
  restless.send({ ...size, scale: 1.75 });
  await sizeIs(900, 600);
  await dpiIs(168);
  restless.close();
  expect(await honest.state()).toBe("connected");
});

describe("what the operator says holds", () => {
  test("a display that was there before is left alone", async () => {
    await open({});
    mergeResources(desktop.display, "My.own:\tkept\n");
    const before = execFileSync("xrdb", ["-display", desktop.display, "-query"], { encoding: "utf8" });
    const viewer = await connect(2);
    await sizeIs(1600, 1000);
    await openSettings(viewer);
    await says(viewer, "as it likes");
    expect(execFileSync("xrdb", ["-display", desktop.display, "-query"], { encoding: "utf8" })).toBe(before);
    expect(screenDpi(desktop.display)).toBe(96);
  });

  test("a fixed scale is there from the start, for every screen, on the operator's own dots an inch", async () => {
    await open({ EGLANTINE_SCALE: "1.5", DPI: "120" });
    await dpiIs(180);
    const viewer = await connect(2);
    await sizeIs(1600, 1000);
    await dpiIs(180);
    expect(Math.abs(screenDpi(desktop.display) - 180)).toBeLessThanOrEqual(1);
    await openSettings(viewer);
    await says(viewer, "150 %: the agent’s operator set it");
  });

  test("a window larger than the largest desktop gets one of its shape, enlarged, and is told once", async () => {
    await open({ ...FOLLOWS, EGLANTINE_MAX_SIZE: "1000x600" });
    const viewer = await connect(2);
    await sizeIs(960, 600);
    // Enlarged 1.67 times: programs draw themselves for the rest of the screen's ratio.
    await dpiIs(120);
    await expect.poll(() => viewer.byTestId("notice").innerText()).toContain("no larger than 960×600");
    await until("the picture fills the window", async () => {
      const box = await viewer.byTestId("surface").boundingBox();
      return box !== null && Math.round(box.width) === 800 && Math.round(box.height) === 500;
    });
    await viewer.byTestId("notice").getByRole("button").click();
    await viewer.page.setViewportSize({ width: 500, height: 700 });
    await sizeIs(600, 840);
    expect(await viewer.byTestId("notice").count()).toBe(0);
  });

  test("an encoder that has a largest picture gives way beyond it, and is back on a smaller screen", async () => {
    await open({ ...FOLLOWS, WEBRTC_ENCODER: "openh264enc" });
    const window = await desktop.screen.openWindow(0, 0, 5000, 3000, [60, 90, 90]);
    const viewer = await connect(2);
    await openSettings(viewer);
    const now = () => viewer.byTestId("now-encoder").innerText();
    await expect.poll(now).toContain("openh264enc");
    // H.264 level 5.2, and with it OpenH264, ends at 36,864 macroblocks: 9.4 million pixels.
    await viewer.page.setViewportSize({ width: 2000, height: 1250 });
    await sizeIs(4000, 2500);
    await expect.poll(now, { timeout: 30_000 }).not.toContain("openh264enc");
    // Another encoder of H.264 codes as much as its levels have, and the picture is enlarged.
    await until("the picture", async () => (await viewer.pictureSize()).widthPx > 3700);
    await window.paint([200, 30, 90]);
    const { widthPx, heightPx } = await viewer.pictureSize();
    expect(widthPx * heightPx).toBeLessThanOrEqual(36_864 * 256);
    await viewer.waitForPixel(widthPx - 40, heightPx - 40, [200, 30, 90]);
    await viewer.page.mouse.move(1500, 900);
    await until("the pointer's place", async () => {
      const { xPx, yPx } = await desktop.screen.pointer();
      return Math.abs(xPx - 3000) <= 2 && Math.abs(yPx - 1800) <= 2;
    });
    await viewer.page.setViewportSize({ width: 800, height: 500 });
    await sizeIs(1600, 1000);
    await expect.poll(now, { timeout: 30_000 }).toContain("openh264enc");
    expect(await viewer.state()).toBe("connected");
  });

  test("the screen says the operator's rate, and no more pictures are asked for than the viewer's screen shows", async () => {
    await open({ ...FOLLOWS, REFRESH: "144" });
    const viewer = await connect(1);
    await sizeIs(800, 500);
    await until("the rate of the mode", () => Math.round(screenRate(desktop.display)) === 144);
    await openSettings(viewer);
    const now = () => viewer.byTestId("now-framesPerSecond").innerText();
    // Headless Chromium shows 60 a second.
    await expect.poll(now).toContain("60 a second");
    await viewer.byTestId("setting-framesPerSecond").selectOption("144");
    await expect.poll(now).toContain("144 a second");
  });
});

describe("the pointer", () => {
  /** X11's cursor font (cursorfont.h): a hot spot in the middle. */
  const XC_CROSS = 30;

  test.each([1, 1.5, 2])("keeps its pixels and its hot spot on a screen of ratio %s", async (ratio) => {
    await open(FOLLOWS);
    const window = await desktop.screen.openWindow(0, 0, 3000, 2000, [90, 90, 90]);
    const viewer = await connect(ratio);
    await sizeIs(800 * ratio, 500 * ratio);
    await viewer.movePointer(300, 300);
    await window.setCursor(desktop.screen.glyphCursor(XC_CROSS));
    const remote = await desktop.screen.cursorImage();
    let css = "";
    const parse = () => /url\("([^"]+)"\)[^)]*\)\s+(\d+)\s+(\d+)/.exec(css);
    let local = { widthPx: 0, opaque: 0, left: 0, top: 0 };
    await until("the shape", async () => {
      css = await viewer.cursor();
      const address = parse()?.[1];
      if (address === undefined) return false;
      local = await viewer.page.evaluate(readShape, address);
      return local.opaque === remote.opaquePixels;
    });
    expect(css).toMatch(ratio === 1 ? /1x|1dppx|url/ : new RegExp(`${ratio}(x|dppx)`));
    // Where the hot spot of the picture lies on this screen, against where it is on the desktop.
    const first = remote.firstOpaque;
    const [, , hotX = 0, hotY = 0] = parse() ?? [];
    expect(Math.abs(Number(hotX) * ratio - local.left - (remote.hotXPx - first.xPx))).toBeLessThanOrEqual(0.5);
    expect(Math.abs(Number(hotY) * ratio - local.top - (remote.hotYPx - first.yPx))).toBeLessThanOrEqual(0.5);
  });

  test("two clicks on one pixel are two clicks on one pixel there, however large things are", async () => {
    await open(FOLLOWS);
    for (const ratio of [1.5, 2]) {
      const viewer = await connect(ratio);
      await sizeIs(800 * ratio, 500 * ratio);
      // Before that it is the picture of another desktop that is clicked on.
      await until("its picture", async () => (await viewer.pictureSize()).widthPx === 800 * ratio);
      await until("all over the page", async () => (await viewer.byTestId("surface").boundingBox())?.width === 800);
      const taker = await desktop.screen.openWindow(0, 0, 800 * ratio, 500 * ratio, [40, 60, 80]);
      await viewer.page.mouse.dblclick(333, 222);
      await until("both clicks", () => taker.pointerEvents.filter(({ kind }) => kind === "release").length === 2);
      // The window may have come up under a pointer that was elsewhere.
      const clicks = taker.pointerEvents.filter(({ kind }) => kind !== "motion");
      expect(new Set(clicks.map(({ xPx, yPx }) => `${xPx},${yPx}`)).size).toBe(1);
      expect(Math.abs((clicks[0]?.xPx ?? 0) - 333 * ratio), JSON.stringify(taker.pointerEvents)).toBeLessThanOrEqual(1);
      await taker.close();
      await viewer.close();
    }
  });
});

/** Runs in the page: the shape's first opaque pixels from the left and from the top. */
async function readShape(address: string) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
  context?.drawImage(image, 0, 0);
  const { data = new Uint8ClampedArray() } = context?.getImageData(0, 0, image.width, image.height) ?? {};
  const opaque = [...data.keys()]
    .filter((index) => index % 4 === 3 && (data[index] ?? 0) > 127)
    .map((index) => index >> 2);
  return {
    widthPx: image.width,
    opaque: opaque.length,
    left: Math.min(...opaque.map((pixel) => pixel % image.width)),
    top: Math.min(...opaque.map((pixel) => Math.floor(pixel / image.width))),
  };
}
