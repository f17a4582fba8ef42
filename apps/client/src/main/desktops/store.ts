// Keeps the saved desktops in one JSON file. Asked by `answers.ts` and `openings.ts`.

import { randomUUID } from "node:crypto";
import type { DesktopDraft, DesktopReason, SavedDesktop } from "../../shared/desktops.ts";
import type { Outcome } from "../../shared/bridge-call.ts";
import { JsonFile } from "../json-file.ts";
import { savedDesktop } from "./read.ts";

/** So many cards nobody looks through. */
const KEPT = 500;

export class DesktopStore {
  readonly #file: JsonFile;
  readonly #first: () => Promise<readonly DesktopDraft[]>;
  /** Since the start. */
  readonly #removed = new Map<string, SavedDesktop>();
  #reading: Promise<void> | undefined;
  #desktops: readonly SavedDesktop[] = [];

  /** `first`: what the list begins with where none was kept yet. */
  constructor(path: string, first: () => Promise<readonly DesktopDraft[]> = () => Promise.resolve([])) {
    this.#file = new JsonFile(path);
    this.#first = first;
  }

  /** The last used first. What is damaged is left out. */
  async list(): Promise<readonly SavedDesktop[]> {
    await this.#ready();
    return this.#desktops;
  }

  /** Those that were removed since the start, and not brought back. */
  get removed(): Iterable<string> {
    return this.#removed.keys();
  }

  async find(id: string): Promise<SavedDesktop | undefined> {
    return (await this.list()).find((one) => one.id === id);
  }

  async save(draft: DesktopDraft): Promise<Outcome<SavedDesktop, DesktopReason>> {
    const { id, ...wanted } = draft;
    await this.#ready();
    const desktops = this.#desktops;
    const known = desktops.find((one) => (id === undefined ? isSame(one.target, draft.target) : one.id === id));
    if (id !== undefined && known === undefined)
      return { failed: { reason: "gone", parameters: { name: draft.name } } };
    if (known === undefined && desktops.length >= KEPT)
      return { failed: { reason: "full", parameters: { count: String(KEPT) } } };
    const saved = { id: known?.id ?? randomUUID(), lastUsedMs: known?.lastUsedMs ?? 0, ...wanted };
    await this.#replace([saved, ...desktops.filter((one) => one.id !== saved.id)]);
    return { ok: saved };
  }

  async remove(id: string): Promise<void> {
    await this.#ready();
    const gone = this.#desktops.find((one) => one.id === id);
    if (gone === undefined) return;
    this.#removed.set(id, gone);
    await this.#replace(this.#desktops.filter((one) => one.id !== id));
  }

  /** As it was. Where its target was saved anew meanwhile, that one stays. */
  async restore(id: string): Promise<Outcome<SavedDesktop, DesktopReason>> {
    await this.#ready();
    const removed = this.#removed.get(id);
    const known = this.#desktops.find((one) => one.id === id || (removed && isSame(one.target, removed.target)));
    if (known !== undefined) return { ok: known };
    if (removed === undefined) return { failed: { reason: "gone", parameters: { name: "" } } };
    this.#removed.delete(id);
    await this.#replace([removed, ...this.#desktops]);
    return { ok: removed };
  }

  /** Each as `save` does, all at once. Those that the list has no room for are left out. */
  async saveAll(drafts: readonly DesktopDraft[]): Promise<void> {
    await this.#ready();
    let desktops = this.#desktops;
    for (const draft of drafts) {
      const known = desktops.find((one) => isSame(one.target, draft.target));
      if (known === undefined && desktops.length >= KEPT) continue;
      const saved = { ...draft, id: known?.id ?? randomUUID(), lastUsedMs: known?.lastUsedMs ?? 0 };
      desktops = [...desktops.filter((one) => one.id !== saved.id), saved];
    }
    await this.#replace(desktops);
  }

  async used(id: string, nowMs: number): Promise<void> {
    await this.#ready();
    await this.#replace(this.#desktops.map((one) => (one.id === id ? { ...one, lastUsedMs: nowMs } : one)));
  }

  #ready(): Promise<void> {
    this.#reading ??= this.#read().then((desktops) => void (this.#desktops = desktops));
    return this.#reading;
  }

  /** Known at once, so that what comes meanwhile builds upon it. */
  async #replace(desktops: readonly SavedDesktop[]): Promise<void> {
    this.#desktops = inOrder(desktops);
    await this.#file.write({ desktops: this.#desktops });
  }

  async #read(): Promise<readonly SavedDesktop[]> {
    const stored = await this.#file.read();
    if (stored === undefined) {
      const first = await this.#first();
      return first.map((draft) => ({ ...draft, id: randomUUID(), lastUsedMs: 0 }));
    }
    const entries: unknown =
      typeof stored === "object" && stored !== null ? Reflect.get(stored, "desktops") : undefined;
    if (!Array.isArray(entries)) return [];
    return inOrder(
      entries.slice(0, KEPT).flatMap((entry) => {
        const read = savedDesktop.safeParse(entry);
        return read.success ? [read.data] : [];
      }),
    );
  }
}

/** Stable: of those never used the newest stands first. */
const inOrder = (desktops: readonly SavedDesktop[]) =>
  desktops.toSorted((one, other) => other.lastUsedMs - one.lastUsedMs);

export function isSame(one: SavedDesktop["target"], other: SavedDesktop["target"]): boolean {
  const fields = (target: SavedDesktop["target"]) => Object.entries(target).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(fields(one)) === JSON.stringify(fields(other));
}
