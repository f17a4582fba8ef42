import { expect, test } from "vitest";
import { isPasteKey, type PressedKey } from "./paste-keys.ts";

const NONE: PressedKey = {
  code: "KeyV",
  key: "v",
  ctrlKey: false,
  shiftKey: false,
  altKey: false,
  metaKey: false,
  repeat: false,
};

test.each<[string, Partial<PressedKey>]>([
  ["Ctrl+V", { ctrlKey: true }],
  ["Ctrl+V with Caps Lock", { ctrlKey: true, key: "V" }],
  ["Ctrl+Shift+V, as terminals have it", { ctrlKey: true, shiftKey: true, key: "V" }],
  ["Command+V", { metaKey: true }],
  ["Shift+Insert", { shiftKey: true, code: "Insert", key: "Insert" }],
  ["Ctrl+V where V is on another place", { ctrlKey: true, code: "Period" }],
  ["Ctrl+V on a Cyrillic layout", { ctrlKey: true, key: "м" }],
])("%s pastes", (_name, keys) => {
  expect(isPasteKey({ ...NONE, ...keys })).toBe(true);
});

test.each<[string, Partial<PressedKey>]>([
  ["V alone", {}],
  ["Alt+V", { altKey: true }],
  ["AltGr, which is Ctrl+Alt on Windows", { ctrlKey: true, altKey: true }],
  ["Ctrl+Command+V", { ctrlKey: true, metaKey: true }],
  ["Ctrl and another letter on the place of V", { ctrlKey: true, key: "k" }],
  ["Insert alone", { code: "Insert", key: "Insert" }],
  ["Ctrl+Insert, which copies", { ctrlKey: true, code: "Insert", key: "Insert" }],
  ["a repeat", { ctrlKey: true, repeat: true }],
])("%s does not", (_name, keys) => {
  expect(isPasteKey({ ...NONE, ...keys })).toBe(false);
});
