// Where the hands of a window with a monitor of its own point: what it says is within that monitor, what the X server takes is the desktop.
// Positions beyond the window, as of a drag that leaves it, go on to the monitor beside. PURE. Between `session/input-intake.ts` and
// `injector.ts`, which keeps them on the desktop; asked by `session/session.ts` too.

import type { InputMessage } from "@eglantine/protocol/input";
import type { Region } from "../video/types.ts";
import type { ViewerInput } from "./types.ts";

type Hands = ViewerInput & { leave(): void };

/** `region`: of the window, now; undefined: it shows all of the desktop. */
export function atOrigin(hands: Hands, region: () => Region | undefined): Hands {
  return {
    ...hands,
    get holding() {
      return hands.holding;
    },
    apply: (message) => hands.apply(onDesktop(message, region())),
  };
}

export function onDesktop(message: InputMessage, region: Region | undefined): InputMessage {
  if (region === undefined) return message;
  // Counts of a locked pointer are the same everywhere.
  const { type } = message;
  const points = type === "motion" || type === "button" || type === "wheel" || type === "pen";
  if (!points || message.epoch !== 0) return message;
  return { ...message, x: message.x + region.xPx, y: message.y + region.yPx };
}

interface Spot {
  readonly xPx: number;
  readonly yPx: number;
}

/** Where on the desktop a place of the window is. */
export function spotOnDesktop(spot: Spot, region: Region | undefined): Spot {
  return { xPx: spot.xPx + (region?.xPx ?? 0), yPx: spot.yPx + (region?.yPx ?? 0) };
}

/** Where in the window a place of the desktop is; beyond its edges where it is on another monitor. */
export function spotInWindow(spot: Spot, region: Region | undefined): Spot {
  return { xPx: spot.xPx - (region?.xPx ?? 0), yPx: spot.yPx - (region?.yPx ?? 0) };
}
