// The desktop's folder for viewers' files: what stands at `files/…` of their transfers (protocol `transfer.ts`). Built by `agent.ts`, asked by each
// `session/session.ts`; next: `part.ts`.

import { randomUUID } from "node:crypto";
import { lstat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CONFLICT_MODES, type ConflictMode, type FileUpload } from "@eglantine/protocol/transfer";
import type { Closable } from "../close.ts";
import type { Log } from "../log.ts";
import { type Download, TransferError, type Upload } from "../session/types.ts";
import { type CopiedFiles, copiedListing } from "./copied.ts";
import { Folder, refusalOf } from "./folder.ts";
import { listingOf } from "./listing.ts";
import { checkNames } from "./names.ts";
import { outgoing, sha256Of } from "./outgoing.ts";
import { type Hashed, Part } from "./part.ts";
import { type FilesPolicy, type FilesWays, policyOf } from "./policy.ts";
import { Stages } from "./stages.ts";
import { sweep } from "./sweep.ts";

export interface FilesOptions {
  readonly ways: FilesWays;
  /** Absolute. */
  readonly folder: string;
  /** Of the desktop's user, to name the folder by. */
  readonly home: string;
  readonly log: Log;
}

/** Uploads between two requests whose hash is kept, and placed ones whose answer may have been lost, or which may be dropped onto a program. */
const KEPT = 512;
const SWEEP_MS = 24 * 3600_000;

/** What was copied on the desktop under this id. Rejects with TransferError. */
export type FindCopied = (id: string) => Promise<CopiedFiles>;

const NONE_COPIED: FindCopied = () => Promise.reject(new TransferError(410, "Nothing is copied on the desktop."));

export class Files implements Closable {
  /** Where pasted files are put. */
  readonly stages: Stages;
  readonly #options: FilesOptions;
  #sweeping: NodeJS.Timeout | undefined;
  /** By upload. */
  readonly #running = new Map<string, Part>();
  readonly #hashed = new Map<string, Hashed>();
  readonly #placed = new Map<string, number>();
  /** By id of the upload: names in the folder, where one was taken. */
  readonly #placedAs = new Map<string, readonly string[]>();

  constructor(options: FilesOptions) {
    this.#options = options;
    this.stages = new Stages({ folder: options.folder, log: options.log });
  }

  policy(viewOnly: boolean): FilesPolicy {
    const { ways, folder, home } = this.#options;
    const isBelowHome = folder.startsWith(`${home}/`);
    return policyOf(ways, isBelowHome ? folder.slice(home.length + 1) : folder, viewOnly);
  }

  /** What nobody went on with for a day is removed, now and then. */
  start(): void {
    const { folder, log } = this.#options;
    const act = async (): Promise<void> => {
      const removed = await sweep(folder, Date.now());
      if (removed > 0) log.info({ removed }, "unfinished uploads removed that nobody went on with");
    };
    void act();
    this.#sweeping = setInterval(() => void act(), SWEEP_MS);
    this.#sweeping.unref();
  }

  close(): Promise<void> {
    clearInterval(this.#sweeping);
    return this.stages.close();
  }

  /** `copied`: what was copied on the desktop. Rejects with TransferError. */
  async open(
    policy: FilesPolicy,
    [kind, ...rest]: readonly string[],
    copied: FindCopied = NONE_COPIED,
  ): Promise<Download | Upload> {
    const { folder } = this.#options;
    try {
      if (kind === "stage") return await this.#put(policy, this.stages.root(rest[0] ?? ""), rest.slice(1));
      if (kind === "up" || kind === "folder") return await this.#put(policy, folder, [kind, ...rest]);
      if (kind === "copied") return await this.#copied(policy, copied, rest);
      if (kind === "list" || kind === "down" || kind === "sha256") return await this.#download(policy, kind, rest);
    } catch (error) {
      throw refusalOf(error);
    }
    throw new TransferError(404, "There is nothing here.");
  }

  /** Paths of what this viewer has put into the folder; what is not there, or is a link, is left out. */
  async placed(
    policy: FilesPolicy,
    wanted: readonly { readonly id?: string | undefined; readonly names: readonly string[] }[],
  ): Promise<readonly string[]> {
    if (!policy.up) return [];
    const root = this.#options.folder;
    const paths: string[] = [];
    for (const { id, names: asked } of wanted) {
      const names = (id === undefined ? undefined : this.#placedAs.get(id)) ?? asked;
      try {
        checkNames(names);
        const folder = await Folder.open(root, names.slice(0, -1), { make: false });
        const found = await lstat(folder.at(names.at(-1) ?? "")).finally(() => void folder.close());
        if (found.isFile() || found.isDirectory()) paths.push(join(root, ...names));
      } catch (error) {
        this.#options.log.debug({ detail: refusalOf(error).message }, "what was dropped is not there");
      }
    }
    return paths;
  }

  async #put(policy: FilesPolicy, root: string, [kind, ...rest]: readonly string[]): Promise<Upload> {
    mayPut(policy);
    if (kind === "up") return this.#upload(root, rest);
    if (kind === "folder") return this.#makeFolder(root, rest);
    throw new TransferError(404, "There is nothing here.");
  }

  async #upload(root: string, [id = "", size = "", mode = "", ...names]: readonly string[]): Promise<Upload> {
    checkNames(names);
    const sizeBytes = Number(size);
    if (!/^[\da-f]{32}$/.test(id) || !/^\d{1,16}$/.test(size) || !Number.isSafeInteger(sizeBytes) || !isMode(mode))
      throw new TransferError(400, "That is no address of an upload.");
    const wanted: FileUpload = { id, sizeBytes, mode, names };
    const key = JSON.stringify([root, id, sizeBytes, names]);
    // The connection of the request before may hang: this one is the newer.
    await this.#running.get(key)?.stop();
    if (this.#placed.has(key)) return placedAlready(sizeBytes);
    const hashed = this.#hashed.get(key);
    return Part.find(
      {
        root,
        wanted,
        hashed,
        onRest: (kept) => {
          this.#running.delete(key);
          this.#hashed.delete(key);
          if (kept !== undefined) keep(this.#hashed, key, kept);
        },
        onPlaced: (name) => {
          keep(this.#placed, key, sizeBytes);
          if (root === this.#options.folder) keep(this.#placedAs, id, [...names.slice(0, -1), name]);
          this.#options.log.info({ bytes: sizeBytes, renamed: name !== names.at(-1) }, "file has come");
        },
      },
      (part) => {
        if (this.#running.has(key)) throw new TransferError(409, "It is being sent already.");
        this.#hashed.delete(key);
        this.#running.set(key, part);
      },
    );
  }

  /** What was copied on the desktop, wherever it lies, as if it lay in one folder. */
  async #copied(
    policy: FilesPolicy,
    find: FindCopied,
    [id = "", kind = "", ...names]: readonly string[],
  ): Promise<Download> {
    mayGet(policy);
    const copied = await find(id);
    if (kind === "list" && names.length === 1 && names[0] === "")
      return said("application/json", JSON.stringify(await copiedListing(copied)));
    checkNames(names);
    const path = copied.paths.get(names[0] ?? "");
    if (path === undefined) throw new TransferError(404, "That was not copied on the desktop.");
    const below = [basename(path), ...names.slice(1)];
    if (kind === "list") return said("application/json", JSON.stringify(await listingOf(dirname(path), below)));
    if (kind === "down") return outgoing(dirname(path), below);
    if (kind === "sha256") return said("text/plain", await sha256Of(dirname(path), below));
    throw new TransferError(404, "There is nothing here.");
  }

  async #download(policy: FilesPolicy, kind: "list" | "down" | "sha256", names: readonly string[]): Promise<Download> {
    mayGet(policy);
    const { folder } = this.#options;
    if (kind === "list") {
      // The address of the folder itself ends with a slash.
      const below = names.length === 1 && names[0] === "" ? [] : names;
      if (below.length > 0) checkNames(below);
      return said("application/json", JSON.stringify(await listingOf(folder, below)));
    }
    checkNames(names);
    return kind === "down" ? outgoing(folder, names) : said("text/plain", await sha256Of(folder, names));
  }

  #makeFolder(root: string, names: readonly string[]): Upload {
    checkNames(names);
    const refuse = () => Promise.reject(new TransferError(413, "A folder has no bytes of its own."));
    const make = async () => (await Folder.open(root, names, { make: true })).close();
    const complete = () => make().catch((error: unknown) => Promise.reject(refusalOf(error)));
    return { kind: "upload", offsetBytes: 0, begin: () => () => undefined, write: refuse, complete };
  }
}

function mayGet({ down }: FilesPolicy): void {
  if (!down) throw new TransferError(403, "This desktop gives no files (EGLANTINE_FILES).");
}

function mayPut({ up }: FilesPolicy): void {
  if (!up) throw new TransferError(403, "This desktop takes no files from you (EGLANTINE_FILES).");
}

const isMode = (mode: string): mode is ConflictMode => (CONFLICT_MODES as readonly string[]).includes(mode);

/** What is worked out when it is asked for. */
function said(type: string, text: string): Download {
  const bytes = Buffer.from(text);
  return {
    kind: "download",
    type,
    sizeBytes: bytes.length,
    etag: `"${randomUUID()}"`,
    async *read(from, to) {
      yield bytes.subarray(from, to);
    },
  };
}

/** The viewer did not hear that it has come. */
const placedAlready = (offsetBytes: number): Upload => ({
  kind: "upload",
  offsetBytes,
  begin: () => () => undefined,
  write: () => Promise.reject(new TransferError(409, "It has come already.")),
  complete: () => Promise.resolve(),
});

/** The oldest goes. */
function keep<Value>(kept: Map<string, Value>, key: string, value: Value): void {
  kept.delete(key);
  kept.set(key, value);
  const [oldest] = kept.keys();
  if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
}
