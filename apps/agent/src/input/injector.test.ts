import type { InputMessage } from "@eglantine/protocol/input";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FAKE_KEYBOARD, FakePort } from "../testing/fake-desktop.ts";
import { penAt } from "../testing/pens.ts";
import { Injector } from "./injector.ts";
import type { PenMessage, TabletState } from "./tablet.ts";

const A = 30;
const key = (pressed: boolean, code = A, keysym = 0): InputMessage => ({ type: "key", pressed, code, keysym });
const button = (pressed: boolean, sequence: number, x = 5, y = 6): InputMessage => ({
  type: "button",
  pressed,
  button: 1,
  sequence,
  epoch: 0,
  x,
  y,
});

const pen = (sequence: number, x: number, more: Partial<PenMessage> = {}) => penAt(sequence, x, 6, more);

let port: FakePort;
let injector: Injector;
beforeEach(() => {
  port = new FakePort();
  injector = new Injector(port, FAKE_KEYBOARD, () => ({ widthPx: 100, heightPx: 50 }));
});

test("a key goes down and up, each in one write", () => {
  const hands = injector.enter();
  hands.apply(key(true));
  hands.apply(key(false));
  expect(port.take()).toEqual(["key 38 down", "|", "key 38 up", "|"]);
});

test("a repeated press is one press: the server repeats by itself", () => {
  const hands = injector.enter();
  for (let times = 0; times < 3; times += 1) hands.apply(key(true));
  expect(port.take().filter((request) => request !== "|")).toEqual(["key 38 down"]);
});

test("a release without a press does nothing", () => {
  const hands = injector.enter();
  hands.apply(key(false));
  hands.apply(button(false, 1));
  expect(port.take()).toEqual(["|", "to 5,6", "|"]);
});

test("a button comes behind its position, in the same write", () => {
  injector.enter().apply(button(true, 1));
  expect(port.take()).toEqual(["to 5,6", "button 1 down", "|"]);
});

test("releaseAll lets go of everything that this viewer holds", () => {
  const hands = injector.enter();
  hands.apply(key(true));
  hands.apply(button(true, 1));
  port.take();
  hands.apply({ type: "releaseAll" });
  expect(port.take()).toEqual(["key 38 up", "button 1 up", "|"]);
  hands.releaseAll();
  expect(port.take()).toEqual(["|"]);
});

test("a viewer that leaves lets go", () => {
  const hands = injector.enter();
  hands.apply(key(true));
  port.take();
  hands.leave();
  expect(port.take()).toEqual(["key 38 up", "|"]);
});

test("a key that two viewers hold goes up with the last of them", () => {
  const [one, two] = [injector.enter(), injector.enter()];
  one.apply(key(true));
  two.apply(key(true));
  one.leave();
  expect(port.take().filter((request) => request !== "|")).toEqual(["key 38 down"]);
  two.apply(key(false));
  expect(port.take()).toEqual(["key 38 up", "|"]);
});

test("each viewer has its own pointer sequence", () => {
  const [one, two] = [injector.enter(), injector.enter()];
  one.apply({ type: "motion", sequence: 100, epoch: 0, x: 1, y: 1 });
  two.apply({ type: "motion", sequence: 1, epoch: 0, x: 2, y: 2 });
  expect(port.take()).toEqual(["to 1,1", "|", "to 2,2", "|"]);
});

test("absolute positions stay on the screen", () => {
  const hands = injector.enter();
  hands.apply({ type: "motion", sequence: 1, epoch: 0, x: -5, y: 9999 });
  expect(port.take()).toEqual(["to 0,49", "|"]);
});

test("a wheel turn is clicks at its position", () => {
  injector.enter().apply({ type: "wheel", sequence: 1, epoch: 0, x: 7, y: 8, deltaX: 0, deltaY: 240 });
  expect(port.take()).toEqual(["to 7,8", "button 5 down", "button 5 up", "button 5 down", "button 5 up", "|"]);
});

test("what was held is forgotten with the X server, and can be pressed anew", () => {
  const hands = injector.enter();
  hands.apply(key(true));
  injector.forget();
  port.take();
  hands.apply(key(false));
  hands.apply(key(true));
  expect(port.take()).toEqual(["|", "key 38 down", "|"]);
});

test("a key is released by the keycode it was pressed with", () => {
  const hands = injector.enter();
  hands.apply(key(true, 0, 0x1234));
  hands.apply(key(false, 0, 0x1234));
  expect(port.take()).toEqual(["key 200 down", "|", "key 200 up", "|"]);
});

test("nobody holds more keys than hands do", () => {
  const board = { ...FAKE_KEYBOARD, bind: (keysym: number) => ({ keycode: keysym, shift: false, level3: false }) };
  const hands = new Injector(port, board, () => ({ widthPx: 100, heightPx: 50 })).enter();
  for (let keysym = 1; keysym <= 1000; keysym += 1) hands.apply(key(true, 0, 0x2000 + keysym));
  const pressed = port.take().filter((request) => request.endsWith("down"));
  hands.leave();
  expect(port.take().filter((request) => request.endsWith("up"))).toHaveLength(pressed.length);
});

afterEach(() => void vi.useRealTimers());
const symbol = (keysym: number, pressed = true) => key(pressed, 0, keysym);
const text = (typed: string): InputMessage => ({ type: "text", text: new TextEncoder().encode(typed) });
const SHIFT = key(true, 42);

test("a character that needs Shift gets it until the next key", () => {
  const hands = injector.enter();
  hands.apply(symbol(0x41));
  hands.apply(symbol(0x41, false));
  expect(port.take()).toEqual(["key 50 down", "key 38 down", "|", "key 50 up", "key 38 up", "|"]);
});

test("Shift that is held is taken from a character that must not have it, and given back", () => {
  const hands = injector.enter();
  hands.apply(SHIFT);
  hands.apply(symbol(0x61));
  hands.apply(symbol(0x61, false));
  expect(port.take().filter((request) => request !== "|")).toEqual([
    "key 50 down",
    "key 50 up",
    "key 38 down",
    "key 50 down",
    "key 38 up",
  ]);
});

test("Shift that is held serves a character that needs it, and AltGr is pressed for one of the third level", () => {
  const hands = injector.enter();
  hands.apply(SHIFT);
  hands.apply(symbol(0x41));
  expect(port.take().filter((request) => request !== "|")).toEqual(["key 50 down", "key 38 down"]);
  hands.releaseAll();
  port.take();
  hands.apply(symbol(0x40));
  expect(port.take()).toEqual(["key 92 down", "key 24 down", "|"]);
  hands.releaseAll();
  expect(port.take()).toEqual(["key 92 up", "key 24 up", "|"]);
});

test("committed text is typed in order", () => {
  const hands = injector.enter();
  hands.apply(text("aAж"));
  expect(port.take().filter((request) => request.endsWith("down"))).toEqual([
    "key 38 down",
    "key 50 down",
    "key 38 down",
    "key 200 down",
  ]);
  expect(hands.holding).toBe(false);
});

test("the lock keys are as the viewer that presses has them", () => {
  const [one, two] = [injector.enter(), injector.enter()];
  one.apply({ type: "locks", caps: true, num: false });
  two.apply({ type: "locks", caps: false, num: true });
  port.take();
  for (const hands of [one, two, one]) {
    hands.apply(key(true));
    hands.apply(key(false));
  }
  expect(port.take().filter((request) => request.startsWith("locks"))).toEqual([
    "locks caps -",
    "locks - num",
    "locks caps -",
  ]);
});

test("text that is no UTF-8 is refused", () => {
  expect(() => injector.enter().apply({ type: "text", text: Uint8Array.of(0xc3) })).toThrow("UTF-8");
});

test("what waits for a spare key holds up the keys behind it, but no button, and is dropped with its viewer", () => {
  vi.useFakeTimers();
  let waitMs = 300;
  const board = { ...FAKE_KEYBOARD, bindWaitMs: () => waitMs };
  const hands = new Injector(port, board, () => ({ widthPx: 100, heightPx: 50 })).enter();
  hands.apply(text("жa"));
  hands.apply(button(true, 1));
  expect(port.take().filter((request) => request.endsWith("down"))).toEqual(["button 1 down"]);
  vi.advanceTimersByTime(299);
  waitMs = 0;
  expect(port.take().filter((request) => request.endsWith("down"))).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(port.take().filter((request) => request.endsWith("down"))).toEqual(["key 200 down", "key 38 down"]);
  waitMs = 300;
  hands.apply(text("ж"));
  hands.leave();
  vi.advanceTimersByTime(1000);
  expect(port.take().filter((request) => request.endsWith("down"))).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a pen is a mouse: it moves, its touch is a button, and the barrel makes another of it", () => {
  const hands = injector.enter();
  hands.apply(pen(1, 3));
  hands.apply(pen(2, 5, { touches: true, pressure: 9 }));
  expect(hands.holding).toBe(true);
  hands.apply(pen(3, 7, { touches: true, pressure: 90 }));
  hands.apply(pen(4, 7, { touches: true, barrel: true }));
  hands.apply(pen(5, 8, { tool: 0 }));
  expect(hands.holding).toBe(false);
  expect(port.take().filter((request) => request !== "|")).toEqual([
    "to 3,6",
    "to 5,6",
    "button 1 down",
    "to 7,6",
    "to 7,6",
    "button 1 up",
    "button 3 down",
    "to 8,6",
    "button 3 up",
  ]);
});

test("a pen that hovers lets go of nothing that the mouse holds", () => {
  const hands = injector.enter();
  hands.apply(button(true, 1));
  hands.apply(pen(2, 9));
  expect(port.take()).not.toContain("button 1 up");
});

test("a pen that counts is refused", () => {
  expect(() => injector.enter().apply(pen(1, 3, { epoch: 1 }))).toThrow("a pen that counts");
});

test("a pen's pressure goes to the tablet, and pointer and buttons too where the X server reads that", () => {
  const states: TabletState[] = [];
  const tablet = { name: "pen", set: (state: TabletState) => void states.push(state), close: () => undefined };
  const drawing = new Injector(port, FAKE_KEYBOARD, () => ({ widthPx: 100, heightPx: 50 }), tablet);
  const hands = drawing.enter();
  hands.apply(pen(1, 5, { touches: true, pressure: 0xffff }));
  expect(states.at(-1)?.get(0x18)).toBe(8191);
  expect(port.take()).toEqual(["to 5,6", "button 1 down", "|"]);
  drawing.tabletPoints = true;
  hands.releaseAll();
  expect(states.at(-1)?.size).toBe(0);
  port.take();
  hands.apply(pen(2, 9, { touches: true, pressure: 1 }));
  expect(states.at(-1)?.get(0x14a)).toBe(1);
  expect(hands.holding).toBe(true);
  expect(port.take()).toEqual(["|"]);
  hands.leave();
  expect(states.at(-1)?.size).toBe(0);
  expect(port.take()).toEqual(["|"]);
});

test("tells which position was taken last while the viewer counts", () => {
  const hands = injector.enter();
  expect(hands.counting).toBeUndefined();
  hands.apply({ type: "motion", sequence: 1, epoch: 1, x: 0, y: 0 });
  hands.apply({ type: "motion", sequence: 2, epoch: 1, x: 4, y: 4 });
  expect(hands.counting).toBe(2);
  hands.apply(button(true, 3));
  expect(hands.counting).toBeUndefined();
});
