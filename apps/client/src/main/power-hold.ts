// Keeps this computer and its screen awake while a desktop is shown: as long as one window says so. Plain but for Electron's powerSaveBlocker, which
// `main.ts` hands in. Told by the page (`system-answers.ts`), and by `window.ts` when a window is gone.

/** Of Electron's powerSaveBlocker. */
export interface PowerBlocker {
  start(type: "prevent-display-sleep"): number;
  stop(id: number): void;
}

export class PowerHold {
  readonly #blocker: PowerBlocker;
  readonly #windows = new Set<number>();
  #id: number | undefined;

  constructor(blocker: PowerBlocker) {
    this.#blocker = blocker;
  }

  set(window: number, isStreaming: boolean): void {
    if (isStreaming) this.#windows.add(window);
    else this.#windows.delete(window);
    if (this.#windows.size > 0) {
      this.#id ??= this.#blocker.start("prevent-display-sleep");
    } else if (this.#id !== undefined) {
      this.#blocker.stop(this.#id);
      this.#id = undefined;
    }
  }
}
