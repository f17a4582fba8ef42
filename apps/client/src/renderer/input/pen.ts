// What a pen does, in the protocol's words (input `pen`), and as buttons where the agent takes it for a mouse. PURE. Used by `mouse.ts`.

import type { InputMessage } from "@eglantine/protocol/input";

/** All of the message but where the pointer is. */
export type PenState = Omit<Extract<InputMessage, { type: "pen" }>, "type" | "sequence" | "epoch" | "x" | "y">;

/** What is read of a PointerEvent. */
export interface PenInput {
  readonly pointerType: string;
  readonly buttons: number;
  readonly pressure: number;
  /** Degrees. */
  readonly tiltX: number;
  readonly tiltY: number;
  readonly twist: number;
}

/** Bits of PointerEvent.buttons (W3C Pointer Events, 5.1.1.2). */
const TIP = 1;
const BARREL = 2;
const SECOND = 4;
const ERASER = 32;

const FULL_PRESSURE = 0xffff;
/** A pen without a scale for it says 0.5, as does a mouse. */
const TILT_MOST = 90;

export function penState({ buttons, pressure, tiltX, tiltY, twist }: PenInput): PenState {
  const has = (bit: number): boolean => (buttons & bit) !== 0;
  const touches = has(TIP) || has(ERASER);
  return {
    tool: has(ERASER) ? 2 : 1,
    touches,
    barrel: has(BARREL),
    second: has(SECOND),
    pressure: touches ? whole(pressure * FULL_PRESSURE, 0, FULL_PRESSURE) : 0,
    tiltX: whole(tiltX, -TILT_MOST, TILT_MOST),
    tiltY: whole(tiltY, -TILT_MOST, TILT_MOST),
    twist: whole(twist, 0, 359),
  };
}

/** It is out of reach. */
export const penReach = (): PenState => ({
  tool: 0,
  touches: false,
  barrel: false,
  second: false,
  pressure: 0,
  tiltX: 0,
  tiltY: 0,
  twist: 0,
});

/**
 * PointerEvent.buttons as a mouse has them: the eraser is a tip, and the barrel's button makes of the tip's touch a right click. Those of
 * a mouse stay what they are.
 */
export function penButtons({ pointerType, buttons }: Pick<PenInput, "pointerType" | "buttons">): number {
  if (pointerType !== "pen") return buttons;
  if ((buttons & BARREL) !== 0) return BARREL | (buttons & SECOND);
  return (buttons & ERASER) === 0 ? buttons : TIP;
}

function whole(value: number, min: number, max: number): number {
  return Number.isFinite(value) ? Math.min(max, Math.max(min, Math.round(value))) + 0 : 0;
}
