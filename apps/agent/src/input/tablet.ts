// What a pen's tablet is, and what the pen does in the kernel's words. Pure. The viewer's side is protocol `input.ts` (`pen`). From
// `injector.ts`; used by `linux/uinput-tablet.ts`, which also describes it to the kernel.

import type { InputMessage } from "@eglantine/protocol/input";
import { type AxisRange, EV } from "./gamepad.ts";
import type { InputRecord } from "./pad-types.ts";
import type { Screen } from "./types.ts";

export type PenMessage = Extract<InputMessage, { type: "pen" }>;

/** linux/input-event-codes.h */
const BTN = { TOOL_PEN: 0x140, TOOL_RUBBER: 0x141, TOUCH: 0x14a, STYLUS: 0x14b, STYLUS2: 0x14c } as const;
const ABS = { X: 0x00, Y: 0x01, PRESSURE: 0x18, TILT_X: 0x1a, TILT_Y: 0x1b } as const;
const INPUT_PROP_DIRECT = 1;
const BUS_VIRTUAL = 6;

const SIDE = 0x7fff;
/** As many steps as the finest tablets tell apart. */
const PRESSURE_BITS = 13;
/** Units a millimetre: libinput takes no tablet without. It is as large as a large one; what counts is the share of the screen. */
const UNITS_PER_MM = 100;
/** Units a radian. */
const TILT_RESOLUTION = 57;

const axis = (code: number, minimum: number, maximum: number, resolution: number): AxisRange => ({
  code,
  minimum,
  maximum,
  fuzz: 0,
  flat: 0,
  resolution,
});

/** One that is drawn on, as a screen is. */
export const TABLET = {
  name: "Eglantine pen",
  bus: BUS_VIRTUAL,
  vendor: 0,
  product: 0,
  version: 1,
  props: [INPUT_PROP_DIRECT],
  keys: Object.values(BTN),
  axes: [
    axis(ABS.X, 0, SIDE, UNITS_PER_MM),
    axis(ABS.Y, 0, SIDE, UNITS_PER_MM),
    axis(ABS.PRESSURE, 0, 2 ** PRESSURE_BITS - 1, 0),
    axis(ABS.TILT_X, -90, 90, TILT_RESOLUTION),
    axis(ABS.TILT_Y, -90, 90, TILT_RESOLUTION),
  ],
  force: [],
} as const;

/** By code; what is missing is 0. */
export type TabletState = ReadonlyMap<number, number>;

export const PEN_AWAY: TabletState = new Map();

const KEY_CODES: ReadonlySet<number> = new Set(Object.values(BTN));
const TOOLS = [undefined, BTN.TOOL_PEN, BTN.TOOL_RUBBER] as const;

/** Where `screen` is all of the tablet. */
export function tabletState(pen: PenMessage, { widthPx, heightPx }: Screen): TabletState {
  const tool = TOOLS[pen.tool];
  if (tool === undefined) return PEN_AWAY;
  const place = (px: number, sidePx: number): number =>
    Math.round((Math.min(sidePx - 1, Math.max(0, px)) / Math.max(1, sidePx - 1)) * SIDE);
  return new Map([
    [tool, 1],
    [ABS.X, place(pen.x, widthPx)],
    [ABS.Y, place(pen.y, heightPx)],
    [BTN.TOUCH, Number(pen.touches)],
    // A touch with no weight at all is none to programs.
    [ABS.PRESSURE, pen.touches ? Math.max(1, pen.pressure >> (16 - PRESSURE_BITS)) : 0],
    [ABS.TILT_X, pen.tiltX],
    [ABS.TILT_Y, pen.tiltY],
    [BTN.STYLUS, Number(pen.barrel)],
    [BTN.STYLUS2, Number(pen.second)],
  ]);
}

/** The events between two states, without the reports' ends: one report, or two where the pen is turned round. */
export function penReports(before: TabletState, after: TabletState): InputRecord[][] {
  const turned = TOOLS.some((tool) => tool !== undefined && before.has(tool) && !after.has(tool)) && after.size > 0;
  if (turned) return [...penReports(before, PEN_AWAY), ...penReports(PEN_AWAY, after)];
  const records: InputRecord[] = [];
  // Places outlast the pen's going away, as a real one's do.
  const codes =
    after.size === 0 ? [...before.keys()].filter((code) => KEY_CODES.has(code) || code === ABS.PRESSURE) : after.keys();
  for (const code of codes) {
    const value = after.get(code) ?? 0;
    // What was away is told whole: the kernel drops what has not changed.
    if (before.size > 0 && (before.get(code) ?? 0) === value) continue;
    records.push({ type: KEY_CODES.has(code) ? EV.KEY : EV.ABS, code, value });
  }
  return records.length === 0 ? [] : [records];
}

/** Pointer buttons of a pen that is taken for a mouse. */
export function mouseButtons({ touches, barrel, second }: PenMessage): readonly number[] {
  const pressed: number[] = [];
  if (barrel) pressed.push(3);
  else if (touches) pressed.push(1);
  if (second) pressed.push(2);
  return pressed;
}
