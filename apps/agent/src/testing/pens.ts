// What a pen says, for tests: its tip above a place, upright, but for what a test is about.

import type { PenMessage } from "../input/tablet.ts";

export const penAt = (sequence: number, x: number, y: number, more: Partial<PenMessage> = {}): PenMessage => ({
  type: "pen",
  sequence,
  epoch: 0,
  x,
  y,
  tool: 1,
  touches: false,
  barrel: false,
  second: false,
  pressure: 0,
  tiltX: 0,
  tiltY: 0,
  twist: 0,
  ...more,
});
