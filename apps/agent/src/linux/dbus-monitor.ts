// Watches a D-Bus bus without taking part in it (`org.freedesktop.DBus.Monitoring.BecomeMonitor`): is shown the messages of some rules and sends
// none. Opened again while the bus is away. Built by `notifications/notifications.ts`, while somebody wants it; what stands in the messages is
// read by `dbus-message.ts`.

import { connect, type Socket } from "node:net";
import type { Closable } from "../close.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { DbusError, type DbusMessage, MessageStream, methodCall } from "./dbus-message.ts";

export interface DbusMonitorOptions {
  /** As in DBUS_SESSION_BUS_ADDRESS: "unix:path=/run/user/1000/bus". */
  readonly address: string;
  readonly rules: readonly string[];
  readonly onMessage: (message: DbusMessage) => void;
  readonly log: Log;
}

const BUS = "org.freedesktop.DBus";
const BECOME_MONITOR_SERIAL = 2;
/** A bus that starts again is there within a second or two; one that is gone for good costs little. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/** The socket's path; undefined: an address of another kind, which no session of ours has. */
export function busPath(address: string): string | undefined {
  for (const one of address.split(";")) {
    if (!one.startsWith("unix:")) continue;
    const found = one
      .slice("unix:".length)
      .split(",")
      .find((key) => key.startsWith("path="));
    if (found !== undefined) return unescaped(found.slice("path=".length));
  }
  return undefined;
}

/** Bytes of an address are escaped as %2f. */
function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

export class DbusMonitor implements Closable {
  readonly #options: DbusMonitorOptions;
  readonly #path: string;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #waitMs = FIRST_WAIT_MS;
  #closed = false;

  /** `path`: of the socket, by `busPath`. */
  constructor(options: DbusMonitorOptions & { readonly path: string }) {
    this.#options = options;
    this.#path = options.path;
    this.#open();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #open(): void {
    const socket = connect(this.#path);
    this.#socket = socket;
    let why = "the bus closed the connection";
    socket.once("error", (error) => (why = messageOf(error)));
    socket.once("close", () => this.#again(why));
    socket.once("connect", () => {
      // Who we are is told by the socket's credentials; the name is our user id in hexadecimal digits.
      const user = Buffer.from(String(process.getuid?.() ?? 0)).toString("hex");
      socket.write(`\0AUTH EXTERNAL ${user}\r\n`);
    });
    let greeting = "";
    const stream = new MessageStream((message) => this.#take(message, socket));
    let isAdmitted = false;
    socket.on("data", (chunk: Buffer) => {
      try {
        if (isAdmitted) {
          stream.take(chunk);
          return;
        }
        // A line of text; nothing follows it before we have said BEGIN.
        greeting += chunk.toString("latin1");
        if (!greeting.includes("\r\n")) return;
        if (!greeting.startsWith("OK ")) throw new DbusError(`the bus refused us: ${greeting.trim().slice(0, 200)}`);
        isAdmitted = true;
        socket.write("BEGIN\r\n");
        const names = { destination: BUS, path: "/org/freedesktop/DBus" };
        socket.write(methodCall({ ...names, serial: 1, interface: BUS, member: "Hello" }));
        socket.write(
          methodCall({
            ...names,
            serial: BECOME_MONITOR_SERIAL,
            interface: `${BUS}.Monitoring`,
            member: "BecomeMonitor",
            values: [this.#options.rules, 0],
          }),
        );
      } catch (error) {
        if (!(error instanceof DbusError)) throw error;
        why = error.message;
        socket.destroy();
      }
    });
  }

  #take(message: DbusMessage, socket: Socket): void {
    if (message.replySerial === BECOME_MONITOR_SERIAL) {
      if (message.error !== undefined) {
        this.#options.log.warn({ error: message.error }, "the session bus lets nobody watch it");
        // It would say the same again.
        this.#closed = true;
        socket.destroy();
        return;
      }
      this.#waitMs = FIRST_WAIT_MS;
      this.#options.log.debug("session bus is watched");
    } else if (message.type === 1) {
      this.#options.onMessage(message);
    }
  }

  #again(why: string): void {
    if (this.#closed) return;
    const { log } = this.#options;
    if (this.#waitMs === FIRST_WAIT_MS) log.info({ why }, "session bus is not to be had, and is tried again");
    this.#timer = setTimeout(() => this.#open(), this.#waitMs);
    this.#waitMs = Math.min(LONGEST_WAIT_MS, this.#waitMs * 2);
  }
}
