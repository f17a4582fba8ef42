// Plays the viewers' input into the X server: who holds what, and where each pointer is. Messages come from
// `session/dispatch.ts`; decisions are `keymap.ts` and `pointer.ts`; out it goes through `x11/xtest.ts`.
// A key that two viewers hold goes up when the last of them lets go.

import type { InputMessage } from "@eglantine/protocol/input";
import { keycodeFor } from "./keymap.ts";
import { type Move, place, POINTER_AT_REST, type Position, turnWheel } from "./pointer.ts";
import type { InputPort, Keyboard, Screen, ViewerInput } from "./types.ts";

/** More keys than any hand holds; further presses are not taken. */
const HELD_MAX = 64;

export class Injector {
  readonly #port: InputPort;
  readonly #keyboard: Keyboard;
  readonly #screen: () => Screen;
  readonly #keyHolders = new Map<number, number>();
  readonly #buttonHolders = new Map<number, number>();
  readonly #viewers = new Set<ViewerHands>();

  constructor(port: InputPort, keyboard: Keyboard, screen: () => Screen) {
    this.#port = port;
    this.#keyboard = keyboard;
    this.#screen = screen;
  }

  /** The hands of a new viewer. `leave()` takes them off. */
  enter(): ViewerInput & { leave(): void } {
    const hands = new ViewerHands({
      key: (keycode, pressed) => this.#hold(this.#keyHolders, keycode, pressed, () => this.#port.key(keycode, pressed)),
      button: (button, pressed) =>
        this.#hold(this.#buttonHolders, button, pressed, () => this.#port.button(button, pressed)),
      click: (button) => {
        this.#port.button(button, true);
        this.#port.button(button, false);
      },
      move: (move) => this.#move(move),
      keycodeFor: (code, keysym) => keycodeFor(this.#keyboard, code, keysym),
      flush: () => this.#port.flush(),
    });
    this.#viewers.add(hands);
    return {
      get holding() {
        return hands.holding;
      },
      apply: (message) => hands.apply(message),
      releaseAll: () => hands.releaseAll(),
      leave: () => {
        hands.releaseAll();
        this.#viewers.delete(hands);
      },
    };
  }

  /** The X server has gone, and with it everything that was held. */
  forget(): void {
    this.#keyHolders.clear();
    this.#buttonHolders.clear();
    for (const hands of this.#viewers) hands.forget();
  }

  #hold(holders: Map<number, number>, id: number, pressed: boolean, send: () => void): void {
    const before = holders.get(id) ?? 0;
    const after = Math.max(0, before + (pressed ? 1 : -1));
    if (after === 0) holders.delete(id);
    else holders.set(id, after);
    if ((before === 0) !== (after === 0)) send();
  }

  #move(move: Move): void {
    if (move.kind === "by") {
      this.#port.moveBy(move.x, move.y);
      return;
    }
    const { widthPx, heightPx } = this.#screen();
    this.#port.moveTo(Math.max(0, Math.min(widthPx - 1, move.x)), Math.max(0, Math.min(heightPx - 1, move.y)));
  }
}

interface Outlet {
  key(keycode: number, pressed: boolean): void;
  button(button: number, pressed: boolean): void;
  click(button: number): void;
  move(move: Move): void;
  keycodeFor(code: number, keysym: number): number;
  flush(): void;
}

class ViewerHands implements ViewerInput {
  readonly #out: Outlet;
  /** Key as the viewer names it → keycode it was pressed with, so that it goes up as what it went down as. */
  readonly #keys = new Map<string, number>();
  readonly #buttons = new Set<number>();
  #pointer = POINTER_AT_REST;

  constructor(out: Outlet) {
    this.#out = out;
  }

  get holding(): boolean {
    return this.#keys.size > 0 || this.#buttons.size > 0;
  }

  apply(message: InputMessage): void {
    switch (message.type) {
      case "key":
        this.#key(message.code, message.keysym, message.pressed);
        break;
      case "releaseAll":
        this.releaseAll();
        return;
      case "button":
        this.#at(message, () => this.#button(message.button, message.pressed));
        break;
      case "wheel":
        this.#at(message, () => this.#wheel(message.deltaX, message.deltaY));
        break;
      case "motion":
        this.#at(message);
        break;
      case "ping":
      case "resume":
      case "held":
      case "clipboardBarrier":
        return;
    }
    this.#out.flush();
  }

  releaseAll(): void {
    for (const keycode of this.#keys.values()) this.#out.key(keycode, false);
    for (const button of this.#buttons) this.#out.button(button, false);
    this.forget();
    this.#out.flush();
  }

  forget(): void {
    this.#keys.clear();
    this.#buttons.clear();
  }

  #key(code: number, keysym: number, pressed: boolean): void {
    const name = code === 0 ? `keysym ${keysym}` : `place ${code}`;
    const held = this.#keys.get(name);
    if (!pressed) {
      if (held === undefined) return;
      this.#keys.delete(name);
      this.#out.key(held, false);
      return;
    }
    // A second press of a held key is the viewer's auto-repeat; the X server makes its own.
    if (held !== undefined || this.#keys.size >= HELD_MAX) return;
    const keycode = this.#out.keycodeFor(code, keysym);
    if (keycode === 0) return;
    this.#keys.set(name, keycode);
    this.#out.key(keycode, true);
  }

  #button(button: number, pressed: boolean): void {
    if (pressed === this.#buttons.has(button)) return;
    if (pressed) this.#buttons.add(button);
    else this.#buttons.delete(button);
    this.#out.button(button, pressed);
  }

  #wheel(deltaX: number, deltaY: number): void {
    const { state, clicks } = turnWheel(this.#pointer, deltaX, deltaY);
    this.#pointer = state;
    for (const button of clicks) this.#out.click(button);
  }

  #at(position: Position, act?: () => void): void {
    const { state, before, after } = place(this.#pointer, position, act !== undefined);
    this.#pointer = state;
    for (const move of before) this.#out.move(move);
    act?.();
    for (const move of after) this.#out.move(move);
  }
}
