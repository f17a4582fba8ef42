// Files and folders of this computer that are to go to the desktop, however they came: dropped, chosen or pasted. To `file-queue.ts`, by way of
// `client.ts`.

import { said } from "../messages/said.ts";

export interface LocalFile {
  readonly file: File;
  /** Folders that it lies in, then its own name. */
  readonly names: readonly string[];
}

export interface LocalFiles {
  readonly files: readonly LocalFile[];
  /** Folders without anything in them. */
  readonly folders: readonly (readonly string[])[];
}

/** More at a time would be a disk, not a folder. */
const MOST = 20_000;

export class TooManyFiles extends Error {
  override readonly name = "TooManyFiles";
  /** For the user. */
  readonly sentence = said("notices", "too-many-files", { count: MOST });
}

/** Chosen or pasted; a chosen folder's files tell their way in it. */
export function pickedFiles(files: readonly File[]): LocalFiles {
  return {
    files: files.map((file) => ({
      file,
      names: file.webkitRelativePath === "" ? [file.name] : file.webkitRelativePath.split("/"),
    })),
    folders: [],
  };
}

/** Dropped, with all that is in the folders. Rejects with TooManyFiles when that is too much, with DOMException when it can't be read. */
export async function collectFiles(entries: readonly FileSystemEntry[]): Promise<LocalFiles> {
  const files: LocalFile[] = [];
  const folders: (readonly string[])[] = [];
  const visit = async (entry: FileSystemEntry, above: readonly string[]): Promise<void> => {
    const names = [...above, entry.name];
    if (isFile(entry)) {
      if (files.length + folders.length >= MOST) throw new TooManyFiles();
      files.push({ file: await new Promise<File>((resolve, reject) => entry.file(resolve, reject)), names });
      return;
    }
    if (!isDirectory(entry)) return;
    const inside = await entriesOf(entry);
    if (inside.length === 0) folders.push(names);
    for (const one of inside) await visit(one, names);
  };
  for (const entry of entries) await visit(entry, []);
  return { files, folders };
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

/** Browsers tell a hundred at a time, and then none. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const more = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (more.length === 0) return all;
    all.push(...more);
  }
}
