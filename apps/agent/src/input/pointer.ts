// Where a viewer's pointer goes: positions, running totals and wheel steps in, moves and clicks out. Pure.
// The rules are those of protocol `input.ts`. Used by `injector.ts`.

import { ProtocolError } from "@eglantine/protocol/field";

export interface Position {
  readonly sequence: number;
  readonly epoch: number;
  readonly x: number;
  readonly y: number;
}

export interface PointerState {
  /** Of the last position that was applied, 0 before the first. */
  readonly sequence: number;
  /** The pointer lock that the totals belong to, 0 before the first. */
  readonly epoch: number;
  readonly totalX: number;
  readonly totalY: number;
  /** The last absolute position, for the way back after a late button. */
  readonly absolute: { readonly x: number; readonly y: number } | undefined;
  /** Wheel units that are not a whole click yet. */
  readonly wheelX: number;
  readonly wheelY: number;
}

export type Move =
  | { readonly kind: "to"; readonly x: number; readonly y: number }
  | { readonly kind: "by"; readonly x: number; readonly y: number };

export interface Placement {
  readonly state: PointerState;
  /** Before the button or wheel of the message. */
  readonly before: readonly Move[];
  /** After it: back to where a newer motion has already been. */
  readonly after: readonly Move[];
}

export const POINTER_AT_REST: PointerState = {
  sequence: 0,
  epoch: 0,
  totalX: 0,
  totalY: 0,
  absolute: undefined,
  wheelX: 0,
  wheelY: 0,
};

/** Wheel units of one detent, as in Windows' WHEEL_DELTA and in libinput's high-resolution wheel. */
const WHEEL_UNITS = 120;
/** Most counts that one message may add: a 32 kHz-count mouse in half a minute of outage. */
const JUMP_MAX = 1 << 20;
/** XTEST moves by 16-bit numbers. */
const STEP_MAX = 0x7fff;

/** Takes the position of a motion, button or wheel. `atPosition`: something happens there, even if the message is late. */
export function place(state: PointerState, position: Position, atPosition: boolean): Placement {
  const newer = ((position.sequence - state.sequence) | 0) > 0;
  if (position.epoch === 0) {
    const to: Move = { kind: "to", x: position.x, y: position.y };
    if (newer) {
      const absolute = { x: position.x, y: position.y };
      return { state: { ...state, sequence: position.sequence, absolute }, before: [to], after: [] };
    }
    const back = state.absolute;
    if (!atPosition || back === undefined) return { state, before: [], after: [] };
    return { state, before: [to], after: [{ kind: "to", ...back }] };
  }
  if (!newer) return { state, before: [], after: [] };
  // A new lock counts from zero. Totals wrap at 32 bits, and so does their difference.
  const same = position.epoch === state.epoch;
  const dx = (position.x - (same ? state.totalX : 0)) | 0;
  const dy = (position.y - (same ? state.totalY : 0)) | 0;
  if (Math.abs(dx) > JUMP_MAX || Math.abs(dy) > JUMP_MAX) throw new ProtocolError("relative motion jumps too far");
  return {
    state: {
      ...state,
      sequence: position.sequence,
      epoch: position.epoch,
      totalX: position.x,
      totalY: position.y,
      absolute: undefined,
    },
    before: steps(dx, dy),
    after: [],
  };
}

function steps(dx: number, dy: number): Move[] {
  const moves: Move[] = [];
  let [x, y] = [dx, dy];
  while (x !== 0 || y !== 0) {
    const stepX = Math.max(-STEP_MAX, Math.min(STEP_MAX, x));
    const stepY = Math.max(-STEP_MAX, Math.min(STEP_MAX, y));
    moves.push({ kind: "by", x: stepX, y: stepY });
    x -= stepX;
    y -= stepY;
  }
  return moves;
}

/** Whole clicks of X buttons 4 (up), 5 (down), 6 (left), 7 (right); the rest is kept for the next turn. */
export function turnWheel(
  state: PointerState,
  deltaX: number,
  deltaY: number,
): { state: PointerState; clicks: number[] } {
  const [clicksX, wheelX] = wholeClicks(state.wheelX, deltaX);
  const [clicksY, wheelY] = wholeClicks(state.wheelY, deltaY);
  const clicks = [
    ...Array.from({ length: Math.abs(clicksY) }, () => (clicksY < 0 ? 4 : 5)),
    ...Array.from({ length: Math.abs(clicksX) }, () => (clicksX < 0 ? 6 : 7)),
  ];
  return { state: { ...state, wheelX, wheelY }, clicks };
}

/** A turn against the remainder starts afresh, so that the first detent back is felt at once. */
function wholeClicks(remainder: number, delta: number): [clicks: number, remainder: number] {
  const kept = remainder * delta < 0 ? 0 : remainder;
  const units = kept + delta;
  const clicks = Math.trunc(units / WHEEL_UNITS);
  return [clicks, units - clicks * WHEEL_UNITS];
}
