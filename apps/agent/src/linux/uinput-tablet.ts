// A tablet of the kernel for the viewers' pens, through /dev/uinput, where the agent may open it. From `agent.ts` to `input/injector.ts`;
// done by native/uinput_device.cc.

import { messageOf } from "../errors.ts";
import { EV } from "../input/gamepad.ts";
import { PEN_AWAY, penReports, TABLET, type TabletState } from "../input/tablet.ts";
import type { Tablet } from "../input/types.ts";
import { loadNativeAddon } from "../video/native.ts";
import { uinputRefusal } from "./uinput.ts";

/** Why there is none, for the user. */
export interface NoTablet {
  readonly why: string;
}

export function chooseTablet(mode: "auto" | "mouse"): Tablet | NoTablet {
  if (mode === "mouse") return { why: "EGLANTINE_PEN is mouse" };
  const refusal = uinputRefusal();
  if (refusal !== undefined) return { why: refusal };
  try {
    return createTablet();
  } catch (error) {
    return { why: messageOf(error) };
  }
}

/** Throws what the system said. */
export function createTablet(): Tablet {
  const { UinputDevice } = loadNativeAddon();
  const device = new UinputDevice({ ...TABLET, phys: "eglantine/pen" }, () => undefined);
  let state: TabletState = PEN_AWAY;
  return {
    name: TABLET.name,
    set: (next) => {
      for (const report of penReports(state, next)) {
        const records = [...report, { type: EV.SYN, code: 0, value: 0 }];
        device.write(Int32Array.from(records.flatMap(({ type, code, value }) => [type, code, value])));
      }
      state = next;
    },
    close: () => device.close(),
  };
}
