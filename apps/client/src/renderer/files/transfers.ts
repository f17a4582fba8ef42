// Files between this computer and the desktop: what is on its way, what may be fetched, and where what is dropped or pasted goes. Built by
// `client.ts`; shown by `ui/files-panel.tsx` and `ui/copied-files.tsx`.

import { said } from "../messages/said.ts";
import type { Bridge } from "../../shared/bridge.ts";
import type { ClipboardLink } from "../clipboard/clipboard-link.ts";
import type { Connection } from "../connection/connection.ts";
import type { DesktopView } from "../video/view.ts";
import { CopiedHere } from "./copied-here.ts";
import { DesktopFolder } from "./desktop-folder.ts";
import { DragOut } from "./drag-out.ts";
import { DropZone } from "./drop-zone.ts";
import { DroppedFiles } from "./dropped-files.ts";
import { FileQueue } from "./file-queue.ts";
import { collectFiles, type LocalFiles, pickedFiles, TooManyFiles } from "./local-files.ts";
import { type PastedFiles, sendPasted } from "./pasted-files.ts";
import type { TransferTarget } from "./transfer.ts";
import { uploadJobs } from "./upload-job.ts";

export interface TransfersParts {
  readonly connection: Connection;
  readonly desktop: DesktopView;
  readonly clipboard: () => ClipboardLink;
  /** Of the application. */
  readonly bridge: Bridge | undefined;
  readonly target: () => TransferTarget | undefined;
  /** Its program under the pointer gets what is dropped, where noVNC is not in between. */
  readonly vncOn: () => boolean;
  readonly movePointer: (clientX: number, clientY: number) => void;
  /** Shows what is on its way. */
  readonly onShow: () => void;
}

export class Transfers {
  readonly queue: FileQueue;
  /** The desktop's folder for viewers' files. */
  readonly folder: DesktopFolder;
  /** What was copied as files on the desktop. */
  readonly copied: DesktopFolder;
  readonly dropZone: DropZone;
  readonly #parts: TransfersParts;
  readonly #dropped: DroppedFiles;
  /** In the application. */
  readonly dragOut: DragOut | undefined;
  readonly #copiedHere: CopiedHere | undefined;
  /** Whose files `copied` shows. */
  #copiedId: string | undefined;

  constructor(parts: TransfersParts) {
    this.#parts = parts;
    const { connection, target, clipboard, bridge } = parts;
    this.queue = new FileQueue({ target });
    const send = (...[jobs]: Parameters<FileQueue["add"]>): void => this.queue.add(jobs);
    this.folder = new DesktopFolder({ target, send });
    this.copied = new DesktopFolder({
      target,
      send,
      place: () => ({ copied: clipboard().state.get().copied?.id ?? "none" }),
    });
    this.dragOut = bridge && new DragOut(bridge);
    this.#copiedHere =
      bridge &&
      new CopiedHere({
        bridge,
        source: this.copied,
        notify: (level, text) => connection.notify(level, text),
        atOnceBytes: () => connection.facts.get().clipboard?.outMaxBytes ?? 0,
      });
    this.#dropped = new DroppedFiles({
      send,
      tell: (message) => connection.send(message),
      session: () => connection.facts.get().transferTicket,
    });
    this.dropZone = new DropZone({
      mayDrop: () => this.#mayUpload,
      onDrop: (entries, at) => void this.#drop(entries, at),
    });
  }

  /** Puts them into the desktop's folder. */
  send(files: LocalFiles): void {
    this.#upload(() => this.queue.add(uploadJobs(files)));
  }

  /** For a program of the desktop; with agents that know nothing of that, into the desktop's folder. */
  paste(files: readonly File[]): PastedFiles | undefined {
    if (this.#parts.connection.facts.get().files?.stages === true && this.#mayUpload)
      return sendPasted(files, (jobs) => this.queue.add(jobs));
    this.send(pickedFiles(files));
    return undefined;
  }

  /** What was copied on the desktop can be put on this computer's clipboard as files. */
  get copiesFiles(): boolean {
    return this.#copiedHere !== undefined;
  }

  /** With the user's click just now: everything that was copied on the desktop as files. */
  async fetchCopied(): Promise<void> {
    this.copied.forget();
    this.#parts.onShow();
    await (this.#copiedHere === undefined ? this.copied.fetchAll() : this.#copiedHere.fetch());
  }

  /** What is copied on the desktop may be something else now. */
  clipboardChanged(): void {
    const { copied } = this.#parts.clipboard().state.get();
    if (copied?.id === this.#copiedId) return;
    this.#copiedId = copied?.id;
    this.copied.forget();
    if (copied !== undefined && copied.count > 0) this.#copiedHere?.offered();
  }

  /** Idempotent. */
  close(): void {
    this.dropZone.close();
    this.queue.close();
  }

  get #mayUpload(): boolean {
    return this.#parts.connection.facts.get().files?.up === true;
  }

  #upload(send: () => void): void {
    if (!this.#mayUpload) {
      this.#parts.connection.notify("warning", said("notices", "no-uploads"));
      return;
    }
    send();
    this.#parts.onShow();
  }

  async #drop(
    entries: readonly FileSystemEntry[],
    { clientX, clientY }: { readonly clientX: number; readonly clientY: number },
  ): Promise<void> {
    const { connection, desktop, vncOn, movePointer } = this.#parts;
    try {
      const at = desktop.desktopPixelAt(clientX, clientY, true);
      const files = await collectFiles(entries);
      if (at === undefined || vncOn() || connection.facts.get().files?.drops !== true) {
        this.send(files);
        return;
      }
      movePointer(clientX, clientY);
      this.#upload(() => this.#dropped.take(files, at));
    } catch (error) {
      // A folder that can't be read, or holds too many.
      if (!(error instanceof DOMException) && !(error instanceof TooManyFiles)) throw error;
      const why = error instanceof TooManyFiles ? error.sentence : error.message;
      connection.notify("warning", said("notices", "not-dropped", { why }));
    }
  }
}
