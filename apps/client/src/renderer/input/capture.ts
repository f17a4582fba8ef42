// Listens to the hands: the walk "key → X server" begins here. DOM events of the desktop element and the window go to
// `keyboard.ts`, `mouse.ts` and `touch.ts`, and from there to `send.ts`. Everything is kept from the browser but two chords:
// Ctrl+Alt+Shift+M frees keys and pointer and opens the toolbar, Ctrl+Alt+Shift+L locks the pointer (`pointer-lock.ts`).

import type { InputMessage } from "@eglantine/protocol/input";
import type { Sentence } from "../messages/said.ts";
import type { InputSender } from "./send.ts";
import type { MenuKey } from "./combinations.ts";
import { composes, Composition } from "./composition.ts";
import { Heartbeat } from "./heartbeat.ts";
import { isModifierKey, Keyboard } from "./keyboard.ts";
import { keyInput, keyPlatform } from "./key-input.ts";
import { Latches } from "./latches.ts";
import { Locks } from "./locks.ts";
import { MouseHands } from "./mouse.ts";
import { isLockChord, PointerLock } from "./pointer-lock.ts";
import { Pointer } from "./pointer.ts";
import { TouchHands } from "./touch.ts";
import type { TouchMode } from "./touch-types.ts";
import { Wheel } from "./wheel.ts";
import { Store } from "../store.ts";

export interface CaptureParts {
  /** Shows the desktop; takes the focus and the pointer. */
  readonly element: HTMLElement;
  /** Around it. */
  readonly stage: HTMLElement;
  readonly sender: InputSender;
  readonly desktopPixelAt: (clientX: number, clientY: number) => { readonly x: number; readonly y: number } | undefined;
  readonly cssPerDesktopPx: () => number;
  /** How large programs draw themselves there. */
  readonly desktopScale: () => number;
  /** What a finger is. */
  readonly touchMode: () => TouchMode;
  /** The agent takes all that a pen does. */
  readonly takesPen: () => boolean;
  /** Whether keys go as characters or as places (`keyboard-mode.ts`). */
  readonly keyboardMode: () => "text" | "physical";
  readonly onChord: () => void;
  /** A key goes down on the desktop. True: the browser is to do with it what it does, which is to tell the page what is pasted. */
  readonly onKeyDown: (event: KeyboardEvent) => boolean;
  readonly onLockChange: (locked: boolean) => void;
  /** The desktop's pointer, which is not this computer's now, is there by all that is known; undefined: it is, or nothing is known. */
  readonly onPlace: (at: { readonly x: number; readonly y: number } | undefined) => void;
  /** A sentence for the user. */
  readonly say: (text: Sentence) => void;
}

export class Capture {
  /** Modifiers that the row of keys holds. */
  readonly latches: Latches;
  /** This device's own keyboard is wanted on the screen. */
  readonly ownKeyboard = new Store(false);
  readonly #parts: CaptureParts;
  readonly #keyboard: Keyboard;
  readonly #locks: Locks;
  readonly #pointer: Pointer;
  readonly #lock: PointerLock;
  readonly #wheel = new Wheel();
  readonly #touch: TouchHands;
  readonly #mouse: MouseHands;
  readonly #heartbeat: Heartbeat;
  readonly #composition: Composition;
  #ended = new AbortController();
  #flushTimer: number | undefined;
  #running = false;

  constructor(parts: CaptureParts) {
    this.#parts = parts;
    this.#keyboard = new Keyboard(keyPlatform(), (message) => this.#send(message));
    this.#locks = new Locks(keyPlatform(), (message) => this.#send(message));
    this.#pointer = new Pointer((message) => this.#send(message));
    this.#lock = new PointerLock({
      element: parts.element,
      onChange: (locked) => this.#lockChanged(locked),
      say: parts.say,
    });
    this.latches = new Latches({
      hold: (key) => this.#running && this.#keyboard.hold(key),
      letGo: (key) => this.#keyboard.letGo(key),
    });
    this.#composition = new Composition(parts.element, {
      onText: (text) => {
        // The keyboard that wrote it does not know of this Shift.
        parts.sender.sendText(this.latches.held.get().has("ShiftLeft") ? text.toUpperCase() : text);
        this.latches.settle();
      },
      onKey: (key) => this.tap(key),
      onBlur: () => this.ownKeyboard.set(false),
    });
    const hands = {
      ...parts,
      pointer: this.#pointer,
      wheel: this.#wheel,
      onCounted: () => parts.onPlace(this.#pointer.place),
    };
    this.#touch = new TouchHands({
      ...hands,
      mode: parts.touchMode,
      keyboard: this.#keyboard,
      onBegin: (event, mode) => {
        this.#begin(event);
        this.#setRelative(mode === "trackpad");
      },
    });
    this.#mouse = new MouseHands({
      ...hands,
      locked: () => this.#lock.counts(),
      onPress: (event) => {
        this.#begin(event);
        if (event.pointerType === "mouse") this.#lock.pressed();
      },
      onPoint: () => {
        this.#touch.stopFling();
        this.#setRelative(false);
      },
    });
    this.#heartbeat = new Heartbeat({
      // Control stays down there until its release, which waits too, has gone out.
      holds: () => this.#keyboard.holding || this.#pointer.pressed || parts.sender.holdsBack,
      beat: () => parts.sender.beat(),
    });
  }

  /** A new session begins to take input. Nothing is held and everything counts from the start. */
  start(): void {
    this.stop();
    this.#running = true;
    this.#ended = new AbortController();
    this.#keyboard.forget();
    this.#locks.forget();
    this.#pointer.restart();
    this.#wheel.reset();
    this.#learnLayout();
    this.#listen(this.#ended.signal);
    this.#composition.listen(this.#ended.signal);
    this.#heartbeat.start();
    this.#focus();
  }

  /** No more input; what is held is released while the channel still takes it. Idempotent. */
  stop(): void {
    if (!this.#running) return;
    this.#running = false;
    this.releaseAll();
    this.#lock.rest();
    this.#setRelative(false);
    this.#heartbeat.stop();
    this.#ended.abort();
    clearTimeout(this.#flushTimer);
  }

  /** Keys that no hand pressed here. */
  press(keys: readonly MenuKey[]): void {
    if (this.#running) this.#keyboard.press(keys);
  }

  /** What composes, and whether anything does, goes by the mode. */
  keyboardModeChanged(): void {
    if (this.#running && this.#isForDesktop()) this.#focus();
  }

  /** A key of the row: with the modifiers that it holds. */
  tap(key: MenuKey): void {
    this.press([key]);
    this.latches.settle();
  }

  /** Shows this device's own keyboard, or hides it. With the user's touch just now. */
  toggleOwnKeyboard(): void {
    const on = !this.ownKeyboard.get();
    if (on) this.#composition.focusWithKeyboard();
    else this.#parts.element.focus({ preventScroll: true });
    this.ownKeyboard.set(on);
  }

  /** The agent tells where the pointer was when the position with this sequence had been taken. */
  pointerTold(sequence: number, x: number, y: number): void {
    if (!this.#running) return;
    this.#pointer.told(sequence, x, y);
    this.#parts.onPlace(this.#pointer.place);
  }

  releaseAll(): void {
    this.#touch.cancel();
    this.latches.forget();
    this.#keyboard.releaseAll(this.#pointer.pressed);
    this.#pointer.forgetButtons();
  }

  get #text(): boolean {
    return this.#parts.keyboardMode() === "text";
  }

  /** A text field would bring up the screen keyboard of a touch device, unasked. */
  #focus(): void {
    if (this.ownKeyboard.get()) this.#composition.focusWithKeyboard();
    else if (this.#text && !matchMedia("(pointer: coarse)").matches) this.#composition.focus();
    else this.#parts.element.focus({ preventScroll: true });
  }

  /** The desktop's pointer goes there, in the window's pixels: a drag of files brings no events of the pointer's own. */
  moveTo(clientX: number, clientY: number): void {
    const at = this.#parts.desktopPixelAt(clientX, clientY);
    if (at !== undefined) this.#pointer.moveTo(at.x, at.y);
  }

  /** A program of the desktop hides the pointer and holds it, or has let it go. */
  setTaken(taken: boolean): void {
    if (this.#running) this.#lock.setTaken(taken);
  }

  /** The pointer is this computer's own again. */
  freePointer(): void {
    this.#lock.free();
  }

  /** Does nothing where the browser does not allow it now. */
  toggleLock(): void {
    if (this.#running)
      this.#lock.toggle().catch((error: unknown) => console.warn("the pointer could not be locked", error));
  }

  #send(message: InputMessage): void {
    this.#parts.sender.send(message);
    if (message.type === "key" || message.type === "button" || message.type === "pen") this.#heartbeat.touch();
  }

  #listen(signal: AbortSignal): void {
    const { element } = this.#parts;
    const options = { signal };
    window.addEventListener("keydown", (event) => this.#keyDown(event), { signal, capture: true });
    window.addEventListener("keyup", (event) => this.#keyUp(event), { signal, capture: true });
    element.addEventListener("focus", () => this.#focus(), options);
    window.addEventListener("blur", () => this.releaseAll(), options);
    window.addEventListener("pagehide", () => this.releaseAll(), options);
    document.addEventListener("visibilitychange", () => document.hidden && this.releaseAll(), options);

    element.addEventListener("pointercancel", () => this.releaseAll(), options);
    this.#mouse.listen(signal);
    this.#touch.listen(signal);
    // The browser's own reactions: menus, dragging, middle-click scrolling, going back by the side buttons.
    for (const type of ["contextmenu", "dragstart", "selectstart", "auxclick", "mousedown", "mouseup"]) {
      element.addEventListener(type, (event) => event.preventDefault(), options);
    }
  }

  #keyDown(event: KeyboardEvent): void {
    if (!this.#isForDesktop()) return;
    if (this.#text && this.#composition.focused && composes(event)) return;
    if (!this.#parts.onKeyDown(event)) event.preventDefault();
    event.stopPropagation();
    if (isChord(event)) {
      this.releaseAll();
      this.#parts.onChord();
      return;
    }
    if (isLockChord(event)) {
      this.releaseAll();
      if (!event.repeat) this.toggleLock();
      return;
    }
    this.#locks.see(event, this.#text);
    this.#keyboard.setText(this.#text);
    this.#keyboard.down(keyInput(event));
    clearTimeout(this.#flushTimer);
    const heldBackMs = this.#keyboard.heldBackMs;
    if (heldBackMs !== undefined) this.#flushTimer = window.setTimeout(() => this.#keyboard.flush(), heldBackMs);
  }

  /** A key that went down on the desktop comes up there, wherever the focus is by then. */
  #keyUp(event: KeyboardEvent): void {
    if (this.#isForDesktop()) event.preventDefault();
    this.#keyboard.up(keyInput(event));
    if (!isModifierKey(event.key)) this.latches.settle();
  }

  /** The toolbar and its fields keep their keys. */
  #isForDesktop(): boolean {
    const { activeElement } = document;
    if (this.#composition.focused) return true;
    return activeElement === null || activeElement === document.body || activeElement === this.#parts.element;
  }

  /** Keys go to the desktop, and input methods show what they have where the user looks. */
  #begin({ clientX, clientY }: PointerEvent): void {
    this.#focus();
    this.#composition.moveTo(clientX, clientY);
  }

  #lockChanged(locked: boolean): void {
    // Escape ended it, and its keydown was the browser's.
    if (!locked) this.releaseAll();
    this.#setRelative(locked);
    this.#parts.onLockChange(locked);
  }

  #setRelative(relative: boolean): void {
    const next = relative || this.#lock.locked;
    if (next === this.#pointer.relative) return;
    this.#pointer.setRelative(next);
    this.#parts.onPlace(this.#pointer.place);
  }

  #learnLayout(): void {
    navigator.keyboard
      ?.getLayoutMap()
      .then((layout) => this.#keyboard.setLayout(layout))
      .catch((error: unknown) => console.debug("no layout map", error));
  }
}

/** The combination that gives everything back to this computer, and opens the toolbar. */
export const CHORD = "Ctrl+Alt+Shift+M";

export function isChord(event: KeyboardEvent): boolean {
  return event.code === "KeyM" && event.ctrlKey && event.altKey && event.shiftKey;
}
