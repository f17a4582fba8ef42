// A process of its own for `uinput.system.test.ts`, since what stands for /dev/uinput is loaded in front of it: plugs a pad in, prints what
// comes of force feedback, presses a button and unplugs it. With "tablet" it draws a stroke with a pen instead.

import { PAD_AT_REST, padRecords } from "../../input/gamepad.ts";
import { PadError } from "../../input/pad-types.ts";
import { PEN_AWAY, type PenMessage, tabletState } from "../../input/tablet.ts";
import { createUinput } from "../uinput.ts";
import { createTablet } from "../uinput-tablet.ts";

const say = (what: unknown): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

function plugPad(): void {
  const pad = createUinput().plug(2, (owner, force) => {
    say({ owner, ...force });
    // The last thing that the stand-in does.
    if (force.kind !== "erase") return;
    pad.write(padRecords(PAD_AT_REST, { ...PAD_AT_REST, buttons: 1, leftX: -5 }));
    pad.close();
    pad.close();
  });
}

function draw(): void {
  const tablet = createTablet();
  const screen = { widthPx: 101, heightPx: 101 };
  const pen: PenMessage = {
    type: "pen",
    sequence: 1,
    epoch: 0,
    x: 0,
    y: 100,
    tool: 1,
    touches: true,
    barrel: false,
    second: false,
    pressure: 0x8000,
    tiltX: -30,
    tiltY: 45,
    twist: 0,
  };
  tablet.set(tabletState(pen, screen));
  tablet.set(tabletState({ ...pen, x: 100, pressure: 0xffff }, screen));
  tablet.set(PEN_AWAY);
  tablet.close();
  tablet.close();
}

try {
  if (process.argv[2] === "tablet") draw();
  else plugPad();
} catch (error) {
  if (!(error instanceof PadError)) throw error;
  say({ refused: error.message });
}
