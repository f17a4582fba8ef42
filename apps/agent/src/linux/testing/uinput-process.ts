// A process of its own for `uinput.system.test.ts`, since what stands for /dev/uinput is loaded in front of it: plugs a pad in, prints what
// comes of force feedback, presses a button and unplugs it.

import { PAD_AT_REST, padRecords } from "../../input/gamepad.ts";
import { PadError } from "../../input/pad-types.ts";
import { createUinput } from "../uinput.ts";

const say = (what: unknown): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

try {
  const pad = createUinput().plug(2, (owner, force) => {
    say({ owner, ...force });
    // The last thing that the stand-in does.
    if (force.kind !== "erase") return;
    pad.write(padRecords(PAD_AT_REST, { ...PAD_AT_REST, buttons: 1, leftX: -5 }));
    pad.close();
    pad.close();
  });
} catch (error) {
  if (!(error instanceof PadError)) throw error;
  say({ refused: error.message });
}
