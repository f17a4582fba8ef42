// Files on their way, to the desktop and from it: two at a time, each of them paused, resumed, asked about and given up by itself. What a lost connection
// interrupts goes on with the next one, where it was. Built by `client.ts`, shown by `ui/files-panel.tsx`; next: `upload-job.ts`, `download-job.ts`.

import type { ConflictMode } from "@eglantine/protocol/transfer";
import { said, type Sentence } from "../messages/said.ts";
import { Store } from "../store.ts";
import type { Job } from "./job.ts";
import { TransferFailure, type TransferTarget } from "./transfer.ts";

/** `asking`: the name is taken. `moving` says nothing of the connection, which may be just lost. */
export type FileState = "waiting" | "moving" | "paused" | "asking" | "done" | "failed";

export interface MovingFile {
  readonly key: number;
  readonly way: "up" | "down";
  readonly names: readonly string[];
  readonly sizeBytes: number;
  readonly bytes: number;
  readonly state: FileState;
  /** Why it rests, for the user. */
  readonly trouble?: Sentence | undefined;
}

export interface FileQueueState {
  /** What still goes first; of many, the first ones. */
  readonly shown: readonly MovingFile[];
  /** So many more wait. */
  readonly hidden: number;
  /** All that are not over. */
  readonly left: number;
  readonly done: number;
}

/** Of a file whose name is taken. */
export type ConflictAnswer = Exclude<ConflictMode, "ask"> | "skip";

interface Entry {
  readonly key: number;
  readonly job: Job;
  bytes: number;
  state: FileState;
  trouble: Sentence | undefined;
  /** It rests because of the connection: the next one wakes it. */
  unreachable: boolean;
  moving: AbortController | undefined;
}

const AT_A_TIME = 2;
const SHOWN = 50;
/** Progress is told no more often, ms. */
const TELL_MS = 100;
const NOTHING: FileQueueState = { shown: [], hidden: 0, left: 0, done: 0 };

export class FileQueue {
  readonly state = new Store<FileQueueState>(NOTHING);
  readonly #target: () => TransferTarget | undefined;
  readonly #ended = new AbortController();
  readonly #entries = new Map<number, Entry>();
  #lastKey = 0;
  #done = 0;
  #connected = false;
  /** The answer for all further ones, until the queue is empty. */
  #forAll: ConflictAnswer | undefined;
  #telling: number | undefined;
  #untold = false;

  constructor(parts: { readonly target: () => TransferTarget | undefined }) {
    this.#target = parts.target;
    const warn = (event: BeforeUnloadEvent): void => {
      if (this.state.get().left > 0) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn, { signal: this.#ended.signal });
  }

  /** A session began. */
  begin(): void {
    this.#connected = true;
    for (const entry of this.#entries.values()) if (entry.unreachable) this.#set(entry, "waiting");
    this.#pump();
  }

  /** The session is over: what moved waits for the next one. */
  rest(): void {
    this.#connected = false;
    for (const entry of this.#entries.values()) if (entry.state === "moving") this.#halt(entry, "waiting");
  }

  add(jobs: readonly Job[]): void {
    for (const job of jobs) {
      this.#lastKey += 1;
      const [key, state] = [this.#lastKey, "waiting" as const];
      this.#entries.set(key, { key, job, bytes: 0, state, trouble: undefined, unreachable: false, moving: undefined });
    }
    this.#changed();
    this.#pump();
  }

  pause(key: number): void {
    const entry = this.#entries.get(key);
    if (entry?.state === "moving" || entry?.state === "waiting") this.#halt(entry, "paused");
  }

  /** Also one that failed. */
  resume(key: number): void {
    const entry = this.#entries.get(key);
    if (entry?.state !== "paused" && entry?.state !== "failed") return;
    this.#set(entry, "waiting");
    this.#pump();
  }

  /** Gives it up; what has come of it is forgotten on the desktop too. */
  cancel(key: number): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#remove(entry);
    this.#pump();
  }

  /** The name is taken. `all`: the same for all that follow. */
  answer(key: number, answer: ConflictAnswer, all: boolean): void {
    if (all) this.#forAll = answer;
    for (const entry of this.#entries.values()) {
      if (entry.state === "asking" && (all || entry.key === key)) this.#settle(entry, answer);
    }
    this.#pump();
  }

  /** Takes what is over off the list. */
  clear(): void {
    for (const { key, state } of this.#entries.values()) if (isOver(state)) this.#entries.delete(key);
    this.#done = 0;
    this.#changed();
  }

  /** Idempotent. */
  close(): void {
    this.rest();
    this.#ended.abort();
    clearTimeout(this.#telling);
  }

  #pump(): void {
    const target = this.#target();
    if (!this.#connected || target === undefined) return;
    let moving = 0;
    for (const entry of this.#entries.values()) if (entry.moving !== undefined) moving += 1;
    for (const entry of this.#entries.values()) {
      if (moving >= AT_A_TIME) return;
      // One that was just halted ends first.
      if (entry.state !== "waiting" || entry.moving !== undefined) continue;
      moving += 1;
      void this.#move(entry, target);
    }
  }

  async #move(entry: Entry, target: TransferTarget): Promise<void> {
    const moving = new AbortController();
    entry.moving = moving;
    this.#set(entry, "moving");
    try {
      await entry.job.move(target, {
        signal: moving.signal,
        onProgress: (bytes) => {
          entry.bytes = bytes;
          this.#changed();
        },
      });
      this.#finish(entry);
    } catch (error) {
      if (!moving.signal.aborted) await this.#fail(entry, target, error);
    } finally {
      entry.moving = undefined;
      this.#pump();
    }
  }

  async #fail(entry: Entry, target: TransferTarget, error: unknown): Promise<void> {
    if (error instanceof DOMException) {
      const trouble = entry.job.way === "up" ? "not-read-here" : "not-written-here";
      this.#set(entry, "failed", said("notices", trouble, { why: error.message }));
      return;
    }
    if (!(error instanceof TransferFailure)) throw error;
    const { status, sentence } = error;
    if (status === undefined || status === 401) {
      const isOld = this.#target()?.ticket !== target.ticket;
      this.#set(entry, isOld ? "waiting" : "paused", isOld ? undefined : sentence);
      entry.unreachable = !isOld;
    } else if (status === 412 && entry.job.way === "up") {
      if (this.#forAll === undefined) this.#set(entry, "asking");
      else this.#settle(entry, this.#forAll);
    } else {
      // What was refused is not gone on with.
      await entry.job.anew();
      entry.bytes = 0;
      this.#set(entry, "failed", sentence);
    }
  }

  #settle(entry: Entry, answer: ConflictAnswer): void {
    if (answer === "skip") {
      this.#remove(entry);
      return;
    }
    if (entry.job.settle(answer)) this.#set(entry, "waiting");
    else this.#set(entry, "failed", said("notices", "name-taken"));
  }

  #finish(entry: Entry): void {
    this.#done += 1;
    this.#set(entry, "done");
    const over = [...this.#entries.values()].filter(({ state }) => state === "done");
    for (const { key } of over.slice(0, Math.max(0, over.length - SHOWN))) this.#entries.delete(key);
    if ([...this.#entries.values()].every(({ state }) => isOver(state))) this.#forAll = undefined;
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.key);
    entry.moving?.abort();
    this.#changed();
    if (entry.state === "done") return;
    entry.job.giveUp(this.#target()).catch((error: unknown) => {
      // What can't be forgotten now is a hidden file there.
      if (!(error instanceof TransferFailure) && !(error instanceof DOMException)) throw error;
    });
  }

  #halt(entry: Entry, state: "waiting" | "paused"): void {
    this.#set(entry, state);
    entry.moving?.abort();
  }

  #set(entry: Entry, state: FileState, trouble?: Sentence): void {
    entry.state = state;
    entry.trouble = trouble;
    entry.unreachable = false;
    this.#changed();
  }

  /** Tells at once, and then not before a while has passed. */
  #changed(): void {
    this.#untold = true;
    if (this.#telling !== undefined) return;
    this.#tell();
    this.#telling = window.setTimeout(() => {
      this.#telling = undefined;
      if (this.#untold) this.#changed();
    }, TELL_MS);
  }

  #tell(): void {
    this.#untold = false;
    const rank: readonly FileState[] = ["asking", "moving", "paused", "failed", "waiting", "done"];
    const all = [...this.#entries.values()];
    const shown: MovingFile[] = [];
    for (const wanted of rank) {
      for (const { key, job, bytes, state, trouble } of all) {
        if (shown.length < SHOWN && state === wanted) {
          const { way, names, sizeBytes } = job;
          shown.push({ key, way, names, sizeBytes, bytes, state, trouble });
        }
      }
    }
    const left = all.filter(({ state }) => !isOver(state)).length;
    this.state.set({ shown, hidden: all.length - shown.length, left, done: this.#done });
  }
}

const isOver = (state: FileState): boolean => state === "done" || state === "failed";
