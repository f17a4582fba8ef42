// What a program of the desktop has copied as files, read from its list of addresses (RFC 2483, section 5; RFC 8089): which of them may be fetched, by which
// name, and why others may not. Pure but for `copiedListing`, which looks at them. Made by `clipboard/content.ts`, asked by `files.ts`.

import { createHash } from "node:crypto";
import { access, constants, lstat } from "node:fs/promises";
import { hostname } from "node:os";
import { LIMITS } from "@eglantine/protocol/limits";
import type { FolderEntry, FolderListing, RefusedEntry } from "@eglantine/protocol/transfer";
import { TransferError } from "../session/types.ts";
import { refusalOf } from "./folder.ts";
import { entryOf, sorted } from "./listing.ts";
import { checkNames, isPartName, numbered, shownName } from "./names.ts";

export interface CopiedFiles {
  /** The same list has the same one, so that a fetch goes on in another session. */
  readonly id: string;
  /** Absolute paths by the names that viewers know them by. */
  readonly paths: ReadonlyMap<string, string>;
  readonly refused: readonly RefusedEntry[];
  /** So many lines more, which were not looked at. */
  readonly more: number;
}

/** Of the list. */
export const COPIED_LIST_BYTES = 1024 * 1024;
/** Reasons that are told. */
const REFUSED_TOLD = 20;
/** Nothing there is a file of the user's. */
const SYSTEM = /^\/(?:proc|sys|dev)(?:\/|$)/;
const OWN_HOSTS: ReadonlySet<string> = new Set(["", "localhost", hostname().toLowerCase()]);

export function copiedFiles(uriList: string): CopiedFiles {
  const lines = uriList.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#"));
  const paths = new Map<string, string>();
  const refused: RefusedEntry[] = [];
  const counts = new Map<string, number>();
  for (const line of lines.slice(0, LIMITS.filesListed)) {
    try {
      const path = pathOf(line);
      const name = path.slice(path.lastIndexOf("/") + 1);
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      // Of two with one name, from two folders, the second gets a number.
      paths.set(count === 1 ? name : numbered(name, count), path);
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      refused.push({ name: shown(line), why: error.message });
    }
  }
  const id = createHash("sha256").update(uriList).digest("hex").slice(0, 32);
  return { id, paths, refused, more: Math.max(0, lines.length - LIMITS.filesListed) };
}

/** Nothing of it may be had. */
export const refusedFiles = (why: string): CopiedFiles => ({
  id: "none",
  paths: new Map(),
  refused: [{ name: "", why }],
  more: 0,
});

/** What of it can be had now, and why the rest can't. */
export async function copiedListing({ paths, refused, more }: CopiedFiles): Promise<FolderListing> {
  const entries: FolderEntry[] = [];
  const no = [...refused];
  for (const [name, path] of paths) {
    try {
      entries.push(await entryAt(name, path));
    } catch (error) {
      no.push({ name, why: refusalOf(error).message });
    }
  }
  return { entries: sorted(entries), more: more > 0, refused: no.slice(0, REFUSED_TOLD) };
}

async function entryAt(name: string, path: string): Promise<FolderEntry> {
  const found = await lstat(path);
  if (found.isSymbolicLink())
    throw new TransferError(403, "On the desktop that is a link, and links are not followed.");
  const entry = entryOf(name, found);
  if (entry === undefined) throw new TransferError(403, "On the desktop that is neither a file nor a folder.");
  await access(path, constants.R_OK);
  return entry;
}

/** Throws TransferError for what is no file of this computer. */
function pathOf(address: string): string {
  const [, host, encoded] = /^file:(?:\/\/([^/]*))?(\/.*)$/i.exec(address) ?? [];
  if (host === undefined && encoded === undefined) throw new TransferError(403, "It is no file of the desktop's.");
  if (!OWN_HOSTS.has((host ?? "").toLowerCase())) throw new TransferError(403, "It lies on another computer.");
  const names = decoded(encoded ?? "")
    .replace(/\/+$/, "")
    .split("/")
    .slice(1);
  // Of those on the way, whatever a program would not write: it leads elsewhere than it says.
  checkNames(names.map((name) => (isPartName(name) ? "part" : name)));
  const path = `/${names.join("/")}`;
  if (SYSTEM.test(path)) throw new TransferError(403, "It is the system's, and no file of the user's.");
  return path;
}

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (error) {
    if (error instanceof URIError) throw new TransferError(400, "Its name is not in UTF-8.");
    throw error;
  }
}

/** Of an address that may hold anything. */
const shown = (address: string): string =>
  shownName(address.split("/").findLast((part) => part !== "") ?? "").slice(0, 80);
