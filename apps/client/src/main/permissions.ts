// What the page may do beyond showing a desktop: a closed list, everything else is denied. PURE. Asked by `window.ts`.

import { isOwnPage } from "./page-files.ts";

/** Electron's names: "media" is the microphone, and what loudspeakers are called; "speaker-selection" another one than the usual. */
const ALLOWED: ReadonlySet<string> = new Set([
  "fullscreen",
  "pointerLock",
  "keyboardLock",
  "media",
  "speaker-selection",
]);

export function mayUse(permission: string, requestingAddress: string): boolean {
  return ALLOWED.has(permission) && isOwnPage(requestingAddress);
}
