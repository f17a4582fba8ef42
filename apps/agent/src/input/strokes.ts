// Types keysyms: finds the key, sees to the modifiers that it needs, and gives back those that hands hold. Owned by `injector.ts`,
// whose held keys it asks for; out it goes through the same port. What was changed stays so until the next key or button,
// so that a held character repeats as itself.

import { isCharacter } from "./keymap.ts";
import type { InputPort, Keyboard } from "./types.ts";

export class Strokes {
  readonly #port: InputPort;
  readonly #keyboard: Keyboard;
  readonly #isHeld: (keycode: number) => boolean;
  /** Modifiers that are down although no hand holds them, and up although one does. */
  #added: number[] = [];
  #lifted: number[] = [];

  constructor(port: InputPort, keyboard: Keyboard, isHeld: (keycode: number) => boolean) {
    this.#port = port;
    this.#keyboard = keyboard;
    this.#isHeld = isHeld;
  }

  /** How long this keysym is to wait, ms. */
  waitMs(keysym: number): number {
    return keysym === 0 || this.#keyboard.map.byKeysym.has(keysym) ? 0 : this.#keyboard.bindWaitMs(keysym);
  }

  /** Readies the modifiers; the keycode to press next, 0 when there is none. */
  prepare(keysym: number): number {
    this.settle();
    const { map } = this.#keyboard;
    const own = map.byKeysym.get(keysym);
    const stroke = own ?? this.#keyboard.bind(keysym);
    if (stroke === undefined) return 0;
    const character = isCharacter(keysym);
    if (character) this.#port.unlockCaps();
    // What is no character means the same with modifiers, but for spare keys.
    if (character || own === undefined) {
      this.#need(map.shiftKeys, stroke.shift);
      this.#need(map.level3Keys, stroke.level3);
    }
    return stroke.keycode;
  }

  /** These come next. */
  foresee(keysyms: readonly number[]): void {
    const { map } = this.#keyboard;
    const missing = keysyms.filter((keysym) => keysym !== 0 && !map.byKeysym.has(keysym));
    if (missing.length > 0) this.#keyboard.lend(missing);
  }

  /** The modifiers are as the hands hold them again. */
  settle(): void {
    for (const keycode of this.#added) if (!this.#isHeld(keycode)) this.#port.key(keycode, false);
    for (const keycode of this.#lifted) if (this.#isHeld(keycode)) this.#port.key(keycode, true);
    this.forget();
  }

  forget(): void {
    this.#added = [];
    this.#lifted = [];
  }

  #need(keycodes: readonly number[], needed: boolean): void {
    const held = keycodes.filter((keycode) => this.#isHeld(keycode));
    if (!needed) {
      for (const keycode of held) this.#port.key(keycode, false);
      this.#lifted.push(...held);
      return;
    }
    const [first] = keycodes;
    if (held.length > 0 || first === undefined) return;
    this.#port.key(first, true);
    this.#added.push(first);
  }
}
