// Whether keys go as characters or as places. Pure. Asked by `client.ts` for `capture.ts` and for the interface, which says why.

import type { Settings } from "../../shared/settings.ts";

export interface KeyboardMode {
  readonly mode: "text" | "physical";
  /** Why this one: area `hands` of the catalogue has the words. */
  readonly why: "chosen" | "locked" | "pointer" | "keyboard" | "nothing";
}

export interface KeyboardFacts {
  readonly locked: boolean;
  /** By programs of the desktop. */
  readonly grabs: { readonly pointer: boolean; readonly keyboard: boolean } | undefined;
}

export function keyboardMode(choice: Settings["keyboard"], { locked, grabs }: KeyboardFacts): KeyboardMode {
  if (choice !== "auto") return { mode: choice, why: "chosen" };
  if (locked) return { mode: "physical", why: "locked" };
  if (grabs?.pointer === true) return { mode: "physical", why: "pointer" };
  if (grabs?.keyboard === true) return { mode: "physical", why: "keyboard" };
  return { mode: "text", why: "nothing" };
}
