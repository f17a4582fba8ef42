// Viewer to agent, binary: what the hands do. Table of the `input` and `motion` channels (`channels.ts`).
// Written by the client's `input/send.ts`, read by the agent's `session/dispatch.ts`.

import { createCodec, type Message } from "./codec.ts";
import { bytes, flag, i16, i32, u8, u16, u32 } from "./field.ts";
import { LIMITS } from "./limits.ts";

/**
 * Where the pointer is. It stands in front of every pointer message, so that a button carries the motion before it
 * and never overtakes it. `epoch` 0: `x`, `y` are absolute desktop pixels. `epoch` 1..255: the pointer is locked, and
 * `x`, `y` are the counts moved since the lock began, as running totals, so that a lost motion is healed by the next
 * message. Each lock takes the next epoch (255 is followed by 1).
 */
const position = {
  sequence: u32(
    "counts every pointer message of this connection, from 1; an older one than the last applied is ignored",
  ),
  epoch: u8("0: absolute; 1..255: the number of the pointer lock whose totals follow"),
  x: i32("absolute: pixels from the left edge; relative: total counts to the right since the lock began"),
  y: i32("absolute: pixels from the top edge; relative: total counts downwards since the lock began"),
} as const;

export const INPUT = {
  key: {
    type: 0x01,
    doc: "A key went down or up. Auto-repeat is left to the X server: a held key is one message.",
    fields: {
      pressed: flag("true: down, false: up"),
      code: u16("physical key: its id in keys.ts, 0 when the browser names none"),
      keysym: u32("X keysym of the character or function that the key has in the viewer's layout, 0 when it has none"),
    },
  },
  releaseAll: {
    type: 0x02,
    doc: "Every key and button that this viewer holds is released: focus was lost.",
    fields: {},
  },
  button: {
    type: 0x03,
    doc: "A pointer button went down or up, at the position given.",
    fields: {
      ...position,
      button: u8("X button: 1 left, 2 middle, 3 right, 8 back, 9 forward", 1, 9),
      pressed: flag("true: down, false: up"),
    },
  },
  wheel: {
    type: 0x04,
    doc: "The wheel turned, at the position given. 120 units are one detent; smaller steps are added up by the agent.",
    fields: {
      ...position,
      deltaX: i16("1/120 detents to the right", -LIMITS.wheelUnits, LIMITS.wheelUnits),
      deltaY: i16("1/120 detents downwards", -LIMITS.wheelUnits, LIMITS.wheelUnits),
    },
  },
  ping: {
    type: 0x05,
    doc: "Answered at once by feedback `pong` with the same id: measures the input round trip.",
    fields: { id: u32("any number") },
  },
  clipboardBarrier: {
    type: 0x0f,
    doc:
      "What follows on the input channel pastes the clipboard that was offered with this serial (control `clipboard`): the agent lets it " +
      "through when that offer is the desktop's clipboard, at once where it is already, and after clipboardBarrierMs in any case.",
    fields: { serial: u32("of the viewer's own control `clipboard`") },
  },
  resume: {
    type: 0x06,
    doc:
      "The input channel's messages go on over the path on which this comes; what still arrives over another one is ignored. " +
      "Those among the next that the agent has had already are skipped: see feedback `inputAck`. It is not counted itself.",
    fields: {
      count: u32(
        "messages of the input channel in this session before the next one, `motion`, `resume` and `held` left out",
      ),
    },
  },
  held: {
    type: 0x07,
    doc:
      "A sign of life while something is held, about ten a second, on every path that is open: when a viewer that has sent one " +
      "falls silent for half a second, all that it holds is released. It is not counted, and not acknowledged.",
    fields: {},
  },
  text: {
    type: 0x08,
    doc:
      "Text that the viewer's input method or dead keys have made: each character is typed, whatever the desktop's layout is, in " +
      "order with the keys. A viewer splits longer text between characters.",
    fields: { text: bytes("UTF-8", LIMITS.inputTextBytes) },
  },
  motion: {
    type: 0x10,
    doc: "The pointer moved. On the `motion` channel; taken from `input` too, for a viewer without that channel.",
    fields: position,
  },
} as const;

export type InputMessage = Message<typeof INPUT>;

export const inputCodec = createCodec(INPUT, LIMITS.inputBytes);
