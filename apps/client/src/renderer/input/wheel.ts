// From wheel events to 1/120 detents. PURE. From `capture.ts`, to `send.ts`. What is smaller than a unit is kept for the next
// event, so that a slow touchpad loses nothing; so is what one message can't carry, of a fling.

import { LIMITS } from "@eglantine/protocol/limits";

/** What is read of a WheelEvent. `wheelDelta…`: the older fields, where the browser has them. */
export interface WheelInput {
  readonly deltaX: number;
  readonly deltaY: number;
  readonly deltaMode: number;
  readonly wheelDeltaX?: number;
  readonly wheelDeltaY?: number;
  readonly shiftKey: boolean;
}

export interface WheelUnits {
  readonly deltaX: number;
  readonly deltaY: number;
}

/** Units of one detent: the protocol's, Windows' WHEEL_DELTA and the kernel's REL_WHEEL_HI_RES. */
const DETENT = 120;
/** What browsers give for one detent of an ordinary wheel: Chromium and Firefox on Windows 100 px, 3 lines. */
const PIXELS_PER_DETENT = 100;
const LINES_PER_DETENT = 3;
const DETENTS_PER_PAGE = 3;
const MODE_LINE = 1;
const MODE_PAGE = 2;

export class Wheel {
  #restX = 0;
  #restY = 0;

  /** Whole units since the last call, or undefined when there is not one yet. */
  turn(input: WheelInput): WheelUnits | undefined {
    let unitsX = toUnits(input.deltaX, input.deltaMode, input.wheelDeltaX);
    let unitsY = toUnits(input.deltaY, input.deltaMode, input.wheelDeltaY);
    // With Shift the browser has turned the wheel sideways already; the desktop's programs do that themselves.
    if (input.shiftKey && unitsY === 0) [unitsX, unitsY] = [0, unitsX];
    return this.add(unitsX, unitsY);
  }

  /** The same of units, fractions included. */
  add(unitsX: number, unitsY: number): WheelUnits | undefined {
    const sumX = add(this.#restX, unitsX);
    const sumY = add(this.#restY, unitsY);
    const deltaX = clamp(Math.trunc(sumX));
    const deltaY = clamp(Math.trunc(sumY));
    this.#restX = clamp(sumX - deltaX);
    this.#restY = clamp(sumY - deltaY);
    return deltaX === 0 && deltaY === 0 ? undefined : { deltaX: deltaX + 0, deltaY: deltaY + 0 };
  }

  reset(): void {
    this.#restX = 0;
    this.#restY = 0;
  }
}

function toUnits(delta: number, mode: number, wheelDelta: number | undefined): number {
  if (!Number.isFinite(delta) || delta === 0) return 0;
  if (mode === MODE_LINE) return (delta / LINES_PER_DETENT) * DETENT;
  if (mode === MODE_PAGE) return delta * DETENTS_PER_PAGE * DETENT;
  // Whole detents in the older field are those of a real wheel, whatever pixels the platform makes of them. A detent of more
  // pixels than units is a made-up event: Chromium's debugging protocol calls every turn one detent.
  const detents = wheelDelta === undefined ? 0 : wheelDelta / DETENT;
  if (detents !== 0 && Number.isInteger(detents) && Math.abs(delta) <= Math.abs(detents) * DETENT) {
    return -detents * DETENT;
  }
  return (delta / PIXELS_PER_DETENT) * DETENT;
}

/** A turn back ends what is left of a fling. */
function add(rest: number, units: number): number {
  return Math.abs(rest) >= 1 && rest * units < 0 ? units : rest + units;
}

function clamp(units: number): number {
  return Math.min(LIMITS.wheelUnits, Math.max(-LIMITS.wheelUnits, units));
}
