// What the clipboard holds now, from either side, in one shape: kinds and, when they are wanted, bytes. Content of the desktop is read
// from the program that owns it (`types.ts`), one kind at a time; content of a viewer is asked for there (`incoming.ts`), its files are `staged-content.ts`. Made by `clipboard.ts`.

import type { ClipboardMime } from "@eglantine/protocol/clipboard";
import { LIMITS } from "@eglantine/protocol/limits";
import { COPIED_LIST_BYTES, type CopiedFiles, copiedFiles, refusedFiles } from "../files/copied.ts";
import { Incoming, type Budget } from "./incoming.ts";
import { mimeOf, namesOf, readTarget, targetsOf, writerOf } from "./targets.ts";
import { type SelectionContent, SelectionError, type SelectionName, type SelectionPort } from "./types.ts";

export interface Kind {
  readonly mime: ClipboardMime;
  readonly sizeBytes?: number;
}

export interface Content {
  readonly from: "desktop" | "viewer";
  readonly kinds: readonly Kind[];
  /** All of text/plain, where it is short. */
  readonly text: string | undefined;
  /** Of files. */
  readonly names: readonly string[] | undefined;
  /** Those that were copied on the desktop. */
  readonly copied?: CopiedFiles | undefined;
  /** Rejects, with a sentence for the user, where it can't be had. */
  bytes(mime: ClipboardMime): Promise<Buffer>;
  /** Another one has taken its place. */
  drop(): void;
}

export interface DesktopContentOptions {
  readonly port: SelectionPort;
  readonly selection: SelectionName;
  /** Kinds that the program gives, and the target to read each by. */
  readonly targets: ReadonlyMap<ClipboardMime, string>;
  readonly maxBytes: number;
}

export class DesktopContent implements Content {
  readonly from = "desktop";
  readonly #options: DesktopContentOptions;
  /** The kind that was fetched last: a viewer that lost its connection goes on. */
  #kept: { readonly mime: ClipboardMime; readonly bytes: Promise<Buffer> } | undefined;
  /** One is read at a time, so that no more than two are in memory. */
  #turn: Promise<unknown> = Promise.resolve();
  #text: string | undefined;
  #names: readonly string[] | undefined;
  #copied: CopiedFiles | undefined;
  #sizes = new Map<ClipboardMime, number>();

  constructor(options: DesktopContentOptions) {
    this.#options = options;
  }

  get kinds(): readonly Kind[] {
    return [...this.#options.targets.keys()].map((mime) => {
      const sizeBytes = this.#sizes.get(mime);
      return sizeBytes === undefined ? { mime } : { mime, sizeBytes };
    });
  }

  get text(): string | undefined {
    return this.#text;
  }

  get names(): readonly string[] | undefined {
    return this.#names;
  }

  get copied(): CopiedFiles | undefined {
    return this.#copied;
  }

  /** Reads what rides with the offer. Rejects with SelectionError where the program does not answer. */
  async learn(): Promise<void> {
    const list = await this.#peek("text/uri-list");
    if (list !== undefined) {
      this.#names = namesOf(list.toString("utf8"), LIMITS.clipboardNames);
      this.#copied = copiedFiles(list.toString("utf8"));
    } else if (this.#options.targets.has("text/uri-list")) {
      this.#copied = refusedFiles("The list of what was copied is too long, or is not given.");
    }
    const bytes = await this.#peek("text/plain");
    if (bytes === undefined || bytes.length > 4 * LIMITS.clipboardTextChars) return;
    const text = bytes.toString("utf8");
    if (text.length <= LIMITS.clipboardTextChars) this.#text = text;
  }

  bytes(mime: ClipboardMime): Promise<Buffer> {
    if (this.#kept?.mime === mime) return this.#kept.bytes;
    const bytes = this.#turn.then(() => this.#read(mime));
    this.#turn = bytes.catch(() => undefined);
    const kept = { mime, bytes };
    this.#kept = kept;
    // One that failed may be asked for again.
    bytes.catch(() => {
      if (this.#kept === kept) this.#kept = undefined;
    });
    return bytes;
  }

  drop(): void {
    this.#kept = undefined;
  }

  /** Undefined: it has none, or gives none that may go out. */
  async #peek(mime: ClipboardMime): Promise<Buffer | undefined> {
    if (!this.#options.targets.has(mime)) return undefined;
    try {
      const bytes = await this.bytes(mime);
      this.#sizes.set(mime, bytes.length);
      return bytes;
    } catch (error) {
      const known = error instanceof SelectionError && ["too-large", "refused"].includes(error.failure);
      if (!known) throw error;
      return undefined;
    }
  }

  async #read(mime: ClipboardMime): Promise<Buffer> {
    const { port, selection, targets, maxBytes } = this.#options;
    const target = targets.get(mime);
    if (target === undefined) throw new Error("The clipboard does not hold this.");
    const mostBytes = mime === "text/uri-list" ? Math.min(COPIED_LIST_BYTES, maxBytes) : maxBytes;
    return readTarget(target, await port.read(selection, target, mostBytes));
  }
}

/** What a viewer offers. */
export interface OfferedContent extends Content, SelectionContent {
  /** Programs find nothing there: nobody need own it. */
  readonly isEmpty: boolean;
  /** Where the viewer is to put this kind, once it was asked for. */
  incoming(mime: ClipboardMime): Incoming | undefined;
  /** The viewer can't give it. */
  refused(mime: ClipboardMime, why: string): void;
  /** The viewer has left: what has not come never will. True: something of it can be pasted still. */
  leave(): boolean;
}

export class ViewerContent implements OfferedContent {
  readonly from = "viewer";
  readonly kinds: readonly Kind[];
  readonly text: string | undefined;
  readonly names = undefined;
  readonly targets: readonly string[];
  readonly #want: (mime: ClipboardMime) => void;
  readonly #budget: Budget;
  readonly #incoming = new Map<ClipboardMime, Incoming>();
  #gone = false;

  /** `want`: the viewer is to send this kind. */
  constructor(options: {
    kinds: readonly Kind[];
    text: string | undefined;
    maxBytes: number;
    want: (mime: ClipboardMime) => void;
  }) {
    this.kinds = options.kinds;
    this.text = options.text;
    this.targets = targetsOf(options.kinds.map(({ mime }) => mime));
    this.#want = options.want;
    this.#budget = { leftBytes: options.maxBytes, maxBytes: options.maxBytes };
  }

  get isEmpty(): boolean {
    return this.kinds.length === 0;
  }

  async *open(target: string): AsyncIterable<Uint8Array> {
    const mime = mimeOf(target);
    if (mime === undefined) throw new Error("The clipboard does not hold this.");
    const write = writerOf(target);
    if (write === undefined) yield* this.#read(mime);
    else yield write(await this.bytes(mime));
  }

  sizeBytes(target: string): number {
    const mime = mimeOf(target);
    return this.kinds.find((kind) => kind.mime === mime)?.sizeBytes ?? 0;
  }

  async bytes(mime: ClipboardMime): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#read(mime)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  incoming(mime: ClipboardMime): Incoming | undefined {
    return this.#incoming.get(mime);
  }

  refused(mime: ClipboardMime, why: string): void {
    this.#incoming.get(mime)?.fail(why);
  }

  /** Programs that are pasting it now get the rest. */
  drop(): void {
    this.#gone = true;
  }

  leave(): boolean {
    this.#gone = true;
    for (const incoming of this.#incoming.values()) incoming.fail("The viewer that copied it has left.");
    return this.text !== undefined || [...this.#incoming.values()].some(({ isComplete }) => isComplete);
  }

  async *#read(mime: ClipboardMime): AsyncIterable<Uint8Array> {
    if (mime === "text/plain" && this.text !== undefined) {
      yield Buffer.from(this.text);
      return;
    }
    let incoming = this.#incoming.get(mime);
    if (incoming === undefined || incoming.failed) {
      if (this.#gone || !this.kinds.some((kind) => kind.mime === mime)) {
        throw new Error("The viewer that copied it has left, or copied something else.");
      }
      incoming = new Incoming(this.#budget);
      this.#incoming.set(mime, incoming);
      this.#want(mime);
    }
    yield* incoming.read();
  }
}
