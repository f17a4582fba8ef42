// From keyboard events to key messages: which physical key, which keysym, what is held. No DOM beyond the shape of an event.
// From `capture.ts`, to `send.ts`. A held key is one message: auto-repeat is the X server's.

import type { InputMessage } from "@eglantine/protocol/input";
import { keyId } from "@eglantine/protocol/keys";
import type { MenuKey } from "./combinations.ts";
import { deadKeysym, keysymOf } from "./keysyms.ts";

export type KeyPlatform = "mac" | "windows" | "other";

/** What is read of a KeyboardEvent. */
export interface KeyInput {
  readonly code: string;
  readonly key: string;
  readonly location: number;
  readonly repeat: boolean;
  readonly metaKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  /** The third level of the viewer's layout: on Windows AltGr is Ctrl and Alt besides. */
  readonly altGraph: boolean;
  readonly timeStamp: number;
}

export type KeyMessage = Extract<InputMessage, { type: "key" | "releaseAll" }>;

interface HeldKey {
  readonly id: number;
  readonly keysym: number;
}

/** Windows announces AltGr as ControlLeft and, within this time, AltRight. */
const FAKE_CONTROL_MS = 50;

const MODIFIERS: ReadonlySet<string> = new Set([
  "Shift",
  "Control",
  "Alt",
  "AltGraph",
  "Meta",
  "CapsLock",
  "NumLock",
  "ScrollLock",
]);

export class Keyboard {
  readonly #platform: KeyPlatform;
  readonly #emit: (message: KeyMessage) => void;
  /** What is down at the agent, by code (or by key for keyboards without codes). */
  readonly #held = new Map<string, HeldKey>();
  /** The character that each key of the layout makes; only used for dead keys. */
  #layout: ReadonlyMap<string, string> = new Map();
  #heldBack: KeyInput | undefined;
  #text = false;

  constructor(platform: KeyPlatform, emit: (message: KeyMessage) => void) {
    this.#platform = platform;
    this.#emit = emit;
  }

  setLayout(layout: ReadonlyMap<string, string>): void {
    this.#layout = layout;
  }

  /**
   * Text: a character is sent as what it is, whatever the desktop's layout is. Else every key is sent as its place. What is down
   * comes up as what it went down as.
   */
  setText(text: boolean): void {
    this.#text = text;
  }

  get holding(): boolean {
    return this.#held.size > 0;
  }

  /** How long `flush` may be put off, ms; undefined when nothing is held back. */
  get heldBackMs(): number | undefined {
    return this.#heldBack === undefined ? undefined : FAKE_CONTROL_MS;
  }

  /** Sends what was held back: no AltRight came. */
  flush(): void {
    const control = this.#heldBack;
    if (control === undefined) return;
    this.#heldBack = undefined;
    this.#press(control, keysymOf(control.key, control.location));
  }

  down(input: KeyInput): void {
    const control = this.#heldBack;
    if (control !== undefined) {
      const altGr = input.code === "AltRight" && input.timeStamp - control.timeStamp <= FAKE_CONTROL_MS;
      if (altGr) this.#heldBack = undefined;
      else this.flush();
    }
    if (input.repeat || this.#held.has(nameOf(input))) return;
    // They shape the viewer's characters, which are sent as they come out.
    if (this.#text && (input.key === "AltGraph" || input.key === "CapsLock")) return;
    if (this.#platform === "windows" && input.code === "ControlLeft") {
      this.#heldBack = input;
      return;
    }
    if (this.#platform === "mac" && input.code === "CapsLock") {
      this.#tap(input);
      return;
    }
    this.#press(input, this.#keysym(input));
    // macOS never tells the end of a key that was pressed while Command was held.
    if (this.#platform === "mac" && input.metaKey && !isModifierKey(input.key)) this.#release(nameOf(input));
  }

  up(input: KeyInput): void {
    if (this.#heldBack?.code === input.code) this.flush();
    if (this.#platform === "mac" && input.code === "CapsLock") {
      if (!this.#text) this.#tap(input);
      return;
    }
    this.#release(nameOf(input));
    if (this.#platform === "mac" && input.key === "Meta") {
      for (const [name, { keysym }] of this.#held) if (!isModifier(keysym)) this.#release(name);
    }
  }

  /** One after the other, and let go in reverse. What is held already stays so. */
  press(keys: readonly MenuKey[]): void {
    this.flush();
    const pressed = keys
      .filter(({ code }) => !this.#held.has(code))
      .map(({ code, key }) => ({ id: keyId(code), keysym: keysymOf(key, 0) }));
    for (const { id, keysym } of pressed) this.#emit({ type: "key", pressed: true, code: id, keysym });
    for (const { id, keysym } of pressed.reverse()) this.#emit({ type: "key", pressed: false, code: id, keysym });
  }

  /** Until `letGo`. */
  hold(key: MenuKey): void {
    this.flush();
    if (this.#held.has(key.code)) return;
    const held = { id: keyId(key.code), keysym: keysymOf(key.key, 0) };
    this.#held.set(key.code, held);
    this.#emit({ type: "key", pressed: true, code: held.id, keysym: held.keysym });
  }

  letGo(key: MenuKey): void {
    this.#release(key.code);
  }

  /** Everything up: focus was lost, or the viewer leaves. `always` sends it even when nothing is known to be down. */
  releaseAll(always = false): void {
    this.#heldBack = undefined;
    if (this.#held.size === 0 && !always) return;
    this.#held.clear();
    this.#emit({ type: "releaseAll" });
  }

  /** The agent holds nothing: a new session. */
  forget(): void {
    this.#held.clear();
    this.#heldBack = undefined;
  }

  /** A dead key is told by the accent that its place has in the viewer's layout; 0 where that is unknown. */
  #keysym(input: KeyInput): number {
    return input.key === "Dead" ? deadKeysym(this.#layout.get(input.code)) : keysymOf(input.key, input.location);
  }

  #press(input: KeyInput, given: number): void {
    const symbol = this.#text ? textKeysym(input, given) : undefined;
    const keysym = symbol ?? given;
    const id = symbol === undefined ? keyId(input.code) : 0;
    if (id === 0 && keysym === 0) return;
    this.#held.set(nameOf(input), { id, keysym });
    this.#emit({ type: "key", pressed: true, code: id, keysym });
  }

  #release(name: string): void {
    const held = this.#held.get(name);
    if (held === undefined) return;
    this.#held.delete(name);
    this.#emit({ type: "key", pressed: false, code: held.id, keysym: held.keysym });
  }

  #tap(input: KeyInput): void {
    this.#press(input, keysymOf(input.key, input.location));
    this.#release(nameOf(input));
  }
}

const LOCATION_KEYPAD = 3;

/** The keysym, where it and not the place is to be sent. */
function textKeysym(input: KeyInput, keysym: number): number | undefined {
  const isCharacter = (keysym >= 0x20 && keysym < 0xfe00) || keysym >= 0x0100_0000;
  if (input.location === LOCATION_KEYPAD || (keysym & 0xffff_0000) === 0x1008_0000) return undefined;
  if (!isCharacter) return isMoved(input) ? keysym : undefined;
  const shortcut = (input.ctrlKey || input.altKey || input.metaKey) && !input.altGraph;
  if (!shortcut) return keysym;
  // A shortcut is a Latin letter: the viewer's own, and where the layout has none the one that the place has.
  if (keysym > 0x7e) return undefined;
  // Its case is Shift alone: Caps Lock has no say in shortcuts.
  const isLetter = /^[a-z]$/i.test(input.key);
  return isLetter ? keysymOf(input.shiftKey ? input.key.toUpperCase() : input.key.toLowerCase(), 0) : keysym;
}

/** The user has put another key there: Escape on Caps Lock, say. */
function isMoved({ code, key }: KeyInput): boolean {
  return !code.startsWith(key) && keyId(code) !== 0 && (keyId(key) !== 0 || keyId(`${key}Left`) !== 0);
}

export const isModifierKey = (key: string): boolean => MODIFIERS.has(key);

function nameOf(input: KeyInput): string {
  return input.code === "" ? `key ${input.key}` : input.code;
}

function isModifier(keysym: number): boolean {
  return (keysym >= 0xffe1 && keysym <= 0xffee) || keysym === 0xfe03 || keysym === 0xff7f;
}
