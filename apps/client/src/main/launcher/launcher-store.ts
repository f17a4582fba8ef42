// What the launcher remembers: the name of this installation, by which it knows its own containers, and the engines that the user has added.
// In one JSON file. Used by `launcher.ts`.

import { randomUUID } from "node:crypto";
import { JsonFile } from "../json-file.ts";

interface Remembered {
  readonly installation: string;
  readonly engines: readonly string[];
}

const ENGINES_KEPT = 50;

/** What the file holds of it; a new installation where it holds none. */
function readRemembered(value: unknown): Remembered {
  const { installation, engines } = (typeof value === "object" && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  const known = Array.isArray(engines) ? engines.filter((engine): engine is string => typeof engine === "string") : [];
  const isName = typeof installation === "string" && /^[\w-]{8,64}$/.test(installation);
  return { installation: isName ? installation : randomUUID(), engines: known.slice(0, ENGINES_KEPT) };
}

export class LauncherStore {
  readonly #file: JsonFile;
  #all: Promise<Remembered> | undefined;

  constructor(path: string) {
    this.#file = new JsonFile(path);
  }

  read(): Promise<Remembered> {
    this.#all ??= this.#load();
    return this.#all;
  }

  async #load(): Promise<Remembered> {
    const all = readRemembered(await this.#file.read());
    // The name of a new installation is kept before anything bears it.
    await this.#file.write(all);
    return all;
  }

  add(engine: string): Promise<void> {
    return this.#change((engines) => [engine, ...engines.filter((one) => one !== engine)]);
  }

  forget(engine: string): Promise<void> {
    return this.#change((engines) => engines.filter((one) => one !== engine));
  }

  async #change(change: (engines: readonly string[]) => readonly string[]): Promise<void> {
    const after = this.read().then(({ installation, engines }) => ({
      installation,
      engines: change(engines).slice(0, ENGINES_KEPT),
    }));
    this.#all = after;
    await this.#file.write(await after);
  }
}
