// Content that comes in chunks of any size, cut into pieces for a property: full ones while it comes fast, and what there is when it
// comes slowly. For `selection-serve.ts`.

export interface Piece {
  /** Empty only as the last. */
  readonly bytes: Buffer;
  readonly last: boolean;
}

export class Pieces {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #pieceBytes: number;
  readonly #slowMs: number;
  #rest: Buffer = Buffer.alloc(0);
  #coming: Promise<IteratorResult<Uint8Array>> | undefined;
  #over = false;

  constructor(content: AsyncIterable<Uint8Array>, pieceBytes: number, slowMs: number) {
    this.#chunks = content[Symbol.asyncIterator]();
    this.#pieceBytes = pieceBytes;
    this.#slowMs = slowMs;
  }

  /** Waits for the first byte as long as it takes, for more of them no longer than the slow time. Rejects as the content does. */
  async next(): Promise<Piece> {
    while (this.#rest.length < this.#pieceBytes && !this.#over) {
      this.#coming ??= this.#chunks.next();
      // Nobody may be waiting when it fails.
      this.#coming.catch(() => undefined);
      const result = await (this.#rest.length === 0 ? this.#coming : this.#unlessSlow(this.#coming));
      if (result === undefined) break;
      this.#coming = undefined;
      if (result.done === true) this.#over = true;
      else this.#rest = Buffer.concat([this.#rest, result.value]);
    }
    const bytes = this.#rest.subarray(0, this.#pieceBytes);
    this.#rest = this.#rest.subarray(this.#pieceBytes);
    return { bytes, last: this.#over && this.#rest.length === 0 };
  }

  /** No more is wanted. */
  end(): void {
    void this.#chunks.return?.();
  }

  async #unlessSlow<T>(coming: Promise<T>): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const slow = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), this.#slowMs);
    });
    try {
      return await Promise.race([coming, slow]);
    } finally {
      clearTimeout(timer);
    }
  }
}
