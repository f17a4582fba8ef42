// The connection to the X server: made, watched, made again. `desktop.ts` is told when it is up and when it is lost.
// Alone (with the tests' witness) in importing npm `x11`, through a socket that contains its errors (`guard.ts`).

import x11, { type Callback, type Display, type XClient, type XEvent } from "x11";
import type { Closable } from "../close.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { readCookie } from "./authority.ts";
import { GuardedSocket, parseDisplay } from "./guard.ts";

/** One life of the X server. Every call on a lost one rejects. */
export interface XConnection {
  readonly client: XClient;
  readonly root: number;
  readonly minKeycode: number;
  readonly maxKeycode: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /**
   * One request with a reply, as a promise; rejects with the X error, or when the server goes away. An answer and events behind it are
   * often read in one go, and the promise's user runs after all of them: where both tell of the same thing, `read` takes the answer in
   * its place among the events.
   */
  ask<T>(request: (callback: Callback<T>) => void, read?: (answer: T) => void): Promise<T>;
  extension<T>(name: string): Promise<T>;
  atom(name: string): Promise<number>;
  onEvent(listener: (event: XEvent) => void): void;
}

export interface XClientListener {
  /** May throw or reject: the connection is then given up and made again. */
  onUp(connection: XConnection): Promise<void>;
  onDown(): void;
}

const HANDSHAKE_MS = 5000;
const CLOSE_MS = 300;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2000;

export class XServerLink implements Closable {
  readonly #display: string;
  readonly #xauthority: string;
  readonly #listener: XClientListener;
  readonly #log: Log;
  #socket: GuardedSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #waitMs = FIRST_WAIT_MS;
  #closed = false;
  #reported = false;
  #wakeClosed: (() => void) | undefined;

  constructor(options: { display: string; xauthority: string; log: Log; listener: XClientListener }) {
    this.#display = options.display;
    this.#xauthority = options.xauthority;
    this.#listener = options.listener;
    this.#log = options.log;
  }

  /** Resolves after the first attempt, whether or not the server was there; the rest goes on by itself. */
  async start(): Promise<void> {
    if (this.#closed) return;
    let cookie: Awaited<ReturnType<typeof readCookie>>;
    try {
      cookie = await readCookie(this.#xauthority, parseDisplay(this.#display).number);
    } catch (error) {
      this.#retry(messageOf(error));
      return;
    }
    if (this.#closed) return;
    await this.#connect(cookie);
  }

  close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    if (socket === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      // The server reads what was written (key releases) and then closes; one that hangs is not waited for.
      const slow = setTimeout(() => socket.destroy(), CLOSE_MS);
      this.#wakeClosed = () => {
        clearTimeout(slow);
        resolve();
      };
      socket.end();
    });
  }

  #connect(cookie: Awaited<ReturnType<typeof readCookie>>): Promise<void> {
    return new Promise((resolve) => {
      const pending = new Pending();
      let up = false;
      const slow = setTimeout(() => socket.destroy(), HANDSHAKE_MS);
      const socket = new GuardedSocket(this.#display, (why) => {
        clearTimeout(slow);
        this.#socket = undefined;
        pending.lose(new Error(why));
        if (up) this.#listener.onDown();
        this.#retry(why);
        this.#wakeClosed?.();
        resolve();
      });
      this.#socket = socket;
      const client = x11.createClient(
        { display: `:${parseDisplay(this.#display).number}`, stream: socket, auth: cookie, bufferRequests: true },
        (error, display) => {
          if (error !== undefined && error !== null) {
            this.#log.debug({ detail: messageOf(error) }, "X server refused the connection");
            socket.destroy();
            return;
          }
          clearTimeout(slow);
          up = true;
          void this.#greet(connectionOf(display, pending), socket, resolve);
        },
      );
      client.on("error", (error: Error) => this.#log.debug({ detail: error.message }, "X error"));
    });
  }

  async #greet(connection: XConnection, socket: GuardedSocket, done: () => void): Promise<void> {
    try {
      await this.#listener.onUp(connection);
      this.#waitMs = FIRST_WAIT_MS;
      this.#reported = false;
      done();
    } catch (error) {
      this.#log.warn({ detail: messageOf(error) }, "X server lacks something that the agent needs");
      socket.destroy();
    }
  }

  #retry(why: string): void {
    if (this.#closed) return;
    if (!this.#reported) {
      this.#reported = true;
      this.#log.warn({ display: this.#display, detail: why }, "X server is not reachable; trying again");
    }
    this.#timer = setTimeout(() => void this.start(), this.#waitMs);
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
  }
}

/** The requests without an answer. After the loss of the connection there is none for any later one either. */
class Pending {
  readonly #rejects = new Set<(error: Error) => void>();
  #loss: Error | undefined;

  /** False, and rejected at once, on a lost connection. */
  add(reject: (error: Error) => void): boolean {
    if (this.#loss === undefined) this.#rejects.add(reject);
    else reject(this.#loss);
    return this.#loss === undefined;
  }

  delete(reject: (error: Error) => void): void {
    this.#rejects.delete(reject);
  }

  lose(loss: Error): void {
    this.#loss = loss;
    for (const reject of this.#rejects) reject(loss);
    this.#rejects.clear();
  }
}

/** The last of the atoms that every X server has (X protocol, appendix B): WM_TRANSIENT_FOR. */
const LAST_PREDEFINED = 68;

/** The library keeps all connections' atoms in one table; those of an X server that is gone mean something else on the next one. */
function ownAtoms(client: XClient): void {
  const predefined = Object.entries(client.atoms).filter(([, atom]) => atom <= LAST_PREDEFINED);
  client.atoms = Object.fromEntries(predefined);
  client.atom_names = Object.fromEntries(predefined.map(([name, atom]) => [atom, name]));
}

function connectionOf(display: Display, pending: Pending): XConnection {
  const client = display.client;
  const screen = display.screen[0];
  if (screen === undefined) throw new Error("the X server has no screen");
  ownAtoms(client);
  const ask = <T>(request: (callback: Callback<T>) => void, read?: (answer: T) => void) =>
    new Promise<T>((resolve, reject) => {
      if (!pending.add(reject)) return;
      request((error, result) => {
        pending.delete(reject);
        if (error === null || error === undefined) {
          read?.(result);
          resolve(result);
        } else reject(error);
        return true;
      });
    });
  return {
    client,
    root: screen.root,
    minKeycode: display.min_keycode,
    maxKeycode: display.max_keycode,
    widthPx: screen.pixel_width,
    heightPx: screen.pixel_height,
    ask,
    extension: <T>(name: string) => ask<T>((callback) => client.require(name, callback as Callback<unknown>)),
    atom: (name) => ask<number>((callback) => client.InternAtom(false, name, callback)),
    onEvent: (listener) => void client.on("event", listener),
  };
}
