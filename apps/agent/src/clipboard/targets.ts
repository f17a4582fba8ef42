// What X programs call the clipboard's kinds of content (targets; ICCCM section 2.6.2, and the habits of Qt and GTK), and how their
// bytes are written there. Pure. Used by `clipboard.ts`; the names become atoms in `x11/selection-atoms.ts`.

import type { ClipboardMime } from "@eglantine/protocol/clipboard";

/** The names of each kind, best first. */
const TARGETS: Readonly<Record<ClipboardMime, readonly string[]>> = {
  "text/plain": ["UTF8_STRING", "text/plain;charset=utf-8", "text/plain", "STRING", "TEXT"],
  "text/html": ["text/html"],
  "image/png": ["image/png"],
  "image/jpeg": ["image/jpeg"],
  "image/webp": ["image/webp"],
  "image/gif": ["image/gif"],
  "image/bmp": ["image/bmp"],
  "text/uri-list": ["text/uri-list", "x-special/gnome-copied-files"],
};
const KINDS = Object.entries(TARGETS) as [ClipboardMime, readonly string[]][];

/** One is enough, the first of these that a program offers: others are the same picture again. */
const PICTURES: readonly ClipboardMime[] = ["image/png", "image/webp", "image/jpeg", "image/gif", "image/bmp"];

export const TARGET_NAMES: readonly string[] = Object.values(TARGETS).flat();

/** Kinds that a program's targets give, and by which target each is best read. */
export function kindsOf(targets: readonly string[]): ReadonlyMap<ClipboardMime, string> {
  const kinds = new Map<ClipboardMime, string>();
  for (const [mime, names] of KINDS) {
    const best = names.find((name) => targets.includes(name));
    if (best !== undefined) kinds.set(mime, best);
  }
  const picture = PICTURES.find((mime) => kinds.has(mime));
  for (const mime of PICTURES) if (mime !== picture) kinds.delete(mime);
  return kinds;
}

/** Targets that a program may ask for when these kinds can be pasted. */
export function targetsOf(mimes: readonly ClipboardMime[]): readonly string[] {
  return mimes.flatMap((mime) => TARGETS[mime]);
}

export function mimeOf(target: string): ClipboardMime | undefined {
  return KINDS.find(([, names]) => names.includes(target))?.[0];
}

/** How the bytes of a kind are written for a target; undefined: as they are. */
export function writerOf(target: string): ((bytes: Buffer) => Buffer) | undefined {
  if (target === "STRING") return latin1Of;
  if (target === "x-special/gnome-copied-files") return gnomeFilesOf;
  return undefined;
}

/** The bytes of the kind, from those of a target. */
export function readTarget(target: string, bytes: Buffer): Buffer {
  switch (target) {
    case "STRING":
    case "TEXT":
      return isUtf8(bytes) ? bytes : Buffer.from(bytes.toString("latin1"));
    case "text/html":
    case "text/plain":
      return utf8Of(bytes);
    case "x-special/gnome-copied-files":
      return Buffer.from(bytes.toString("utf8").split("\n").slice(1).join("\r\n"));
    default:
      return bytes;
  }
}

/** The last parts of the addresses of a text/uri-list (RFC 2483, section 5). */
export function namesOf(uriList: string, most: number): string[] {
  const addresses = uriList.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#"));
  return addresses
    .slice(0, most)
    .map((address) => decoded(address.replace(/\/+$/, "").split("/").at(-1) ?? "").slice(0, 255));
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return part;
    throw error;
  }
}

/** STRING is ISO 8859-1 (ICCCM, section 2.7.1); what that has not becomes a question mark. */
function latin1Of(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString("utf8").replaceAll(/[^\p{ASCII}\u0080-\u00ff]/gu, "?"), "latin1");
}

function gnomeFilesOf(bytes: Buffer): Buffer {
  return Buffer.from(
    [
      "copy",
      ...bytes
        .toString("utf8")
        .split(/\r?\n/)
        .filter((line) => line !== ""),
    ].join("\n"),
  );
}

/** Firefox and old programs write UTF-16 with a byte order mark. */
function utf8Of(bytes: Buffer): Buffer {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return Buffer.from(bytes.subarray(2).toString("utf16le"));
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    return Buffer.from(
      Buffer.from(bytes.subarray(2, bytes.length & ~1))
        .swap16()
        .toString("utf16le"),
    );
  }
  return bytes;
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
