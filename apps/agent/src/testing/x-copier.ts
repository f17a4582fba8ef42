// A program on a real X server that copies and pastes by the ICCCM's letter, or against it: a test's witness and its villain. Its own
// connection, past everything that is tested.

import x11, { type Callback, type Property, type XClient, type XEvent } from "x11";
import { GuardedSocket, parseDisplay } from "../x11/guard.ts";

/** X protocol: PropertyChange; SelectionNotify and SelectionRequest of the core. */
const PROPERTY_CHANGE = 0x40_0000;
const XA_ATOM = 4;

export interface Villain {
  /** Never answers a request. */
  readonly silent?: boolean;
  /** So many targets, all made up. */
  readonly targets?: number;
  /** INCR without an end, so many bytes a piece. */
  readonly endlessBytes?: number;
  /** INCR that stops after its first piece. */
  readonly stalls?: boolean;
}

export class XCopier {
  readonly client: XClient;
  readonly root: number;
  readonly window: number;
  /** What an endless one has given, bytes. */
  givenBytes = 0;
  readonly #socket: GuardedSocket;
  #villain: Villain = {};
  #listeners = new Set<(event: XEvent) => void>();

  private constructor(client: XClient, root: number, socket: GuardedSocket) {
    this.client = client;
    this.root = root;
    this.#socket = socket;
    this.window = client.AllocID();
    client.on("error", () => undefined);
    client.on("event", (event: XEvent) => {
      for (const listener of this.#listeners) listener(event);
      if (event.name === "SelectionRequest") void this.#answer(event);
    });
    client.CreateWindow(this.window, root, 0, 0, 1, 1, 0, 0, 0, 0, { eventMask: PROPERTY_CHANGE });
  }

  static open(display: string): Promise<XCopier> {
    return new Promise((resolve, reject) => {
      const socket = new GuardedSocket(display, (why) => reject(new Error(why)));
      x11.createClient(
        { display: `:${parseDisplay(display).number}`, stream: socket, auth: { name: "", data: "" } },
        (error, opened) => {
          if (error !== undefined && error !== null) reject(error);
          else resolve(new XCopier(opened.client, opened.screen[0]?.root ?? 0, socket));
        },
      );
    });
  }

  ask<T>(request: (callback: Callback<T>) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      request((error, value) => {
        if (error === null || error === undefined) resolve(value);
        else reject(error);
        return true;
      });
    });
  }

  atom(name: string): Promise<number> {
    return this.ask<number>((callback) => this.client.InternAtom(false, name, callback));
  }

  /** Owns CLIPBOARD from now on, and behaves so. */
  async own(villain: Villain): Promise<void> {
    this.#villain = villain;
    this.givenBytes = 0;
    const clipboard = await this.atom("CLIPBOARD");
    this.client.SetSelectionOwner(this.window, clipboard, 0);
    await this.ask<number>((callback) => this.client.GetSelectionOwner(clipboard, callback));
  }

  /** Asks the owner of CLIPBOARD for a target; undefined: refused. What stands in the property first. */
  async convert(target: string, before?: readonly number[]): Promise<Property | undefined> {
    const [clipboard, atom, property] = await Promise.all(
      ["CLIPBOARD", target, "COPIER"].map((name) => this.atom(name)),
    );
    if (before !== undefined) {
      this.client.ChangeProperty(0, this.window, property ?? 0, await this.atom("ATOM_PAIR"), 32, before);
    }
    const notified = this.#next((event) => event.name === "SelectionNotify" && event["requestor"] === this.window);
    this.client.ConvertSelection(this.window, clipboard ?? 0, atom ?? 0, property ?? 0, 0);
    if ((await notified)["property"] === 0) return undefined;
    return this.property("COPIER");
  }

  async property(name: string): Promise<Property> {
    const atom = await this.atom(name);
    return this.ask<Property>((callback) => this.client.GetProperty(0, this.window, atom, 0, 0, 0x10_0000, callback));
  }

  close(): void {
    this.#socket.end();
  }

  #next(found: (event: XEvent) => boolean): Promise<XEvent> {
    return new Promise((resolve) => {
      const listener = (event: XEvent): void => {
        if (!found(event)) return;
        this.#listeners.delete(listener);
        resolve(event);
      };
      this.#listeners.add(listener);
    });
  }

  async #answer(event: XEvent): Promise<void> {
    const { silent, targets = 1, endlessBytes, stalls } = this.#villain;
    if (silent === true) return;
    const [requestor, property, target] = [
      Number(event["requestor"]),
      Number(event["property"]),
      Number(event["target"]),
    ];
    const [all, text, incr] = await Promise.all(["TARGETS", "UTF8_STRING", "INCR"].map((name) => this.atom(name)));
    if (target === all) {
      const made = Array.from({ length: targets - 1 }, (_, index) => 1 + (index % 60));
      this.client.ChangeProperty(0, requestor, property, XA_ATOM, 32, [text ?? 0, ...made]);
    } else {
      const piece = Buffer.alloc(endlessBytes ?? 1, "x");
      this.client.ChangeWindowAttributes(requestor, { eventMask: PROPERTY_CHANGE });
      this.client.ChangeProperty(0, requestor, property, incr ?? 0, 32, [1]);
      this.#listeners.add((one) => {
        if (one.name !== "PropertyNotify" || one["wid"] !== requestor || one["state"] !== 1) return;
        if (stalls === true && this.givenBytes > 0) return;
        this.givenBytes += piece.length;
        this.client.ChangeProperty(0, requestor, property, text ?? 0, 8, piece);
      });
    }
    this.client.SendEvent(requestor, 0, 0, {
      name: "SelectionNotify",
      seq: 0,
      time: event["time"],
      requestor,
      selection: event["selection"],
      target,
      property,
    });
  }
}
