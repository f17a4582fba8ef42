import fc from "fast-check";
import { expect, it } from "vitest";
import { characterKeysym, deadKeysym, keysymOf } from "./keysyms.ts";

it("gives Latin-1 characters their own code", () => {
  expect(keysymOf("a", 0)).toBe(0x61);
  expect(keysymOf("ü", 0)).toBe(0xfc);
});

it("gives other characters the Unicode keysym, beyond 16 bits too", () => {
  expect(keysymOf("€", 0)).toBe(0x010020ac);
  expect(keysymOf("ж", 0)).toBe(0x01000436);
  expect(keysymOf("😀", 0)).toBe(0x0101f600);
});

it("tells left from right and keypad from the rest", () => {
  expect(keysymOf("Shift", 1)).toBe(0xffe1);
  expect(keysymOf("Shift", 2)).toBe(0xffe2);
  expect(keysymOf("Enter", 0)).toBe(0xff0d);
  expect(keysymOf("Enter", 3)).toBe(0xff8d);
  expect(keysymOf("5", 3)).toBe(0xffb5);
  expect(keysymOf("Clear", 3)).toBe(0xff9d);
});

it("knows function keys up to F35", () => {
  expect(keysymOf("F1", 0)).toBe(0xffbe);
  expect(keysymOf("F24", 0)).toBe(0xffd5);
  expect(keysymOf("F36", 0)).toBe(0);
});

it("has none for keys without a meaning of their own", () => {
  for (const key of ["Dead", "Unidentified", "Process", "constructor", "toString", ""])
    expect(keysymOf(key, 0)).toBe(0);
});

it("names dead keys by their accent", () => {
  expect(deadKeysym("^")).toBe(0xfe52);
  expect(deadKeysym("x")).toBe(0);
  expect(deadKeysym(undefined)).toBe(0);
});

it("always gives a keysym that the protocol can carry", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 12 }), fc.integer({ min: 0, max: 3 }), (key, location) => {
      const keysym = keysymOf(key, location);
      expect(Number.isInteger(keysym) && keysym >= 0 && keysym <= 0xffff_ffff).toBe(true);
    }),
  );
});

it("gives no two characters the same keysym", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0xa0, max: 0x10ffff }), fc.integer({ min: 0xa0, max: 0x10ffff }), (a, b) => {
      expect(characterKeysym(a) === characterKeysym(b)).toBe(a === b);
    }),
  );
});
