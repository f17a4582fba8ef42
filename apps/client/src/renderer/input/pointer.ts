// From pointer events to positions and buttons. PURE but for its counters. From `capture.ts` and `touch.ts`, to `send.ts`.
// Absolute positions are desktop pixels (epoch 0). Under pointer lock, and where a finger is a touchpad's, they are running totals of
// counts (epoch 1…255), so that a lost motion is healed by the next; fractions add up until they are whole. Where the pointer is then, the
// agent tells (feedback `pointerAt`); what was counted since is added.

import type { InputMessage } from "@eglantine/protocol/input";
import type { PenState } from "./pen.ts";

export type PointerMessage = Extract<InputMessage, { type: "motion" | "button" | "wheel" | "pen" }>;

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
/** Positions that the agent has not told of yet, at most: of some seconds. */
const UNTOLD_MAX = 512;

interface Spot {
  readonly x: number;
  readonly y: number;
}

export class Pointer {
  readonly #emit: (message: PointerMessage) => void;
  #sequence = 0;
  #epoch = 0;
  #relative = false;
  #absolute: Spot = { x: 0, y: 0 };
  #total: Spot = { x: 0, y: 0 };
  /** Whole counts of the totals before these. */
  #countedBefore: Spot = { x: 0, y: 0 };
  /** Positions that the agent has not told of, oldest first, with what was counted by then. */
  #untold: { readonly sequence: number; readonly counted: Spot }[] = [];
  #told: { readonly at: Spot; readonly counted: Spot } | undefined;
  #sent: { readonly epoch: number; readonly x: number; readonly y: number } | undefined;
  #buttons = 0;
  #pen: PenState | undefined;

  constructor(emit: (message: PointerMessage) => void) {
    this.#emit = emit;
  }

  get pressed(): boolean {
    return this.#buttons !== 0 || isHeld(this.#pen);
  }

  /** It counts, and points nowhere. */
  get relative(): boolean {
    return this.#relative;
  }

  /** Where the desktop's pointer is by now while it counts; undefined: it does not, or nothing was told of it. */
  get place(): Spot | undefined {
    if (!this.#relative || this.#told === undefined) return undefined;
    const { at, counted } = this.#told;
    const now = this.#counted();
    return { x: at.x + now.x - counted.x, y: at.y + now.y - counted.y };
  }

  /** The desktop's pointer was there when the position with this sequence had been taken. */
  told(sequence: number, x: number, y: number): void {
    const behind = this.#untold.findIndex((one) => ((one.sequence - sequence) | 0) > 0);
    const known = this.#untold.splice(0, behind === -1 ? this.#untold.length : behind).at(-1);
    this.#told = { at: { x, y }, counted: known?.counted ?? this.#told?.counted ?? this.#counted() };
  }

  /** The pointer is at this desktop pixel. Nothing is sent when it already was, or while it counts. */
  moveTo(x: number, y: number): void {
    if (this.#relative) return;
    this.#absolute = { x, y };
    this.#motion();
  }

  /** It moved by so many counts, fractions included. */
  moveBy(dx: number, dy: number): void {
    if (!this.#relative) return;
    this.#total = { x: this.#total.x + dx, y: this.#total.y + dy };
    if (Math.abs(this.#total.x) > TOTAL_LIMIT || Math.abs(this.#total.y) > TOTAL_LIMIT) {
      this.#motion();
      this.#countFrom({ x: this.#total.x % 1, y: this.#total.y % 1 });
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

  /** A pen is in this state there, or where it was last. One that is in the state said last is not told again. */
  pen(state: PenState, at: Spot = this.#absolute): void {
    if (this.#relative) return;
    const same = at.x === this.#absolute.x && at.y === this.#absolute.y && samePen(this.#pen, state);
    this.#absolute = at;
    this.#pen = state;
    if (!same) this.#emit({ type: "pen", ...this.#position(), ...state });
  }

  /** Counts from now on, and says so; or points again. */
  setRelative(relative: boolean): void {
    if (relative === this.#relative) return;
    this.#relative = relative;
    this.#told = undefined;
    if (!relative) return;
    this.#countFrom({ x: 0, y: 0 });
    this.#motion();
  }

  /** The buttons are up at the agent (it was told to release all). */
  forgetButtons(): void {
    this.#buttons = 0;
    this.#pen = undefined;
  }

  /** A new session counts from 1 again. */
  restart(): void {
    this.#sequence = 0;
    this.#epoch = this.#relative ? 1 : 0;
    this.#total = { x: 0, y: 0 };
    this.#sent = undefined;
    this.#buttons = 0;
    this.#pen = undefined;
    this.#untold = [];
    this.#told = undefined;
  }

  /** With the next epoch. */
  #countFrom(rest: Spot): void {
    this.#countedBefore = this.#counted();
    this.#total = rest;
    this.#epoch = (this.#epoch % 255) + 1;
  }

  /** Whole counts, over all epochs. */
  #counted(): Spot {
    return {
      x: this.#countedBefore.x + Math.trunc(this.#total.x),
      y: this.#countedBefore.y + Math.trunc(this.#total.y),
    };
  }

  #motion(): void {
    const { x, y } = this.#where();
    const epoch = this.#relative ? this.#epoch : 0;
    if (this.#sent?.epoch === epoch && this.#sent.x === x && this.#sent.y === y) return;
    this.#emit({ type: "motion", ...this.#position() });
  }

  #where(): Spot {
    return this.#relative ? { x: Math.trunc(this.#total.x) + 0, y: Math.trunc(this.#total.y) + 0 } : this.#absolute;
  }

  #position(): { sequence: number; epoch: number; x: number; y: number } {
    this.#sequence = (this.#sequence + 1) >>> 0;
    const sent = { epoch: this.#relative ? this.#epoch : 0, ...this.#where() };
    this.#sent = sent;
    if (this.#relative) this.#untold.push({ sequence: this.#sequence, counted: this.#counted() });
    if (this.#untold.length > UNTOLD_MAX) this.#untold.shift();
    return { sequence: this.#sequence, ...sent };
  }
}

const isHeld = (pen: PenState | undefined): boolean => pen !== undefined && (pen.touches || pen.barrel || pen.second);

function samePen(one: PenState | undefined, other: PenState): boolean {
  if (one === undefined) return false;
  const names = Object.keys(other) as (keyof PenState)[];
  return names.every((name) => one[name] === other[name]);
}
