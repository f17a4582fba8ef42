import type { InputMessage } from "@eglantine/protocol/input";
import { expect, test } from "vitest";
import { onDesktop, spotInWindow, spotOnDesktop } from "./at-origin.ts";

const region = { xPx: 1280, yPx: 200, widthPx: 800, heightPx: 600 };
const motion: InputMessage = { type: "motion", sequence: 1, epoch: 0, x: 10, y: 20 };

test("a window's positions are its monitor's", () => {
  expect(onDesktop(motion, region)).toMatchObject({ x: 1290, y: 220 });
  expect(onDesktop({ ...motion, type: "button", button: 1, pressed: true }, region)).toMatchObject({ x: 1290, y: 220 });
  expect(onDesktop({ ...motion, type: "wheel", deltaX: 0, deltaY: 120 }, region)).toMatchObject({ x: 1290, y: 220 });
});

test("a pen's positions are its monitor's too", () => {
  const still = { tool: 1, touches: true, barrel: false, second: false, pressure: 9, tiltX: 0, tiltY: 0, twist: 0 };
  const pen: InputMessage = { type: "pen", sequence: 1, epoch: 0, x: 1, y: 2, ...still };
  expect(onDesktop(pen, region)).toMatchObject({ type: "pen", x: 1281, y: 202, pressure: 9 });
});

test("places go there and back", () => {
  expect(spotOnDesktop({ xPx: 5, yPx: 6 }, region)).toEqual({ xPx: 1285, yPx: 206 });
  expect(spotInWindow({ xPx: 1285, yPx: 100 }, region)).toEqual({ xPx: 5, yPx: -100 });
  expect(spotOnDesktop({ xPx: 5, yPx: 6 }, undefined)).toEqual({ xPx: 5, yPx: 6 });
  expect(spotInWindow({ xPx: 5, yPx: 6 }, undefined)).toEqual({ xPx: 5, yPx: 6 });
});

test("positions beyond the window are on the monitor beside", () => {
  expect(onDesktop({ ...motion, x: -30, y: 650 }, region)).toMatchObject({ x: 1250, y: 850 });
});

test("a window that shows all of the desktop, counts of a locked pointer, and keys are left alone", () => {
  expect(onDesktop(motion, undefined)).toBe(motion);
  const locked = { ...motion, epoch: 3 };
  expect(onDesktop(locked, region)).toBe(locked);
  const key: InputMessage = { type: "key", pressed: true, code: 30, keysym: 0 };
  expect(onDesktop(key, region)).toBe(key);
});
