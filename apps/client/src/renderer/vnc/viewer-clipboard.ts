// The viewer's own clipboard, as far as the browser lets a page at it: text of the desktop is put there, and what the viewer
// copied elsewhere is offered to the desktop when the window has the focus again. From and to `vnc-path.ts`.

import { readPermission } from "../clipboard/browser-clipboard.ts";

/** Longest text that goes either way, characters: what Xvnc takes. */
const TEXT_CHARS = 256 * 1024;

export class ViewerClipboard {
  readonly #onText: (text: string) => void;
  #ended = new AbortController();
  /** The text that was seen or written here last: only another one is new. */
  #known: string | undefined;
  /** Of the desktop, not yet written, since the window did not have the focus. */
  #waiting: string | undefined;

  constructor(onText: (text: string) => void) {
    this.#onText = onText;
  }

  start(): void {
    this.stop();
    this.#ended = new AbortController();
    const options = { signal: this.#ended.signal };
    window.addEventListener("focus", () => void this.#sync(), options);
    // Some browsers give the clipboard only to a user's own act.
    window.addEventListener("pointerdown", () => void this.#sync(), { ...options, capture: true });
    void this.#sync();
  }

  /** Idempotent. */
  stop(): void {
    this.#ended.abort();
    this.#known = undefined;
    this.#waiting = undefined;
  }

  /** Text of the desktop becomes the viewer's. */
  take(text: string): void {
    if (text.length > TEXT_CHARS) return;
    this.#known = text;
    this.#waiting = text;
    void this.#sync();
  }

  async #sync(): Promise<void> {
    // In an insecure context there is none.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    if (clipboard === undefined || !document.hasFocus() || this.#ended.signal.aborted) return;
    try {
      const waiting = this.#waiting;
      if (waiting !== undefined) {
        await clipboard.writeText(waiting);
        if (this.#waiting === waiting) this.#waiting = undefined;
        return;
      }
      if (!(await mayRead())) return;
      const text = await clipboard.readText();
      if (text === "" || text === this.#known || text.length > TEXT_CHARS || this.#ended.signal.aborted) return;
      this.#known = text;
      this.#onText(text);
    } catch (error) {
      // Refused by the user or the browser: the text box in the tools remains.
      console.debug("clipboard", error);
    }
  }
}

/** Only where the browser has asked the user before, or asks once. */
async function mayRead(): Promise<boolean> {
  const state = await readPermission();
  return state !== undefined && state !== "denied";
}
