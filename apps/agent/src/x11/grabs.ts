// Whether a program has grabbed the pointer or the keyboard, as games, virtual machines and menus do. X tells nobody of grabs; but to ask for
// one on a window that is never mapped fails either way, and the reason says whether somebody has it: nothing is grabbed, no program hears
// of it. A program that hides the pointer and sets it back all the time has it, too (`warps.ts`). Asked while input comes, and when the cursor changes. Told to the viewers through `session/session.ts`.

import type { PointerInfo } from "x11";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { XConnection } from "./client.ts";
import { PacedLook } from "./paced-look.ts";
import { type Spot, Warps } from "./warps.ts";

export interface Grabs {
  readonly pointer: boolean;
  readonly keyboard: boolean;
}

export interface PointerState {
  /** No program shows it. */
  readonly hidden: boolean;
  /** Where the viewers' hands have put it last; undefined: they count, and point nowhere. */
  readonly put: Spot | undefined;
}

export type GrabWatcher = (grabs: Grabs) => void;

/** Between two looks, ms. */
const EVERY_MS = 100;
/** The last one: what the last input set off may take so long, ms. */
const LAST_MS = 1000;
/** X protocol, GrabPointer and GrabKeyboard. */
const ALREADY_GRABBED = 1;
const ASYNCHRONOUS = 1;
const CURRENT_TIME = 0;
const NONE = 0;
/** X protocol, CreateWindow. */
const INPUT_ONLY = 2;
const ANY_BUTTON_MASK = 0x1f00;
const NO_GRABS: Grabs = { pointer: false, keyboard: false };

export class XGrabs {
  readonly #log: Log;
  readonly #pointer: () => PointerState;
  readonly #warps = new Warps();
  readonly #watchers = new Set<GrabWatcher>();
  #connection: XConnection | undefined;
  #window = 0;
  #grabs = NO_GRABS;
  readonly #looks = new PacedLook({ everyMs: EVERY_MS, lastMs: LAST_MS, look: () => this.#look() });

  constructor(log: Log, pointer: () => PointerState) {
    this.#log = log;
    this.#pointer = pointer;
  }

  attach(connection: XConnection): void {
    const { client, root } = connection;
    this.#window = client.AllocID();
    client.CreateWindow(this.#window, root, -1, -1, 1, 1, 0, 0, INPUT_ONLY, 0, { overrideRedirect: true });
    this.#connection = connection;
    this.poke();
  }

  detach(): void {
    this.#connection = undefined;
    this.#looks.rest();
    this.#tell(NO_GRABS);
  }

  /** Tells what is grabbed now, where anything is, and whenever that changes. Returns what ends it. */
  watch(watcher: GrabWatcher): () => void {
    this.#watchers.add(watcher);
    if (this.#grabs.pointer || this.#grabs.keyboard) watcher(this.#grabs);
    this.poke();
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#looks.rest();
    };
  }

  /** Something happened that may make a program take or leave a grab. */
  poke(): void {
    if (this.#watchers.size > 0) this.#looks.poke();
  }

  async #look(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    try {
      const grabs = await this.#ask(connection);
      if (this.#connection === connection) this.#tell(grabs);
    } catch (error) {
      this.#log.debug({ detail: messageOf(error) }, "grabs could not be asked for");
    }
  }

  async #ask(connection: XConnection): Promise<Grabs> {
    const { client, root } = connection;
    const window = this.#window;
    const { hidden, put } = this.#pointer();
    const answers = Promise.all([
      connection.ask<PointerInfo>((callback) => client.QueryPointer(root, callback)),
      connection.ask<number>((callback) =>
        client.GrabPointer(window, 0, 0, ASYNCHRONOUS, ASYNCHRONOUS, NONE, NONE, CURRENT_TIME, callback),
      ),
      connection.ask<number>((callback) =>
        client.GrabKeyboard(window, 0, CURRENT_TIME, ASYNCHRONOUS, ASYNCHRONOUS, callback),
      ),
    ]);
    client.pack_stream.flush();
    const [pointer, pointerStatus, keyboardStatus] = await answers;
    // A button that is held is a grab of the window under it.
    const held = (pointer.keyMask & ANY_BUTTON_MASK) !== 0;
    const warped = this.#warps.look({ xPx: pointer.rootX, yPx: pointer.rootY }, put, hidden);
    return {
      pointer: warped || (held ? this.#grabs.pointer : pointerStatus === ALREADY_GRABBED),
      keyboard: keyboardStatus === ALREADY_GRABBED,
    };
  }

  #tell(grabs: Grabs): void {
    if (grabs.pointer === this.#grabs.pointer && grabs.keyboard === this.#grabs.keyboard) return;
    this.#grabs = grabs;
    for (const watcher of this.#watchers) watcher(grabs);
  }
}
