// Chooses how programs get the viewers' gamepads: devices of the kernel where the agent may make them, else the interposer, which needs no
// rights. From `agent.ts`; image/rootfs/…/supervisor/gamepads makes the same choice for what the programs are started with.

import { type PadBackend, PadError } from "../input/pad-types.ts";
import { createInterposer } from "./interposer.ts";
import { createUinput, uinputRefusal } from "./uinput.ts";

export interface TierOptions {
  readonly mode: "auto" | "uinput" | "interposer" | "off";
  /** For the interposer's files. */
  readonly folder: string;
  /** The desktop's programs are started with the interposer. */
  readonly preloaded: boolean;
}

export function chooseGamepads({ mode, folder, preloaded }: TierOptions): PadBackend {
  if (mode === "off") return noGamepads("EGLANTINE_GAMEPAD is off");
  const refusal = mode === "interposer" ? "EGLANTINE_GAMEPAD is interposer" : uinputRefusal();
  if (refusal === undefined) return createUinput();
  if (mode === "uinput") return noGamepads(refusal);
  const how = preloaded
    ? "the desktop's programs are started with a library that shows them gamepads"
    : `programs see gamepads when they are started with LD_PRELOAD=libeglantine-gamepad.so EGLANTINE_GAMEPAD_DIR=${folder}`;
  try {
    return createInterposer(folder, `${refusal}; ${how}`);
  } catch (error) {
    if (!(error instanceof PadError)) throw error;
    return noGamepads(`${refusal}; ${error.message}`);
  }
}

function noGamepads(why: string): PadBackend {
  return {
    tier: "off",
    why,
    plug: () => {
      throw new PadError(why);
    },
    close: () => Promise.resolve(),
  };
}
