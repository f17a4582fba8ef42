// Which keysyms stand on the keys that the layout leaves empty. Pure bookkeeping: asked by `x11/keyboard.ts`, which tells the X server what
// changes. Each key takes two keysyms, the second with Shift. Adding one harms nobody; a key is emptied for others only when every program
// has had time to read what it gave.

import type { Stroke } from "./types.ts";

/** A program that is slow to read the new mapping still finds what a spare key gave when it was pressed, ms. */
const KEPT_MS = 1000;

interface SpareKey {
  readonly keycode: number;
  /** Without and with Shift. */
  readonly keysyms: number[];
  usedMs: number;
}

/** Both levels of a key: without and with Shift. */
export type KeyLevels = readonly [number, number];

export class SpareKeys {
  readonly #levels: 1 | 2;
  /** The longest unused first. */
  readonly #keys: Map<number, SpareKey>;
  readonly #bySymbol = new Map<number, SpareKey>();

  /** `shift`: the desktop has a key for it. */
  constructor(keycodes: readonly number[] = [], shift = false) {
    this.#levels = shift ? 2 : 1;
    this.#keys = new Map(keycodes.map((keycode) => [keycode, { keycode, keysyms: [], usedMs: -KEPT_MS }]));
  }

  /** Keys that have something on them. */
  get lent(): ReadonlySet<number> {
    return new Set([...this.#bySymbol.values()].map(({ keycode }) => keycode));
  }

  /** How to type what was lent. It counts as used now. */
  take(keysym: number, nowMs: number): Stroke | undefined {
    const key = this.#bySymbol.get(keysym);
    if (key === undefined) return undefined;
    this.#touch(key, nowMs);
    return { keycode: key.keycode, shift: key.keysyms.indexOf(keysym) === 1, level3: false };
  }

  /** Finds places for as many of these as there are now, in their order; what the X server must be told. */
  lend(keysyms: Iterable<number>, nowMs: number): ReadonlyMap<number, KeyLevels> {
    const changed = new Map<number, KeyLevels>();
    const wanted = new Set(keysyms);
    // None of these is emptied for another.
    for (const keysym of wanted) this.take(keysym, nowMs);
    for (const keysym of wanted) {
      if (this.#bySymbol.has(keysym)) continue;
      const key = this.#vacant(nowMs);
      if (key === undefined) break;
      key.keysyms.push(keysym);
      this.#bySymbol.set(keysym, key);
      this.#touch(key, nowMs);
      const [first = 0, second = first] = key.keysyms;
      changed.set(key.keycode, [first, second]);
    }
    return changed;
  }

  /** How long this keysym must wait until `lend` finds a place, ms. */
  waitMs(keysym: number, nowMs: number): number {
    if (this.#bySymbol.has(keysym)) return 0;
    let leastMs = Number.POSITIVE_INFINITY;
    for (const key of this.#keys.values()) {
      leastMs = Math.min(leastMs, key.keysyms.length < this.#levels ? 0 : key.usedMs + KEPT_MS - nowMs);
    }
    return leastMs === Number.POSITIVE_INFINITY ? 0 : Math.max(0, Math.ceil(leastMs));
  }

  /** A key with room; else the one that is unused for longest, emptied. */
  #vacant(nowMs: number): SpareKey | undefined {
    let half: SpareKey | undefined;
    let empty: SpareKey | undefined;
    let old: SpareKey | undefined;
    for (const key of this.#keys.values()) {
      if (key.keysyms.length === 0) empty ??= key;
      else if (key.keysyms.length < this.#levels) half ??= key;
      else if (nowMs - key.usedMs >= KEPT_MS) old ??= key;
    }
    const key = half ?? empty ?? old;
    if (key !== undefined && key === old) {
      for (const keysym of key.keysyms) this.#bySymbol.delete(keysym);
      key.keysyms.length = 0;
    }
    return key;
  }

  #touch(key: SpareKey, nowMs: number): void {
    key.usedMs = nowMs;
    this.#keys.delete(key.keycode);
    this.#keys.set(key.keycode, key);
  }
}
