// Counts how often something happens in a second. Pure. One for each kind of message of a viewer, in
// `server/websocket.ts` and `dispatch.ts`.

const WINDOW_MS = 1000;

export class RateGate {
  readonly #perSecond: number;
  #sinceMs = Number.NEGATIVE_INFINITY;
  #count = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** False when this one is too many. */
  pass(nowMs: number): boolean {
    if (nowMs - this.#sinceMs >= WINDOW_MS) {
      this.#sinceMs = nowMs;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count <= this.#perSecond;
  }
}
