// One viewer at the clipboard: takes its offers within what it may do, asks it for what programs paste, tells it of what others copied, and has the
// places of its transfers. Made by `clipboard.ts`; from and to `session/session.ts`.

import { isClipboardMime } from "@eglantine/protocol/clipboard";
import type { AgentControl, ViewerControl } from "@eglantine/protocol/control";
import { LIMITS } from "@eglantine/protocol/limits";
import { messageOf } from "../errors.ts";
import type { CopiedFiles } from "../files/copied.ts";
import type { FilesPolicy } from "../files/policy.ts";
import type { Stages } from "../files/stages.ts";
import { type Download, TransferError, type Upload } from "../session/types.ts";
import type { Offered } from "./clipboard.ts";
import { type Kind, type OfferedContent, ViewerContent } from "./content.ts";
import { CopiedLists } from "./copied-lists.ts";
import { type ClipboardPolicy, megabytes } from "./policy.ts";
import { StagedContent } from "./staged-content.ts";
import { SelectionError } from "./types.ts";

type Viewer<Type extends ViewerControl["type"]> = Extract<ViewerControl, { type: Type }>;

/** How the viewer is spoken to. */
export interface SeatViewer {
  send(message: Extract<AgentControl, { type: "clipboard" | "clipboardWanted" | "notice" }>): void;
  /** What was offered with this serial is the desktop's clipboard now, or never will be: input may go on. */
  onApplied(serial: number): void;
}

/** Files at this viewer's clipboard. */
export interface SeatFiles {
  readonly policy: FilesPolicy;
  /** Where those that it pastes are put. */
  readonly stages: Pick<Stages, "hold">;
}

interface SeatRoom {
  take(content: OfferedContent): Promise<void>;
  offered(): Offered | undefined;
  onLeft(content: OfferedContent | undefined): void;
}

/** Offers whose content may still be pasted or sent: the last one, and the one before it, of which a paste may be under way. */
const OFFERS_KEPT = 2;

export class ClipboardSeat {
  readonly policy: ClipboardPolicy;
  readonly #viewer: SeatViewer;
  readonly #room: SeatRoom;
  /** By the viewer's serial, the oldest first. */
  readonly #contents = new Map<number, OfferedContent>();
  readonly #files: SeatFiles | undefined;
  readonly #copied = new CopiedLists();
  /** Its last offer. */
  #serial = 0;
  #left = false;

  constructor(viewer: SeatViewer, may: { policy: ClipboardPolicy; files: SeatFiles | undefined }, room: SeatRoom) {
    this.#viewer = viewer;
    this.policy = may.policy;
    this.#files = may.files;
    this.#room = room;
  }

  /** The viewer's clipboard has changed. */
  offer(message: Viewer<"clipboard">): void {
    const { serial, types, files } = message;
    this.#serial = serial;
    const refusal = this.#refusal(types);
    if (refusal !== undefined) {
      this.warn(refusal);
      this.#viewer.onApplied(serial);
      return;
    }
    if (files === undefined) this.#put(serial, this.#contentOf(message));
    else void this.#putFiles(serial, files);
  }

  #contentOf({ serial, types, text }: Viewer<"clipboard">): ViewerContent {
    const kinds = types.flatMap(({ mime, sizeBytes }): Kind[] => {
      // Files come by a stage: a list of a viewer's own making could name any of the desktop's.
      if (!isClipboardMime(mime) || mime === "text/uri-list") return [];
      return [sizeBytes === undefined ? { mime } : { mime, sizeBytes }];
    });
    return new ViewerContent({
      kinds,
      text: kinds.some(({ mime }) => mime === "text/plain") ? text : undefined,
      maxBytes: this.policy.inMaxBytes,
      want: (mime) => this.#viewer.send({ type: "clipboardWanted", serial, mime }),
    });
  }

  async #putFiles(serial: number, { stage, here }: NonNullable<Viewer<"clipboard">["files"]>): Promise<void> {
    if (this.#files?.policy.up !== true) {
      this.warn("This desktop takes no files from you (EGLANTINE_FILES).");
      this.#viewer.onApplied(serial);
      return;
    }
    try {
      this.#put(serial, new StagedContent(here ? await this.#files.stages.hold(stage) : undefined));
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      this.warn(`What you pasted is not on the desktop. ${error.message}`);
      this.#viewer.onApplied(serial);
    }
  }

  #put(serial: number, content: OfferedContent): void {
    // Another one has come while its files were looked at.
    if (this.#left || serial !== this.#serial) {
      content.leave();
      return;
    }
    this.#keep(serial, content);
    this.#room
      .take(content)
      .catch((error: unknown) => {
        if (!(error instanceof SelectionError)) throw error;
        this.warn(`The desktop did not take your clipboard. ${error.message}`);
      })
      .finally(() => this.#viewer.onApplied(serial));
  }

  refused({ serial, mime, why }: Viewer<"clipboardRefused">): void {
    if (isClipboardMime(mime)) this.#contents.get(serial)?.refused(mime, why);
  }

  /** The clipboard holds this now. */
  tell({ serial, content }: Offered): void {
    if (!this.policy.out) return;
    const { from, kinds, text, names } = content;
    const copied = this.#files?.policy.down === true ? content.copied : undefined;
    if (copied !== undefined) this.#copied.add(copied);
    this.#viewer.send({
      type: "clipboard",
      serial,
      from,
      types: [...kinds],
      ...(text === undefined ? {} : { text }),
      ...(names === undefined ? {} : { names: [...names] }),
      ...(copied === undefined ? {} : { copied: countsOf(copied) }),
    });
  }

  /** What was copied on the desktop, if this viewer was told of it. Rejects with TransferError. */
  async copied(id: string): Promise<CopiedFiles> {
    if (!this.policy.out)
      throw new TransferError(403, "What is copied on the desktop stays there (EGLANTINE_CLIPBOARD).");
    return this.#copied.find(id);
  }

  warn(text: string): void {
    if (!this.#left) this.#viewer.send({ type: "notice", level: "warning", text: text.slice(0, LIMITS.textChars) });
  }

  /** What stands at `clipboard/…` of this viewer's transfers. Rejects with TransferError. */
  async open([way, number, ...mimeParts]: readonly string[]): Promise<Download | Upload> {
    const [serial, mime] = [Number(number), mimeParts.join("/")];
    if (!isClipboardMime(mime)) throw new TransferError(404, "The clipboard knows no such kind of content.");
    if (way === "in") {
      const incoming = this.#contents.get(serial)?.incoming(mime);
      if (incoming === undefined) throw new TransferError(404, "Nobody wants this any more.");
      return incoming;
    }
    if (way !== "out") throw new TransferError(404, "There is nothing here.");
    if (!this.policy.out)
      throw new TransferError(403, "What is copied on the desktop stays there (EGLANTINE_CLIPBOARD).");
    const offered = this.#room.offered();
    if (offered?.serial !== serial || !offered.content.kinds.some((kind) => kind.mime === mime)) {
      throw new TransferError(410, "Something else was copied meanwhile.");
    }
    const bytes = await offered.content.bytes(mime).catch((error: unknown) => {
      throw refusedRead(error, this.policy);
    });
    return {
      kind: "download",
      type: mime,
      sizeBytes: bytes.length,
      etag: `"clipboard-${serial}-${mime}"`,
      async *read(from, to) {
        yield bytes.subarray(from, to);
      },
    };
  }

  /** Idempotent. */
  leave(): void {
    if (this.#left) return;
    this.#left = true;
    const [last, ...older] = [...this.#contents.values()].reverse();
    for (const content of older) content.leave();
    this.#room.onLeft(last);
    this.#copied.close();
  }

  #refusal(types: readonly { readonly sizeBytes?: number | undefined }[]): string | undefined {
    if (!this.policy.in) return "This desktop takes nothing from your clipboard (EGLANTINE_CLIPBOARD).";
    const largest = Math.max(0, ...types.map(({ sizeBytes }) => sizeBytes ?? 0));
    if (largest <= this.policy.inMaxBytes) return undefined;
    return (
      `Your clipboard holds ${megabytes(largest)}, and this desktop takes ${megabytes(this.policy.inMaxBytes)} ` +
      "(EGLANTINE_CLIPBOARD_IN_MAX_MB)."
    );
  }

  #keep(serial: number, content: OfferedContent): void {
    this.#contents.delete(serial);
    this.#contents.set(serial, content);
    for (const [old, past] of this.#contents) {
      if (this.#contents.size <= OFFERS_KEPT) return;
      this.#contents.delete(old);
      past.leave();
    }
  }
}

const countsOf = ({ id, paths, refused, more }: CopiedFiles) => ({
  id,
  count: paths.size,
  refused: refused.length + more,
});

function refusedRead(error: unknown, { outMaxBytes }: ClipboardPolicy): Error {
  if (!(error instanceof SelectionError)) return new TransferError(502, messageOf(error));
  if (error.failure !== "too-large") return new TransferError(error.failure === "silent" ? 504 : 502, error.message);
  const most = megabytes(outMaxBytes);
  return new TransferError(
    413,
    `It is larger than ${most}, the most that leaves this desktop (EGLANTINE_CLIPBOARD_OUT_MAX_MB).`,
  );
}
