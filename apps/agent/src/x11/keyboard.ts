// Reads the X server's keyboard (XKB key names, core keysyms), follows its changes, and lends spare keys to keysyms that
// no key gives. Asked by `input/injector.ts` through `input/keymap.ts`, which decides.

import { setImmediate } from "node:timers/promises";
import type { KeyboardState, KeyNames, Xkb } from "x11";
import { type KeyboardFacts, keyboardMapOf, NO_KEYBOARD, spareKeycodes } from "../input/keymap.ts";
import { SpareKeys } from "../input/spare-keys.ts";
import type { Keyboard, KeyboardMap, Stroke } from "../input/types.ts";
import type { Log } from "../log.ts";
import { messageOf } from "../errors.ts";
import type { XConnection } from "./client.ts";

/** XKB protocol: the core keyboard; names of keys and aliases; events NewKeyboardNotify and MapNotify with all parts. */
const CORE_KEYBOARD = 0x100;
const KEY_NAMES_AND_ALIASES = (1 << 9) | (1 << 10);
const NEW_KEYBOARD = 1;
const MAP = 2;
const ALL_MAP_PARTS = 0xff;
/** XkbStateNotify: the group in use has changed, among others. */
const STATE = 4;
/** Spare keys that are left to other programs. */
const LEFT_SPARE = 4;

export class XKeyboard implements Keyboard {
  readonly #log: Log;
  #connection: XConnection | undefined;
  #map: KeyboardMap = NO_KEYBOARD;
  #spare = new SpareKeys();
  #group = 0;
  #facts: KeyboardFacts | undefined;
  #waiting = false;

  constructor(log: Log) {
    this.#log = log;
  }

  get map(): KeyboardMap {
    return this.#map;
  }

  async attach(connection: XConnection): Promise<void> {
    const xkb = await connection.extension<Xkb>("xkb").catch(() => undefined);
    this.#connection = connection;
    // Followed before it is read, so that no change falls in between.
    if (xkb !== undefined) {
      const events = NEW_KEYBOARD | MAP | STATE;
      xkb.SelectEvents(CORE_KEYBOARD, events, 0, events, ALL_MAP_PARTS, ALL_MAP_PARTS);
    }
    connection.onEvent((event) => {
      if (event.name === "XkbStateNotify") this.#setGroup(Number(event["group"]));
      const xkbChange = event.name === "XkbEvent" && (event["xkbType"] === 0 || event["xkbType"] === 1);
      if (xkbChange || event.name === "MappingNotify") void this.#reread(connection, xkb);
    });
    if (xkb !== undefined) await this.#askGroup(connection, xkb);
    const facts = await readFacts(connection, xkb);
    this.#facts = facts;
    this.#draw();
    this.#spare = new SpareKeys(spareKeycodes(facts).slice(0, -LEFT_SPARE), this.#map.shiftKeys.length > 0);
    this.#log.debug({ places: this.#map.byPlace.size, named: facts.names !== undefined }, "keyboard read");
  }

  detach(): void {
    this.#connection = undefined;
    this.#facts = undefined;
    this.#group = 0;
    this.#map = NO_KEYBOARD;
    this.#spare = new SpareKeys();
  }

  lend(keysyms: readonly number[]): void {
    const client = this.#connection?.client;
    if (client === undefined) return;
    for (const [keycode, levels] of this.#spare.lend(keysyms, performance.now())) {
      client.ChangeKeyboardMapping(keycode, levels.length, levels);
    }
  }

  bind(keysym: number): Stroke | undefined {
    this.lend([keysym]);
    return this.#spare.take(keysym, performance.now());
  }

  bindWaitMs(keysym: number): number {
    return this.#spare.waitMs(keysym, performance.now());
  }

  /** Takes back what was lent, so that the server's keyboard is as it was found. */
  restore(): void {
    for (const keycode of this.#spare.lent) this.#connection?.client.ChangeKeyboardMapping(keycode, 1, [0]);
    this.#spare = new SpareKeys();
    this.#connection?.client.pack_stream.flush();
  }

  /** An X server that does not tell it has one. */
  async #askGroup(connection: XConnection, xkb: Xkb): Promise<void> {
    await connection
      .ask<KeyboardState>(
        (callback) => xkb.GetState(CORE_KEYBOARD, callback),
        ({ group }) => this.#setGroup(group),
      )
      .catch(() => undefined);
  }

  #setGroup(group: number): void {
    if (group === this.#group) return;
    this.#group = group;
    this.#draw();
  }

  #draw(): void {
    if (this.#facts !== undefined) this.#map = withoutLent(keyboardMapOf(this.#facts, this.#group), this.#spare.lent);
  }

  /** One layout switch makes dozens of events: they are answered by one read, and one more if need be. */
  async #reread(connection: XConnection, xkb: Xkb | undefined): Promise<void> {
    if (this.#waiting) return;
    this.#waiting = true;
    await setImmediate();
    this.#waiting = false;
    try {
      const facts = await readFacts(connection, xkb);
      if (this.#connection !== connection) return;
      this.#facts = facts;
      this.#draw();
    } catch (error) {
      this.#log.debug({ detail: messageOf(error) }, "keyboard could not be read");
    }
  }
}

/** Lent keys are found by `bind` alone: it knows when one was taken back. */
function withoutLent(map: KeyboardMap, lent: ReadonlySet<number>): KeyboardMap {
  return { ...map, byKeysym: new Map([...map.byKeysym].filter(([, { keycode }]) => !lent.has(keycode))) };
}

async function readFacts(connection: XConnection, xkb: Xkb | undefined): Promise<KeyboardFacts> {
  const { minKeycode, maxKeycode } = connection;
  const [names, keysyms] = await Promise.all([
    xkb === undefined
      ? undefined
      : connection
          .ask<KeyNames>((callback) => xkb.GetNames(CORE_KEYBOARD, KEY_NAMES_AND_ALIASES, callback))
          .catch(() => undefined),
    connection.ask<number[][]>((callback) =>
      connection.client.GetKeyboardMapping(minKeycode, maxKeycode - minKeycode + 1, callback),
    ),
  ]);
  return { minKeycode, maxKeycode, names: names === undefined ? undefined : keycodesByName(names), keysyms };
}

function keycodesByName(names: KeyNames): ReadonlyMap<string, number> | undefined {
  const byName = new Map<string, number>();
  for (const [index, name] of (names.keyNames ?? []).entries()) {
    if (name !== "") byName.set(name, names.firstKey + index);
  }
  for (const { real, alias } of names.keyAliases ?? []) {
    const keycode = byName.get(real);
    if (keycode !== undefined && !byName.has(alias)) byName.set(alias, keycode);
  }
  return byName.size === 0 ? undefined : byName;
}
