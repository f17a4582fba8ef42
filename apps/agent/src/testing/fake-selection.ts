// A selection without an X server: programs copy into it and paste from it as a test says.

import { Clipboard } from "../clipboard/clipboard.ts";
import type { ClipboardOptions } from "../clipboard/policy.ts";
import { type SelectionContent, SelectionError, type SelectionName, type SelectionPort } from "../clipboard/types.ts";
import { createLog } from "../log.ts";

type Watcher = Parameters<SelectionPort["watch"]>[1];

export class FakeSelection implements SelectionPort {
  /** What a viewer put there. */
  owned: SelectionContent | undefined;
  /** By target, of the program that copied last. */
  copied: ReadonlyMap<string, Buffer | SelectionError> = new Map();
  /** Every target that was read, with the most that was to be taken. */
  readonly reads: string[] = [];
  readonly #watchers = new Set<Watcher>();

  get watched(): boolean {
    return this.#watchers.size > 0;
  }

  owns(): boolean {
    return this.owned !== undefined;
  }

  own(_selections: readonly SelectionName[], content: SelectionContent | undefined): Promise<void> {
    this.owned = content;
    return Promise.resolve();
  }

  targets(): Promise<readonly string[]> {
    return Promise.resolve([...this.copied.keys()]);
  }

  read(_selection: SelectionName, target: string, maxBytes: number): Promise<Buffer> {
    this.reads.push(target);
    const bytes = this.copied.get(target) ?? new SelectionError("refused");
    if (bytes instanceof SelectionError) return Promise.reject(bytes);
    return bytes.length > maxBytes ? Promise.reject(new SelectionError("too-large")) : Promise.resolve(bytes);
  }

  watch(_selections: readonly SelectionName[], watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** A program copies this. */
  copy(targets: Readonly<Record<string, string | Buffer | SelectionError>>): void {
    this.owned = undefined;
    const entries = Object.entries(targets);
    this.copied = new Map(
      entries.map(([name, bytes]) => [name, typeof bytes === "string" ? Buffer.from(bytes) : bytes]),
    );
    for (const watcher of this.#watchers) watcher("CLIPBOARD", entries.length > 0);
  }

  /** A program lets go of what it had selected. */
  deselect(): void {
    for (const watcher of this.#watchers) watcher("PRIMARY", false);
  }

  /** A program pastes. */
  async paste(target: string): Promise<Buffer> {
    if (this.owned === undefined) throw new Error("nothing to paste");
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.owned.open(target)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
}

export const CLIPBOARD_OPTIONS: ClipboardOptions = {
  ways: "both",
  watchers: false,
  inMaxBytes: 1000,
  outMaxBytes: 1000,
  primary: "off",
};

export function fakeClipboard(options: Partial<ClipboardOptions> = {}, port = new FakeSelection()): Clipboard {
  return new Clipboard({ ...CLIPBOARD_OPTIONS, ...options, port, nowMs: () => Date.now(), log: createLog("silent") });
}

/** Tickets that open nothing. */
export const NO_TRANSFERS = { ticket: () => "ticket", endSession: () => undefined };
