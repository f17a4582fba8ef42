// The desktop's folder for files as the panel shows it: what it holds, one folder at a time, and the fetching of files and whole folders.
// Built by `client.ts`, shown by `ui/desktop-folder-list.tsx`; fetched files go by `file-queue.ts`.

import { type FolderEntry, type FolderListing, folderListing } from "@eglantine/protocol/transfer";
import { Store } from "../store.ts";
import { DownloadJob } from "./download-job.ts";
import type { Job } from "./job.ts";
import { pickFolder, pickSaver } from "./saver.ts";
import { downloadBlob, TransferFailure, type TransferTarget } from "./transfer.ts";

export interface DesktopFolderState {
  /** Below the desktop's folder for files. */
  readonly names: readonly string[];
  readonly listing?: FolderListing;
  readonly trouble?: string;
}

export interface DesktopFolderParts {
  readonly target: () => TransferTarget | undefined;
  readonly send: (jobs: readonly Job[]) => void;
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

  /** With the user's click just now: the browser asks where to. */
  fetchFile({ name, sizeBytes }: FolderEntry): Promise<void> {
    const names = [...this.state.get().names, name];
    return this.#telling(async () => {
      const openSaver = await pickSaver(name);
      this.#parts.send([new DownloadJob({ names, sizeBytes, openSaver })]);
    });
  }

  /** All that is in it, as it is now. */
  fetchFolder({ name }: FolderEntry): Promise<void> {
    const outer = this.state.get().names;
    return this.#telling(async () => {
      const openSaver = await pickFolder();
      const visit = async (below: readonly string[]): Promise<void> => {
        const { entries, more } = await this.#list([...outer, ...below]);
        if (more) throw new TransferFailure(`${below.join("/")} holds too many files to be listed.`);
        const files = entries.filter(({ kind }) => kind === "file");
        this.#parts.send(
          files.map(({ name: file, sizeBytes }) => {
            const names = [...below, file];
            return new DownloadJob({ names: [...outer, ...names], sizeBytes, openSaver: () => openSaver(names) });
          }),
        );
        for (const { kind, name: folder } of entries) if (kind === "folder") await visit([...below, folder]);
      };
      await visit([name]);
    });
  }

  async #list(names: readonly string[]): Promise<FolderListing> {
    const target = this.#parts.target();
    if (target === undefined) throw new TransferFailure("The desktop can't be reached just now.");
    return JSON.parse(await (await downloadBlob(target, folderListing(names))).text()) as FolderListing;
  }

  async #telling(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return;
      if (!(error instanceof TransferFailure) && !(error instanceof DOMException)) throw error;
      this.state.set({ ...this.state.get(), trouble: error.message });
    }
  }
}
