// Plays the viewers' input into the X server: who holds what, and where each pointer is. Messages come from
// `session/dispatch.ts`; decisions are `keymap.ts` and `pointer.ts`; out it goes through `x11/xtest.ts`.
// A key that two viewers hold goes up when the last of them lets go.

import { ProtocolError } from "@eglantine/protocol/field";
import type { InputMessage } from "@eglantine/protocol/input";
import { characterKeysym, keycodeOfPlace } from "./keymap.ts";
import { type Move, place, POINTER_AT_REST, type Position, turnWheel } from "./pointer.ts";
import { Strokes } from "./strokes.ts";
import { mouseButtons, PEN_AWAY, type PenMessage, tabletState } from "./tablet.ts";
import type { InputPort, Keyboard, Locks, Screen, Tablet, ViewerInput } from "./types.ts";

/** More keys than any hand holds; further presses are not taken. */
const HELD_MAX = 64;
/** Keys and characters that wait for a spare key at most; further ones are not taken. */
const WAITING_MAX = 4096;

export class Injector {
  readonly #port: InputPort;
  readonly #keyboard: Keyboard;
  readonly #screen: () => Screen;
  readonly #keyHolders = new Map<number, number>();
  readonly #buttonHolders = new Map<number, number>();
  readonly #strokes: Strokes;
  readonly #viewers = new Set<ViewerHands>();
  readonly #tablet: Tablet | undefined;
  /** The X server reads the tablet: pointer and buttons come from there. */
  tabletPoints = false;

  constructor(port: InputPort, keyboard: Keyboard, screen: () => Screen, tablet?: Tablet) {
    this.#tablet = tablet;
    this.#port = port;
    this.#keyboard = keyboard;
    this.#screen = screen;
    this.#strokes = new Strokes(port, keyboard, (keycode) => this.#keyHolders.has(keycode));
  }

  /** The hands of a new viewer. `leave()` takes them off. */
  enter(): ViewerInput & { readonly counting: number | undefined; leave(): void } {
    const hands = new ViewerHands({
      key: (keycode, pressed) => {
        this.#strokes.settle();
        this.#key(keycode, pressed);
      },
      button: (button, pressed) => {
        this.#strokes.settle();
        this.#hold(this.#buttonHolders, button, pressed, () => this.#port.button(button, pressed));
      },
      click: (button) => {
        this.#strokes.settle();
        this.#port.button(button, true);
        this.#port.button(button, false);
      },
      move: (move) => this.#move(move),
      pen: (pen) => {
        this.#tablet?.set(pen === undefined ? PEN_AWAY : tabletState(pen, this.#screen()));
        return this.#tablet !== undefined && this.tabletPoints;
      },
      keycodeOfPlace: (code) => keycodeOfPlace(this.#keyboard.map, code),
      strike: (keysym) => this.#strike(keysym),
      setLocks: (locks) => this.#port.setLocks(locks),
      foresee: (keysyms) => this.#strokes.foresee(keysyms),
      waitMs: (keysym) => this.#strokes.waitMs(keysym),
      flush: () => this.#port.flush(),
    });
    this.#viewers.add(hands);
    return {
      get holding() {
        return hands.holding;
      },
      get counting() {
        return hands.counting;
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
    this.#strokes.forget();
    for (const hands of this.#viewers) hands.forget();
  }

  #key(keycode: number, pressed: boolean): void {
    this.#hold(this.#keyHolders, keycode, pressed, () => this.#port.key(keycode, pressed));
  }

  /** Presses what gives the keysym; 0 when nothing does. */
  #strike(keysym: number): number {
    const keycode = this.#strokes.prepare(keysym);
    if (keycode === 0) return 0;
    // Two of the viewer's keys may be one of the desktop's, with and without Shift: the second is a press of its own.
    if (this.#keyHolders.has(keycode)) {
      this.#port.key(keycode, false);
      this.#port.key(keycode, true);
    }
    this.#key(keycode, true);
    return keycode;
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
  /** Undefined: it is taken away. True: pointer and buttons follow it by themselves. */
  pen(pen: PenMessage | undefined): boolean;
  keycodeOfPlace(code: number): number;
  strike(keysym: number): number;
  setLocks(locks: Locks): void;
  foresee(keysyms: readonly number[]): void;
  waitMs(keysym: number): number;
  flush(): void;
}

/** `keysym`: what it needs a key for; 0 where it waits for none. */
interface Act {
  readonly keysym: number;
  readonly run: () => void;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new ProtocolError("text is not UTF-8", { cause: error });
  }
}

class ViewerHands implements ViewerInput {
  readonly #out: Outlet;
  /** Key as the viewer names it → keycode it was pressed with, so that it goes up as what it went down as. */
  readonly #keys = new Map<string, number>();
  readonly #buttons = new Set<number>();
  #pen: PenMessage | undefined;
  /** What of the buttons the pen holds. */
  #penButtons: readonly number[] = [];
  /** Keys and characters in their order, behind one that waits for a spare key. */
  readonly #waiting: Act[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** As this viewer has them; unknown of older ones. */
  #locks: Locks | undefined;
  #pointer = POINTER_AT_REST;

  constructor(out: Outlet) {
    this.#out = out;
  }

  get holding(): boolean {
    const pen = this.#pen;
    const penHolds = pen !== undefined && (pen.touches || pen.barrel || pen.second);
    return this.#keys.size > 0 || this.#buttons.size > 0 || penHolds;
  }

  /** The last position that was taken, while the viewer counts instead of pointing. */
  get counting(): number | undefined {
    const { absolute, epoch, sequence } = this.#pointer;
    return absolute === undefined && epoch !== 0 ? sequence : undefined;
  }

  apply(message: InputMessage): void {
    switch (message.type) {
      case "key":
        this.#act({
          keysym: message.pressed && this.#out.keycodeOfPlace(message.code) === 0 ? message.keysym : 0,
          run: () => this.#key(message.code, message.keysym, message.pressed),
        });
        break;
      case "text":
        this.#text(textOf(message.text));
        break;
      case "locks":
        this.#act({ keysym: 0, run: () => void (this.#locks = message) });
        break;
      case "releaseAll":
        this.#act({ keysym: 0, run: () => this.#letGo() });
        break;
      case "button":
        this.#at(message, () => this.#button(message.button, message.pressed));
        break;
      case "wheel":
        this.#at(message, () => this.#wheel(message.deltaX, message.deltaY));
        break;
      case "motion":
        this.#at(message);
        break;
      case "pen":
        this.#takePen(message);
        break;
      case "ping":
      case "resume":
      case "held":
      case "clipboardBarrier":
      case "padConnect":
      case "padDisconnect":
      case "padState":
      case "padAxes":
        return;
    }
    this.#out.flush();
  }

  releaseAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.length = 0;
    this.#letGo();
    this.#out.flush();
  }

  #letGo(): void {
    for (const keycode of this.#keys.values()) this.#out.key(keycode, false);
    for (const button of this.#buttons) this.#out.button(button, false);
    this.#keys.clear();
    this.#buttons.clear();
    this.#penButtons = [];
    if (this.#pen !== undefined) this.#out.pen(undefined);
    this.#pen = undefined;
  }

  forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.length = 0;
    this.#keys.clear();
    this.#buttons.clear();
    this.#pen = undefined;
    this.#penButtons = [];
  }

  #text(text: string): void {
    const keysyms = Array.from(text, (character) => characterKeysym(character.codePointAt(0) ?? 0));
    if (this.#waiting.length === 0) this.#out.foresee(keysyms);
    for (const keysym of keysyms) if (keysym !== 0) this.#type(keysym);
  }

  #type(keysym: number): void {
    this.#act({
      keysym,
      run: () => {
        const keycode = this.#out.strike(keysym);
        if (keycode !== 0) this.#out.key(keycode, false);
      },
    });
  }

  /** At once, or in its turn behind what waits. */
  #act(act: Act): void {
    if (this.#waiting.length === 0 && this.#out.waitMs(act.keysym) === 0) act.run();
    else if (this.#waiting.length < WAITING_MAX) {
      this.#waiting.push(act);
      this.#await();
    }
  }

  #await(): void {
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#out.foresee(this.#waiting.map(({ keysym }) => keysym));
      let act = this.#waiting[0];
      while (act !== undefined && this.#out.waitMs(act.keysym) === 0) {
        this.#waiting.shift();
        act.run();
        act = this.#waiting[0];
      }
      this.#out.flush();
      this.#await();
    }, this.#out.waitMs(next.keysym));
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
    // Another viewer, or a program, may have changed them.
    if (this.#locks !== undefined) this.#out.setLocks(this.#locks);
    const place = this.#out.keycodeOfPlace(code);
    if (place !== 0) this.#out.key(place, true);
    const keycode = place !== 0 || keysym === 0 ? place : this.#out.strike(keysym);
    if (keycode !== 0) this.#keys.set(name, keycode);
  }

  #button(button: number, pressed: boolean): void {
    if (pressed === this.#buttons.has(button)) return;
    if (pressed) this.#buttons.add(button);
    else this.#buttons.delete(button);
    this.#out.button(button, pressed);
  }

  #takePen(pen: PenMessage): void {
    if (pen.epoch !== 0) throw new ProtocolError("a pen that counts");
    this.#pen = pen.tool === 0 ? undefined : pen;
    if (this.#out.pen(this.#pen)) this.#pointer = place(this.#pointer, pen, true).state;
    else this.#at(pen, () => this.#penAsMouse(pen.tool === 0 ? [] : mouseButtons(pen)));
  }

  #penAsMouse(pressed: readonly number[]): void {
    const before = this.#penButtons;
    this.#penButtons = pressed;
    for (const button of before) if (!pressed.includes(button)) this.#button(button, false);
    for (const button of pressed) if (!before.includes(button)) this.#button(button, true);
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
