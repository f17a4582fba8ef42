// Whether the pointer is locked into the desktop, so that it tells raw counts and no places: by toolbar or chord. From `capture.ts`; what
// changes goes back there, and a word to the user when the browser took the lock away.

export interface PointerLockParts {
  readonly element: HTMLElement;
  /** The lock began or ended. */
  readonly onChange: (locked: boolean) => void;
  readonly say: (text: string) => void;
}

const CHORD_AGAIN = "The pointer is free. Ctrl+Alt+Shift+L locks it into the desktop again.";

export class PointerLock {
  readonly #parts: PointerLockParts;
  #releasing = false;
  #locked = false;

  constructor(parts: PointerLockParts) {
    this.#parts = parts;
    document.addEventListener("pointerlockchange", () => this.#changed());
  }

  get locked(): boolean {
    return this.#locked;
  }

  /** The user's wish, by toolbar or chord. */
  async toggle(): Promise<void> {
    if (this.#locked) this.release();
    else await this.#request();
  }

  /** The pointer is not to be locked; this is no loss. */
  release(): void {
    if (!this.#locked) return;
    this.#releasing = true;
    document.exitPointerLock();
  }

  async #request(): Promise<void> {
    const { element } = this.#parts;
    try {
      // Raw counts: the desktop has its own acceleration.
      await element.requestPointerLock({ unadjustedMovement: true });
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "NotSupportedError") throw error;
      await element.requestPointerLock();
    }
  }

  #changed(): void {
    const locked = document.pointerLockElement === this.#parts.element;
    if (locked === this.#locked) return;
    this.#locked = locked;
    const released = this.#releasing;
    this.#releasing = false;
    this.#parts.onChange(locked);
    if (!locked && !released) this.#lost();
  }

  /** Escape, another tab, another window. It is said when the user is here to read it. */
  #lost(): void {
    if (!document.hidden && document.hasFocus()) this.#parts.say(CHORD_AGAIN);
    else window.addEventListener("focus", () => this.#locked || this.#parts.say(CHORD_AGAIN), { once: true });
  }
}

/** The combination that locks the pointer, and frees it. */
export function isLockChord(event: KeyboardEvent): boolean {
  return event.code === "KeyL" && event.ctrlKey && event.altKey && event.shiftKey;
}
