// Keys that this computer keeps for itself, as Alt+Tab and the Super key: in full screen the desktop gets them while its window has the focus, as far as
// the system lets a window have them (Keyboard Lock). In the application on macOS the keys of its menu too, full screen or not. One chord gives them back,
// which is shown as long as they are held. Built by `client.ts`; shown by `ui/chord-hint.tsx`. https://wicg.github.io/keyboard-lock/

import type { Bridge } from "../../shared/bridge.ts";
import { Store } from "../store.ts";

export class SystemKeys {
  readonly held = new Store(false);
  readonly #bridge: Pick<Bridge, "holdKeys"> | undefined;
  /** There is a menu that would take keys. */
  readonly #hasMenu: boolean;
  readonly #ended = new AbortController();
  #wanted = false;

  constructor(bridge: Pick<Bridge, "holdKeys" | "platform"> | undefined) {
    this.#bridge = bridge;
    this.#hasMenu = bridge?.platform === "darwin";
    document.addEventListener("fullscreenchange", () => this.#screenChanged(), { signal: this.#ended.signal });
  }

  /** The hands are on the desktop: what they press is its own, as far as it can be had. */
  async take(): Promise<void> {
    this.#wanted = true;
    const locked = await lock();
    // It may be over by then.
    const isOver = !this.#wanted || document.fullscreenElement === null;
    if (locked === true && isOver) navigator.keyboard?.unlock();
    this.#set(this.#wanted && (this.#hasMenu || (locked !== false && !isOver)));
  }

  /** This computer has its keys again. */
  release(): void {
    this.#wanted = false;
    if (!this.held.get()) return;
    navigator.keyboard?.unlock();
    this.#set(false);
  }

  /** Idempotent. */
  close(): void {
    this.#ended.abort();
    this.release();
  }

  #screenChanged(): void {
    if (document.fullscreenElement === null && !this.#hasMenu) this.release();
    else void this.take();
  }

  #set(held: boolean): void {
    if (held === this.held.get()) return;
    this.held.set(held);
    void this.#bridge?.holdKeys({ held });
  }
}

/** Not in every browser, not on http:// pages, and not but in full screen. Undefined: it is asked for once more meanwhile, and had by that. */
async function lock(): Promise<boolean | undefined> {
  if (document.fullscreenElement === null || navigator.keyboard === undefined) return false;
  try {
    await navigator.keyboard.lock();
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return undefined;
    console.warn("the system keeps its keys", error);
    return false;
  }
}
