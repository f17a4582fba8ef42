// Story: a game on the desktop takes the pointer, and I play at once, without a key for it; when it lets go I point again.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { Process } from "../harness/processes.ts";
import { until } from "../harness/until.ts";
import { Desktop } from "./desktop.ts";

const PASSWORDS = { ENABLE_BASIC_AUTH: "true", BASIC_AUTH_PASSWORD: "master key", NOVNC_VIEWPASS: "eyes only" };
const CENTRE = { xPx: 500, yPx: 350 };

const folder = mkdtempSync(join(tmpdir(), "eglantine-sdl-"));
let desktop: Desktop;
let viewer: DesktopPage;
const games: Process[] = [];

beforeAll(async () => {
  const source = fileURLToPath(new URL("../harness/sdl-pointer.c", import.meta.url));
  execFileSync("cc", ["-O2", "-Wall", "-Wextra", "-o", join(folder, "sdl-pointer"), source, "-lSDL2"]);
  desktop = await Desktop.open({ env: PASSWORDS });
});
afterAll(async () => {
  await desktop?.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  viewer = await desktop.connect({ password: "master key" });
});
afterEach(async () => {
  for (const sdl of games.splice(0)) await sdl.close();
  await viewer.close();
});

const isLocked = () => viewer.page.evaluate(() => document.pointerLockElement !== null);
const free = () => until("the pointer is free", async () => !(await isLocked()));
const told = () => viewer.byTestId("notice").getByText("click into the desktop to lock it").isVisible();

async function pointerIs(xPx: number, yPx: number): Promise<void> {
  const arrived = async () => {
    const pointer = await desktop.screen.pointer();
    return pointer.xPx === xPx && pointer.yPx === yPx;
  };
  await until(`pointer at ${xPx},${yPx}`, arrived);
}

/** Where a gesture of mine is fresh the browser allows it at once, else the next click asks for it. */
async function follows(meanwhile: () => Promise<void> = async () => {}): Promise<void> {
  await until("the program's pointer is noticed", async () => {
    await meanwhile();
    return (await isLocked()) || (await told());
  });
  if (!(await isLocked())) await viewer.page.mouse.click(400, 300);
  await until("the pointer is locked", isLocked);
}

async function game(): Promise<Process> {
  const sdl = new Process([join(folder, "sdl-pointer")], {
    env: { DISPLAY: desktop.display, SDL_VIDEODRIVER: "x11" },
  });
  games.push(sdl);
  await said(sdl, /^ready/);
  return sdl;
}

async function said(sdl: Process, match: RegExp, times = 1): Promise<string> {
  const lines = () => sdl.allLines().filter((line) => match.test(line));
  await until(`the game says ${match}`, () => lines().length >= times || sdl.isOver);
  return lines()[times - 1] ?? expect.fail(sdl.log());
}

/** What the game has counted by the time that it gets this click. */
async function counted(sdl: Process, click: number): Promise<{ x: number; y: number }> {
  await viewer.page.mouse.down();
  await viewer.page.mouse.up();
  const [, , , x, y] = (await said(sdl, /^button 1 0/, click)).split(" ");
  return { x: Number(x), y: Number(y) };
}

test("SDL2's relative mode locks the pointer, two thousand steps add up in the game, and its end frees it", async () => {
  const sdl = await game();
  sdl.write("relative 1\n");
  await said(sdl, /^relative 1/);
  await viewer.movePointer(400, 300);
  await follows();
  await viewer.page.mouse.move(500, 400);
  const clicks = sdl.allLines().filter((line) => line.startsWith("button 1 0")).length;
  const before = await counted(sdl, clicks + 1);
  let at = { x: 500, y: 400 };
  for (let round = 0; round < 20; round++) {
    // Equal steps among them, as many as in a row as a hand that moves evenly makes.
    const steps = Array.from({ length: 100 }, (_, step) => ({
      x: 100 + ((round * 37 + step * 7) % 700),
      y: 100 + ((round * 53 + step * 3) % 450),
    }));
    await Promise.all(steps.map(({ x, y }) => viewer.page.mouse.move(x, y)));
    at = steps.at(-1) ?? at;
  }
  const after = await counted(sdl, clicks + 2);
  expect({ x: after.x - before.x, y: after.y - before.y }).toEqual({ x: at.x - 500, y: at.y - 400 });
  sdl.write("relative 0\n");
  await free();
  expect(await viewer.byTestId("notice").getByText("The pointer is free").count()).toBe(0);
  await viewer.movePointer(222, 333);
  await pointerIs(222, 333);
});

test("a lock that I lost comes back with a click, and one that I ended stays ended", async () => {
  const sdl = await game();
  sdl.write("relative 1\n");
  await viewer.movePointer(400, 300);
  await follows();
  await viewer.page.evaluate(() => document.exitPointerLock());
  await viewer.byTestId("notice").getByText("A click into the desktop locks it").waitFor();
  await viewer.page.mouse.click(400, 300);
  await until("the pointer is locked again", isLocked);
  await viewer.page.keyboard.press("Control+Alt+Shift+L");
  await free();
  const clicks = sdl.allLines().filter((line) => line.startsWith("button 1 0")).length;
  await counted(sdl, clicks + 1);
  expect(await isLocked()).toBe(false);
  await viewer.page.keyboard.press("Control+Alt+Shift+L");
  await until("the pointer is locked by the chord", isLocked);
  // A game that ends without a word lets go of it.
  await sdl.close();
  await free();
});

test("a program that hides the pointer and sets it back all the time takes it, until it shows it", async () => {
  const window = await desktop.screen.openWindow(0, 0, 1000, 700, [40, 60, 80]);
  await window.setCursor(desktop.screen.emptyCursor());
  const over = new AbortController();
  const program = (async () => {
    while (!over.signal.aborted) {
      const { xPx, yPx } = await desktop.screen.pointer();
      if (xPx !== CENTRE.xPx || yPx !== CENTRE.yPx) await desktop.screen.movePointer(CENTRE.xPx, CENTRE.yPx);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  let step = 0;
  try {
    await follows(() => viewer.movePointer(300 + (step++ % 100), 300));
  } finally {
    over.abort();
    await program;
  }
  await window.setCursor(0);
  await window.close();
  await free();
});

test("one that hides the pointer and nothing more takes nothing", async () => {
  const window = await desktop.screen.openWindow(0, 0, 1000, 700, [40, 60, 80]);
  await window.setCursor(desktop.screen.emptyCursor());
  await until("the pointer is hidden here", async () => (await viewer.cursor()) === "none");
  for (let step = 0; step < 50; step++) {
    await viewer.movePointer(100 + step * 5, 200);
    await viewer.page.mouse.down();
    await viewer.page.mouse.up();
    await pointerIs(100 + step * 5, 200);
  }
  expect(await isLocked()).toBe(false);
  expect(await told()).toBe(false);
  await window.close();
});

test("where I do not want it, no program locks it, and that is remembered", async () => {
  const choose = async (on: boolean) => {
    await viewer.page.keyboard.press("Control+Alt+Shift+M");
    await viewer.byTestId("open-pointer").click();
    await viewer.byTestId("toggle-auto-lock").setChecked(on);
  };
  await choose(false);
  await viewer.page.reload();
  await viewer.submit();
  await viewer.waitForPicture();
  const sdl = await game();
  sdl.write("relative 1\n");
  await said(sdl, /^relative 1/);
  await viewer.movePointer(400, 300);
  await until("the pointer is hidden here", async () => (await viewer.cursor()) === "none");
  for (let times = 1; times <= 10; times++) await viewer.page.mouse.click(400 + times, 300);
  await said(sdl, /^button 1 0/, 10);
  expect(await isLocked()).toBe(false);
  expect(await told()).toBe(false);
  await choose(true);
  await viewer.page.keyboard.press("Escape");
  await follows();
  sdl.write("relative 0\n");
  await free();
});

test("who may only watch is asked for nothing", async () => {
  const watcher = await desktop.connect({ password: "eyes only" });
  const sdl = await game();
  sdl.write("relative 1\n");
  await viewer.movePointer(400, 300);
  await follows();
  await until("the watcher sees that it is hidden", async () => (await watcher.cursor()) === "none");
  await watcher.page.mouse.click(400, 300);
  expect(await watcher.page.getByText("to lock it").count()).toBe(0);
  expect(await watcher.page.evaluate(() => document.pointerLockElement)).toBeNull();
  await watcher.close();
});
