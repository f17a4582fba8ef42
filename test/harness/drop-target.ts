// A program of the desktop that takes files that are dropped on it, as XDND (freedesktop.org, version 5) wants it of real ones. Own connection to the X server.

import { createClient, eventMask, type XClient, type XEvent } from "x11";

export interface DropTargetOptions {
  readonly display: string;
  readonly xPx: number;
  readonly yPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** `refuses`: it takes no such thing. `silent`: it never answers. `late`: it takes only the third position. Absent: it takes all. */
  readonly manner?: "refuses" | "silent" | "late";
}

const XA_ATOM = 4;
const ANY_TYPE = 0;
const CORE_SELECTION_NOTIFY = 31;

export class DropTarget {
  /** What was dropped: its list of addresses. */
  readonly dropped: string[] = [];
  /** Names of the messages that came, in order. */
  readonly heard: string[] = [];
  readonly #client: XClient;

  private constructor(client: XClient) {
    this.#client = client;
  }

  static async open(options: DropTargetOptions): Promise<DropTarget> {
    const { client, root } = await new Promise<{ client: XClient; root: number }>((resolve, reject) => {
      createClient({ display: options.display }, (error, display) => {
        if (error) reject(error);
        else resolve({ client: display.client, root: display.screen[0]?.root ?? 0 });
      });
    });
    // The library keeps the atoms of all connections in one table; on another X server they mean something else.
    client.atoms = {};
    const target = new DropTarget(client);
    await target.#begin(root, options);
    return target;
  }

  async #begin(root: number, { xPx, yPx, widthPx, heightPx, manner }: DropTargetOptions): Promise<void> {
    const client = this.#client;
    const names = [
      "XdndAware",
      "XdndEnter",
      "XdndPosition",
      "XdndStatus",
      "XdndLeave",
      "XdndDrop",
      "XdndFinished",
      "XdndSelection",
      "XdndActionCopy",
      "text/uri-list",
      "DROPPED",
    ] as const;
    const atoms = Object.fromEntries(
      await Promise.all(
        names.map(async (name) => [name, await this.#ask<number>((done) => client.InternAtom(false, name, done))]),
      ),
    ) as Record<(typeof names)[number], number>;
    const window = client.AllocID();
    client.CreateWindow(window, root, xPx, yPx, widthPx, heightPx, 0, 0, 1, 0, {
      backgroundPixel: 0x40_60_40,
      overrideRedirect: true,
      eventMask: eventMask["StructureNotify"] ?? 0,
    });
    client.ChangeProperty(0, window, atoms.XdndAware, XA_ATOM, 32, [5]);
    const answer = (to: number, type: number, data: readonly number[]) =>
      client.SendEvent(to, 0, 0, { name: "ClientMessage", seq: 0, format: 32, wid: to, message_type: type, data });
    let [source, positions] = [0, 0];
    const heard = (event: XEvent): void => {
      const name = names.find((one) => atoms[one] === event.message_type) ?? "?";
      this.heard.push(name);
      const [from = 0, , , time = 0] = event.data;
      source = from;
      if (name === "XdndEnter") positions = 0;
      if (manner === "silent") return;
      if (name === "XdndPosition") {
        positions += 1;
        const takes = manner === undefined || (manner === "late" && positions === 3);
        answer(source, atoms.XdndStatus, [window, takes ? 1 : 0, 0, 0, takes ? atoms.XdndActionCopy : 0]);
      } else if (name === "XdndDrop") {
        client.ConvertSelection(
          window,
          atoms.XdndSelection,
          atoms["text/uri-list"],
          atoms.DROPPED,
          event.data[2] ?? time,
        );
      }
    };
    const read = async (): Promise<void> => {
      const { data } = await this.#ask<{ data: Buffer }>((done) =>
        client.GetProperty(1, window, atoms.DROPPED, ANY_TYPE, 0, 0x10_0000, done),
      );
      this.dropped.push(data.toString());
      answer(source, atoms.XdndFinished, [window, 1, atoms.XdndActionCopy, 0, 0]);
    };
    await new Promise<void>((mapped) => {
      client.on("event", (event) => {
        if (event.name === "MapNotify") mapped();
        else if (event.name === "ClientMessage") heard(event);
        else if (event.type === CORE_SELECTION_NOTIFY) void read();
      });
      client.MapWindow(window);
    });
  }

  #ask<T>(request: (done: (error: Error | null | undefined, value: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      request((error, value) => (error ? reject(new Error("X request failed", { cause: error })) : resolve(value)));
    });
  }

  async close(): Promise<void> {
    await new Promise<void>((ended) => {
      this.#client.on("end", () => ended());
      this.#client.terminate();
    });
  }
}
