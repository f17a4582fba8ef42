// SHA-256 of a file while it goes out or comes in, piece by piece: browsers' own takes only what is wholly in memory, and only on https pages.
// Used by `transfer.ts` and `download-job.ts`.

import { sha256 } from "@noble/hashes/sha2.js";

export class RunningDigest {
  readonly #hash = sha256.create();
  #atBytes = 0;

  /** Goes on up to there; nothing where it is further already. */
  async readTo(blob: Blob, endBytes: number): Promise<void> {
    if (endBytes <= this.#atBytes) return;
    const reader = blob.slice(this.#atBytes, endBytes).stream().getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.add(value);
    }
  }

  /** What comes next. */
  add(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#atBytes += chunk.byteLength;
  }

  /** Of what was read so far. */
  base64(): string {
    return btoa(String.fromCharCode(...this.#hash.clone().digest()));
  }
}
