// Gamepads of the kernel, through /dev/uinput, where the agent may open it. Every program sees them, whatever it is started with.
// From `gamepad-tier.ts`; done by native/uinput_device.cc.

import { closeSync, constants, openSync, statSync } from "node:fs";
import { codeOf, messageOf } from "../errors.ts";
import { EV, GAMEPAD } from "../input/gamepad.ts";
import { type PadBackend, PadError } from "../input/pad-types.ts";
import { loadNativeAddon } from "../video/native.ts";
import { forceOf } from "./pad-force.ts";
import { physOf } from "./pad-tree.ts";

const DEVICE = "/dev/uinput";
/** Where the kernel's devices appear. A container that was given /dev/uinput alone would make pads that its programs never see. */
const NODES = "/dev/input";

/** Why no device can be made here; undefined: it can. */
export function uinputRefusal(): string | undefined {
  try {
    closeSync(openSync(DEVICE, constants.O_RDWR | constants.O_NONBLOCK));
  } catch (error) {
    return `${DEVICE} can't be opened (${codeOf(error) ?? messageOf(error)})`;
  }
  return statSync(NODES, { throwIfNoEntry: false })?.isDirectory() === true
    ? undefined
    : `${DEVICE} is there, and ${NODES} is not`;
}

/** The kernel does not tell the programs apart: it erases the effects of one that ends. */
const ANYBODY = 0;

export function createUinput(): PadBackend {
  const { UinputDevice } = loadNativeAddon();
  return {
    tier: "uinput",
    why: `${DEVICE} can be opened`,
    plug: (place, onForce) => {
      try {
        const pad = new UinputDevice({ ...GAMEPAD, phys: physOf(place) }, (type, code, value) => {
          const force = forceOf({ type, code, value });
          if (force !== undefined) onForce(ANYBODY, force);
        });
        return {
          write: (records) => {
            const triples = [...records, REPORT].flatMap(({ type, code, value }) => [type, code, value]);
            pad.write(Int32Array.from(triples));
          },
          close: () => pad.close(),
        };
      } catch (error) {
        throw new PadError(messageOf(error), { cause: error });
      }
    },
    close: () => Promise.resolve(),
  };
}

const REPORT = { type: EV.SYN, code: 0, value: 0 };
