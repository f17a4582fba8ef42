// What a gamepad is, and what its state is in the kernel's words. Pure. The viewer's side is the Gamepad API's standard layout
// (protocol `input.ts`); this machine's is an Xbox 360 pad as Linux' xpad driver shows it, which every game knows. From `gamepads.ts`;
// used by `linux/uinput.ts` and `linux/interposer.ts`, which also describe it to programs.

import type { InputRecord } from "./pad-types.ts";

/** linux/input-event-codes.h */
export const EV = { SYN: 0x00, KEY: 0x01, ABS: 0x03, FF: 0x15 } as const;
const BTN = {
  A: 0x130,
  B: 0x131,
  X: 0x133,
  Y: 0x134,
  TL: 0x136,
  TR: 0x137,
  SELECT: 0x13a,
  START: 0x13b,
  MODE: 0x13c,
  THUMBL: 0x13d,
  THUMBR: 0x13e,
} as const;
const ABS = { X: 0, Y: 1, Z: 2, RX: 3, RY: 4, RZ: 5, HAT0X: 16, HAT0Y: 17 } as const;
export const FF = { RUMBLE: 0x50, PERIODIC: 0x51, SQUARE: 0x58, TRIANGLE: 0x59, SINE: 0x5a, GAIN: 0x60 } as const;

export interface AxisRange {
  readonly code: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly fuzz: number;
  readonly flat: number;
  readonly resolution: number;
}

const stick = (code: number): AxisRange => ({
  code,
  minimum: -32_768,
  maximum: 32_767,
  fuzz: 16,
  flat: 128,
  resolution: 0,
});
const trigger = (code: number): AxisRange => ({ code, minimum: 0, maximum: 255, fuzz: 0, flat: 0, resolution: 0 });
const hat = (code: number): AxisRange => ({ code, minimum: -1, maximum: 1, fuzz: 0, flat: 0, resolution: 0 });

/** Bus, vendor, product, names and ranges: xpad.c. In the order of the codes, which is that of the axes and buttons of /dev/input/jsN. */
export const GAMEPAD = {
  name: "Microsoft X-Box 360 pad",
  bus: 3,
  vendor: 0x045e,
  product: 0x028e,
  version: 0x0114,
  keys: Object.values(BTN),
  axes: [
    stick(ABS.X),
    stick(ABS.Y),
    trigger(ABS.Z),
    stick(ABS.RX),
    stick(ABS.RY),
    trigger(ABS.RZ),
    hat(ABS.HAT0X),
    hat(ABS.HAT0Y),
  ],
  force: Object.values(FF),
  props: [],
} as const;

/** Button of the standard layout → key. 6 and 7 are the triggers, which are axes; 12 … 15 the directional pad, which is a hat. */
const KEYS: readonly (readonly [button: number, key: number])[] = [
  [0, BTN.A],
  [1, BTN.B],
  [2, BTN.X],
  [3, BTN.Y],
  [4, BTN.TL],
  [5, BTN.TR],
  [8, BTN.SELECT],
  [9, BTN.START],
  [16, BTN.MODE],
  [10, BTN.THUMBL],
  [11, BTN.THUMBR],
];
const [UP, DOWN, LEFT, RIGHT] = [12, 13, 14, 15];

export interface PadAxes {
  readonly leftX: number;
  readonly leftY: number;
  readonly rightX: number;
  readonly rightY: number;
  readonly leftTrigger: number;
  readonly rightTrigger: number;
}

export interface PadState extends PadAxes {
  /** A bit for each button of the standard layout. */
  readonly buttons: number;
}

export const PAD_AT_REST: PadState = {
  buttons: 0,
  leftX: 0,
  leftY: 0,
  rightX: 0,
  rightY: 0,
  leftTrigger: 0,
  rightTrigger: 0,
};

/** The events between two states, without the report's end; none when nothing differs. */
export function padRecords(before: PadState, after: PadState): InputRecord[] {
  const [old, now] = [padValues(before), padValues(after)];
  return now.filter((record, index) => record.value !== old[index]?.value);
}

/** All that a state consists of, as events. */
export function padValues(state: PadState): InputRecord[] {
  const { buttons } = state;
  const bit = (button: number): number => (buttons >>> button) & 1;
  const axis = (code: number, value: number): InputRecord => ({ type: EV.ABS, code, value });
  return [
    ...KEYS.map(([button, code]) => ({ type: EV.KEY, code, value: bit(button) })),
    axis(ABS.X, state.leftX),
    axis(ABS.Y, state.leftY),
    axis(ABS.Z, state.leftTrigger),
    axis(ABS.RX, state.rightX),
    axis(ABS.RY, state.rightY),
    axis(ABS.RZ, state.rightTrigger),
    axis(ABS.HAT0X, bit(RIGHT) - bit(LEFT)),
    axis(ABS.HAT0Y, bit(DOWN) - bit(UP)),
  ];
}

/** A raw value as /dev/input/jsN gives it, -32767 … 32767: joydev.c, `joydev_correct` with its first coefficients. */
export function jsValue({ minimum, maximum, flat }: AxisRange, value: number): number {
  const middle = Math.trunc((maximum + minimum) / 2);
  const slope = Math.trunc(2 ** 29 / (Math.trunc((maximum - minimum) / 2) - 2 * flat));
  const [low, high] = [middle - flat, middle + flat];
  if (value > low && value < high) return 0;
  const corrected = Math.floor((slope * (value - (value > low ? high : low))) / 2 ** 14);
  return Math.max(-32_767, Math.min(32_767, corrected));
}
