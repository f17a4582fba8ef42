// A file or an empty folder that goes to the desktop. Made by `client.ts`'s drops and choices, for `file-queue.ts`; next: `transfer.ts`.

import { type ConflictMode, fileUpload, folderUpload } from "@eglantine/protocol/transfer";
import { RunningDigest } from "./digest.ts";
import type { Job, MoveOptions } from "./job.ts";
import type { LocalFiles } from "./local-files.ts";
import { discard, type TransferTarget, upload } from "./transfer.ts";

export function uploadJobs({ files, folders }: LocalFiles): Job[] {
  return [
    ...folders.map((names) => new UploadJob(names)),
    ...files.map(({ names, file }) => new UploadJob(names, file)),
  ];
}

class UploadJob implements Job {
  readonly way = "up";
  readonly names: readonly string[];
  readonly #file: File | undefined;
  #id = newId();
  #digest = new RunningDigest();
  #mode: ConflictMode = "ask";

  /** Without a file: the folder itself. */
  constructor(names: readonly string[], file?: File) {
    this.names = names;
    this.#file = file;
  }

  get sizeBytes(): number {
    return this.#file?.size ?? 0;
  }

  async move(target: TransferTarget, options: MoveOptions): Promise<void> {
    if (this.#file === undefined) await upload(target, folderUpload(this.names), new Blob([]), options);
    else await upload(target, this.#address, this.#file, { ...options, resumes: true, digest: this.#digest });
  }

  settle(mode: ConflictMode): boolean {
    if (this.#mode !== "ask") return false;
    this.#mode = mode;
    return true;
  }

  anew(): Promise<void> {
    this.#id = newId();
    this.#digest = new RunningDigest();
    return Promise.resolve();
  }

  async giveUp(target: TransferTarget | undefined): Promise<void> {
    if (this.#file !== undefined && target !== undefined) await discard(target, this.#address);
  }

  get #address(): string {
    return fileUpload({ id: this.#id, sizeBytes: this.sizeBytes, mode: this.#mode, names: this.names });
  }
}

/** 32 hexadecimal digits. `crypto.randomUUID` is for https pages alone. */
const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
