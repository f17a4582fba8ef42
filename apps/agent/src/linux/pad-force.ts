// What programs say of a gamepad's force feedback, from the events that stand for it: those of the interposer (image/gamepad/device.h)
// and of native/uinput_device.h, which are the same. Pure. Used by `pad-node.ts` and `uinput.ts`.

import { EV, FF } from "../input/gamepad.ts";
import type { Force, InputRecord } from "../input/pad-types.ts";

const FORCE_LEVELS = 0x7001;
const FORCE_REPLAY = 0x7002;
const FORCE_ERASE = 0x7003;

/** Undefined for anything else. */
export function forceOf({ type, code, value }: InputRecord): Force | undefined {
  switch (type) {
    case FORCE_LEVELS:
      return { kind: "upload", id: code, strong: value >>> 16, weak: value & 0xffff };
    case FORCE_REPLAY:
      return { kind: "replay", id: code, lengthMs: value >>> 16, delayMs: value & 0xffff };
    case FORCE_ERASE:
      return { kind: "erase", id: code };
    case EV.FF:
      return code === FF.GAIN ? { kind: "gain", gain: value } : { kind: "play", id: code, times: Math.max(0, value) };
    default:
      return undefined;
  }
}
