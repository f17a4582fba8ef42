// Listens to the hands: the walk "key → X server" begins here. DOM events of the desktop element and the window go to
// `keyboard.ts`, `pointer.ts` and `wheel.ts`, and from there to `send.ts`. Everything is kept from the browser but two chords:
// Ctrl+Alt+Shift+M opens the toolbar, Ctrl+Alt+Shift+L locks the pointer (`pointer-lock.ts`).

import type { InputMessage } from "@eglantine/protocol/input";
import type { InputSender } from "./send.ts";
import type { MenuKey } from "./combinations.ts";
import { composes, Composition } from "./composition.ts";
import { Heartbeat } from "./heartbeat.ts";
import { isModifierKey, Keyboard, type KeyInput, type KeyPlatform } from "./keyboard.ts";
import { Latches } from "./latches.ts";
import { Locks } from "./locks.ts";
import { isLockChord, PointerLock } from "./pointer-lock.ts";
import { Pointer } from "./pointer.ts";
import { Wheel } from "./wheel.ts";
import { Store } from "../store.ts";

export interface CaptureParts {
  /** Shows the desktop; takes the focus and the pointer. */
  readonly element: HTMLElement;
  readonly sender: InputSender;
  readonly desktopPixelAt: (clientX: number, clientY: number) => { readonly x: number; readonly y: number } | undefined;
  /** Whether keys go as characters or as places (`keyboard-mode.ts`). */
  readonly keyboardMode: () => "text" | "physical";
  readonly onChord: () => void;
  /** A key goes down on the desktop. True: the browser is to do with it what it does, which is to tell the page what is pasted. */
  readonly onKeyDown: (event: KeyboardEvent) => boolean;
  readonly onLockChange: (locked: boolean) => void;
  /** A sentence for the user. */
  readonly say: (text: string) => void;
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
    this.#heartbeat = new Heartbeat({
      holds: () => this.#keyboard.holding || this.#pointer.pressed,
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
    this.#focus();
  }

  /** No more input; what is held is released while the channel still takes it. Idempotent. */
  stop(): void {
    if (!this.#running) return;
    this.#running = false;
    this.releaseAll();
    this.#lock.rest();
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

  releaseAll(): void {
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

  /** A program of the desktop hides the pointer and holds it, or has let it go. */
  setTaken(taken: boolean): void {
    if (this.#running) this.#lock.setTaken(taken);
  }

  /** Does nothing where the browser does not allow it now. */
  toggleLock(): void {
    if (this.#running)
      this.#lock.toggle().catch((error: unknown) => console.warn("the pointer could not be locked", error));
  }

  #send(message: InputMessage): void {
    this.#parts.sender.send(message);
    if (message.type === "key" || message.type === "button") this.#heartbeat.touch();
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

    // Only in secure contexts, and only in Chromium.
    const raw = "onpointerrawupdate" in HTMLElement.prototype;
    element.addEventListener("pointerdown", (event) => this.#pointerDown(event), options);
    element.addEventListener("pointerup", (event) => this.#pointerButtons(event), options);
    element.addEventListener("pointercancel", () => this.releaseAll(), options);
    if (raw) {
      element.addEventListener("pointerrawupdate", (event) => this.#moveAll(event as PointerEvent), options);
      element.addEventListener("pointermove", (event) => this.#pointerButtons(event), options);
    } else {
      element.addEventListener(
        "pointermove",
        (event) => {
          this.#moveAll(event);
          if (event.isPrimary) this.#pointer.setButtons(event.buttons);
        },
        options,
      );
    }
    element.addEventListener("wheel", (event) => this.#turned(event), { signal, passive: false });
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

  #pointerDown(event: PointerEvent): void {
    if (!event.isPrimary) return;
    const { element } = this.#parts;
    this.#focus();
    this.#composition.moveTo(event.clientX, event.clientY);
    // A drag that leaves the window goes on.
    if (!this.#lock.locked) element.setPointerCapture(event.pointerId);
    this.#pointerButtons(event);
    if (event.pointerType === "mouse") this.#lock.pressed();
  }

  /** Of several fingers the first one is the pointer. */
  #pointerButtons(event: PointerEvent): void {
    if (!event.isPrimary) return;
    this.#moveAbsolute(event);
    this.#pointer.setButtons(event.buttons);
  }

  #moveAll(event: PointerEvent): void {
    if (!event.isPrimary) return;
    const coalesced = event.getCoalescedEvents?.() ?? [];
    const steps = coalesced.length === 0 ? [event] : coalesced;
    if (!this.#lock.locked) {
      // Each place on the way counts: somebody may be drawing.
      for (const step of steps) this.#moveAbsolute(step);
      return;
    }
    const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
    this.#pointer.moveBy(sum(steps.map((step) => step.movementX)), sum(steps.map((step) => step.movementY)));
  }

  #moveAbsolute(event: PointerEvent): void {
    const at = this.#parts.desktopPixelAt(event.clientX, event.clientY);
    if (at !== undefined) this.#pointer.moveTo(at.x, at.y);
  }

  #turned(event: WheelEvent): void {
    event.preventDefault();
    if (!this.#lock.locked) {
      const at = this.#parts.desktopPixelAt(event.clientX, event.clientY);
      if (at !== undefined) this.#pointer.moveTo(at.x, at.y);
    }
    const units = this.#wheel.turn(event);
    if (units !== undefined) this.#pointer.wheel(units.deltaX, units.deltaY);
  }

  #lockChanged(locked: boolean): void {
    // Escape ended it, and its keydown was the browser's.
    if (!locked) this.releaseAll();
    this.#pointer.setLocked(locked);
    this.#parts.onLockChange(locked);
  }

  #learnLayout(): void {
    navigator.keyboard
      ?.getLayoutMap()
      .then((layout) => this.#keyboard.setLayout(layout))
      .catch((error: unknown) => console.debug("no layout map", error));
  }
}

/** Plain, for what is decided without the DOM. */
function keyInput(event: KeyboardEvent): KeyInput {
  const { code, key, location, repeat, metaKey, ctrlKey, altKey, shiftKey, timeStamp } = event;
  const altGraph = event.getModifierState("AltGraph");
  return { code, key, location, repeat, metaKey, ctrlKey, altKey, shiftKey, altGraph, timeStamp };
}

/** The one combination that is not the desktop's. */
export function isChord(event: KeyboardEvent): boolean {
  return event.code === "KeyM" && event.ctrlKey && event.altKey && event.shiftKey;
}

function keyPlatform(): KeyPlatform {
  const platform = (navigator.userAgentData?.platform ?? navigator.platform).toLowerCase();
  if (platform.startsWith("mac") || platform.startsWith("ip")) return "mac";
  return platform.startsWith("win") ? "windows" : "other";
}
