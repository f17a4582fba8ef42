// Joins this computer's clipboard to the desktop's. To the desktop: what is pasted there is offered first, and the keys that paste it wait behind a
// barrier; bytes follow when a program asks for them. From the desktop: what was copied there is fetched and written here as soon as the
// browser allows it, since no browser asks a page for it when it is pasted. Built by `client.ts`; shown by `ui/clipboard-panel.tsx`.

import { clipboardTransfer } from "@eglantine/protocol/transfer";
import { type ClipboardMime, isClipboardMime } from "@eglantine/protocol/clipboard";
import type { ViewerControl } from "@eglantine/protocol/control";
import { LIMITS } from "@eglantine/protocol/limits";
import { logged, said, type Sentence } from "../messages/said.ts";
import type { ClipboardMessage, SessionFacts } from "../connection/connection.ts";
import type { PastedFiles } from "../files/pasted-files.ts";
import { downloadBlob, TransferFailure, type TransferTarget, upload } from "../files/transfer.ts";
import type { InputSender } from "../input/send.ts";
import { Store } from "../store.ts";
import { bytesOf, type Holding, holdingOf, isSame, kindsOf } from "./holding.ts";
import type { LocalClipboard } from "./local-clipboard.ts";
import { isPasteKey, MIDDLE_BUTTON, type PressedKey } from "./paste-keys.ts";

type Offer = Extract<ClipboardMessage, { type: "clipboard" }>;

/** What the desktop's clipboard holds, and how far that has come. */
export interface ClipboardState {
  readonly types: Offer["types"];
  /** All of it, where it is short text. */
  readonly text?: string | undefined;
  /** Of files. */
  readonly names?: readonly string[] | undefined;
  /** They can be fetched. */
  readonly copied?: Offer["copied"];
  /** `here`: by this viewer. */
  readonly from: "nobody" | "desktop" | "viewer" | "here";
  /** `waiting`: for the focus, a key or a click. */
  readonly here: "no" | "fetching" | "waiting" | "yes" | "failed";
  /** Bytes that have come, while it is fetched. */
  readonly bytes?: number;
  /** Why it is not here, for the user. */
  readonly trouble?: Sentence | undefined;
}

export interface ClipboardLinkParts {
  readonly local: LocalClipboard;
  readonly sender: Pick<InputSender, "hold" | "release">;
  readonly facts: () => SessionFacts;
  readonly send: (message: ViewerControl) => void;
  /** Where the bytes pass; undefined between two sessions. */
  readonly target: () => TransferTarget | undefined;
  readonly notify: (level: "info" | "warning", text: Sentence) => void;
  /** The user pasted files here: `files/` takes them to the desktop. Undefined: they go to its folder for files, or nowhere. */
  readonly sendFiles: (files: readonly File[]) => PastedFiles | undefined;
  /** They take longer than a key may wait. */
  readonly onSlowFiles: () => void;
}

/** Longer than a browser at ease takes to tell the page what is pasted, ms. */
const TELL_MS = 150;
/** Looking at the clipboard takes no longer than this before the key goes on, ms. */
const READ_MS = 1000;
/** Offers whose bytes may be asked for: that which counts, and that of a paste that is under way. */
const OFFERS_KEPT = 2;
/** Pasted files that are there within this time are pasted by the key that brought them, ms; less than the agent would wait for them. */
const FILES_MS = LIMITS.clipboardBarrierMs - 100;
const FILES_COMING = said("notices", "files-coming");
const FILES_HERE = said("notices", "files-here");
const TOLD_LATE = said("notices", "told-late");
const NOTHING: ClipboardState = { types: [], from: "nobody", here: "no" };

export class ClipboardLink {
  readonly state = new Store<ClipboardState>(NOTHING);
  readonly #parts: ClipboardLinkParts;
  readonly #ended = new AbortController();
  #serial = 0;
  /** By serial, the oldest first. */
  readonly #offered = new Map<number, Holding>();
  /** What both sides hold; undefined: they differ, or nobody knows. */
  #shared: Holding | undefined;
  /** What was seen here last: only what is new is offered without being pasted. */
  #seen: Holding | undefined;
  #remote: Offer | undefined;
  /** Of the desktop, to be written here. */
  #fetched: Holding | undefined;
  #fetching: AbortController | undefined;
  /** It is to be fetched as soon as the window has the focus. */
  #wanted = false;
  /** A key that pastes waits for what it pastes. */
  #telling: number | undefined;
  /** A key that pastes went on before the browser told what. */
  #untoldKey = false;
  /** Pasted files that are on their way. */
  #coming: PastedFiles | undefined;
  #resting = true;

  constructor(parts: ClipboardLinkParts) {
    this.#parts = parts;
    const { signal } = this.#ended;
    window.addEventListener("paste", (event) => void this.#told(event), { signal, capture: true });
    window.addEventListener("focus", () => void this.#returned(), { signal });
    window.addEventListener("keydown", () => void this.#write(), { signal, capture: true });
    window.addEventListener("pointerdown", ({ button }) => this.#pressed(button), { signal, capture: true });
  }

  /** A session began. */
  async begin(): Promise<void> {
    this.#stop();
    this.#resting = false;
    // What was here before is offered when it is pasted, not because the page was opened.
    if (this.#policy?.in === true && (await this.#parts.local.readsSilently()))
      this.#seen = await this.#parts.local.read();
  }

  /** The session is over, or noVNC's own clipboard counts. */
  rest(): void {
    this.#stop();
    this.#resting = true;
  }

  take(message: ClipboardMessage): void {
    if (message.type === "clipboardWanted") void this.#give(message.serial, message.mime);
    else this.#learn(message);
  }

  /** A key goes down on the desktop. True: the browser is to act on it, which is how it tells what is pasted. */
  onKeyDown(key: PressedKey): boolean {
    if (this.#policy?.in !== true || this.#resting || !isPasteKey(key)) return false;
    this.#parts.sender.hold();
    if (!this.#parts.local.tellsPastes) {
      void this.#look();
      return false;
    }
    clearTimeout(this.#telling);
    this.#untoldKey = false;
    this.#telling = window.setTimeout(() => this.#untold(), TELL_MS);
    return true;
  }

  /** Text that the user wrote for it. */
  sendText(text: string): void {
    this.#offer({ text });
  }

  /** By hand: with the user's click just now. */
  bring(): void {
    const offer = this.#remote;
    if (offer === undefined) return;
    if (this.#fetched === undefined) void this.#fetch(offer);
    else void this.#write();
  }

  /** Idempotent. */
  close(): void {
    this.#stop();
    this.#ended.abort();
  }

  get #policy(): SessionFacts["clipboard"] {
    return this.#parts.facts().clipboard;
  }

  #stop(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    this.#untoldKey = false;
    this.#fetching?.abort();
    this.#fetching = undefined;
    this.#fetched = undefined;
    this.#remote = undefined;
    this.#wanted = false;
    this.#shared = undefined;
    this.#seen = undefined;
    this.#offered.clear();
    this.#serial = 0;
    this.state.set(NOTHING);
  }

  // From here to the desktop.

  /** The browser tells what is pasted. */
  async #told(event: ClipboardEvent): Promise<void> {
    const late = this.#untoldKey;
    if (this.#telling === undefined && !late) return;
    clearTimeout(this.#telling);
    this.#telling = undefined;
    this.#untoldKey = false;
    event.preventDefault();
    event.stopPropagation();
    const holding = event.clipboardData === null ? {} : holdingOf(event.clipboardData);
    const serial = this.#serial;
    await this.#pasteOf(holding);
    if (late && this.#serial !== serial) this.#parts.notify("warning", TOLD_LATE);
  }

  /** It told nothing yet: the key goes on, and pastes what the desktop has. */
  #untold(): void {
    this.#telling = undefined;
    this.#untoldKey = true;
    this.#parts.sender.release();
  }

  /** The key that pastes is held until this is over. */
  async #look(): Promise<void> {
    const late = new Promise<undefined>((resolve) => void setTimeout(resolve, READ_MS));
    const { local } = this.#parts;
    const holding = (await Promise.race([local.read(), late])) ?? {};
    if (holding.untold === true && local.tell !== undefined) {
      this.#telling = window.setTimeout(() => this.#untold(), READ_MS);
      await local.tell();
    } else {
      await this.#pasteOf(holding);
    }
  }

  async #pasteOf(holding: Holding): Promise<void> {
    const { sender } = this.#parts;
    try {
      const known = this.#shared !== undefined && (await isSame(this.#shared, holding));
      if (holding.files !== undefined) await this.#pasteFiles(holding.files, known);
      else if (!known && kindsOf(holding).length > 0) this.#offer(holding);
    } finally {
      sender.release(this.#serial === 0 ? undefined : { type: "clipboardBarrier", serial: this.#serial });
    }
  }

  /** Programs paste files when all of them are there, with this key or with the next one. */
  async #pasteFiles(files: readonly File[], known: boolean): Promise<void> {
    const { notify, sendFiles, onSlowFiles } = this.#parts;
    if (known) {
      if (this.#coming === undefined) return;
      notify("info", FILES_COMING);
      onSlowFiles();
      return;
    }
    const pasted = sendFiles(files);
    if (pasted === undefined) return;
    this.#coming = pasted;
    const late = new Promise<undefined>((resolve) => void setTimeout(resolve, FILES_MS));
    const inTime = await Promise.race([pasted.arrived, late]);
    if (this.#coming !== pasted) return;
    if (inTime === undefined) {
      this.#offerFiles(files, pasted, false);
      notify("info", FILES_COMING);
      onSlowFiles();
      void this.#awaitFiles(files, pasted);
    } else {
      this.#coming = undefined;
      if (inTime) this.#offerFiles(files, pasted, true);
      else this.#shared = undefined;
    }
  }

  async #awaitFiles(files: readonly File[], pasted: PastedFiles): Promise<void> {
    const some = await pasted.arrived;
    // Something else was copied meanwhile, or noVNC's clipboard counts.
    if (this.#coming !== pasted) return;
    this.#coming = undefined;
    if (!some) this.#shared = undefined;
    if (!some || this.#resting) return;
    this.#offerFiles(files, pasted, true);
    this.#parts.notify("info", FILES_HERE);
  }

  #offerFiles(files: readonly File[], { stage }: PastedFiles, here: boolean): void {
    if (this.#policy?.in !== true) return;
    this.#own({ files });
    this.#parts.send({ type: "clipboard", serial: this.#serial, types: [], files: { stage, here } });
    const names = files.slice(0, LIMITS.clipboardNames).map(({ name }) => name);
    this.state.set({ types: [{ mime: "text/uri-list" }], names, from: "here", here: here ? "yes" : "no" });
  }

  /** The window has the focus again: what was copied elsewhere meanwhile can be pasted by the desktop's menus too. */
  async #returned(): Promise<void> {
    this.#fetchWanted();
    await this.#write();
    const { local } = this.#parts;
    if (this.#resting || this.#policy?.in !== true || !(await local.readsSilently())) return;
    await this.#offerIfNew(await local.read());
  }

  #pressed(button: number): void {
    void this.#write();
    const { local, sender } = this.#parts;
    if (this.#resting || button !== MIDDLE_BUTTON || this.#policy?.in !== true || !this.#policy.primary) return;
    // Where nobody is told, the button pastes what was offered last.
    if (local.tellsPastes) return;
    sender.hold();
    void this.#look();
  }

  async #offerIfNew(holding: Holding | undefined): Promise<void> {
    if (holding === undefined || kindsOf(holding).length === 0) return;
    const isOld = async (one: Holding | undefined) => one !== undefined && (await isSame(one, holding));
    const old = (await isOld(this.#seen)) || (await isOld(this.#shared));
    this.#seen = holding;
    if (!old && !this.#resting) this.#offer(holding);
  }

  /** Bytes stay here until they are wanted, but for short text. */
  #offer(holding: Holding): void {
    if (this.#policy?.in !== true) return;
    this.#coming = undefined;
    this.#own(holding);
    const { text } = holding;
    const types = kindsOf(holding);
    const short = text !== undefined && text.length <= LIMITS.clipboardTextChars;
    this.#parts.send({ type: "clipboard", serial: this.#serial, types, ...(short ? { text } : {}) });
    this.state.set({ types, text: short ? text : undefined, from: "here", here: "yes" });
  }

  /** Both sides hold this from now on. */
  #own(holding: Holding): void {
    this.#serial += 1;
    this.#offered.set(this.#serial, holding);
    for (const serial of this.#offered.keys()) if (serial <= this.#serial - OFFERS_KEPT) this.#offered.delete(serial);
    this.#shared = holding;
    this.#seen = holding;
    this.#remote = undefined;
    this.#fetched = undefined;
    this.#fetching?.abort();
  }

  /** A program of the desktop pastes it. */
  async #give(serial: number, mime: string): Promise<void> {
    const { send, notify } = this.#parts;
    const holding = this.#offered.get(serial);
    const bytes = holding === undefined || !isClipboardMime(mime) ? undefined : bytesOf(holding, mime);
    const target = this.#parts.target();
    if (bytes === undefined || target === undefined || !isClipboardMime(mime)) {
      send({ type: "clipboardRefused", serial, mime, why: "Something else was copied meanwhile." });
      return;
    }
    try {
      await upload(target, clipboardTransfer("in", serial, mime), bytes, { signal: this.#ended.signal });
    } catch (error) {
      const why = sentenceOf(error);
      if (why === undefined) return;
      send({ type: "clipboardRefused", serial, mime, why: logged(why) });
      notify("warning", said("notices", "clipboard-not-sent", { why }));
    }
  }

  // From the desktop to here.

  #learn(offer: Offer): void {
    this.#fetching?.abort();
    this.#fetched = undefined;
    this.#remote = offer;
    this.#shared = undefined;
    const { types, text, names, from, copied } = offer;
    this.state.set({ types, text, names, copied, from: types.length === 0 ? "nobody" : from, here: "no" });
    // What another viewer copied is its own until somebody asks for it.
    this.#wanted = from === "desktop" && types.some(({ mime }) => mime !== "text/uri-list");
    this.#fetchWanted();
  }

  /** Nothing is fetched that could not be written here: nobody is pasting behind a window that is elsewhere. */
  #fetchWanted(): void {
    const mayWrite = document.hasFocus() || this.#parts.local.writesUnfocused;
    if (!this.#wanted || this.#resting || this.#remote === undefined || !mayWrite) return;
    this.#wanted = false;
    void this.#fetch(this.#remote);
  }

  async #fetch(offer: Offer): Promise<void> {
    const target = this.#parts.target();
    if (target === undefined) return;
    const fetching = new AbortController();
    this.#fetching = fetching;
    this.#show({ here: "fetching", trouble: undefined });
    try {
      const holding = await this.#holdingOf(offer, target, fetching.signal);
      if (this.#remote !== offer) return;
      this.#fetched = holding;
      this.#show({ here: "waiting" });
      await this.#write();
    } catch (error) {
      const why = sentenceOf(error);
      if (why === undefined || this.#remote !== offer) return;
      const trouble = said("notices", "clipboard-not-fetched", { why });
      this.#show({ here: "failed", trouble });
      this.#parts.notify("warning", trouble);
    }
  }

  async #holdingOf({ serial, types, text }: Offer, target: TransferTarget, signal: AbortSignal): Promise<Holding> {
    const holding: { text?: string; html?: string; picture?: Blob } = {};
    const fetch = (mime: ClipboardMime) =>
      downloadBlob(target, clipboardTransfer("out", serial, mime), {
        signal,
        onProgress: (bytes) => bytes > LIMITS.clipboardTextChars && this.#show({ bytes }),
      });
    for (const { mime } of types) {
      if (!isClipboardMime(mime) || mime === "text/uri-list") continue;
      if (mime === "text/plain") holding.text = text ?? (await (await fetch(mime)).text());
      else if (mime === "text/html") holding.html = await (await fetch(mime)).text();
      else holding.picture = new Blob([await fetch(mime)], { type: mime });
    }
    return holding;
  }

  /** Puts what was fetched on this computer's clipboard, when that is possible. */
  async #write(): Promise<void> {
    const holding = this.#fetched;
    if (holding === undefined || this.state.get().here === "yes") return;
    const written = await this.#parts.local.write(holding);
    if (this.#fetched !== holding || this.state.get().here === "yes") return;
    if (written === "never") {
      const trouble = said("notices", window.isSecureContext ? "clipboard-refused" : "clipboard-http");
      this.#fetched = undefined;
      this.#show({ here: "failed", trouble });
      this.#parts.notify("warning", trouble);
    } else if (written === "yes") {
      this.#shared = holding;
      this.#seen = holding;
      this.#show({ here: "yes", trouble: undefined });
    } else {
      this.#show({ here: "waiting" });
    }
  }

  #show(change: Partial<ClipboardState>): void {
    this.state.set({ ...this.state.get(), ...change });
  }
}

/** For the user; undefined: something newer has come between. Throws what is a bug. */
function sentenceOf(error: unknown): Sentence | undefined {
  if (error instanceof TransferFailure) return error.sentence;
  if (error instanceof DOMException && error.name === "AbortError") return undefined;
  throw error;
}
