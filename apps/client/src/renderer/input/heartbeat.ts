// Tells the agent that this viewer lives while a key or button is held: the agent lets go of everything when the beats end. From
// `capture.ts`, to `send.ts`.

/** The agent waits 450 ms: four beats. */
const BEAT_MS = 100;

export interface HeartbeatParts {
  readonly holds: () => boolean;
  readonly beat: () => void;
}

export class Heartbeat {
  readonly #parts: HeartbeatParts;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  /** Something was pressed or released. The first beat comes with the press, so that the agent counts on the next. */
  touch(): void {
    if (!this.#parts.holds() || this.#timer !== undefined) return;
    this.#parts.beat();
    this.#timer = setInterval(() => {
      if (this.#parts.holds()) this.#parts.beat();
      else this.stop();
    }, BEAT_MS);
  }

  /** Idempotent. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
