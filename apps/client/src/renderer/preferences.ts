// Keeps the settings of `shared/settings.ts`: in localStorage in a browser, through the bridge in the desktop
// application. Read and changed by `main.ts` and `ui/`; the page's address overrules them for this visit only.

import type { Bridge } from "../shared/bridge.ts";
import { readSettings, type Settings } from "../shared/settings.ts";
import { Store } from "./store.ts";

const STORAGE_KEY = "eglantine.settings";

/** Works out what changes from what is kept. */
export type SettingsUpdate = (settings: Settings) => Partial<Settings>;

export class Preferences {
  readonly store: Store<Settings>;
  readonly #bridge: Bridge | undefined;
  readonly #loaded: Promise<void>;
  /** Changes made before the shell's settings were here; undefined afterwards. */
  #early: SettingsUpdate[] | undefined;

  constructor(bridge: Bridge | undefined) {
    this.#bridge = bridge;
    this.store = new Store(bridge === undefined ? readStored() : readSettings(undefined));
    this.#loaded = bridge === undefined ? Promise.resolve() : this.#read(bridge);
  }

  /** Waits for the shell's settings; at once in a browser. */
  load(): Promise<void> {
    return this.#loaded;
  }

  /** Changes and keeps. What is not known yet is not overwritten, nor what another window has changed. */
  change(update: SettingsUpdate): void {
    const changes = update(this.store.get());
    this.store.set({ ...this.store.get(), ...changes });
    if (this.#bridge === undefined) writeStored({ ...readStored(), ...changes });
    else if (this.#early === undefined) void this.#bridge.writeSettings(changes);
    else this.#early.push(update);
  }

  async #read(bridge: Bridge): Promise<void> {
    this.#early = [];
    const stored = readSettings(await bridge.readSettings());
    const early = this.#early;
    this.#early = undefined;
    let changes: Partial<Settings> = {};
    for (const update of early) changes = { ...changes, ...update({ ...stored, ...changes }) };
    this.store.set({ ...stored, ...changes });
    if (early.length > 0) await bridge.writeSettings(changes);
  }
}

function readStored(): Settings {
  try {
    return readSettings(JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "null"));
  } catch (error) {
    console.warn("the stored settings could not be read", error);
    return readSettings(undefined);
  }
}

function writeStored(settings: Settings): void {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(settings));
  } catch (error) {
    console.warn("the settings could not be stored", error);
  }
}
