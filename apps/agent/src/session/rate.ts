// Counts how often something happens in a second, or in another span. One for each kind of message of a viewer, in
// `server/websocket.ts` and `dispatch.ts`.

/** More messages than a desktop needs: the session ends with `rate-limited`. */
export class RateError extends Error {
  override readonly name = "RateError";
}

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

  /** Until it counts anew. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#sinceMs + this.#spanMs - nowMs);
  }
}

/** What may come in plenty and of which the newest is enough: what is too many in a second waits for the next one, and replaces what waits. */
export class Coalesced<Value> {
  readonly #gate: RateGate;
  readonly #nowMs: () => number;
  readonly #act: (value: Value) => void;
  #waiting: { readonly value: Value } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(most: number, nowMs: () => number, act: (value: Value) => void) {
    this.#gate = new RateGate(most);
    this.#nowMs = nowMs;
    this.#act = act;
  }

  take(value: Value): void {
    if (this.#waiting === undefined && this.#gate.pass(this.#nowMs())) {
      this.#act(value);
      return;
    }
    this.#waiting = { value };
    this.#timer ??= setTimeout(() => this.#late(), Math.ceil(this.#gate.waitMs(this.#nowMs())));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#waiting = undefined;
  }

  #late(): void {
    const waiting = this.#waiting;
    this.#timer = undefined;
    this.#waiting = undefined;
    if (waiting !== undefined) this.take(waiting.value);
  }
}
