import { expect, it } from "vitest";
import { keyboardMode } from "./keyboard-mode.ts";

const none = { pointer: false, keyboard: false };

it("makes text of keys by itself, but while the pointer is locked or a program has grabbed something", () => {
  const mode = (locked: boolean, grabs: typeof none | undefined) => keyboardMode("auto", { locked, grabs }).mode;
  expect(mode(false, undefined)).toBe("text");
  expect(mode(false, none)).toBe("text");
  expect(mode(true, none)).toBe("physical");
  expect(mode(false, { ...none, pointer: true })).toBe("physical");
  expect(mode(false, { ...none, keyboard: true })).toBe("physical");
});

it("keeps to what the user chose", () => {
  expect(keyboardMode("text", { locked: true, grabs: { pointer: true, keyboard: true } }).mode).toBe("text");
  expect(keyboardMode("physical", { locked: false, grabs: none }).mode).toBe("physical");
});
