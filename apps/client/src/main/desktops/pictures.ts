// The last picture of each desktop, where the user wants any kept: a small JPEG file beside the list, for nobody but this user. Asked by `answers.ts`.

import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

const SUFFIX = ".jpg";

export class Pictures {
  readonly #folder: string;
  readonly #wanted: () => Promise<boolean>;
  /** One change after the other: none is left behind by one that began while they were wanted. */
  #changing: Promise<void> = Promise.resolve();

  /** `wanted`: whether the user wants any kept. */
  constructor(folder: string, wanted: () => Promise<boolean>) {
    this.#folder = folder;
    this.#wanted = wanted;
  }

  keep(id: string, jpeg: Uint8Array): Promise<void> {
    return this.#change(async () => {
      if (!(await this.#wanted())) return;
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const path = this.#pathOf(id);
      await writeFile(`${path}.new`, jpeg, { mode: 0o600 });
      await rename(`${path}.new`, path);
    });
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

  forget(id: string): Promise<void> {
    return this.#change(() => rm(this.#pathOf(id), { force: true }));
  }

  /** Forgets those of all others; and these too, where none are wanted. */
  keepOnly(ids: ReadonlySet<string>): Promise<void> {
    return this.#change(async () => this.#forgetOthers((await this.#wanted()) ? ids : new Set()));
  }

  /** What the user wants may have changed. */
  heedWish(): Promise<void> {
    return this.#change(async () => {
      if (!(await this.#wanted())) await this.#forgetOthers(new Set());
    });
  }

  async #forgetOthers(ids: ReadonlySet<string>): Promise<void> {
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

  #change(change: () => Promise<void>): Promise<void> {
    const after = this.#changing.then(change);
    // One that failed is its caller's; the next one starts afresh.
    this.#changing = after.catch(() => undefined);
    return after;
  }

  #pathOf(id: string): string {
    return join(this.#folder, id + SUFFIX);
  }
}
