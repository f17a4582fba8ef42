// Which X keycode a viewer's key is. Pure. Fed by `x11/keyboard.ts`, asked by `injector.ts`.
// The physical place decides, so that the desktop's own layout says what a key means, as on a real machine. The server
// names places by XKB key names; one that can't be asked is taken for evdev, whose keycodes are the wire's ids plus 8.
// A key without a place (text, on-screen keyboards) is looked up by its keysym at all levels that Shift and AltGr reach.

import { KEYS } from "@eglantine/protocol/keys";
import type { KeyboardMap, Stroke } from "./types.ts";

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

export const NO_KEYBOARD: KeyboardMap = { byPlace: new Map(), byKeysym: new Map(), shiftKeys: [], level3Keys: [] };

const SHIFT_L = 0xffe1;
const SHIFT_R = 0xffe2;
const LEVEL3_SHIFT = 0xfe03;
/**
 * Columns of the core mapping that an XKB server makes of two groups: two levels of the first, two of the second, then the levels
 * that ISO_Level3_Shift adds to the first, and to the second.
 */
const LEVELS = [
  { column: 0, shift: false, level3: false },
  { column: 1, shift: true, level3: false },
  { column: 4, shift: false, level3: true },
  { column: 5, shift: true, level3: true },
] as const;
const GROUP_COLUMNS = 2;
const GROUPS = 2;

/** `group`: the XKB group in use. */
export function keyboardMapOf(facts: KeyboardFacts, group = 0): KeyboardMap {
  const byPlace = new Map<number, number>();
  for (const { id, xkb } of Object.values(KEYS)) {
    const keycode = facts.names === undefined ? id + EVDEV_OFFSET : facts.names.get(xkb);
    if (keycode !== undefined && keycode >= facts.minKeycode && keycode <= facts.maxKeycode) byPlace.set(id, keycode);
  }
  const keysOf = (...keysyms: readonly number[]): number[] =>
    facts.keysyms.flatMap((row, index) => (keysyms.includes(row[0] ?? 0) ? [facts.minKeycode + index] : []));
  const [shiftKeys, level3Keys] = [keysOf(SHIFT_L, SHIFT_R), keysOf(LEVEL3_SHIFT)];
  const byKeysym = new Map<number, Stroke>();
  for (const { column, shift, level3 } of group < GROUPS ? LEVELS : []) {
    if ((shift && shiftKeys.length === 0) || (level3 && level3Keys.length === 0)) continue;
    for (const [index, row] of facts.keysyms.entries()) {
      const keysym = row[column + group * GROUP_COLUMNS] ?? 0;
      if (keysym === 0 || byKeysym.has(keysym)) continue;
      // What Shift makes of a key that is no character is often no level of it: Shift+Tab.
      if ((shift || level3) && !isCharacter(keysym)) continue;
      byKeysym.set(keysym, { keycode: facts.minKeycode + index, shift, level3 });
    }
  }
  return { byPlace, byKeysym, shiftKeys, level3Keys };
}

/** Keysyms that stand for a character: Latin-1, the older alphabets, Unicode (keysymdef.h). */
export function isCharacter(keysym: number): boolean {
  return (keysym >= 0x20 && keysym < 0xfe00) || (keysym >= 0x0100_0000 && keysym <= 0x0110_ffff);
}

/** The keysym of a character; 0 for one that no key types. */
export function characterKeysym(codePoint: number): number {
  if (codePoint === 0x0a || codePoint === 0x0d) return 0xff0d;
  if (codePoint === 0x09) return 0xff09;
  if (codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0)) return 0;
  return codePoint <= 0xff ? codePoint : 0x0100_0000 + codePoint;
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

/** Keycode of a place; 0 when the server has no such key. */
export function keycodeOfPlace(map: KeyboardMap, code: number): number {
  return (code === 0 ? undefined : map.byPlace.get(code)) ?? 0;
}
