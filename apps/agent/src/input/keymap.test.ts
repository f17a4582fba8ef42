import { KEYS } from "@eglantine/protocol/keys";
import { expect, test } from "vitest";
import { characterKeysym, keyboardMapOf, type KeyboardFacts, keycodeOfPlace, spareKeycodes } from "./keymap.ts";

const NONE: KeyboardFacts = { minKeycode: 8, maxKeycode: 255, names: undefined, keysyms: [] };

test("a place is the keycode that the server's key name has", () => {
  const map = keyboardMapOf({ ...NONE, names: new Map([["AC01", 54]]) });
  expect(keycodeOfPlace(map, KEYS.KeyA.id)).toBe(54);
  expect(keycodeOfPlace(map, KEYS.KeyQ.id)).toBe(0);
  expect(keycodeOfPlace(map, 0)).toBe(0);
});

test("a server that names no keys is taken for evdev", () => {
  expect(keycodeOfPlace(keyboardMapOf(NONE), KEYS.KeyA.id)).toBe(38);
  expect(keycodeOfPlace(keyboardMapOf(NONE), KEYS.ArrowUp.id)).toBe(111);
});

test("every key of the table is within a server's keycodes, or left out", () => {
  for (const keycode of keyboardMapOf(NONE).byPlace.values()) {
    expect(keycode).toBeGreaterThanOrEqual(8);
    expect(keycode).toBeLessThanOrEqual(255);
  }
});

test("a keysym is found at every level that Shift and AltGr reach, with the fewest modifiers", () => {
  const { byKeysym, shiftKeys, level3Keys } = keyboardMapOf({
    ...NONE,
    keysyms: [[0xffe1], [0xfe03], [0x71, 0x51, 0x71, 0x51, 0x40, 0x7d9], [0x3c, 0x40]],
  });
  expect(shiftKeys).toEqual([8]);
  expect(level3Keys).toEqual([9]);
  expect(byKeysym.get(0x71)).toEqual({ keycode: 10, shift: false, level3: false });
  expect(byKeysym.get(0x51)).toEqual({ keycode: 10, shift: true, level3: false });
  expect(byKeysym.get(0x7d9)).toEqual({ keycode: 10, shift: true, level3: true });
  expect(byKeysym.get(0x40)).toEqual({ keycode: 11, shift: true, level3: false });
});

test("without the modifier a level is out of reach", () => {
  const { byKeysym } = keyboardMapOf({ ...NONE, keysyms: [[0x71, 0x51, 0, 0, 0x40]] });
  expect([...byKeysym.keys()]).toEqual([0x71]);
});

test("what Shift makes of a key that is no character is not looked for", () => {
  const { byKeysym } = keyboardMapOf({ ...NONE, keysyms: [[0xffe1], [0xff09, 0xfe20]] });
  expect([...byKeysym.keys()]).toEqual([0xffe1, 0xff09]);
});

test("the group in use is looked in", () => {
  const facts = { ...NONE, keysyms: [[0x61, 0x41, 0x6c6, 0x6e6]] };
  expect([...keyboardMapOf(facts, 0).byKeysym.keys()]).toEqual([0x61]);
  expect([...keyboardMapOf(facts, 1).byKeysym.keys()]).toEqual([0x6c6]);
  expect(keyboardMapOf(facts, 2).byKeysym.size).toBe(0);
});

test("every character has a keysym, control characters only Enter and Tab", () => {
  expect([0x0a, 0x09, 0x41, 0xf6, 0x430, 0x1f600].map(characterKeysym)).toEqual([
    0xff0d, 0xff09, 0x41, 0xf6, 0x0100_0430, 0x0101_f600,
  ]);
  expect([0, 0x1b, 0x7f, 0x9f].map(characterKeysym)).toEqual([0, 0, 0, 0]);
});

test("spare keys have no keysym and no place of ours", () => {
  const facts = { ...NONE, names: new Map([["AC01", 9]]), keysyms: [[0x61], [0], [0, 0], []] };
  expect(spareKeycodes(facts)).toEqual([11, 10]);
});
