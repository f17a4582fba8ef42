// A folder of the desktop as the panel shows it: what it holds, one folder at a time, and the fetching of files and whole folders. There are two: that for
// viewers' files, and what was copied on the desktop, which is shown as if it lay in one folder. Built by `client.ts`, shown by `ui/desktop-folder-list.tsx`; fetched files go by `file-queue.ts`.

import { type FilesPlace, type FolderEntry, type FolderListing, folderListing } from "@eglantine/protocol/transfer";
import { said, type Sentence } from "../messages/said.ts";
import { Store } from "../store.ts";
import { DownloadJob } from "./download-job.ts";
import type { Job } from "./job.ts";
import { canPickFolder, pickFolder, pickSaver, type Saver } from "./saver.ts";
import { downloadBlob, TransferFailure, type TransferTarget } from "./transfer.ts";

export interface DesktopFolderState {
  /** Below the desktop's folder for files. */
  readonly names: readonly string[];
  readonly listing?: FolderListing;
  readonly trouble?: Sentence;
}

export interface DesktopFolderParts {
  readonly target: () => TransferTarget | undefined;
  readonly send: (jobs: readonly Job[]) => void;
  /** Absent: the folder for viewers' files. */
  readonly place?: () => FilesPlace | undefined;
}

/** Files that are sent for together. */
export interface Collecting {
  readonly openSaver: (names: readonly string[]) => Promise<Saver>;
  /** One of them has come, or was given up. */
  readonly onOver?: (arrived: boolean) => void;
  /** So many more, before they begin. */
  readonly count?: (files: number) => void;
}

export class DesktopFolder {
  readonly state = new Store<DesktopFolderState>({ names: [] });
  readonly #parts: DesktopFolderParts;

  constructor(parts: DesktopFolderParts) {
    this.#parts = parts;
  }

  /** Shows this folder, as it is now. */
  async show(names: readonly string[] = this.state.get().names): Promise<void> {
    const before = this.state.get();
    const { listing } = before;
    this.state.set({
      names,
      ...(listing !== undefined && before.names.join("/") === names.join("/") ? { listing } : {}),
    });
    const shown = this.state.get();
    await this.#telling(async () => {
      const found = await this.#list(names);
      if (this.state.get() === shown) this.state.set({ names, listing: found });
    });
  }

  /** Something else stands there. */
  forget(): void {
    this.state.set({ names: [] });
  }

  /** With the user's click just now: the browser asks where to. */
  fetchFile({ name, sizeBytes }: FolderEntry): Promise<void> {
    const names = [...this.state.get().names, name];
    return this.#telling(async () => {
      const openSaver = await pickSaver(name);
      this.#parts.send([new DownloadJob({ names, sizeBytes, openSaver, place: this.#place })]);
    });
  }

  /** Everything that is in the folder that is shown; without a folder that the browser lets the page write to, its files alone. */
  fetchAll(): Promise<void> {
    return this.#telling(async () => {
      const { names, listing } = this.state.get();
      const [first, ...more] = (listing ?? (await this.#list(names))).entries;
      if (first === undefined) return;
      if (more.length === 0) await (first.kind === "file" ? this.fetchFile(first) : this.fetchFolder(first));
      else if (canPickFolder()) await this.#fetchInto([first, ...more]);
      else for (const entry of [first, ...more]) if (entry.kind === "file") await this.fetchFile(entry);
    });
  }

  /** All that is in it, as it is now. */
  fetchFolder(entry: FolderEntry): Promise<void> {
    return this.#fetchInto([entry]);
  }

  /** Into a folder that the user picks. */
  #fetchInto(all: readonly FolderEntry[]): Promise<void> {
    return this.#telling(async () => {
      const openSaver = await pickFolder();
      await this.collect(all, { openSaver });
    });
  }

  /** What is in the folder that is shown, as it is now. Rejects with TransferFailure. */
  list(): Promise<FolderListing> {
    return this.#list(this.state.get().names);
  }

  /** Sends for these, and for all that is in them. Rejects with TransferFailure. */
  async collect(all: readonly FolderEntry[], { openSaver, onOver, count }: Collecting): Promise<void> {
    const [outer, place] = [this.state.get().names, this.#place];
    const take = async (entries: readonly FolderEntry[], below: readonly string[]): Promise<void> => {
      const jobs = entries
        .filter(({ kind }) => kind === "file")
        .map(({ name, sizeBytes }) => {
          const names = [...below, name];
          const wish = { names: [...outer, ...names], sizeBytes, openSaver: () => openSaver(names), place, onOver };
          return new DownloadJob(wish);
        });
      count?.(jobs.length);
      this.#parts.send(jobs);
      for (const { kind, name } of entries) if (kind === "folder") await visit([...below, name]);
    };
    const visit = async (below: readonly string[]): Promise<void> => {
      const { entries, more } = await this.#list([...outer, ...below]);
      if (more) throw new TransferFailure(said("notices", "folder-too-large", { name: below.join("/") }));
      await take(entries, below);
    };
    await take(all, []);
  }

  get #place(): FilesPlace | undefined {
    return this.#parts.place?.();
  }

  async #list(names: readonly string[]): Promise<FolderListing> {
    const target = this.#parts.target();
    if (target === undefined) throw new TransferFailure(said("notices", "unreachable"));
    return JSON.parse(await (await downloadBlob(target, folderListing(names, this.#place))).text()) as FolderListing;
  }

  async #telling(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return;
      if (!(error instanceof TransferFailure) && !(error instanceof DOMException)) throw error;
      const trouble = error instanceof TransferFailure ? error.sentence : error.message;
      this.state.set({ ...this.state.get(), trouble });
    }
  }
}
