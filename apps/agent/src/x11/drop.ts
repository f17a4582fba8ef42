// Drops files onto the program that has a place of the screen: the source's side of XDND (freedesktop.org, version 5), for viewers who drag from their own
// computer. Made by `desktop.ts`, asked by `session/drops.ts`; what is dropped is given by `selection.ts`, as XdndSelection.

import type { Property, XEvent } from "x11";
import { PathList } from "../clipboard/path-list.ts";
import { SelectionError } from "../clipboard/types.ts";
import type { XConnection } from "./client.ts";
import type { XSelection } from "./selection.ts";

/** `nobody`: no program there takes drops. `refused`: that one does not take these. */
export type DropOutcome = "taken" | "refused" | "nobody";

export interface Spot {
  readonly xPx: number;
  readonly yPx: number;
}

const NAMES = [
  "XdndAware",
  "XdndProxy",
  "XdndEnter",
  "XdndPosition",
  "XdndStatus",
  "XdndLeave",
  "XdndDrop",
  "XdndFinished",
  "XdndActionCopy",
  "XdndActionMove",
  "XdndActionList",
  "text/uri-list",
  "text/plain;charset=utf-8",
  "text/plain",
] as const;
type Atoms = Readonly<Record<(typeof NAMES)[number], number>>;

const VERSION = 5;
/** Older ones have no action and other times. */
const OLDEST_VERSION = 3;
/** Windows in windows: a window manager's frame, toolkits' own. */
const DEPTH = 16;
/** A program that is busy may answer late; many take only the second position, when they know what comes. */
const STATUS_MS = 2000;
const POSITIONS = 10;
const BETWEEN_MS = 100;
/** A program has read what was dropped. Some ask the user first. */
const FINISHED_MS = 30_000;
const XA_ATOM = 4;
const REPLACE = 0;
const NO_EVENTS = 0;
const ACCEPTED = 1;
const CLIENT_MESSAGE = "ClientMessage";

interface Target {
  /** Whose drop it is. */
  readonly window: number;
  /** Who gets the messages. */
  readonly proxy: number;
  readonly version: number;
}

interface Attached {
  readonly connection: XConnection;
  readonly atoms: Atoms;
}

export class XDrop {
  readonly #selection: XSelection;
  #attached: Attached | undefined;
  /** Who waits for a message of the program. */
  #onMessage: ((event: XEvent) => void) | undefined;
  /** One drop at a time: there is one XdndSelection. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(selection: XSelection) {
    this.#selection = selection;
  }

  async attach(connection: XConnection): Promise<void> {
    const atoms = await Promise.all(NAMES.map(async (name) => [name, await connection.atom(name)] as const));
    const attached = { connection, atoms: Object.fromEntries(atoms) as Atoms };
    this.#attached = attached;
    connection.onEvent((event) => {
      const isOurs = this.#attached === attached && event.name === CLIENT_MESSAGE;
      if (isOurs && event["wid"] === this.#selection.window) this.#onMessage?.(event);
    });
  }

  detach(): void {
    this.#attached = undefined;
  }

  /** The window there that takes drops; undefined: none. */
  async windowAt(spot: Spot): Promise<number | undefined> {
    const attached = this.#attached;
    return attached === undefined ? undefined : (await targetAt(attached, spot).catch(() => undefined))?.window;
  }

  /** Drops them where that window still is. Resolves when the program has taken them, or will not. */
  drop(spot: Spot, window: number, paths: readonly string[]): Promise<DropOutcome> {
    const dropped = this.#turn.then(() => this.#drop(spot, window, paths));
    this.#turn = dropped.catch(() => undefined);
    return dropped;
  }

  async #drop(spot: Spot, window: number, paths: readonly string[]): Promise<DropOutcome> {
    const attached = this.#attached;
    const target = attached === undefined ? undefined : await targetAt(attached, spot).catch(() => undefined);
    if (attached === undefined || target?.window !== window) return "nobody";
    try {
      await this.#selection.own(["XdndSelection"], new PathList(paths));
      return await this.#offer(attached, target, spot);
    } catch (error) {
      if (error instanceof SelectionError) return "nobody";
      throw error;
    } finally {
      await this.#selection.own(["XdndSelection"], undefined).catch(() => undefined);
    }
  }

  async #offer({ connection, atoms }: Attached, target: Target, { xPx, yPx }: Spot): Promise<DropOutcome> {
    const { client } = connection;
    const source = this.#selection.window;
    const since = this.#selection.ownedSinceMs("XdndSelection");
    if (source === undefined || since === undefined) return "nobody";
    const version = Math.min(VERSION, target.version);
    const send = (type: number, data: readonly number[]): void => {
      const message = { name: CLIENT_MESSAGE, seq: 0, format: 32, wid: target.window, message_type: type, data };
      client.SendEvent(target.proxy, 0, NO_EVENTS, message);
      client.pack_stream.flush();
    };
    const { XdndActionCopy: copy, XdndActionMove: move } = atoms;
    client.ChangeProperty(REPLACE, source, atoms.XdndActionList, XA_ATOM, 32, [move, copy]);
    const types = [atoms["text/uri-list"], atoms["text/plain;charset=utf-8"], atoms["text/plain"]];
    send(atoms.XdndEnter, [source, version << 24, ...types]);
    const place = ((xPx & 0xffff) << 16) | (yPx & 0xffff);
    let accepted = false;
    for (let position = 0; position < POSITIONS && !accepted; position += 1) {
      if (position > 0) await pause(BETWEEN_MS);
      const status = this.#message(atoms.XdndStatus, target, STATUS_MS);
      send(atoms.XdndPosition, [source, 0, place >>> 0, since, move]);
      const data = await status;
      if (data === undefined) break;
      accepted = ((data[1] ?? 0) & ACCEPTED) !== 0;
    }
    if (!accepted) {
      send(atoms.XdndLeave, [source, 0, 0, 0, 0]);
      return "refused";
    }
    const finished = this.#message(atoms.XdndFinished, target, FINISHED_MS);
    send(atoms.XdndDrop, [source, 0, since, 0, 0]);
    const data = await finished;
    // Before version 5 it says nothing of how it went.
    const isTaken = data !== undefined && (version < 5 || ((data[1] ?? 0) & ACCEPTED) !== 0);
    return isTaken ? "taken" : "refused";
  }

  /** The data of the next one of this type; undefined: none in this time. */
  #message(type: number, { window }: Target, limitMs: number): Promise<readonly number[] | undefined> {
    return new Promise((resolve) => {
      const end = (data: readonly number[] | undefined): void => {
        clearTimeout(late);
        this.#onMessage = undefined;
        resolve(data);
      };
      const late = setTimeout(() => end(undefined), limitMs);
      this.#onMessage = (event) => {
        const data = event["data"] as readonly number[];
        if (event["message_type"] === type && data[0] === window) end(data);
      };
    });
  }
}

/** The outermost window there that says it takes drops. Rejects when a window goes meanwhile. */
async function targetAt(attached: Attached, { xPx, yPx }: Spot): Promise<Target | undefined> {
  const { client, root } = attached.connection;
  let window = root;
  for (let depth = 0; depth < DEPTH; depth += 1) {
    const { child } = await attached.connection.ask<{ child: number }>((callback) =>
      client.TranslateCoordinates(root, window, xPx, yPx, callback),
    );
    if (child === 0) return undefined;
    window = child;
    const version = await wordOf(attached, window, "XdndAware");
    if (version === undefined || version < OLDEST_VERSION) continue;
    const proxy = await wordOf(attached, window, "XdndProxy");
    // One that is left over from a program that is gone says so itself no more.
    const isValid =
      proxy !== undefined && (await wordOf(attached, proxy, "XdndProxy").catch(() => undefined)) === proxy;
    return { window, proxy: isValid ? proxy : window, version };
  }
  return undefined;
}

async function wordOf(
  { connection, atoms }: Attached,
  window: number,
  name: "XdndAware" | "XdndProxy",
): Promise<number | undefined> {
  const { data } = await connection.ask<Property>((callback) =>
    connection.client.GetProperty(0, window, atoms[name], 0, 0, 1, callback),
  );
  return data.length < 4 ? undefined : data.readUInt32LE(0);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
