// Keeps the settings of `shared/settings.ts`: in localStorage in a browser, through the bridge in the desktop
// application. Read and changed by `main.ts` and `ui/`; the page's address overrules them for this visit only.

import type { Bridge } from "../shared/bridge.ts";
import { readSettings, type Settings } from "../shared/settings.ts";
import { Store } from "./store.ts";

const STORAGE_KEY = "eglantine.settings";

export class Preferences {
  readonly store: Store<Settings>;
  readonly #bridge: Bridge | undefined;

  constructor(bridge: Bridge | undefined) {
    this.#bridge = bridge;
    this.store = new Store(bridge === undefined ? readStored() : readSettings(undefined));
  }

  /** Waits for the shell's settings; at once in a browser. */
  async load(): Promise<void> {
    if (this.#bridge !== undefined) this.store.set(readSettings(await this.#bridge.readSettings()));
  }

  /** Changes and keeps. */
  change(changes: Partial<Settings>): void {
    const settings = { ...this.store.get(), ...changes };
    this.store.set(settings);
    if (this.#bridge === undefined) writeStored(settings);
    else void this.#bridge.writeSettings(settings);
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
