// Fingers on the desktop: their events go to `gestures.ts`, which says what they mean, and that is done here: the pointer, its buttons, the
// wheel with what is left of a throw (`fling.ts`), Ctrl for two fingers that pinch, a sign where a long press became a click. From
// `capture.ts`, by way of `pointer.ts` and `keyboard.ts`, to `send.ts`.

import type { MenuKey } from "./combinations.ts";
import { Fling, trackpadGain } from "./fling.ts";
import { Gestures } from "./gestures.ts";
import type { Keyboard } from "./keyboard.ts";
import type { Pointer } from "./pointer.ts";
import type { Touch, TouchAction, TouchMode } from "./touch-types.ts";
import type { Wheel } from "./wheel.ts";

export interface TouchParts {
  /** Around the desktop: a touchpad is all of it. */
  readonly stage: HTMLElement;
  readonly element: HTMLElement;
  readonly pointer: Pointer;
  readonly wheel: Wheel;
  readonly keyboard: Keyboard;
  readonly mode: () => TouchMode;
  readonly desktopPixelAt: (clientX: number, clientY: number) => { readonly x: number; readonly y: number } | undefined;
  readonly cssPerDesktopPx: () => number;
  /** How large programs draw themselves there. */
  readonly desktopScale: () => number;
  /** A first finger comes down: the hands are on the desktop. */
  readonly onBegin: (event: PointerEvent, mode: TouchMode) => void;
  /** The pointer was moved by counts. */
  readonly onCounted: () => void;
}

/** Two fingers that pinch are Ctrl and the wheel, as a touchpad's are. Of the two keys the one that the row of keys does not hold. */
const ZOOM_KEY: MenuKey = { code: "ControlRight", key: "Control" };
/** Programs zoom by about this with a detent: browsers take five to double. */
const ZOOM_OF_DETENT = 1.15;
const DETENT = 120;
/** Programs scroll by about so many of their own pixels with a detent: what is under the fingers stays there, more or less. */
const DETENT_PX = 60;
/** PointerEvent.buttons' bits of the X buttons. */
const BITS = { 1: 1, 2: 4, 3: 2 } as const;
const SIGN_MS = 450;
const BUZZ_MS = 12;

export class TouchHands {
  readonly #parts: TouchParts;
  readonly #sign = document.createElement("div");
  #gestures: Gestures;
  #mode: TouchMode;
  /** Fingers that are down, as far as they count. */
  readonly #down = new Set<number>();
  #buttons = 0;
  #zooming = false;
  #dueTimer: number | undefined;
  #signTimer: number | undefined;
  #fling: Fling | undefined;
  /** Moves of several fingers: their events come one after the other, finger by finger. */
  #moved: { readonly id: number; readonly x: number; readonly y: number; readonly atMs: number }[] = [];
  readonly #soon = new MessageChannel();
  #frame: number | undefined;

  constructor(parts: TouchParts) {
    this.#parts = parts;
    this.#mode = parts.mode();
    this.#gestures = new Gestures(this.#mode);
    this.#sign.className = "touch-sign";
    this.#sign.hidden = true;
    parts.stage.append(this.#sign);
    this.#soon.port1.addEventListener("message", () => this.#moveTogether());
    this.#soon.port1.start();
  }

  listen(signal: AbortSignal): void {
    const { stage } = this.#parts;
    const options = { signal };
    const fingers =
      (act: (event: PointerEvent) => void) =>
      (event: Event): void => {
        if (event instanceof PointerEvent && event.pointerType === "touch") act(event);
      };
    stage.addEventListener(
      "pointerdown",
      fingers((event) => this.#comes(event)),
      options,
    );
    const moves = "onpointerrawupdate" in HTMLElement.prototype ? "pointerrawupdate" : "pointermove";
    stage.addEventListener(
      moves,
      fingers((event) => this.#moves(event)),
      options,
    );
    stage.addEventListener(
      "pointerup",
      fingers((event) => this.#goes(event)),
      options,
    );
    stage.addEventListener(
      "pointercancel",
      fingers(() => this.cancel()),
      options,
    );
    // Whatever `touch-action` says, Chromium may scroll by a finger or pen that follows a tap at once, and takes it away with a
    // `pointercancel`; Safari zooms the page by two.
    for (const type of ["touchstart", "contextmenu", "gesturestart"]) {
      stage.addEventListener(type, (event) => event.preventDefault(), options);
    }
  }

  /** Nothing that a finger holds stays down, and nothing goes on. Idempotent. */
  cancel(): void {
    this.stopFling();
    this.#down.clear();
    this.#moved = [];
    this.#do(this.#gestures.cancel());
    clearTimeout(this.#dueTimer);
  }

  stopFling(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    this.#fling = undefined;
  }

  #comes(event: PointerEvent): void {
    const { element, mode, onBegin } = this.#parts;
    this.stopFling();
    if (this.#down.size === 0) {
      const now = mode();
      // Beside the picture there is nothing to point at.
      if (now === "pointer" && !element.contains(event.target as Node)) return;
      if (now !== this.#mode) {
        this.cancel();
        this.#mode = now;
        this.#gestures = new Gestures(now);
      }
      onBegin(event, now);
    }
    // No mouse is to be made of it.
    event.preventDefault();
    this.#moveTogether();
    this.#down.add(event.pointerId);
    this.#take({ kind: "down", id: event.pointerId, x: event.clientX, y: event.clientY }, event.timeStamp);
  }

  #moves(event: PointerEvent): void {
    if (!this.#down.has(event.pointerId)) return;
    const coalesced = event.getCoalescedEvents?.() ?? [];
    const { pointerId: id } = event;
    for (const { clientX: x, clientY: y, timeStamp: atMs } of coalesced.length === 0 ? [event] : coalesced) {
      if (this.#down.size === 1) this.#take({ kind: "move", fingers: [{ id, x, y }] }, atMs);
      else if (this.#moved.push({ id, x, y, atMs }) === 1) this.#soon.port2.postMessage(undefined);
    }
  }

  /** In the order in which they were made, those of one moment together. */
  #moveTogether(): void {
    const moved = this.#moved.toSorted((one, other) => one.atMs - other.atMs);
    this.#moved = [];
    for (let from = 0, to = 0; from < moved.length; from = to) {
      const atMs = moved[from]?.atMs ?? 0;
      while (moved[to]?.atMs === atMs) to += 1;
      this.#take({ kind: "move", fingers: moved.slice(from, to) }, atMs);
    }
  }

  #goes(event: PointerEvent): void {
    this.#moveTogether();
    if (this.#down.delete(event.pointerId)) this.#take({ kind: "up", id: event.pointerId }, event.timeStamp);
  }

  #take(touch: Touch, nowMs: number): void {
    this.#do(this.#gestures.take(touch, nowMs));
    clearTimeout(this.#dueTimer);
    const { dueMs } = this.#gestures;
    if (dueMs === undefined) return;
    this.#dueTimer = window.setTimeout(() => this.#take({ kind: "time" }, dueMs), Math.max(0, dueMs - nowMs));
  }

  #do(actions: readonly TouchAction[]): void {
    const { pointer, desktopPixelAt, cssPerDesktopPx, onCounted } = this.#parts;
    for (const action of actions) {
      switch (action.kind) {
        case "point": {
          const at = desktopPixelAt(action.x, action.y);
          if (at !== undefined) pointer.moveTo(at.x, at.y);
          break;
        }
        case "move": {
          const { dx, dy, ms } = action;
          const gain = trackpadGain(dx, dy, ms) / cssPerDesktopPx();
          pointer.moveBy(dx * gain, dy * gain);
          onCounted();
          break;
        }
        case "press":
          this.#press(this.#buttons | BITS[action.button]);
          break;
        case "release":
          this.#press(this.#buttons & ~BITS[action.button]);
          break;
        case "scroll":
          this.#scroll(action.dx, action.dy);
          break;
        case "fling":
          this.#fling = new Fling(action.vx, action.vy, performance.now());
          this.#next();
          break;
        case "pinch":
          this.#pinch(action.ratio);
          break;
        case "pinchEnd":
          this.#zoom(false);
          break;
        case "sign":
          this.#show(action.x, action.y);
          break;
      }
    }
  }

  #press(buttons: number): void {
    this.#buttons = buttons;
    this.#parts.pointer.setButtons(buttons);
  }

  /** What lies under the fingers goes along with them: the wheel turns the other way. */
  #scroll(dx: number, dy: number): void {
    const { cssPerDesktopPx, desktopScale } = this.#parts;
    const units = -DETENT / (DETENT_PX * desktopScale() * cssPerDesktopPx());
    this.#turn(dx * units, dy * units);
  }

  #pinch(ratio: number): void {
    this.#zoom(true);
    this.#turn(0, (-DETENT * Math.log(ratio)) / Math.log(ZOOM_OF_DETENT));
  }

  #zoom(on: boolean): void {
    if (on === this.#zooming) return;
    this.#zooming = on;
    const { keyboard, wheel } = this.#parts;
    wheel.reset();
    if (on) keyboard.hold(ZOOM_KEY);
    else keyboard.letGo(ZOOM_KEY);
  }

  #turn(unitsX: number, unitsY: number): void {
    const units = this.#parts.wheel.add(unitsX, unitsY);
    if (units !== undefined) this.#parts.pointer.wheel(units.deltaX, units.deltaY);
  }

  #next(): void {
    this.#frame = requestAnimationFrame(() => {
      const step = this.#fling?.next(performance.now());
      if (step === undefined) {
        this.stopFling();
        return;
      }
      this.#scroll(step.dx, step.dy);
      this.#next();
    });
  }

  #show(x: number, y: number): void {
    if ("vibrate" in navigator && navigator.userActivation.hasBeenActive) navigator.vibrate(BUZZ_MS);
    const { style } = this.#sign;
    style.left = `${x}px`;
    style.top = `${y}px`;
    this.#sign.hidden = false;
    clearTimeout(this.#signTimer);
    this.#signTimer = window.setTimeout(() => (this.#sign.hidden = true), SIGN_MS);
  }
}
