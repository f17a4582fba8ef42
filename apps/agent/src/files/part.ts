// One request's hold of a file on its way to the desktop. Its bytes go to a hidden part file beside where it is to stand; it gets its name
// when all have come and their SHA-256 is what the viewer says. Made by `files.ts`, filled by `server/transfer.ts`.

import { createHash, type Hash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, link, lstat, open, rename, statfs, unlink } from "node:fs/promises";
import type { FileUpload } from "@eglantine/protocol/transfer";
import { TransferError, type Upload } from "../session/types.ts";
import { Folder, codeOf, refusalOf, unless } from "./folder.ts";
import { numbered, partName } from "./names.ts";

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;
/** Where the part is read again, after an agent was started anew. */
const READ_BYTES = 256 * 1024;
/** Of copies of a name. */
const COPIES = 1000;
const CHANGED = "It has changed on the desktop meanwhile: send it once more.";

/** What is known of bytes that have come, between two requests. */
export interface Hashed {
  readonly offsetBytes: number;
  readonly hash: Hash;
}

export interface PartRoom {
  readonly root: string;
  readonly wanted: FileUpload;
  /** Of an earlier request. */
  readonly hashed: Hashed | undefined;
  /** Nothing moves any more. `hashed`: for the request that follows; absent: none can follow. */
  readonly onRest: (hashed: Hashed | undefined) => void;
  /** The file has its name. */
  readonly onPlaced: (name: string) => void;
}

export class Part implements Upload {
  readonly kind = "upload";
  readonly #room: PartRoom;
  #offsetBytes: number;
  #hash: Hash | undefined;
  #folder: Folder | undefined;
  #file: FileHandle | undefined;
  /** What is under way, one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #begun = false;
  #over = false;
  readonly #begin: () => void;

  private constructor(room: PartRoom, offsetBytes: number, onBegin: () => void) {
    this.#room = room;
    this.#offsetBytes = offsetBytes;
    this.#begin = onBegin;
  }

  /** Finds out how much has come. `onBegin`: more is about to come; may throw. */
  static async find(room: PartRoom, onBegin: (part: Part) => void): Promise<Part> {
    const { root, wanted } = room;
    const folder = await Folder.open(root, wanted.names.slice(0, -1), { make: false }).catch(unless("ENOENT"));
    let offsetBytes = 0;
    try {
      const part = await statAt(folder, partName(wanted.id));
      offsetBytes = part?.size ?? 0;
      if (part !== undefined && (!part.isFile() || offsetBytes > wanted.sizeBytes))
        throw new TransferError(409, CHANGED);
      if (wanted.mode === "ask" && (await statAt(folder, nameOf(wanted))) !== undefined) throw taken();
      if (folder !== undefined) await checkSpace(folder, wanted.sizeBytes - offsetBytes);
    } finally {
      await folder?.close();
    }
    const found: Part = new Part(room, offsetBytes, () => onBegin(found));
    return found;
  }

  get offsetBytes(): number {
    return this.#offsetBytes;
  }

  begin(): () => void {
    this.#begin();
    this.#begun = true;
    return () => void this.stop();
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#offsetBytes + chunk.length > this.#room.wanted.sizeBytes) {
        throw new TransferError(413, `More than the ${this.#room.wanted.sizeBytes} bytes come that were announced.`);
      }
      const { file, hash } = await this.#open();
      for (let done = 0; done < chunk.length; ) {
        const { bytesWritten } = await file.write(chunk, done, chunk.length - done, this.#offsetBytes + done);
        done += bytesWritten;
      }
      hash.update(chunk);
      this.#offsetBytes += chunk.length;
    });
  }

  complete(sha256?: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      const { wanted, onPlaced } = this.#room;
      if (this.#offsetBytes !== wanted.sizeBytes)
        throw new TransferError(400, `${this.#offsetBytes} of ${wanted.sizeBytes} bytes have come.`);
      if (sha256 === undefined) throw new TransferError(400, "The file comes without its SHA-256.");
      const { folder, hash } = await this.#open();
      if (!hash.copy().digest().equals(sha256)) {
        await unlink(folder.at(partName(wanted.id)));
        this.#hash = undefined;
        throw new TransferError(422, "What came is not what was sent (its SHA-256 differs): send it once more.");
      }
      const name = await place(folder, partName(wanted.id), wanted);
      this.#hash = undefined;
      onPlaced(name);
    });
  }

  discard(): Promise<void> {
    return this.#inTurn(async () => {
      const { root, wanted } = this.#room;
      this.#hash = undefined;
      const folder = await Folder.open(root, wanted.names.slice(0, -1), { make: false }).catch(unless("ENOENT"));
      try {
        if (folder !== undefined) await unlink(folder.at(partName(wanted.id))).catch(unless("ENOENT"));
      } finally {
        await folder?.close();
        this.#room.onRest(undefined);
      }
    });
  }

  /** Takes no more, and resolves when nothing moves: another request goes on. Idempotent. */
  async stop(): Promise<void> {
    if (!this.#over) {
      this.#over = true;
      this.#last = this.#rest(this.#last);
    }
    await this.#last;
  }

  async #rest(before: Promise<unknown>): Promise<void> {
    await before;
    await this.#file?.close();
    await this.#folder?.close();
    const hash = this.#hash;
    if (this.#begun) this.#room.onRest(hash === undefined ? undefined : { hash, offsetBytes: this.#offsetBytes });
  }

  /** Rejects with TransferError. */
  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#after(this.#last, act);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #after(before: Promise<unknown>, act: () => Promise<void>): Promise<void> {
    await before;
    if (this.#over) throw new TransferError(409, "Another request goes on with it.");
    try {
      await act();
    } catch (error) {
      throw refusalOf(error);
    }
  }

  async #open(): Promise<{ folder: Folder; file: FileHandle; hash: Hash }> {
    const { root, wanted, hashed } = this.#room;
    this.#folder ??= await Folder.open(root, wanted.names.slice(0, -1), { make: true });
    const flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
    this.#file ??= await open(this.#folder.at(partName(wanted.id)), flags, 0o666);
    if (this.#hash === undefined) {
      const part = await this.#file.stat();
      // With a second name it would be changed under that.
      if (!part.isFile() || part.nlink !== 1 || part.size !== this.#offsetBytes) throw new TransferError(409, CHANGED);
      const isKnown = hashed?.offsetBytes === this.#offsetBytes;
      this.#hash = isKnown ? hashed.hash : await hashOf(this.#file, this.#offsetBytes);
    }
    return { folder: this.#folder, file: this.#file, hash: this.#hash };
  }
}

const nameOf = ({ names }: FileUpload): string => names.at(-1) ?? "";
const taken = () => new TransferError(412, "That name is taken on the desktop.");

const statAt = async (folder: Folder | undefined, name: string) =>
  folder === undefined ? undefined : lstat(folder.at(name)).catch(unless("ENOENT"));

async function checkSpace(folder: Folder, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder.at("."));
  if (bytes > bavail * bsize) throw new TransferError(507, "The desktop's disk has not enough room for it.");
}

async function hashOf(file: FileHandle, sizeBytes: number): Promise<Hash> {
  const hash = createHash("sha256");
  const buffer = Buffer.alloc(Math.min(READ_BYTES, sizeBytes));
  for (let at = 0; at < sizeBytes; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, sizeBytes - at), at);
    if (bytesRead === 0) throw new TransferError(409, CHANGED);
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
  return hash;
}

/** Gives the part its name. Nothing that stands there goes unless it is to be replaced. Resolves to the name. */
async function place(
  folder: Folder,
  part: string,
  { mode, names }: Pick<FileUpload, "mode" | "names">,
): Promise<string> {
  const name = names.at(-1) ?? "";
  if (mode === "replace") {
    await rename(folder.at(part), folder.at(name));
    return name;
  }
  if (await placeNew(folder, part, name)) return name;
  if (mode === "ask") throw taken();
  for (let copy = 2; copy <= COPIES; copy += 1) {
    const other = numbered(name, copy);
    if (await placeNew(folder, part, other)) return other;
  }
  throw taken();
}

/** False where the name is taken. */
async function placeNew(folder: Folder, part: string, name: string): Promise<boolean> {
  try {
    await link(folder.at(part), folder.at(name));
  } catch (error) {
    const code = codeOf(error) ?? "";
    if (code === "EEXIST") return false;
    // A file system without hard links.
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(code)) throw error;
    if ((await statAt(folder, name)) !== undefined) return false;
    await rename(folder.at(part), folder.at(name));
    return true;
  }
  await unlink(folder.at(part));
  return true;
}
