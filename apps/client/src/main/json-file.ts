// One JSON file of the application's. Written beside it and moved over it, so that a crash leaves the old or the new one, never half of one. What can't be
// read is put aside under another name, and never written over. Used by `settings-store.ts`, `desktops/store.ts`, `secrets.ts` and others.

import { randomUUID } from "node:crypto";
import { renameSync, statSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** So often another program may be quicker before it is written nevertheless. */
const TRIES = 20;

export class JsonFile {
  readonly #path: string;
  readonly #isSound: (value: unknown) => boolean;
  #turn: Promise<unknown> = Promise.resolve();
  #aside: string | undefined;

  /** `isSound`: of what JSON can read, whether it is such a file at all. */
  constructor(path: string, isSound: (value: unknown) => boolean = () => true) {
    this.#path = path;
    this.#isSound = isSound;
  }

  /** What it holds; undefined when it is not there or damaged. */
  read(): Promise<unknown> {
    return this.#inTurn(() => this.#read());
  }

  /** One write after the other. */
  write(value: unknown): Promise<void> {
    const text = textOf(value);
    return this.#inTurn(async () => renameSync(await this.#draft(text), this.#path));
  }

  /**
   * `change` gets what the file holds now and gives what it is to hold; undefined: it stays. Where another program writes meanwhile it is asked again, so that
   * nothing of either is lost. Resolves to the version that is there then.
   */
  update(change: (value: unknown) => unknown): Promise<string> {
    return this.#inTurn(async () => {
      for (let tries = 1; ; tries += 1) {
        const before = this.version();
        const next = change(await this.#read());
        if (next === undefined) return before;
        const draft = await this.#draft(textOf(next));
        // In one go: nobody of this process comes between, and of others hardly anybody.
        if (this.version() === before || tries === TRIES) {
          renameSync(draft, this.#path);
          return this.version();
        }
        await rm(draft);
      }
    });
  }

  /** Another one whenever somebody has written the file; "" while there is none. */
  version(): string {
    const found = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
    return found === undefined ? "" : `${found.ino}:${found.size}:${found.mtimeNs}`;
  }

  /** Where a damaged one was put since the start. */
  get aside(): string | undefined {
    return this.#aside;
  }

  /** Whether a damaged one lies beside it, whenever it was put there. */
  async hasAside(): Promise<boolean> {
    const names = await readdir(dirname(this.#path)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    });
    return names.some((name) => name.startsWith(this.#asidePrefix()));
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const after = this.#turn.then(act);
    // What failed is its caller's; the next one starts afresh.
    this.#turn = after.catch(() => undefined);
    return after;
  }

  async #read(): Promise<unknown> {
    let text: string;
    try {
      text = await readFile(this.#path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    try {
      const value: unknown = JSON.parse(text);
      if (this.#isSound(value)) return value;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    await this.#putAside();
    return undefined;
  }

  #asidePrefix(): string {
    return `${basename(this.#path, ".json")}.damaged-`;
  }

  async #putAside(): Promise<void> {
    const day = new Date().toISOString().replace(/[:.]/g, "-");
    const aside = join(dirname(this.#path), `${this.#asidePrefix()}${day}.json`);
    try {
      await rename(this.#path, aside);
    } catch (error) {
      // Another instance was quicker.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      throw error;
    }
    this.#aside = aside;
    console.warn("a file could not be read and was put aside", aside);
  }

  /** Under a name of its own: another instance may write at the same time. */
  async #draft(text: string): Promise<string> {
    const draft = `${this.#path}.${randomUUID()}.new`;
    await mkdir(dirname(this.#path), { recursive: true });
    try {
      // On the disk before it takes the old one's place.
      await writeFile(draft, text, { mode: 0o600, flush: true });
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    return draft;
  }
}

const textOf = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;
