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

  /** The hands are there: the agent counts on beats from now on, from each press that it gets. */
  start(): void {
    this.#parts.beat();
  }

  /** Something was pressed or released. The press is a beat by itself: nothing else is sent beside it. */
  touch(): void {
    if (!this.#parts.holds() || this.#timer !== undefined) return;
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
