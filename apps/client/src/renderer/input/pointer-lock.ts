// Whether the pointer is locked into the desktop, so that it tells raw counts and no places. The user locks it by toolbar or chord; by itself
// it follows programs that hide the pointer and hold it, as games do: at once where the browser allows it, else with the next press. From
// `capture.ts` and `client.ts`; what changes goes back to `capture.ts`, and a word to the user where the lock was lost or can't be had.

import { said, type Sentence } from "../messages/said.ts";

export interface PointerLockParts {
  readonly element: HTMLElement;
  /** The lock began or ended. */
  readonly onChange: (locked: boolean) => void;
  readonly say: (text: Sentence) => void;
}

const CLICK = said("notices", "click-to-lock");
const CLICK_AGAIN = said("notices", "click-again");
const CHORD_AGAIN = said("notices", "chord-again");

export class PointerLock {
  readonly #parts: PointerLockParts;
  /** Who locked it last, or is about to. */
  #owner: "user" | "program" = "user";
  /** A program hides the pointer and holds it. */
  #taken = false;
  /** The user took the pointer back from the program that holds it now. */
  #declined = false;
  #releasing = false;
  #locked = false;

  constructor(parts: PointerLockParts) {
    this.#parts = parts;
    document.addEventListener("pointerlockchange", () => this.#changed());
  }

  get locked(): boolean {
    return this.#locked;
  }

  /** Whether what the mouse tells now is counts: from when the browser holds the lock, of which its events may tell only after the first move. */
  counts(): boolean {
    this.#changed();
    return this.#locked;
  }

  /** The hands are taken off the desktop. */
  rest(): void {
    this.#taken = false;
    this.#declined = false;
    this.release();
  }

  /** The user's wish, by toolbar or chord. */
  async toggle(): Promise<void> {
    if (this.#locked || this.#held) {
      this.free();
      return;
    }
    this.#declined = false;
    await this.#request(this.#taken ? "program" : "user");
  }

  /** By the user's wish: the program that holds it now does not get it back by itself. */
  free(): void {
    if (this.#locked || this.#held) this.#declined = this.#taken;
    this.release();
  }

  /** The pointer is not to be locked; this is no loss. */
  release(): void {
    if (!this.#locked && !this.#held) return;
    this.#releasing = true;
    document.exitPointerLock();
  }

  /** A program hides the pointer and holds it, or has let it go. */
  setTaken(taken: boolean): void {
    if (taken === this.#taken) return;
    this.#taken = taken;
    this.#declined = false;
    if (!taken) {
      if (this.#owner === "program") this.release();
      return;
    }
    if (this.#locked) return;
    // Browsers lock nothing that no gesture has asked for.
    if (navigator.userActivation.isActive) void this.#request("program").catch(() => this.#parts.say(CLICK));
    else this.#parts.say(CLICK);
  }

  /** A press on the desktop: a gesture that the browser takes for consent. */
  pressed(): void {
    if (!this.#taken || this.#declined || this.#locked) return;
    this.#request("program").catch((error: unknown) => console.debug("the pointer could not be locked", error));
  }

  async #request(owner: "user" | "program"): Promise<void> {
    const { element } = this.#parts;
    this.#owner = owner;
    try {
      // Raw counts: the desktop has its own acceleration.
      await element.requestPointerLock({ unadjustedMovement: true });
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "NotSupportedError") throw error;
      await element.requestPointerLock();
    }
  }

  /** By the browser, which tells of it a little later. */
  get #held(): boolean {
    return document.pointerLockElement === this.#parts.element;
  }

  #changed(): void {
    const locked = this.#held;
    const released = this.#releasing;
    if (!locked) this.#releasing = false;
    if (locked === this.#locked) return;
    this.#locked = locked;
    this.#parts.onChange(locked);
    if (!locked && !released) this.#lost();
    // The program has let go while the browser thought about it.
    if (locked && this.#owner === "program" && !this.#taken) this.release();
  }

  /** Escape, another tab, another window. It is said when the user is here to read it. */
  #lost(): void {
    const words = this.#taken ? CLICK_AGAIN : CHORD_AGAIN;
    if (!document.hidden && document.hasFocus()) this.#parts.say(words);
    else window.addEventListener("focus", () => this.#locked || this.#parts.say(words), { once: true });
  }
}

/** The combination that locks the pointer, and frees it. */
export function isLockChord(event: KeyboardEvent): boolean {
  return event.code === "KeyL" && event.ctrlKey && event.altKey && event.shiftKey;
}
