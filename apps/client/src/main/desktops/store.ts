// Keeps the saved desktops in one JSON file, which another instance may write too: it is read again when it has changed, and every change is made to what it
// holds then. Asked by `answers.ts` and `openings.ts`.

import { randomUUID } from "node:crypto";
import type { DesktopDraft, DesktopReason, SavedDesktop } from "../../shared/desktops.ts";
import type { Outcome } from "../../shared/bridge-call.ts";
import { JsonFile } from "../json-file.ts";
import { savedDesktop } from "./read.ts";

/** So many cards nobody looks through. */
const KEPT = 500;

const hasDesktops = (value: unknown): value is { readonly desktops: readonly unknown[] } =>
  typeof value === "object" && value !== null && Array.isArray(Reflect.get(value, "desktops"));

/** An answer, and the list as it is to be; without one it stays. */
type Change<T> = (desktops: readonly SavedDesktop[]) => readonly [answer: T, desktops?: readonly SavedDesktop[]];

export class DesktopStore {
  readonly #file: JsonFile;
  readonly #first: () => Promise<readonly DesktopDraft[]>;
  /** Since the start. */
  readonly #removed = new Map<string, SavedDesktop>();
  #turn: Promise<unknown> = Promise.resolve();
  /** Of the file, as `#desktops` and `#others` have it. Undefined: not read yet. */
  #version: string | undefined;
  #desktops: readonly SavedDesktop[] = [];
  /** Entries that can't be read here, a newer version's perhaps: not shown, and left in the file. */
  #others: readonly unknown[] = [];
  #seen: string | undefined;

  /** `first`: what the list begins with where none was kept yet. */
  constructor(path: string, first: () => Promise<readonly DesktopDraft[]> = () => Promise.resolve([])) {
    this.#file = new JsonFile(path, hasDesktops);
    this.#first = first;
  }

  /** The last used first. What is damaged is left out. */
  list(): Promise<readonly SavedDesktop[]> {
    return this.#inTurn(() => Promise.resolve(this.#desktops));
  }

  /** Those that were removed since the start, and not brought back. */
  get removed(): Iterable<string> {
    return this.#removed.keys();
  }

  /** Where a list that could not be read was put since the start, and the user has not seen yet. */
  async aside(): Promise<string | undefined> {
    await this.list();
    const { aside } = this.#file;
    return aside === this.#seen ? undefined : aside;
  }

  sawAside(): void {
    this.#seen = this.#file.aside;
  }

  /** Of all entries, shown or not. Undefined while a list lies aside: it may be the user's wish to have it back. */
  async ids(): Promise<ReadonlySet<string> | undefined> {
    const desktops = await this.list();
    if (await this.#file.hasAside()) return undefined;
    const others = this.#others.map((entry) => (entry as { readonly id?: unknown } | null)?.id);
    return new Set([...desktops.map(({ id }) => id), ...others.filter((id) => typeof id === "string")]);
  }

  async find(id: string): Promise<SavedDesktop | undefined> {
    return (await this.list()).find((one) => one.id === id);
  }

  save(draft: DesktopDraft): Promise<Outcome<SavedDesktop, DesktopReason>> {
    const { id, ...wanted } = draft;
    return this.#change<Outcome<SavedDesktop, DesktopReason>>((desktops) => {
      const known = desktops.find((one) => (id === undefined ? isSame(one.target, draft.target) : one.id === id));
      if (id !== undefined && known === undefined)
        return [{ failed: { reason: "gone", parameters: { name: draft.name } } }];
      if (known === undefined && desktops.length >= KEPT)
        return [{ failed: { reason: "full", parameters: { count: String(KEPT) } } }];
      const saved = { id: known?.id ?? randomUUID(), lastUsedMs: known?.lastUsedMs ?? 0, ...wanted };
      return [{ ok: saved }, [saved, ...desktops.filter((one) => one.id !== saved.id)]];
    });
  }

  async remove(id: string): Promise<void> {
    const gone = await this.#change((desktops) => {
      const found = desktops.find((one) => one.id === id);
      return found === undefined ? [found] : [found, desktops.filter((one) => one !== found)];
    });
    if (gone !== undefined) this.#removed.set(id, gone);
  }

  /** As it was. Where its target was saved anew meanwhile, that one stays. */
  async restore(id: string): Promise<Outcome<SavedDesktop, DesktopReason>> {
    const removed = this.#removed.get(id);
    const outcome = await this.#change<Outcome<SavedDesktop, DesktopReason>>((desktops) => {
      const known = desktops.find((one) => one.id === id || (removed && isSame(one.target, removed.target)));
      if (known !== undefined) return [{ ok: known }];
      if (removed === undefined) return [{ failed: { reason: "gone", parameters: { name: "" } } }];
      return [{ ok: removed }, [removed, ...desktops]];
    });
    if ("ok" in outcome && outcome.ok.id === id) this.#removed.delete(id);
    return outcome;
  }

  /** Each as `save` does, all at once. Those that the list has no room for are left out. */
  saveAll(drafts: readonly DesktopDraft[]): Promise<void> {
    return this.#change((before) => {
      let desktops = before;
      for (const draft of drafts) {
        const known = desktops.find((one) => isSame(one.target, draft.target));
        if (known === undefined && desktops.length >= KEPT) continue;
        const saved = { ...draft, id: known?.id ?? randomUUID(), lastUsedMs: known?.lastUsedMs ?? 0 };
        desktops = [...desktops.filter((one) => one.id !== saved.id), saved];
      }
      return [undefined, desktops];
    });
  }

  used(id: string, nowMs: number): Promise<void> {
    return this.#change((desktops) => [
      undefined,
      desktops.map((one) => (one.id === id ? { ...one, lastUsedMs: nowMs } : one)),
    ]);
  }

  /** One after the other, each with the list as it is now: another instance may have written it. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const after = this.#turn.then(async () => {
      await this.#refresh();
      return act();
    });
    // What failed is its caller's.
    this.#turn = after.catch(() => undefined);
    return after;
  }

  #change<T>(change: Change<T>): Promise<T> {
    return this.#inTurn(async () => {
      let done = undefined as ReturnType<Change<T>> | undefined;
      const version = await this.#file.update((stored) => {
        if (hasDesktops(stored)) this.#take(stored.desktops);
        const [answer, desktops] = change(this.#desktops);
        const ordered = desktops && inOrder(desktops);
        done = ordered === undefined ? [answer] : [answer, ordered];
        return ordered && { desktops: [...ordered, ...this.#others] };
      });
      if (done === undefined) throw new Error("the change was not asked");
      const [answer, desktops = this.#desktops] = done;
      this.#desktops = desktops;
      this.#version = version;
      return answer;
    });
  }

  async #refresh(): Promise<void> {
    const version = this.#file.version();
    if (version === this.#version) return;
    const stored = await this.#file.read();
    if (hasDesktops(stored)) this.#take(stored.desktops);
    else if (this.#version === undefined) {
      const first = await this.#first();
      this.#desktops = first.map((draft) => ({ ...draft, id: randomUUID(), lastUsedMs: 0 }));
    }
    // Gone or damaged since it was read: what is known stays, and is written with the next change.
    this.#version = version;
  }

  #take(entries: readonly unknown[]): void {
    const desktops: SavedDesktop[] = [];
    const others: unknown[] = [];
    for (const entry of entries) {
      const read = savedDesktop.safeParse(entry);
      if (read.success && desktops.length < KEPT) desktops.push(read.data);
      else others.push(entry);
    }
    this.#desktops = inOrder(desktops);
    this.#others = others;
  }
}

/** Stable: of those never used the newest stands first. */
const inOrder = (desktops: readonly SavedDesktop[]) =>
  desktops.toSorted((one, other) => other.lastUsedMs - one.lastUsedMs);

export function isSame(one: SavedDesktop["target"], other: SavedDesktop["target"]): boolean {
  const fields = (target: SavedDesktop["target"]) => Object.entries(target).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(fields(one)) === JSON.stringify(fields(other));
}
