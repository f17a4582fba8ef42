// Agent to viewer, binary: table of the `feedback` channel (`channels.ts`).
// Written by the agent's `x11/cursor.ts`, `x11/pointer-place.ts` and `session/dispatch.ts`, read by the client's `input/cursor.ts`,
// `input/pointer.ts` and `input/gamepads.ts`.

import { createCodec, type Message } from "./codec.ts";
import { bytes, i16, u16, u32, u8 } from "./field.ts";
import { LIMITS } from "./limits.ts";

export const FEEDBACK = {
  cursorShape: {
    type: 0x80,
    doc: "The pointer takes this shape from now on; the viewer keeps it under its serial.",
    fields: {
      serial: u32("names the shape for `cursorUse`; one serial is one picture for the whole session"),
      widthPx: u16("width", 1, LIMITS.cursorPx),
      heightPx: u16("height", 1, LIMITS.cursorPx),
      hotXPx: u16("hot spot from the left edge", 0, LIMITS.cursorPx - 1),
      hotYPx: u16("hot spot from the top edge", 0, LIMITS.cursorPx - 1),
      rgba: bytes("widthPx * heightPx pixels, rows from the top, R G B A, not premultiplied", LIMITS.cursorPx ** 2 * 4),
    },
  },
  cursorUse: {
    type: 0x81,
    doc: "The pointer takes a shape that was sent before.",
    fields: { serial: u32("of an earlier `cursorShape`") },
  },
  cursorHidden: { type: 0x82, doc: "The remote program hides the pointer.", fields: {} },
  pointerAt: {
    type: 0x85,
    doc:
      "Where the pointer stands, to a viewer that counts (`epoch` above 0) and while the desktop shows its pointer: when that has changed, and " +
      "no more often than the pointer can be seen to move.",
    fields: {
      sequence: u32("the last position of this viewer's that was taken before"),
      xPx: i16("from the left edge"),
      yPx: i16("from the top edge"),
    },
  },
  inputAck: {
    type: 0x84,
    doc: "So many messages of the input channel were taken in this session. Comes back over the path they came by.",
    fields: { count: u32("as in input `resume`") },
  },
  padRumble: {
    type: 0x90,
    doc: "The motors of a gamepad run like this from now on, and stop by themselves; said again while they are to go on.",
    fields: {
      index: u8("the viewer's number of the gamepad", 0, LIMITS.gamepads - 1),
      strong: u16("low-frequency motor; 65535 is full"),
      weak: u16("high-frequency motor; 65535 is full"),
      durationMs: u16("0: they stop now"),
    },
  },
  pong: { type: 0x83, doc: "Answer to input `ping`.", fields: { id: u32("the ping's") } },
} as const;

export type FeedbackMessage = Message<typeof FEEDBACK>;

export const feedbackCodec = createCodec(FEEDBACK, LIMITS.feedbackBytes);
