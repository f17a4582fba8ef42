// Counts how often something happens in a second, or in another span. Pure. One for each kind of message of a viewer, in
// `server/websocket.ts` and `dispatch.ts`.

export class RateGate {
  readonly #most: number;
  readonly #spanMs: number;
  #sinceMs = Number.NEGATIVE_INFINITY;
  #count = 0;

  constructor(most: number, spanMs = 1000) {
    this.#most = most;
    this.#spanMs = spanMs;
  }

  /** False when this one is too many. */
  pass(nowMs: number): boolean {
    if (nowMs - this.#sinceMs >= this.#spanMs) {
      this.#sinceMs = nowMs;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count <= this.#most;
  }
}
