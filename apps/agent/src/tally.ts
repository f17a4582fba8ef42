// How often each thing of a closed list has happened since start: why sessions ended, who was turned away, what was passed over.
// Filled by `session/registry.ts`, `server/websocket.ts` and `server/vnc-proxy.ts`; told by `/health` (`agent.ts`). Pure.

export class Tally<Name extends string> {
  readonly #counts = new Map<Name, number>();

  /** How often, these included. */
  add(name: Name, times = 1): number {
    const count = this.get(name) + times;
    if (count > 0) this.#counts.set(name, count);
    return count;
  }

  get(name: Name): number {
    return this.#counts.get(name) ?? 0;
  }

  addAll(counts: Readonly<Partial<Record<Name, number>>>): this {
    for (const [name, times] of Object.entries<number | undefined>(counts)) this.add(name as Name, times ?? 0);
    return this;
  }

  /** What has happened at all, by name. */
  toJSON(): Partial<Record<Name, number>> {
    return Object.fromEntries(this.#counts) as Partial<Record<Name, number>>;
  }
}
