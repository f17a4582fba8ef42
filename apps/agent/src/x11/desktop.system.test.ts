// The agent's X11 side against a real Xvnc, with a window of another program as the witness.

import { feedbackCodec } from "@eglantine/protocol/feedback";
import type { InputMessage } from "@eglantine/protocol/input";
import { KEYS } from "@eglantine/protocol/keys";
import { afterEach, beforeEach, expect, test } from "vitest";
import { penAt } from "../testing/pens.ts";
import { startXvnc, type XServer } from "../testing/xvnc.ts";
import { testDesktop } from "../testing/x-desktop.ts";
import { XWindow } from "../testing/x-window.ts";
import type { InputDevice, XInput } from "x11";
import type { CursorLook } from "./cursor.ts";
import type { XDesktop } from "./desktop.ts";

let server: XServer;
let desktop: XDesktop;
let window: XWindow;

const open = () => testDesktop(server.display);
const key = (pressed: boolean, code: number, keysym = 0): InputMessage => ({ type: "key", pressed, code, keysym });
const at = (sequence: number, x: number, y: number, epoch = 0) => ({ sequence, epoch, x, y });

beforeEach(async () => {
  server = await startXvnc("", "800x600");
  desktop = open();
  await desktop.start();
  window = await XWindow.open(server.display);
});
afterEach(async () => {
  window.close();
  await desktop.close();
  await server.close();
});

test("keys arrive in a program, pressed and released", async () => {
  const hands = desktop.enterInput();
  hands.apply(key(true, KEYS.KeyA.id));
  await window.until("key 38 down");
  hands.apply(key(false, KEYS.KeyA.id));
  await window.until("key 38 up");
});

test("every key of the table has a keycode on this server", () => {
  const hands = desktop.enterInput();
  for (const { id } of Object.values(KEYS)) {
    hands.apply(key(true, id));
    hands.apply(key(false, id));
  }
  return window.until(`key ${KEYS.MediaSelect.id + 8} up`);
});

test("a character that no key gives is typed by a spare key, which is given back", async () => {
  const euro = 0x010020ac;
  const hands = desktop.enterInput();
  hands.apply(key(true, 0, euro));
  hands.apply(key(false, 0, euro));
  await expect.poll(() => window.seen.some((what) => what.endsWith("up"))).toBe(true);
  const keycode = Number(/key (\d+) up/.exec(window.seen.find((what) => what.endsWith("up")) ?? "")?.[1]);
  const keysyms = () =>
    new Promise<number[]>((resolve) =>
      window.client.GetKeyboardMapping(keycode, 1, (_, rows) => {
        resolve(rows[0] ?? []);
        return true;
      }),
    );
  expect(await keysyms()).toContain(euro);
  await desktop.close();
  expect(await keysyms()).not.toContain(euro);
});

test("pointer, buttons and wheel arrive at their places, in order", async () => {
  const hands = desktop.enterInput();
  hands.apply({ type: "motion", ...at(1, 10, 20) });
  hands.apply({ type: "button", ...at(2, 30, 40), button: 1, pressed: true });
  hands.apply({ type: "button", ...at(3, 50, 60), button: 1, pressed: false });
  hands.apply({ type: "wheel", ...at(4, 70, 80), deltaX: 0, deltaY: 120 });
  await window.until("button 5 up at 70,80");
  expect(window.seen.filter((what) => what.startsWith("button"))).toEqual([
    "button 1 down at 30,40",
    "button 1 up at 50,60",
    "button 5 down at 70,80",
    "button 5 up at 70,80",
  ]);
});

test("relative motion moves by the counts since the lock began", async () => {
  const hands = desktop.enterInput();
  hands.apply({ type: "motion", ...at(1, 100, 100) });
  hands.apply({ type: "motion", ...at(2, 5, 7, 1) });
  hands.apply({ type: "motion", ...at(4, 25, 37, 1) });
  hands.apply({ type: "motion", ...at(3, 15, 17, 1) });
  await window.until("at 125,137");
});

test("a viewer that leaves holds nothing any more", async () => {
  const hands = desktop.enterInput();
  hands.apply(key(true, KEYS.ControlLeft.id));
  hands.apply({ type: "button", ...at(1, 5, 5), button: 3, pressed: true });
  await window.until("button 3 down at 5,5");
  hands.leave();
  await window.until("button 3 up at 5,5");
  expect(await window.pressedKeys()).toBe(0);
});

test("what a killed agent left pressed is let go by the next one", async () => {
  const hands = desktop.enterInput();
  hands.apply(key(true, KEYS.ShiftLeft.id));
  hands.apply({ type: "button", ...at(1, 5, 5), button: 1, pressed: true });
  await window.until("button 1 down at 5,5");
  const next = open();
  await next.start();
  await window.until("button 1 up at 5,5");
  expect(await window.pressedKeys()).toBe(0);
  await next.close();
});

test("the desktop grows and shrinks to exactly the wanted size, and says so", async () => {
  const told: string[] = [];
  desktop.watchSize(({ widthPx, heightPx }) => void told.push(`${widthPx}x${heightPx}`));
  for (const [widthPx, heightPx] of [
    [1600, 900],
    [640, 480],
    [500, 1200],
    [1920, 1080],
    [1366, 768],
  ] as const) {
    await desktop.resize({ widthPx, heightPx });
    expect(desktop.size).toEqual({ widthPx, heightPx });
    const root = await new Promise((resolve) =>
      window.client.GetGeometry(window.root, (_, geometry) => {
        resolve(geometry);
        return true;
      }),
    );
    expect(root).toMatchObject({ width: widthPx, height: heightPx });
  }
  expect(told).toEqual(["1600x900", "640x480", "500x1200", "1920x1080", "1366x768"]);
});

test("odd sizes are made even", async () => {
  await desktop.resize({ widthPx: 801, heightPx: 601 });
  expect(desktop.size).toEqual({ widthPx: 800, heightPx: 600 });
  await desktop.resize({ widthPx: 1025, heightPx: 769 });
  expect(desktop.size).toEqual({ widthPx: 1024, heightPx: 768 });
});

test("of many sizes asked for at once the last one stays", async () => {
  const turns = Array.from({ length: 30 }, (_, index) => desktop.resize({ widthPx: 400 + index * 20, heightPx: 400 }));
  await Promise.all(turns);
  expect(desktop.size).toEqual({ widthPx: 980, heightPx: 400 });
});

test("cursor shapes are told once each, and hiding too", async () => {
  const looks: CursorLook[] = [];
  desktop.enterInput().apply({ type: "motion", ...at(1, 50, 50) });
  await window.showGlyph(152);
  const unwatch = desktop.watchCursor((look) => looks.push(look));
  await expect.poll(() => looks.at(-1)?.kind).toBe("shape");
  const text = looks.at(-1);
  await window.showGlyph(60);
  await expect.poll(() => looks.at(-1)).not.toBe(text);
  const hand = looks.at(-1);
  await window.hideCursor();
  await expect.poll(() => looks.at(-1)?.kind).toBe("hidden");
  await window.showGlyph(152);
  await expect.poll(() => looks.at(-1)).toBe(text);
  for (const look of [text, hand]) {
    if (look?.kind !== "shape") throw new Error("no shape");
    expect(feedbackCodec.decode(look.message)).toMatchObject({ type: "cursorShape", serial: look.serial });
  }
  unwatch();
  const count = looks.length;
  await window.showGlyph(60);
  await window.sync();
  expect(looks).toHaveLength(count);
});

test("where the pointer is, is told while a viewer counts and the pointer is shown, and its own moves alone once it rests", async () => {
  const told: string[] = [];
  const looks: CursorLook[] = [];
  desktop.watchCursor((look) => looks.push(look));
  await window.showGlyph(60);
  const hands = desktop.enterInput((sequence, x, y) => told.push(`${sequence}: ${x},${y}`) > 0);
  hands.apply({ type: "motion", ...at(1, 50, 60) });
  hands.apply({ type: "motion", ...at(2, 0, 0, 1) });
  await expect.poll(() => told).toEqual(["2: 50,60"]);
  hands.apply({ type: "motion", ...at(3, 7, -9, 1) });
  await expect.poll(() => told.at(-1)).toBe("3: 57,51");
  await expect.poll(() => looks.at(-1)?.kind).toBe("shape");
  await window.hideCursor();
  await expect.poll(() => looks.at(-1)?.kind).toBe("hidden");
  const before = told.length;
  hands.apply({ type: "motion", ...at(4, 20, 20, 1) });
  await window.until("at 70,80");
  // As long as a few looks would take.
  for (let times = 0; times < 300; times++) await window.sync();
  expect(told).toHaveLength(before);
  await window.showGlyph(60);
  await expect.poll(() => told.at(-1)).toBe("4: 70,80");
  hands.apply({ type: "motion", ...at(5, 1, 1) });
  hands.leave();
});

test("a tablet that the X server does not read leaves the pen a mouse, and says so; one that it reads has the pointer to itself", async () => {
  const drawn: number[] = [];
  const pen = penAt(1, 30, 40, { touches: true, pressure: 0xffff });
  // The second is a device that every X server lists.
  for (const name of ["Eglantine pen", "Virtual core XTEST pointer"]) {
    const tablet = {
      name,
      set: (state: ReadonlyMap<number, number>) => void drawn.push(state.size),
      close: () => undefined,
    };
    const other = testDesktop(server.display, { tablet });
    await other.start();
    const way = await other.penWay();
    expect(way.pressure).toBe(name !== "Eglantine pen");
    expect(way.why).toMatch(/tablet/);
    const hands = other.enterInput();
    hands.apply(pen);
    if (way.pressure) {
      // Past the pen, and behind it.
      hands.apply({ type: "motion", ...at(2, 99, 99) });
      await window.until("at 99,99");
      expect(window.seen.filter((what) => what.startsWith("button"))).toHaveLength(2);
    } else await window.until("button 1 down at 30,40");
    hands.leave();
    if (!way.pressure) await window.until("button 1 up at 30,40");
    await other.close();
  }
  expect(drawn).toEqual([9, 0, 9, 0]);
  expect(await desktop.penWay()).toEqual({ pressure: false, why: "it has no tablet" });
});

test("this X server has nothing that scrolls by less than a click: what is finer is added up before it", async () => {
  const input = await new Promise<XInput>((resolve) =>
    window.client.require("xinput", (_error, extension) => {
      resolve(extension as XInput);
      return true;
    }),
  );
  const devices = await new Promise<readonly InputDevice[]>((resolve) =>
    input.XIQueryDevice(0, (_error, found) => {
      resolve(found);
      return true;
    }),
  );
  // XI2: valuators, of which a server that has fine scrolling names some as scrolling ones.
  const classes = devices.flatMap((device) => device.classes.map(({ type }) => type));
  expect(classes).toContain(2);
  expect(classes).not.toContain(3);
  const hands = desktop.enterInput();
  const turn = (sequence: number, deltaY: number) =>
    hands.apply({ type: "wheel", ...at(sequence, 9, 9), deltaX: 0, deltaY });
  for (let step = 0; step < 24; step++) turn(step + 1, 10);
  turn(25, -60);
  turn(26, -60);
  await window.until("button 4 up at 9,9");
  const clicks = window.seen.filter((what) => what.endsWith("down at 9,9"));
  expect(clicks).toEqual(["button 5 down at 9,9", "button 5 down at 9,9", "button 4 down at 9,9"]);
});

test("a killed X server is found again when it is back, with nothing held and its new size", async () => {
  const hands = desktop.enterInput();
  hands.apply(key(true, KEYS.KeyB.id));
  await window.until("key 56 down");
  await server.kill();
  await expect.poll(() => desktop.reachable).toBe(false);
  hands.apply(key(true, KEYS.KeyC.id));
  await expect(desktop.resize({ widthPx: 900, heightPx: 700 })).rejects.toThrow(/X server/);
  server = await startXvnc(server.display, "1024x768");
  await expect.poll(() => desktop.reachable).toBe(true);
  expect(desktop.size).toEqual({ widthPx: 1024, heightPx: 768 });
  window = await XWindow.open(server.display);
  hands.apply(key(true, KEYS.KeyB.id));
  await window.until("key 56 down");
});
