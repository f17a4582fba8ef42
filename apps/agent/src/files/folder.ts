// A folder below the one for viewers' files, held open: whatever happens to its path meanwhile, names in it are names in it. Walked to one name
// at a time, following no link. Used by `part.ts` and `files.ts`.

import { constants } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { TransferError } from "../session/types.ts";

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;

export class Folder {
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Rejects with the system's error. `make`: what is not there is made. */
  static async open(root: string, names: readonly string[], { make }: { make: boolean }): Promise<Folder> {
    if (make) await mkdir(root, { recursive: true });
    let folder = new Folder(await open(root, O_RDONLY | O_DIRECTORY));
    for (const name of names) {
      const outer = folder;
      try {
        if (make) await mkdir(outer.at(name)).catch(unless("EEXIST"));
        folder = new Folder(await open(outer.at(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
      } finally {
        await outer.close();
      }
    }
    return folder;
  }

  /** For calls of the system: what has this name in this very folder, as by openat(2), which Node has not. */
  at(name: string): string {
    return `/proc/self/fd/${this.#handle.fd}/${name}`;
  }

  /** Idempotent. */
  close(): Promise<void> {
    return this.#handle.close();
  }
}

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

/** For `catch`: passes over errors with these codes. */
export const unless =
  (...codes: readonly string[]) =>
  (error: unknown): undefined => {
    if (!codes.includes(codeOf(error) ?? "")) throw error;
  };

const SENTENCES: Readonly<Record<string, readonly [number, string]>> = {
  ENOENT: [404, "It is not on the desktop any more."],
  EACCES: [403, "The desktop's user may not do that in this folder."],
  EPERM: [403, "The desktop's user may not do that in this folder."],
  EROFS: [403, "The desktop's folder can only be read."],
  ELOOP: [403, "On the desktop that is a link, and links are not followed."],
  ENOTDIR: [403, "On the desktop that is a file or a link, and no folder."],
  EISDIR: [409, "On the desktop that is a folder."],
  EEXIST: [412, "That name is taken on the desktop."],
  ENOTEMPTY: [409, "On the desktop that is a folder."],
  ENAMETOOLONG: [400, "The name is too long for the desktop."],
  ENOSPC: [507, "The desktop's disk is full."],
  EDQUOT: [507, "The desktop's disk is full."],
  EFBIG: [507, "It is larger than a file on the desktop may be."],
};

/** What the system refused, in words for the viewer. Anything else is a bug, and thrown. */
export function refusalOf(error: unknown): TransferError {
  if (error instanceof TransferError) return error;
  const code = codeOf(error);
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) throw error;
  const [status, sentence] = SENTENCES[code] ?? [500, `The desktop's file system refused it (${code}).`];
  return new TransferError(status, sentence);
}
