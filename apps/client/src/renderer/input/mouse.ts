// Mouse and pen on the desktop: their events become places, counts under pointer lock, buttons and the wheel. From `capture.ts`, by way of
// `pointer.ts`, `wheel.ts` and `pen.ts`, to `send.ts`. Fingers are `touch.ts`'s.

import { penButtons, penReach, penState } from "./pen.ts";
import type { Pointer } from "./pointer.ts";
import type { Wheel } from "./wheel.ts";

export interface MouseParts {
  readonly element: HTMLElement;
  readonly pointer: Pointer;
  readonly wheel: Wheel;
  readonly desktopPixelAt: (clientX: number, clientY: number) => { readonly x: number; readonly y: number } | undefined;
  readonly locked: () => boolean;
  /** The agent takes all that a pen does. */
  readonly takesPen: () => boolean;
  /** A button goes down: the hands are on the desktop. */
  readonly onPress: (event: PointerEvent) => void;
  /** Mouse or pen is used, not locked: the pointer is where they are. */
  readonly onPoint: () => void;
  /** The pointer was moved by counts. */
  readonly onCounted: () => void;
}

export class MouseHands {
  readonly #parts: MouseParts;

  constructor(parts: MouseParts) {
    this.#parts = parts;
  }

  listen(signal: AbortSignal): void {
    const { element } = this.#parts;
    const options = { signal };
    const mine =
      (act: (event: PointerEvent) => void) =>
      (event: Event): void => {
        // Of several pens the first one is the pointer.
        if (event instanceof PointerEvent && event.isPrimary && event.pointerType !== "touch") act(event);
      };
    element.addEventListener(
      "pointerdown",
      mine((event) => this.#down(event)),
      options,
    );
    element.addEventListener(
      "pointerup",
      mine((event) => this.#buttons(event)),
      options,
    );
    element.addEventListener(
      "pointerleave",
      mine((event) => this.#leave(event)),
      options,
    );
    // Only in secure contexts, and only in Chromium.
    if ("onpointerrawupdate" in HTMLElement.prototype) {
      element.addEventListener(
        "pointerrawupdate",
        mine((event) => this.#moves(event)),
        options,
      );
      element.addEventListener(
        "pointermove",
        mine((event) => this.#buttons(event)),
        options,
      );
    } else {
      element.addEventListener(
        "pointermove",
        mine((event) => {
          this.#moves(event);
          this.#buttons(event);
        }),
        options,
      );
    }
    element.addEventListener("wheel", (event) => this.#turned(event), { signal, passive: false });
  }

  #down(event: PointerEvent): void {
    const { element, locked, onPress } = this.#parts;
    // A drag that leaves the window goes on.
    if (!locked()) element.setPointerCapture(event.pointerId);
    onPress(event);
    this.#buttons(event);
  }

  #buttons(event: PointerEvent): void {
    if (this.#draws(event)) this.#pen(event);
    else {
      this.#pointAt(event);
      this.#parts.pointer.setButtons(penButtons(event));
    }
  }

  #moves(event: PointerEvent): void {
    const { locked, pointer, onCounted } = this.#parts;
    const coalesced = event.getCoalescedEvents?.() ?? [];
    const steps = coalesced.length === 0 ? [event] : coalesced;
    if (!locked()) {
      // Each place on the way counts: somebody may be drawing.
      for (const step of steps) {
        if (this.#draws(event)) this.#pen(step);
        else this.#pointAt(step);
      }
      return;
    }
    const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
    pointer.moveBy(sum(steps.map((step) => step.movementX)), sum(steps.map((step) => step.movementY)));
    onCounted();
  }

  /** A pen that goes out of reach. */
  #leave(event: PointerEvent): void {
    if (this.#draws(event)) this.#parts.pointer.pen(penReach());
  }

  #turned(event: WheelEvent): void {
    event.preventDefault();
    const { pointer, wheel } = this.#parts;
    this.#pointAt(event);
    const units = wheel.turn(event);
    if (units !== undefined) pointer.wheel(units.deltaX, units.deltaY);
  }

  #draws({ pointerType }: PointerEvent): boolean {
    return pointerType === "pen" && this.#parts.takesPen() && !this.#parts.locked();
  }

  #pen(event: PointerEvent): void {
    const { pointer, onPoint, desktopPixelAt } = this.#parts;
    onPoint();
    const at = desktopPixelAt(event.clientX, event.clientY);
    if (at !== undefined) pointer.pen(penState(event), at);
  }

  #pointAt({ clientX, clientY }: MouseEvent): void {
    const { locked, pointer, onPoint, desktopPixelAt } = this.#parts;
    if (locked()) return;
    onPoint();
    const at = desktopPixelAt(clientX, clientY);
    if (at !== undefined) pointer.moveTo(at.x, at.y);
  }
}
