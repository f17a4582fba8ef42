// The last picture of each desktop: a small JPEG file beside the list, for nobody but this user. Asked by `answers.ts`.

import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

const SUFFIX = ".jpg";

export class Pictures {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async keep(id: string, jpeg: Uint8Array): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = this.#pathOf(id);
    await writeFile(`${path}.new`, jpeg, { mode: 0o600 });
    await rename(`${path}.new`, path);
  }

  /** As a data address: the page may show no other. Undefined: there is none. */
  async read(id: string): Promise<string | undefined> {
    try {
      return `data:image/jpeg;base64,${(await readFile(this.#pathOf(id))).toString("base64")}`;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  async forget(id: string): Promise<void> {
    await rm(this.#pathOf(id), { force: true });
  }

  /** Forgets those of all others. */
  async keepOnly(ids: ReadonlySet<string>): Promise<void> {
    let names: string[];
    try {
      names = await readdir(this.#folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      throw error;
    }
    const unwanted = names.filter((name) => !name.endsWith(SUFFIX) || !ids.has(basename(name, SUFFIX)));
    for (const name of unwanted) await rm(join(this.#folder, name), { force: true });
  }

  #pathOf(id: string): string {
    return join(this.#folder, id + SUFFIX);
  }
}
