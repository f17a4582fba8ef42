// What uploads that nobody went on with have left: parts of files, and stages of sessions that broke off. Removed when they are a day old, at the agent's start and once a
// day. Started by `files.ts`.

import { lstat, opendir, rm } from "node:fs/promises";
import { join } from "node:path";
import { unless } from "./folder.ts";
import { isPartName } from "./names.ts";

/** Until then they can be gone on with. */
export const KEPT_MS = 24 * 3600_000;
/** Of one sweep: the folder may be anybody's. */
const LOOKED_AT = 200_000;
const DEPTH = 32;

/** Resolves to how many were removed. Follows no link. */
export async function sweep(root: string, nowMs: number): Promise<number> {
  let [looked, removed] = [0, 0];
  const oldest = nowMs - KEPT_MS;
  const passOver = unless("ENOENT", "ENOTDIR", "EACCES", "EPERM");
  const visit = async (folder: string, depth: number): Promise<void> => {
    const entries = await opendir(folder).catch(passOver);
    if (entries === undefined) return;
    for await (const entry of entries) {
      looked += 1;
      if (looked > LOOKED_AT) return;
      const path = join(folder, entry.name);
      if (!isPartName(entry.name)) {
        if (entry.isDirectory() && depth < DEPTH) await visit(path, depth + 1);
      } else if (((await newestMs(path, depth).catch(passOver)) ?? nowMs) < oldest) {
        await rm(path, { recursive: true, force: true }).catch(passOver);
        removed += 1;
      }
    }
  };
  await visit(root, 0);
  return removed;
}

/** When it, or what is in it, was changed last. */
async function newestMs(path: string, depth: number): Promise<number> {
  const found = await lstat(path);
  if (!found.isDirectory() || depth >= DEPTH) return found.mtimeMs;
  let newest = found.mtimeMs;
  for await (const { name } of await opendir(path))
    newest = Math.max(newest, await newestMs(join(path, name), depth + 1));
  return newest;
}
