// One JSON file of the application's. Written beside it and moved over it, so that a crash leaves the old or the new one, never half of one.
// Used by `settings-store.ts`, `desktops/store.ts` and `secrets.ts`.

import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

export class JsonFile {
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** What it holds; undefined when it is not there or damaged. */
  async read(): Promise<unknown> {
    await this.#writing;
    let text: string;
    try {
      text = await readFile(this.#path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    try {
      return JSON.parse(text);
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  /** One write after the other. */
  write(value: unknown): Promise<void> {
    const text = `${JSON.stringify(value, undefined, 2)}\n`;
    const after = this.#writing.then(() => this.#replace(text));
    // A failed write is its caller's; the next one starts afresh.
    this.#writing = after.catch(() => undefined);
    return after;
  }

  async #replace(text: string): Promise<void> {
    const draft = `${this.#path}.new`;
    await mkdir(dirname(this.#path), { recursive: true });
    await writeFile(draft, text, { mode: 0o600 });
    await rename(draft, this.#path);
  }
}
