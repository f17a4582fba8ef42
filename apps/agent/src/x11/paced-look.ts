// When to look at something that X tells nobody of: at once when something has happened that may change it, no more often than so, and a last
// time when nothing has happened for a while. Used by `grabs.ts` and `pointer-place.ts`.

export interface PacedLookOptions {
  /** Between two looks. */
  readonly everyMs: number;
  /** The last one: what the last event set off may take so long. */
  readonly lastMs: number;
  /** Does not reject. */
  readonly look: () => Promise<void>;
}

export class PacedLook {
  readonly #options: PacedLookOptions;
  #timer: NodeJS.Timeout | undefined;
  /** No look within `everyMs`. */
  #quiet = true;
  /** Something has happened since the last look. */
  #due = false;
  /** Of what runs: what was asked before a rest is not gone on with. */
  #round = 0;

  constructor(options: PacedLookOptions) {
    this.#options = options;
  }

  /** Something has happened. */
  poke(): void {
    this.#due = true;
    if (this.#quiet) void this.#look(false);
  }

  /** No look any more until the next poke. Idempotent. */
  rest(): void {
    clearTimeout(this.#timer);
    this.#quiet = true;
    this.#round += 1;
  }

  async #look(last: boolean): Promise<void> {
    clearTimeout(this.#timer);
    this.#quiet = false;
    this.#due = false;
    const round = this.#round;
    await this.#options.look();
    if (round !== this.#round) return;
    const { everyMs, lastMs } = this.#options;
    this.#timer = setTimeout(() => {
      this.#quiet = true;
      if (this.#due) void this.#look(false);
      else if (!last) this.#timer = setTimeout(() => void this.#look(true), lastMs);
    }, everyMs);
  }
}
