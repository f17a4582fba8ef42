// The contract between the clipboard's link to the desktop (`clipboard-link.ts`) and this computer's own clipboard. Implemented by
// `browser-clipboard.ts` and `shell-clipboard.ts`.

import type { Holding } from "./holding.ts";

/** `later`: not before the user's next key or click, or before the window has the focus. `never`: not in this browser or on this page. */
export type Written = "yes" | "later" | "never";

export interface LocalClipboard {
  /** It can be looked at without anybody being asked, not even once. */
  readsSilently(): Promise<boolean>;
  /** A key that pastes makes the browser tell the page what is pasted. */
  readonly tellsPastes: boolean;
  /** It can be written while the window is behind others. */
  readonly writesUnfocused: boolean;
  /** Makes the browser tell what is pasted, where `read` says that there is more than it can give. */
  tell?(): Promise<void>;
  /** Undefined: not to be had now. */
  read(): Promise<Holding | undefined>;
  write(holding: Holding): Promise<Written>;
}
