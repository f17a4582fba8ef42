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

/** A gamepad among those of its viewer. */
const pad = { index: u8("the viewer's own number of the gamepad", 0, LIMITS.gamepads - 1) } as const;

/**
 * Where a gamepad's sticks and triggers are, always all of them, so that a lost message is healed by the next one. The last of a
 * movement goes over `input`.
 */
const padAxes = {
  sequence: u32(
    "grows with each `padState` and `padAxes`, and goes on when the gamepad is unplugged; the axes of an older one than the last taken are ignored",
  ),
  leftX: i16("left stick, to the right"),
  leftY: i16("left stick, downwards"),
  rightX: i16("right stick, to the right"),
  rightY: i16("right stick, downwards"),
  leftTrigger: u8("0: at rest; 255: pressed down"),
  rightTrigger: u8("0: at rest; 255: pressed down"),
} as const;

/** Buttons of the Gamepad API's standard layout. */
const PAD_BUTTONS = 17;

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
        "messages of the input channel in this session before the next one, `motion`, `padAxes`, `resume` and `held` left out",
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
  locks: {
    type: 0x09,
    doc: "The lock keys as this viewer has them from now on: the desktop's are set so before each key that it presses.",
    fields: { caps: flag("Caps Lock is on"), num: flag("Num Lock is on") },
  },
  pen: {
    type: 0x0a,
    doc:
      "All that a pen does, at the position given, each time that something of it changes; to agents that have said `pen`. Absolute alone. Where " +
      "programs take it for a mouse, its touch is the left button, and the right one while the barrel's button is down.",
    fields: {
      ...position,
      tool: u8("0: out of reach, 1: the tip, 2: the eraser", 0, 2),
      touches: flag("it is on the surface"),
      barrel: flag("the barrel's button is down"),
      second: flag("the barrel's second button is down"),
      pressure: u16("65535 is full; without a touch it counts for nothing"),
      tiltX: i16("degrees from upright, to the right", -90, 90),
      tiltY: i16("degrees from upright, towards the user", -90, 90),
      twist: u16("degrees clockwise, about its own axis", 0, 359),
    },
  },
  padConnect: {
    type: 0x30,
    doc: "A gamepad of the standard layout is there. Answered by control `gamepads`; one that is there already is ignored.",
    fields: pad,
  },
  padDisconnect: { type: 0x31, doc: "It is not there any more.", fields: pad },
  padState: {
    type: 0x32,
    doc:
      "All of a gamepad: at each change of its buttons, when its sticks have come to rest, and several times a second while it is not " +
      "at rest. One of which nothing is heard returns to rest. Of a gamepad that is not there it is ignored.",
    fields: {
      ...pad,
      ...padAxes,
      buttons: u32(
        "a bit for each button that is down, button 0 of the standard layout the lowest",
        0,
        2 ** PAD_BUTTONS - 1,
      ),
    },
  },
  padAxes: {
    type: 0x38,
    doc: "A gamepad's sticks or triggers moved. On the `motion` channel; taken from `input` too.",
    fields: { ...pad, ...padAxes },
  },
  motion: {
    type: 0x10,
    doc: "The pointer moved. On the `motion` channel; taken from `input` too, for a viewer without that channel.",
    fields: position,
  },
} as const;

export type InputMessage = Message<typeof INPUT>;

export const inputCodec = createCodec(INPUT, LIMITS.inputBytes);
