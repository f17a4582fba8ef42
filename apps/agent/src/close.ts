// Things that live and must be ended: the composition root closes them in the reverse of the order they were built in.

export interface Closable {
  /** Idempotent: a second call waits for the first. */
  close(): Promise<void>;
}

/** Collects what was built; `close()` ends it all in reverse order and reports every error that came up. */
export class Closer implements Closable {
  #parts: Closable[] = [];
  #closing: Promise<void> | undefined;

  add<T extends Closable>(part: T): T {
    this.#parts.push(part);
    return part;
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    const errors: unknown[] = [];
    for (const part of this.#parts.reverse()) {
      try {
        await part.close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, "some parts did not close");
  }
}
