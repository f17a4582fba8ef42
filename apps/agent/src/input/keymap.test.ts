import { KEYS } from "@eglantine/protocol/keys";
import { expect, test } from "vitest";
import { keyboardMapOf, keycodeFor, type KeyboardFacts, spareKeycodes } from "./keymap.ts";

const NONE: KeyboardFacts = { minKeycode: 8, maxKeycode: 255, names: undefined, keysyms: [] };

function keyboard(facts: Partial<KeyboardFacts>) {
  const asked: number[] = [];
  const map = keyboardMapOf({ ...NONE, ...facts });
  const bind = (keysym: number) => {
    asked.push(keysym);
    return 99;
  };
  return { asked, keyboard: { map, bind } };
}

test("a place is the keycode that the server's key name has", () => {
  const { keyboard: board } = keyboard({ names: new Map([["AC01", 54]]) });
  expect(keycodeFor(board, KEYS.KeyA.id, 0x71)).toBe(54);
});

test("a server that names no keys is taken for evdev", () => {
  expect(keycodeFor(keyboard({}).keyboard, KEYS.KeyA.id, 0)).toBe(38);
  expect(keycodeFor(keyboard({}).keyboard, KEYS.ArrowUp.id, 0)).toBe(111);
});

test("every key of the table is within a server's keycodes, or left out", () => {
  for (const keycode of keyboardMapOf(NONE).byPlace.values()) {
    expect(keycode).toBeGreaterThanOrEqual(8);
    expect(keycode).toBeLessThanOrEqual(255);
  }
});

test("a key without a place is found by its keysym", () => {
  const { keyboard: board, asked } = keyboard({
    keysyms: [
      [0x31, 0x21],
      [0x61, 0x41],
    ],
  });
  expect(keycodeFor(board, 0, 0x61)).toBe(9);
  expect(asked).toEqual([]);
});

test("a keysym that no key gives without modifiers is put on a spare key", () => {
  const { keyboard: board, asked } = keyboard({ keysyms: [[0x61, 0x41]] });
  expect(keycodeFor(board, 0, 0x41)).toBe(99);
  expect(asked).toEqual([0x41]);
});

test("a place that the server lacks falls back to the keysym", () => {
  const { keyboard: board } = keyboard({ names: new Map([["AC01", 38]]), keysyms: [[0x71]] });
  expect(keycodeFor(board, KEYS.KeyQ.id, 0x71)).toBe(8);
});

test("neither place nor keysym is no key", () => {
  const { keyboard: board, asked } = keyboard({});
  expect(keycodeFor(board, 0, 0)).toBe(0);
  expect(keycodeFor(board, 60_000, 0)).toBe(0);
  expect(asked).toEqual([]);
});

test("spare keys have no keysym and no place of ours", () => {
  const facts = { ...NONE, names: new Map([["AC01", 9]]), keysyms: [[0x61], [0], [0, 0], []] };
  expect(spareKeycodes(facts)).toEqual([11, 10]);
});
