// From pointer events to positions and buttons. PURE but for its counters. From `capture.ts`, to `send.ts`.
// Absolute positions are desktop pixels (epoch 0). Under pointer lock they are running totals of counts (epoch 1…255), so
// that a lost motion is healed by the next; fractions add up until they are whole.

import type { InputMessage } from "@eglantine/protocol/input";

export type PointerMessage = Extract<InputMessage, { type: "motion" | "button" | "wheel" }>;

/** Bit of PointerEvent.buttons → X button. */
const BUTTONS = [
  [1, 1],
  [4, 2],
  [2, 3],
  [8, 8],
  [16, 9],
] as const;

/** Totals start anew, with the next epoch, long before they leave 32 bits. */
const TOTAL_LIMIT = 2 ** 30;

export class Pointer {
  readonly #emit: (message: PointerMessage) => void;
  #sequence = 0;
  #epoch = 0;
  #locked = false;
  #absolute = { x: 0, y: 0 };
  #total = { x: 0, y: 0 };
  #sent: { readonly epoch: number; readonly x: number; readonly y: number } | undefined;
  #buttons = 0;

  constructor(emit: (message: PointerMessage) => void) {
    this.#emit = emit;
  }

  get pressed(): boolean {
    return this.#buttons !== 0;
  }

  /** The pointer is at this desktop pixel. Nothing is sent when it already was, or while it is locked. */
  moveTo(x: number, y: number): void {
    if (this.#locked) return;
    this.#absolute = { x, y };
    this.#motion();
  }

  /** The locked pointer moved by so many counts, fractions included. */
  moveBy(dx: number, dy: number): void {
    if (!this.#locked) return;
    this.#total = { x: this.#total.x + dx, y: this.#total.y + dy };
    if (Math.abs(this.#total.x) > TOTAL_LIMIT || Math.abs(this.#total.y) > TOTAL_LIMIT) {
      this.#motion();
      this.#total = { x: this.#total.x % 1, y: this.#total.y % 1 };
      this.#nextEpoch();
    }
    this.#motion();
  }

  /** PointerEvent.buttons now; sends what changed, at the position given last. */
  setButtons(mask: number): void {
    const changed = this.#buttons ^ mask;
    this.#buttons = mask;
    if (changed === 0) return;
    for (const [bit, button] of BUTTONS) {
      if ((changed & bit) === 0) continue;
      this.#emit({ type: "button", ...this.#position(), button, pressed: (mask & bit) !== 0 });
    }
  }

  wheel(deltaX: number, deltaY: number): void {
    this.#emit({ type: "wheel", ...this.#position(), deltaX, deltaY });
  }

  /** Pointer lock began or ended. */
  setLocked(locked: boolean): void {
    if (locked === this.#locked) return;
    this.#locked = locked;
    if (!locked) return;
    this.#total = { x: 0, y: 0 };
    this.#nextEpoch();
  }

  /** The buttons are up at the agent (it was told to release all). */
  forgetButtons(): void {
    this.#buttons = 0;
  }

  /** A new session counts from 1 again. */
  restart(): void {
    this.#sequence = 0;
    this.#epoch = this.#locked ? 1 : 0;
    this.#total = { x: 0, y: 0 };
    this.#sent = undefined;
    this.#buttons = 0;
  }

  #nextEpoch(): void {
    this.#epoch = (this.#epoch % 255) + 1;
  }

  #motion(): void {
    const { x, y } = this.#where();
    const epoch = this.#locked ? this.#epoch : 0;
    if (this.#sent?.epoch === epoch && this.#sent.x === x && this.#sent.y === y) return;
    this.#emit({ type: "motion", ...this.#position() });
  }

  #where(): { readonly x: number; readonly y: number } {
    return this.#locked ? { x: Math.trunc(this.#total.x) + 0, y: Math.trunc(this.#total.y) + 0 } : this.#absolute;
  }

  #position(): { sequence: number; epoch: number; x: number; y: number } {
    this.#sequence = (this.#sequence + 1) >>> 0;
    const sent = { epoch: this.#locked ? this.#epoch : 0, ...this.#where() };
    this.#sent = sent;
    return { sequence: this.#sequence, ...sent };
  }
}
