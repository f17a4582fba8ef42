// A file that comes from the desktop: its bytes are saved as they come, and it has its name when their SHA-256 is the desktop's. Made by
// `desktop-folder.ts`, for `file-queue.ts`; next: `transfer.ts`, `saver.ts`.

import { type FilesPlace, fileDigest, fileDownload } from "@eglantine/protocol/transfer";
import { said } from "../messages/said.ts";
import { RunningDigest } from "./digest.ts";
import type { Job, MoveOptions } from "./job.ts";
import type { Saver } from "./saver.ts";
import { download, downloadBlob, TransferFailure, type TransferTarget } from "./transfer.ts";

export interface DownloadWish {
  readonly names: readonly string[];
  readonly sizeBytes: number;
  /** Where its bytes go, each time from the beginning. */
  readonly openSaver: () => Promise<Saver>;
  /** Undefined: in the desktop's folder for files. */
  readonly place?: FilesPlace | undefined;
  /** It has come, or was given up. */
  readonly onOver?: ((arrived: boolean) => void) | undefined;
}

export class DownloadJob implements Job {
  readonly way = "down";
  readonly names: readonly string[];
  readonly sizeBytes: number;
  readonly #openSaver: () => Promise<Saver>;
  readonly #place: FilesPlace | undefined;
  readonly #onOver: ((arrived: boolean) => void) | undefined;
  #saver: Saver | undefined;
  #digest = new RunningDigest();
  #received = { bytes: 0, etag: "" };
  /** All bytes are here; they may still have to be checked. */
  #isComplete = false;

  constructor({ names, sizeBytes, openSaver, place, onOver }: DownloadWish) {
    this.names = names;
    this.sizeBytes = sizeBytes;
    this.#openSaver = openSaver;
    this.#place = place;
    this.#onOver = onOver;
  }

  async move(target: TransferTarget, { signal, onProgress }: MoveOptions): Promise<void> {
    this.#saver ??= await this.#openSaver();
    const saver = this.#saver;
    if (!this.#isComplete) await this.#download(target, saver, { signal, onProgress });
    this.#isComplete = true;
    const digest = await (await downloadBlob(target, fileDigest(this.names, this.#place), { signal })).text();
    if (digest !== this.#digest.base64()) throw new TransferFailure(said("notices", "not-the-same"), 422);
    await saver.finish();
    this.#saver = undefined;
    this.#onOver?.(true);
  }

  async #download(target: TransferTarget, saver: Saver, options: MoveOptions): Promise<void> {
    const take = async (chunk: Uint8Array<ArrayBuffer>, etag: string): Promise<void> => {
      this.#digest.add(chunk);
      await saver.write(chunk);
      this.#received = { bytes: this.#received.bytes + chunk.byteLength, etag };
    };
    await download(target, fileDownload(this.names, this.#place), take, { ...options, from: this.#received });
  }

  settle(): boolean {
    return false;
  }

  async anew(): Promise<void> {
    await this.#saver?.abort();
    this.#saver = undefined;
    this.#digest = new RunningDigest();
    this.#received = { bytes: 0, etag: "" };
    this.#isComplete = false;
  }

  giveUp(): Promise<void> {
    this.#onOver?.(false);
    return this.anew();
  }
}
