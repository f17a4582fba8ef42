import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { JsonFile } from "../json-file.ts";
import type { Display, Rect } from "./place.ts";
import { Places } from "./places.ts";
import { type ShellWindow, subjectOf, WindowDesk } from "./window-desk.ts";

const screen = (id: number, x: number): Display => {
  const bounds = { x, y: 0, width: 1600, height: 900 };
  return { id, bounds, workArea: bounds, primary: x === 0 };
};
const LEFT = screen(1, 0);
const RIGHT = screen(2, 1600);
const DESKTOP = "app://eglantine/?desktop=d1";
const FURTHER = `${DESKTOP}&monitor=true`;

let folder: string;
let file: string;
let displays: Display[];
const clock = { nowMs: 0 };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "eglantine-places-"));
  file = join(folder, "places.json");
  displays = [LEFT, RIGHT];
  clock.nowMs = 0;
});
afterEach(() => rm(folder, { recursive: true }));

const openDesk = async (): Promise<WindowDesk> =>
  new WindowDesk({ places: await Places.read(new JsonFile(file)), displays: () => displays, nowMs: () => clock.nowMs });

/** As Electron's, moved by hand. */
class TestWindow implements ShellWindow {
  readonly id: number;
  readonly loaded: string[] = [];
  bounds: Rect;
  maximized = false;
  #url: string;

  constructor(id: number, url: string, bounds: Rect) {
    this.id = id;
    this.#url = url;
    this.bounds = bounds;
  }

  url = (): string => this.#url;
  normalBounds = (): Rect => this.bounds;
  isMaximized = (): boolean => this.maximized;
  load(url: string): void {
    this.loaded.push(url);
    this.#url = url;
  }
}

function open(desk: WindowDesk, id: number, url: string): TestWindow {
  const plan = desk.plan(url);
  const window = new TestWindow(id, url, plan.bounds);
  window.maximized = plan.maximized;
  desk.add(window, plan);
  return window;
}

it("opens each further monitor of a desktop on a screen of its own", async () => {
  const desk = await openDesk();
  const first = open(desk, 1, DESKTOP);
  expect(desk.freeScreens(1)).toBe(1);
  const second = open(desk, 2, FURTHER);
  expect(second.bounds).toEqual(RIGHT.workArea);
  expect(second.maximized).toBe(true);
  expect(desk.freeScreens(1)).toBe(0);
  // A desktop of another name begins anew.
  expect(open(desk, 3, "app://eglantine/?desktop=other").bounds).toEqual(first.bounds);
  expect(desk.showing(FURTHER)).toBe(1);
  expect(desk.showing("app://eglantine/?desktop=none")).toBeUndefined();
});

it("remembers where windows were, each by what it shows, over a restart", async () => {
  const before = await openDesk();
  const first = open(before, 1, DESKTOP);
  const further = open(before, 2, FURTHER);
  const home = open(before, 3, "app://eglantine/");
  first.bounds = { x: 1700, y: 50, width: 1000, height: 700 };
  first.maximized = true;
  further.bounds = { x: 20, y: 30, width: 640, height: 480 };
  further.maximized = false;
  home.bounds = { x: 5, y: 6, width: 700, height: 500 };
  await before.close();
  const after = await openDesk();
  expect(after.plan(DESKTOP)).toMatchObject({ bounds: first.bounds, maximized: true });
  expect(after.plan("app://eglantine/")).toMatchObject({ bounds: home.bounds, maximized: false });
  open(after, 1, DESKTOP);
  expect(after.plan(FURTHER)).toMatchObject({ bounds: further.bounds, maximized: false, monitor: 1 });
  // The screen that it was on is unplugged.
  displays = [LEFT];
  expect(after.plan(DESKTOP).bounds).toEqual({ x: 300, y: 100, width: 1000, height: 700 });
});

it("remembers a window that was moved, once it rests", async () => {
  const places = await Places.read(new JsonFile(file));
  const desk = new WindowDesk({ places, displays: () => displays, nowMs: () => 0, restMs: 0 });
  const window = open(desk, 1, DESKTOP);
  window.bounds = { x: 11, y: 22, width: 600, height: 500 };
  desk.moved(1);
  await expect
    .poll(async () => (await Places.read(new JsonFile(file))).of("desktop d1 0")?.bounds)
    .toEqual(window.bounds);
});

it("loads a page that died again, with the same desktop, and has it say so when that happens too often", async () => {
  const desk = await openDesk();
  const window = open(desk, 1, DESKTOP);
  for (let crash = 0; crash < 4; crash++) desk.crashed(1);
  expect(window.loaded).toEqual([DESKTOP, DESKTOP, DESKTOP, `${DESKTOP}&crashed=true`]);
  clock.nowMs = 60_000;
  desk.crashed(1);
  expect(window.loaded.at(-1)).toBe(DESKTOP);
  // Of a window that is gone.
  desk.closing(1);
  desk.crashed(1);
  expect(window.loaded).toHaveLength(5);
  await desk.close();
});

it("keeps no password of an address, and reads any file", async () => {
  expect(subjectOf(`app://eglantine/?url=${encodeURIComponent("https://me:secret@host:8443/desk/?x=1#y")}`)).toBe(
    "url https://host:8443/desk/",
  );
  expect(subjectOf("app://eglantine/?url=nonsense")).toBe("home");
  for (const text of ["", "{", "7", '[{"key":"home 0"},{"key":"x","place":{"bounds":{"x":1e99}}}]']) {
    await writeFile(file, text);
    expect((await openDesk()).plan("app://eglantine/").bounds.width).toBe(1280);
  }
  const desk = await openDesk();
  for (let id = 0; id < 80; id++) {
    open(desk, id, `app://eglantine/?desktop=n${id}`);
    desk.closing(id);
  }
  await desk.close();
  expect(JSON.parse(await readFile(file, "utf8"))).toHaveLength(64);
});
