// A file or an empty folder that goes to the desktop. Made by `client.ts`'s drops and choices and by `pasted-files.ts`, for `file-queue.ts`; next: `transfer.ts`.

import { type ConflictMode, type FilesPlace, fileUpload, folderUpload } from "@eglantine/protocol/transfer";
import { RunningDigest } from "./digest.ts";
import type { Job, MoveOptions } from "./job.ts";
import type { LocalFiles } from "./local-files.ts";
import { discard, PIECE_BYTES, type TransferTarget, upload } from "./transfer.ts";
import { forgetUploadId, newId, takeUploadId } from "./upload-ids.ts";

export interface UploadWish {
  /** Undefined: in the desktop's folder for files. */
  readonly place?: FilesPlace | undefined;
  /** Of names that are taken. */
  readonly mode?: ConflictMode;
  /** It has come, or was given up. */
  readonly onOver?: (arrived: boolean, names: readonly string[], id: string) => void;
}

export function uploadJobs({ files, folders }: LocalFiles, wish: UploadWish = {}): Job[] {
  return [
    ...folders.map((names) => new UploadJob(names, undefined, wish)),
    ...files.map(({ names, file }) => new UploadJob(names, file, wish)),
  ];
}

class UploadJob implements Job {
  readonly way = "up";
  readonly names: readonly string[];
  readonly #file: File | undefined;
  readonly #wish: UploadWish;
  #id: string;
  #digest = new RunningDigest();
  #mode: ConflictMode;

  /** Without a file: the folder itself. */
  constructor(names: readonly string[], file: File | undefined, wish: UploadWish) {
    this.names = names;
    this.#file = file;
    this.#wish = wish;
    this.#mode = wish.mode ?? "ask";
    // What is one piece is sent again as fast as it is gone on with; a stage is another one each time.
    const isKept = file !== undefined && file.size > PIECE_BYTES && wish.place === undefined;
    this.#id = isKept ? takeUploadId(keyOf(names, file)) : newId();
  }

  get sizeBytes(): number {
    return this.#file?.size ?? 0;
  }

  async move(target: TransferTarget, options: MoveOptions): Promise<void> {
    const { place, onOver } = this.#wish;
    if (this.#file === undefined) await upload(target, folderUpload(this.names, place), new Blob([]), options);
    else await upload(target, this.#address, this.#file, { ...options, resumes: true, digest: this.#digest });
    forgetUploadId(this.#id);
    onOver?.(true, this.names, this.#id);
  }

  settle(mode: ConflictMode): boolean {
    if (this.#mode !== "ask") return false;
    this.#mode = mode;
    return true;
  }

  anew(): Promise<void> {
    forgetUploadId(this.#id);
    this.#id = newId();
    this.#digest = new RunningDigest();
    return Promise.resolve();
  }

  async giveUp(target: TransferTarget | undefined): Promise<void> {
    forgetUploadId(this.#id);
    this.#wish.onOver?.(false, this.names, this.#id);
    if (this.#file !== undefined && target !== undefined) await discard(target, this.#address);
  }

  get #address(): string {
    const { names, sizeBytes } = this;
    return fileUpload({ id: this.#id, sizeBytes, mode: this.#mode, names }, this.#wish.place);
  }
}

const keyOf = (names: readonly string[], { size, lastModified }: File): string =>
  JSON.stringify([names, size, lastModified]);
