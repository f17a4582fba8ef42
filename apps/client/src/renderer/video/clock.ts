// Round trips of the input channel: what a key's way to the agent takes. PURE. Fed by `meter.ts` with pings (input) and pongs
// (feedback); the two clocks of viewer and agent are never compared, only this side's with itself.

/** Pings kept until they are answered, and round trips that the median is taken of. */
const KEPT = 8;

export class RoundTripClock {
  #nextId = 1;
  readonly #sentMs = new Map<number, number>();
  #tripsMs: readonly number[] = [];

  /** The id for a ping that is sent now. */
  ping(nowMs: number): number {
    const id = this.#nextId;
    this.#nextId = (this.#nextId % 0xffff_ffff) + 1;
    this.#sentMs.set(id, nowMs);
    for (const old of this.#sentMs.keys()) {
      if (this.#sentMs.size <= KEPT) break;
      this.#sentMs.delete(old);
    }
    return id;
  }

  pong(id: number, nowMs: number): void {
    const sentMs = this.#sentMs.get(id);
    if (sentMs === undefined) return;
    this.#sentMs.delete(id);
    this.#tripsMs = [...this.#tripsMs, nowMs - sentMs].slice(-KEPT);
  }

  /** Median of the last round trips, ms; undefined before the first. */
  get roundTripMs(): number | undefined {
    return median(this.#tripsMs);
  }

  reset(): void {
    this.#sentMs.clear();
    this.#tripsMs = [];
  }
}

export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
