// The X server's selections, CLIPBOARD and PRIMARY: who owns them (XFixes), taking them, and what programs offer. Reading is
// `selection-read.ts`, giving `selection-serve.ts`. Put on each new connection by `desktop.ts`; used by `clipboard/clipboard.ts`.
// On the connection of the hands: the X server has the new owner before any key that is sent behind it.

import type { XEvent, XFixes } from "x11";
import { type SelectionContent, SelectionError, type SelectionName, type SelectionPort } from "../clipboard/types.ts";
import type { Log } from "../log.ts";
import type { XConnection } from "./client.ts";
import { internSelectionAtoms, type SelectionAtoms, XA_INTEGER } from "./selection-atoms.ts";
import { SelectionReader } from "./selection-read.ts";
import { type OwnedSelection, SelectionServer } from "./selection-serve.ts";

type Watcher = (selection: SelectionName, owned: boolean) => void;

const NAMES: readonly SelectionName[] = ["CLIPBOARD", "PRIMARY", "XdndSelection"];
/** XFixes: SetSelectionOwner, SelectionWindowDestroy, SelectionClientClose. */
const OWNER_CHANGES = 7;
const PROPERTY_CHANGE = 0x40_0000;
const CORE_SELECTION_NOTIFY = 31;
const APPEND = 2;

interface Attached {
  readonly connection: XConnection;
  readonly fixes: XFixes;
  readonly atoms: SelectionAtoms;
  /** Owns our selections. */
  readonly window: number;
  readonly reader: SelectionReader;
  readonly server: SelectionServer;
}

export class XSelection implements SelectionPort {
  readonly #log: Log;
  readonly #watchers = new Map<Watcher, readonly SelectionName[]>();
  readonly #owned = new Map<SelectionName, OwnedSelection>();
  /** Those who wait for the X server's time, in order. */
  #stamps: ((timeMs: number | undefined) => void)[] = [];
  #attached: Attached | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  owns(selection: SelectionName): boolean {
    return this.#owned.has(selection);
  }

  /** Owns what is ours; undefined without an X server. */
  get window(): number | undefined {
    return this.#attached?.window;
  }

  /** Since when, by the X server's clock; undefined: it is not ours. */
  ownedSinceMs(selection: SelectionName): number | undefined {
    return this.#owned.get(selection)?.timeMs;
  }

  async attach(connection: XConnection): Promise<void> {
    const [fixes, atoms] = await Promise.all([connection.extension<XFixes>("fixes"), internSelectionAtoms(connection)]);
    const { client, root } = connection;
    const window = client.AllocID();
    client.CreateWindow(window, root, -1, -1, 1, 1, 0, 0, 0, 0, { eventMask: PROPERTY_CHANGE, overrideRedirect: true });
    const reader = new SelectionReader(connection, atoms);
    const server = new SelectionServer(connection, atoms, this.#log, (selection) => {
      const name = NAMES.find((one) => atoms[one] === selection);
      return name === undefined ? undefined : this.#owned.get(name);
    });
    const attached = { connection, fixes, atoms, window, reader, server };
    this.#attached = attached;
    this.#owned.clear();
    connection.onEvent((event) => {
      if (this.#attached === attached) this.#onEvent(attached, event);
    });
    this.#follow();
    // What was copied before we came.
    for (const watcher of this.#watchers.keys()) void this.#tellNow(watcher);
  }

  detach(): void {
    const attached = this.#attached;
    this.#attached = undefined;
    for (const stamp of this.#stamps.splice(0)) stamp(undefined);
    this.#owned.clear();
    attached?.reader.close();
    attached?.server.close();
  }

  watch(selections: readonly SelectionName[], watcher: Watcher): () => void {
    this.#watchers.set(watcher, selections);
    this.#follow();
    void this.#tellNow(watcher);
    return () => {
      this.#watchers.delete(watcher);
      this.#follow();
    };
  }

  async own(selections: readonly SelectionName[], content: SelectionContent | undefined): Promise<void> {
    const attached = this.#attached;
    if (attached === undefined) throw new SelectionError("gone");
    const { connection, atoms, window } = attached;
    const { client } = connection;
    const timeMs = await this.#stamp(attached);
    if (timeMs === undefined) throw new SelectionError("gone");
    for (const name of selections) {
      if (content === undefined && !this.#owned.delete(name)) continue;
      client.SetSelectionOwner(content === undefined ? 0 : window, atoms[name], timeMs);
      if (content !== undefined) this.#owned.set(name, { content, timeMs, sequence: client.seq_num });
    }
    // The answer to this: the server has taken all of it.
    await connection.ask<number>((callback) => client.GetSelectionOwner(atoms.CLIPBOARD, callback));
  }

  targets(selection: SelectionName): Promise<readonly string[]> {
    const attached = this.#attached;
    if (attached === undefined) return Promise.reject(new SelectionError("gone"));
    return attached.reader.targets(attached.atoms[selection]);
  }

  read(selection: SelectionName, target: string, maxBytes: number): Promise<Buffer> {
    const attached = this.#attached;
    if (attached === undefined) return Promise.reject(new SelectionError("gone"));
    return attached.reader.read(attached.atoms[selection], target, maxBytes);
  }

  #onEvent(attached: Attached, event: XEvent): void {
    const { atoms, window, reader, server } = attached;
    const name = NAMES.find((one) => atoms[one] === event["selection"]);
    if (event.name === "SelectionNotify" && event.type !== CORE_SELECTION_NOTIFY) {
      if (name !== undefined && event["owner"] !== window) this.#tell(name, event["owner"] !== 0);
    } else if (event.name === "SelectionClear") {
      const owned = name === undefined ? undefined : this.#owned.get(name);
      // One that was sent before we took it again counts for nothing.
      if (name !== undefined && owned !== undefined && Number(event["seq"]) >= owned.sequence) this.#owned.delete(name);
    } else if (event.name === "PropertyNotify" && event["wid"] === window) {
      this.#stamps.shift()?.(Number(event["time"]));
    } else {
      reader.onEvent(event);
      server.onEvent(event);
    }
  }

  #tell(name: SelectionName, owned: boolean): void {
    for (const [watcher, selections] of this.#watchers) if (selections.includes(name)) watcher(name, owned);
  }

  async #tellNow(watcher: Watcher): Promise<void> {
    const attached = this.#attached;
    if (attached === undefined) return;
    const { client } = attached.connection;
    try {
      await attached.connection.ask<number>(
        (callback) => client.GetSelectionOwner(attached.atoms.CLIPBOARD, callback),
        (owner) => {
          if (this.#watchers.has(watcher) && owner !== attached.window) watcher("CLIPBOARD", owner !== 0);
        },
      );
    } catch (error) {
      // Lost meanwhile: the next connection asks again.
      this.#log.debug({ error }, "the clipboard's owner is not known");
    }
  }

  /** Events only while somebody wants them: a program that is not watched wakes nobody. */
  #follow(): void {
    const attached = this.#attached;
    if (attached === undefined) return;
    const wanted = new Set([...this.#watchers.values()].flat());
    for (const name of NAMES) {
      const mask = wanted.has(name) ? OWNER_CHANGES : 0;
      attached.fixes.SelectSelectionInput(attached.window, attached.atoms[name], mask);
    }
    attached.connection.client.pack_stream.flush();
  }

  /** The X server's time, which owning needs (ICCCM, section 2.1). */
  #stamp({ connection, atoms, window }: Attached): Promise<number | undefined> {
    const { client } = connection;
    const time = new Promise<number | undefined>((resolve) => void this.#stamps.push(resolve));
    client.ChangeProperty(APPEND, window, atoms.EGLANTINE_SELECTION, XA_INTEGER, 32, []);
    client.pack_stream.flush();
    return time;
  }
}
