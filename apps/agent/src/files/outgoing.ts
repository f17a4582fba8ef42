// A file on its way to a viewer: read in pieces while it goes, and its SHA-256. Used by `files.ts`; read by `server/transfer.ts`.

import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { type Download, TransferError } from "../session/types.ts";
import { Folder } from "./folder.ts";

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
const READ_BYTES = 256 * 1024;
const CHANGED = "It has changed on the desktop meanwhile.";

export async function outgoing(root: string, names: readonly string[]): Promise<Download> {
  const { sizeBytes, etag } = await withFile(root, names, factsOf);
  return {
    kind: "download",
    type: "application/octet-stream",
    sizeBytes,
    etag,
    async *read(from, to) {
      const file = await openFile(root, names);
      try {
        if ((await factsOf(file)).etag !== etag) throw new TransferError(409, CHANGED);
        yield* chunksOf(file, from, to);
      } finally {
        await file.close();
      }
    },
  };
}

/** In base64. */
export const sha256Of = (root: string, names: readonly string[]): Promise<string> =>
  withFile(root, names, async (file) => {
    const { sizeBytes } = await factsOf(file);
    const hash = createHash("sha256");
    for await (const chunk of chunksOf(file, 0, sizeBytes)) hash.update(chunk);
    return hash.digest("base64");
  });

async function withFile<Result>(
  root: string,
  names: readonly string[],
  use: (file: FileHandle) => Promise<Result>,
): Promise<Result> {
  const file = await openFile(root, names);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

async function openFile(root: string, names: readonly string[]): Promise<FileHandle> {
  const folder = await Folder.open(root, names.slice(0, -1), { make: false });
  try {
    // A pipe would wait for its writer.
    return await open(folder.at(names.at(-1) ?? ""), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } finally {
    await folder.close();
  }
}

async function factsOf(file: FileHandle): Promise<{ sizeBytes: number; etag: string }> {
  const found = await file.stat({ bigint: true });
  const { size, ino, mtimeNs } = found;
  if (!found.isFile()) throw new TransferError(403, "On the desktop that is no file.");
  return { sizeBytes: Number(size), etag: `"${ino.toString(36)}-${size.toString(36)}-${mtimeNs.toString(36)}"` };
}

async function* chunksOf(file: FileHandle, from: number, to: number): AsyncIterable<Uint8Array> {
  for (let at = from; at < to; ) {
    const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, to - at));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) throw new TransferError(409, CHANGED);
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}
