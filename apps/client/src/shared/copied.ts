// Files that were copied on the desktop, on their way to this computer's clipboard, as they pass between page and shell (`bridge.ts`). Read anew by the shell: what
// comes over a border is taken for anything, and names come from a desktop that may be anybody's.

import { WrongParameter } from "./bridge-call.ts";

/** Some of a file's bytes. The first ones, with offset 0, make it anew. */
export interface CopiedPiece {
  /** 32 hexadecimal digits: what was copied at one time. */
  readonly set: string;
  /** Folders that it lies in, then its own name. */
  readonly names: readonly string[];
  readonly offsetBytes: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** How they can be pasted. `folder`: this system's clipboard takes no such thing from an application; the folder that they lie in was opened instead. */
export type CopiedTo = "clipboard" | "folder";

const DEPTH = 33;
const NAME_CHARS = 255;
/** What no file system but Linux's takes, and Windows gives a meaning of its own; the folders "." and ".." among it. */
// oxlint-disable-next-line no-control-regex
const REFUSED = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069/\\:*?"<>|]|[. ]$/;
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** Throws WrongParameter for what is none. */
export function readCopiedSet(value: unknown): string {
  if (typeof value !== "string" || !/^[\da-f]{32}$/.test(value)) throw new WrongParameter("no set of copied files");
  return value;
}

/** Throws WrongParameter for what is none. */
export function readCopiedPiece(value: unknown): CopiedPiece {
  if (typeof value !== "object" || value === null) throw new WrongParameter("no piece of a file");
  const { set, names, offsetBytes, bytes } = value as Record<string, unknown>;
  if (!Array.isArray(names) || names.length === 0 || names.length > DEPTH || !names.every(isName))
    throw new WrongParameter("This computer can't have a file of that name.");
  if (!(bytes instanceof Uint8Array) || typeof offsetBytes !== "number" || !Number.isSafeInteger(offsetBytes))
    throw new WrongParameter("no piece of a file");
  if (offsetBytes < 0) throw new WrongParameter("no piece of a file");
  return { set: readCopiedSet(set), names, offsetBytes, bytes: new Uint8Array(bytes) };
}

const isName = (name: unknown): name is string =>
  typeof name === "string" && name !== "" && name.length <= NAME_CHARS && !REFUSED.test(name) && !DEVICE.test(name);
