// Keeps the settings of `shared/settings.ts` in one JSON file. Used by `bridge.ts`.

import { readSettings, type Settings } from "../shared/settings.ts";
import { JsonFile } from "./json-file.ts";

export class SettingsStore {
  readonly #file: JsonFile;

  constructor(path: string) {
    this.#file = new JsonFile(path);
  }

  /** The stored settings; the defaults when there are none or the file is damaged. */
  async read(): Promise<Settings> {
    return readSettings(await this.#file.read());
  }

  /** Stores what `settings` holds of the table; one write after the other. */
  write(settings: unknown): Promise<void> {
    return this.#file.write(readSettings(settings));
  }
}
