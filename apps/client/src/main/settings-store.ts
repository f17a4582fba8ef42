// Keeps the settings of `shared/settings.ts` in one JSON file. Used by `bridge.ts`.

import { readChanges, readSettings, type Settings } from "../shared/settings.ts";
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

  /** Stores what `changes` holds of the table beside what is there: another window may have changed something else. */
  async write(changes: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#file.update((stored) => ({ ...readSettings(stored), ...readChanges(changes) }));
  }
}
