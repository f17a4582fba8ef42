// Real files for this computer's clipboard: those that were copied on the desktop come here piece by piece, into a temporary folder of the application, and are put on the
// clipboard when all are there. Plain but for Electron's clipboard, which `main.ts` hands in. Called by `bridge-host.ts`.

import { mkdir, open, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type CopiedTo, readCopiedPiece, readCopiedSet } from "../shared/copied.ts";

export interface CopiedFilesOptions {
  /** The application's own, for this run: removed at its end. */
  readonly folder: string;
  /** On the clipboard; false: it takes none of them. */
  readonly put: (paths: readonly string[]) => Promise<boolean>;
  /** In the system's file manager. */
  readonly show: (folder: string) => Promise<void>;
}

/** What is on the clipboard, and what was before it: somebody may still be pasting that. */
const KEPT = 2;

export class CopiedFiles {
  readonly #options: CopiedFilesOptions;
  /** The oldest first. */
  readonly #sets: string[] = [];

  constructor(options: CopiedFilesOptions) {
    this.#options = options;
  }

  /** Rejects with TypeError for what is no piece of a file, or has a name that this computer can't have. */
  async store(value: unknown): Promise<void> {
    const { set, names, offsetBytes, bytes } = readCopiedPiece(value);
    const path = join(this.#folderOf(set), ...names);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(path, offsetBytes === 0 ? "w" : "r+", 0o600);
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offsetBytes + done);
        done += bytesWritten;
      }
    } finally {
      await file.close();
    }
  }

  /** All that is there of it, files and folders. */
  async paths(value: unknown): Promise<readonly string[]> {
    const folder = this.#folderOf(readCopiedSet(value));
    return (await readdir(folder)).map((name) => join(folder, name));
  }

  /** All that is there of it is put on the clipboard. */
  async copy(value: unknown): Promise<CopiedTo> {
    const set = readCopiedSet(value);
    const folder = this.#folderOf(set);
    const paths = await this.paths(set);
    const isPut = await this.#options.put(paths);
    if (!isPut) await this.#options.show(folder);
    const known = this.#sets.indexOf(set);
    if (known !== -1) this.#sets.splice(known, 1);
    this.#sets.push(set);
    for (const old of this.#sets.splice(0, Math.max(0, this.#sets.length - KEPT)))
      await rm(this.#folderOf(old), { recursive: true, force: true });
    return isPut ? "clipboard" : "folder";
  }

  /** Nothing of it will be copied. */
  async drop(value: unknown): Promise<void> {
    const set = readCopiedSet(value);
    if (!this.#sets.includes(set)) await rm(this.#folderOf(set), { recursive: true, force: true });
  }

  #folderOf(set: string): string {
    return join(this.#options.folder, set);
  }
}
