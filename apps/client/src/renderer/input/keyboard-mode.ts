// Whether keys go as characters or as places. Pure. Asked by `client.ts` for `capture.ts` and for the interface, which says why.

import type { Settings } from "../../shared/settings.ts";

export interface KeyboardMode {
  readonly mode: "text" | "physical";
  /** For the user: why this one. */
  readonly why: string;
}

export interface KeyboardFacts {
  readonly locked: boolean;
  /** By programs of the desktop. */
  readonly grabs: { readonly pointer: boolean; readonly keyboard: boolean } | undefined;
}

export function keyboardMode(choice: Settings["keyboard"], { locked, grabs }: KeyboardFacts): KeyboardMode {
  if (choice !== "auto") return { mode: choice, why: "chosen by you" };
  if (locked) return { mode: "physical", why: "the pointer is locked" };
  if (grabs?.pointer === true) return { mode: "physical", why: "a program has grabbed the pointer" };
  if (grabs?.keyboard === true) return { mode: "physical", why: "a program has grabbed the keyboard" };
  return { mode: "text", why: "no program has grabbed anything" };
}
