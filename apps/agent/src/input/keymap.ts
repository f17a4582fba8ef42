// Which X keycode a viewer's key is. Pure. Fed by `x11/keyboard.ts`, asked by `injector.ts`.
// The physical place decides, so that the desktop's own layout says what a key means, as on a real machine. The server
// names places by XKB key names; one that can't be asked is taken for evdev, whose keycodes are the wire's ids plus 8.
// A key without a place (on-screen keyboards, input methods) is looked up by its keysym.

import { KEYS } from "@eglantine/protocol/keys";
import type { Keyboard, KeyboardMap } from "./types.ts";

/** Origin: X keycodes start at 8, and xf86-input-evdev adds that to the kernel's codes. */
const EVDEV_OFFSET = 8;

export interface KeyboardFacts {
  readonly minKeycode: number;
  readonly maxKeycode: number;
  /** XKB key name → keycode, aliases included; undefined when the server could not be asked. */
  readonly names: ReadonlyMap<string, number> | undefined;
  /** Core mapping: row i has the keysyms of keycode minKeycode + i. */
  readonly keysyms: readonly (readonly number[])[];
}

export const NO_KEYBOARD: KeyboardMap = { byPlace: new Map(), byKeysym: new Map() };

export function keyboardMapOf(facts: KeyboardFacts): KeyboardMap {
  const byPlace = new Map<number, number>();
  for (const { id, xkb } of Object.values(KEYS)) {
    const keycode = facts.names === undefined ? id + EVDEV_OFFSET : facts.names.get(xkb);
    if (keycode !== undefined && keycode >= facts.minKeycode && keycode <= facts.maxKeycode) byPlace.set(id, keycode);
  }
  const byKeysym = new Map<number, number>();
  for (const [index, row] of facts.keysyms.entries()) {
    const keysym = row[0] ?? 0;
    if (keysym !== 0 && !byKeysym.has(keysym)) byKeysym.set(keysym, facts.minKeycode + index);
  }
  return { byPlace, byKeysym };
}

/** Keycodes that no keysym stands on, highest first: the low ones are more likely to be real keys. */
export function spareKeycodes(facts: KeyboardFacts): number[] {
  const spare: number[] = [];
  for (const [index, row] of facts.keysyms.entries()) {
    if (row.every((keysym) => keysym === 0)) spare.push(facts.minKeycode + index);
  }
  const named = new Set(facts.names === undefined ? [] : Object.values(KEYS).map(({ xkb }) => facts.names?.get(xkb)));
  return spare.filter((keycode) => !named.has(keycode)).sort((a, b) => b - a);
}

/** Keycode for a key message; 0 when the server has no such key and none can be made. */
export function keycodeFor(keyboard: Keyboard, code: number, keysym: number): number {
  const byPlace = code === 0 ? undefined : keyboard.map.byPlace.get(code);
  if (byPlace !== undefined) return byPlace;
  if (keysym === 0) return 0;
  return keyboard.map.byKeysym.get(keysym) ?? keyboard.bind(keysym);
}
