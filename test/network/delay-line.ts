// What is put in comes out later: one direction of a path. Pure but for its timer. Used by relay.ts.

export interface Conditions {
  /** One way, ms. */
  delayMs: number;
  /** Up to this much more, at random, ms. */
  jitterMs: number;
  /** A later one may overtake: as when packets take different ways. Else jitter keeps the order. */
  reorders: boolean;
  /** Asked for every packet; true: it is lost. Streams ask nothing: TCP would send it again. */
  loses: (nowMs: number) => boolean;
}

export const clear = (): Conditions => ({ delayMs: 0, jitterMs: 0, reorders: false, loses: () => false });

export class DelayLine<Item> {
  readonly #conditions: Conditions;
  readonly #deliver: (item: Item) => void;
  readonly #waiting: { readonly dueMs: number; readonly item: Item }[] = [];
  #lastDueMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(conditions: Conditions, deliver: (item: Item) => void) {
    this.#conditions = conditions;
    this.#deliver = deliver;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  push(item: Item): void {
    const { delayMs, jitterMs, reorders } = this.#conditions;
    const nowMs = performance.now();
    if (delayMs === 0 && jitterMs === 0 && this.#waiting.length === 0) {
      this.#deliver(item);
      return;
    }
    let dueMs = nowMs + delayMs + Math.random() * jitterMs;
    if (!reorders) dueMs = Math.max(dueMs, this.#lastDueMs);
    this.#lastDueMs = dueMs;
    let at = this.#waiting.length;
    while (at > 0 && (this.#waiting[at - 1]?.dueMs ?? 0) > dueMs) at -= 1;
    this.#waiting.splice(at, 0, { dueMs, item });
    if (at === 0) this.#arm();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const first = this.#waiting[0];
    if (first === undefined) return;
    this.#timer = setTimeout(() => this.#flush(), Math.max(0, first.dueMs - performance.now()));
  }

  #flush(): void {
    const nowMs = performance.now() + 0.5;
    while (this.#waiting[0] !== undefined && this.#waiting[0].dueMs <= nowMs) {
      const { item } = this.#waiting.shift() as { item: Item };
      this.#deliver(item);
    }
    this.#arm();
  }
}
