// The socket to the X server as npm `x11` sees it. Between the two it catches whatever the library throws over bytes
// that it did not expect: the connection ends then, and `client.ts` makes a new one; the process lives on.

import { EventEmitter } from "node:events";
import { createConnection, type Socket } from "node:net";
import { messageOf } from "../errors.ts";

export class GuardedSocket extends EventEmitter {
  /** net.Socket semantics: true until `connect`. */
  connecting = true;
  readonly #socket: Socket;
  #why = "the X server closed the connection";

  /** `display`: ":N", "unix:N" or "host:N", with or without ".screen". `onClosed` is called once, with what happened. */
  constructor(display: string, onClosed: (why: string) => void) {
    super();
    const { host, number } = parseDisplay(display);
    this.#socket =
      host === "" || host === "unix"
        ? createConnection(`/tmp/.X11-unix/X${number}`)
        : createConnection(6000 + number, host).setNoDelay(true);
    this.#socket.on("connect", () => {
      this.connecting = false;
      this.#pass("connect");
    });
    this.#socket.on("data", (data) => this.#pass("data", data));
    this.#socket.on("drain", () => this.#pass("drain"));
    this.#socket.on("end", () => this.#pass("end"));
    this.#socket.on("error", (error) => {
      this.#why = error.message;
    });
    this.#socket.on("close", () => {
      this.#pass("close");
      onClosed(this.#why);
    });
  }

  get writableLength(): number {
    return this.#socket.writableLength;
  }

  get writableEnded(): boolean {
    return this.#socket.writableEnded;
  }

  get destroyed(): boolean {
    return this.#socket.destroyed;
  }

  write(chunk: Uint8Array, done?: () => void): boolean {
    return this.#socket.write(chunk, done);
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #pass(event: string, ...args: unknown[]): void {
    try {
      this.emit(event, ...args);
    } catch (error) {
      this.#why = `what the X server sent was not understood: ${messageOf(error)}`;
      this.#socket.destroy();
    }
  }
}

export function parseDisplay(display: string): { host: string; number: number } {
  const match = /^(.*):(\d+)(?:\.\d+)?$/.exec(display);
  if (match === null) throw new RangeError(`no X display: ${display}`);
  return { host: match[1] ?? "", number: Number(match[2]) };
}
