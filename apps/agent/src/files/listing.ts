// What a folder holds, for the viewer's panel: files and folders by name, and nothing that is neither. Used by `files.ts` and `copied.ts`.

import type { Stats } from "node:fs";
import { lstat, opendir } from "node:fs/promises";
import type { FolderEntry, FolderListing } from "@eglantine/protocol/transfer";
import { LIMITS } from "@eglantine/protocol/limits";
import { Folder, unless } from "./folder.ts";
import { isPartName } from "./names.ts";

export async function listingOf(root: string, names: readonly string[]): Promise<FolderListing> {
  const folder = await Folder.open(root, names, { make: false }).catch(
    names.length === 0 ? unless("ENOENT") : undefined,
  );
  // Nobody has sent anything yet.
  if (folder === undefined) return { entries: [], more: false };
  try {
    const entries: FolderEntry[] = [];
    for await (const { name } of await opendir(folder.at("."))) {
      const stat = isPartName(name) ? undefined : await lstat(folder.at(name)).catch(unless("ENOENT"));
      const found = stat === undefined ? undefined : entryOf(name, stat);
      if (found === undefined) continue;
      if (entries.length === LIMITS.filesListed) return { entries: sorted(entries), more: true };
      entries.push(found);
    }
    return { entries: sorted(entries), more: false };
  } finally {
    await folder.close();
  }
}

/** Undefined: a link, a device. */
export function entryOf(name: string, found: Stats): FolderEntry | undefined {
  if (!(found.isFile() || found.isDirectory())) return undefined;
  const kind = found.isFile() ? "file" : "folder";
  return { name, kind, sizeBytes: found.isFile() ? found.size : 0, modifiedMs: Math.round(found.mtimeMs) };
}

/** Folders first. */
export const sorted = (entries: readonly FolderEntry[]): FolderEntry[] =>
  entries.toSorted((a, b) => b.kind.localeCompare(a.kind) || a.name.localeCompare(b.name, "en", { numeric: true }));
