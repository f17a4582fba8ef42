// Keeps the settings of `shared/settings.ts` in one JSON file. Written beside it and moved over it, so that a crash leaves
// the old or the new one, never half of one. Used by `bridge-host.ts`.

import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { readSettings, type Settings } from "../shared/settings.ts";

export class SettingsStore {
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** The stored settings; the defaults when there are none or the file is damaged. */
  async read(): Promise<Settings> {
    await this.#writing;
    let text: string;
    try {
      text = await readFile(this.#path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return readSettings(undefined);
      throw error;
    }
    try {
      return readSettings(JSON.parse(text));
    } catch (error) {
      if (error instanceof SyntaxError) return readSettings(undefined);
      throw error;
    }
  }

  /** Stores what `settings` holds of the table; one write after the other. */
  write(settings: unknown): Promise<void> {
    const text = `${JSON.stringify(readSettings(settings), undefined, 2)}\n`;
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
