import type { InputMessage } from "@eglantine/protocol/input";
import { beforeEach, expect, test } from "vitest";
import { FAKE_KEYBOARD, FakePort } from "../testing/fake-desktop.ts";
import { Injector } from "./injector.ts";

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
  const hands = injector.enter();
  for (let keysym = 1; keysym <= 1000; keysym += 1) hands.apply(key(true, 0, 0x2000 + keysym));
  const pressed = port.take().filter((request) => request.endsWith("down"));
  hands.leave();
  expect(port.take().filter((request) => request.endsWith("up"))).toHaveLength(pressed.length);
});
