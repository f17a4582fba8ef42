// The contract between what a viewer's hands do and the X server. Messages come from `session/dispatch.ts`, are worked
// out by `injector.ts` with `keymap.ts` and `pointer.ts` (pure), and leave through `x11/xtest.ts` and `x11/keyboard.ts`.

import type { InputMessage } from "@eglantine/protocol/input";
import type { TabletState } from "./tablet.ts";

/** Where input goes. Everything up to `flush` leaves in one write; without an X server it is dropped. */
export interface InputPort {
  key(keycode: number, pressed: boolean): void;
  button(button: number, pressed: boolean): void;
  moveTo(xPx: number, yPx: number): void;
  moveBy(dx: number, dy: number): void;
  /** Caps Lock off: characters carry their case. */
  unlockCaps(): void;
  setLocks(locks: Locks): void;
  flush(): void;
}

/** Lock keys that are on. */
export interface Locks {
  readonly caps: boolean;
  readonly num: boolean;
}

/** The key, and what must be held with it. */
export interface Stroke {
  readonly keycode: number;
  readonly shift: boolean;
  readonly level3: boolean;
}

/** What the X server's keyboard looks like now. */
export interface KeyboardMap {
  /** Physical key (id of protocol `keys.ts`) → keycode. */
  readonly byPlace: ReadonlyMap<number, number>;
  /** Keysym → how the layout in use gives it; with the fewest modifiers where there are several ways. */
  readonly byKeysym: ReadonlyMap<number, Stroke>;
  /** Keycodes of Shift and of ISO_Level3_Shift (AltGr). */
  readonly shiftKeys: readonly number[];
  readonly level3Keys: readonly number[];
}

export interface Keyboard {
  readonly map: KeyboardMap;
  /** Puts a keysym that no key gives on a spare key; undefined when there is none. */
  bind(keysym: number): Stroke | undefined;
  /** These come next: as many as there is room for are bound together, so that programs read the new keys once. */
  lend(keysyms: readonly number[]): void;
  /** How long `bind` is to wait, ms: programs may not have read yet what stands on the spare keys. */
  bindWaitMs(keysym: number): number;
}

export interface Screen {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** What pens are on for programs that know pressure and tilt. */
export interface Tablet {
  /** As X servers list it that read it. */
  readonly name: string;
  set(state: TabletState): void;
  close(): void;
}

/** Where the pointer was when the position with this sequence had been taken. False: this could not be told. */
export type PlaceWatcher = (sequence: number, xPx: number, yPx: number) => boolean;

/** The hands of one viewer. */
export interface ViewerInput {
  /** A key or a button is down for this viewer. */
  readonly holding: boolean;
  /** Throws ProtocolError for motion that no hand makes. Pings and gamepads are not for it. */
  apply(message: InputMessage): void;
  /** Lets go of every key and button that this viewer holds. */
  releaseAll(): void;
}
