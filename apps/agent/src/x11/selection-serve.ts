// Gives content to programs that paste (ICCCM, sections 2.2, 2.6.2 and 2.7.2): TARGETS, TIMESTAMP, MULTIPLE, and the content itself, in
// pieces (INCR) where it is long or slow to come, so that a program that waits sees that it lives. Programs that never take their
// pieces are given up. Made anew for each connection by `selection.ts`.

import type { Property, XEvent } from "x11";
import type { SelectionContent } from "../clipboard/types.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { XConnection } from "./client.ts";
import { Pieces } from "./pieces.ts";
import { type SelectionAtoms, XA_ATOM, XA_INTEGER } from "./selection-atoms.ts";

/** What we own, and since when by the X server's clock. */
export interface OwnedSelection {
  readonly content: SelectionContent;
  readonly timeMs: number;
  /** Of the request that took it: an event with a smaller one was sent before. */
  readonly sequence: number;
}

/** Largest piece, bytes: a request holds 262,140. */
const PIECE_BYTES = 192 * 1024;
/** Content that has begun to come is shown in pieces after this time: Qt gives up after 5 s of silence, GTK after 30. */
const SLOW_MS = 1000;
/** A program that does not take the next piece within this time is given up. */
const TAKE_MS = 10_000;
/** Programs being served at a time; further ones are refused. */
const SERVED_MAX = 32;
/** Pairs of a MULTIPLE. */
const PAIRS_MAX = 64;
const REPLACE = 0;
const DELETED = 1;
const NO_EVENTS = 0;
/** Event masks PropertyChange and StructureNotify. */
const FOLLOW = 0x42_0000;

interface Request {
  readonly requestor: number;
  readonly selection: number;
  readonly target: number;
  readonly property: number;
  readonly time: number;
}

interface Served {
  /** Pieces that it took and that were not awaited yet. */
  taken: number;
  gone: boolean;
  wake: () => void;
}

class GoneError extends Error {
  override readonly name = "GoneError";
}

export class SelectionServer {
  readonly #connection: XConnection;
  readonly #atoms: SelectionAtoms;
  readonly #log: Log;
  readonly #owned: (selection: number) => OwnedSelection | undefined;
  /** By window and property. */
  readonly #served = new Map<string, Served>();
  /** Requestors that we listen to, by how many transfers go there. */
  readonly #followed = new Map<number, number>();
  #serving = 0;

  constructor(
    connection: XConnection,
    atoms: SelectionAtoms,
    log: Log,
    owned: (selection: number) => OwnedSelection | undefined,
  ) {
    this.#connection = connection;
    this.#atoms = atoms;
    this.#log = log;
    this.#owned = owned;
  }

  onEvent(event: XEvent): void {
    if (event.name === "SelectionRequest") {
      void this.#answer(event);
    } else if (event.name === "PropertyNotify" && event["state"] === DELETED) {
      const served = this.#served.get(keyOf(Number(event["wid"]), Number(event["atom"])));
      if (served === undefined) return;
      served.taken += 1;
      served.wake();
    } else if (event.name === "DestroyNotify") {
      this.#end((key) => key.startsWith(`${Number(event["wid"])} `));
    }
  }

  /** The connection is lost. */
  close(): void {
    this.#end(() => true);
  }

  #end(isGone: (key: string) => boolean): void {
    for (const [key, served] of this.#served) {
      if (!isGone(key)) continue;
      served.gone = true;
      served.wake();
    }
  }

  async #answer(event: XEvent): Promise<void> {
    const { requestor, selection, target, property, time } = event as unknown as Request;
    // Without a property: a program of before 1990 (ICCCM, section 2.2).
    const request = { requestor, selection, target, time, property: property === 0 ? target : property };
    const owned = this.#owned(selection);
    let given = false;
    if (owned !== undefined && this.#serving < SERVED_MAX) {
      this.#serving += 1;
      try {
        given = await this.#give(request, owned, () => this.#notify(request, true));
      } catch (error) {
        this.#log.debug({ detail: messageOf(error) }, "a paste got nothing");
      } finally {
        this.#serving -= 1;
      }
    }
    if (!given) this.#notify(request, false);
  }

  /** True: `done` was called, when the property stood, or was to be filled in pieces. */
  async #give(request: Request, owned: OwnedSelection, done: () => void): Promise<boolean> {
    const { TARGETS, TIMESTAMP, MULTIPLE, byTarget, targetOf } = this.#atoms;
    const { requestor, target, property } = request;
    const { content, timeMs } = owned;
    if (target === TARGETS) {
      const names = content.targets.map((name) => byTarget.get(name)).filter((atom) => atom !== undefined);
      this.#put(request, XA_ATOM, 32, [TARGETS, TIMESTAMP, MULTIPLE, ...names]);
    } else if (target === TIMESTAMP) {
      this.#put(request, XA_INTEGER, 32, [timeMs]);
    } else if (target === MULTIPLE) {
      await this.#multiple(request, owned);
    } else {
      const name = targetOf.get(target);
      if (name === undefined || !content.targets.includes(name)) return false;
      // TEXT is whatever encoding the owner likes, and the type says which (ICCCM, section 2.6.2).
      const type = name === "TEXT" ? (byTarget.get("UTF8_STRING") ?? target) : target;
      return this.#stream({ requestor, property, type }, content.open(name), content.sizeBytes(name), done);
    }
    done();
    return true;
  }

  async #multiple(request: Request, owned: OwnedSelection): Promise<void> {
    const { client } = this.#connection;
    const { requestor, property } = request;
    const { data } = await this.#connection.ask<Property>((callback) =>
      client.GetProperty(0, requestor, property, 0, 0, 2 * PAIRS_MAX, callback),
    );
    const atoms = Array.from({ length: (data.length >> 3) * 2 }, (_, index) => data.readUInt32LE(4 * index));
    for (let at = 0; at < atoms.length; at += 2) {
      const [target = 0, place = 0] = [atoms[at], atoms[at + 1]];
      const pair = { ...request, target, property: place };
      const given =
        place !== 0 &&
        target !== this.#atoms.MULTIPLE &&
        (await this.#give(pair, owned, () => {}).catch((error: unknown) => {
          this.#log.debug({ detail: messageOf(error) }, "a paste got nothing");
          return false;
        }));
      if (!given) atoms[at + 1] = 0;
    }
    this.#put(request, this.#atoms.ATOM_PAIR, 32, atoms);
  }

  /** One property where the content is short and comes at once, else piece by piece. */
  async #stream(
    place: { readonly requestor: number; readonly property: number; readonly type: number },
    content: AsyncIterable<Uint8Array>,
    sizeBytes: number,
    done: () => void,
  ): Promise<boolean> {
    const pieces = new Pieces(content, PIECE_BYTES, SLOW_MS);
    try {
      const first = await pieces.next();
      if (first.last) {
        this.#put(place, place.type, 8, first.bytes);
        done();
        return true;
      }
      await this.#increments(place, pieces, first.bytes, Math.max(sizeBytes, first.bytes.length), done);
      return true;
    } finally {
      pieces.end();
    }
  }

  async #increments(
    place: { readonly requestor: number; readonly property: number; readonly type: number },
    pieces: Pieces,
    first: Buffer,
    sizeBytes: number,
    done: () => void,
  ): Promise<void> {
    const { requestor, property } = place;
    const key = keyOf(requestor, property);
    if (this.#served.has(key)) throw new Error("two transfers into one property");
    const served: Served = { taken: 0, gone: false, wake: () => {} };
    this.#served.set(key, served);
    this.#follow(requestor, 1);
    try {
      this.#put(place, this.#atoms.INCR, 32, [Math.min(sizeBytes, 0xffff_ffff)]);
      done();
      let piece = first;
      for (let last = false; ; ) {
        await taken(served);
        // The empty one ends it. Content that breaks off gets none: a part must not pass for the whole.
        this.#put(place, place.type, 8, piece);
        if (piece.length === 0) return;
        if (last) piece = Buffer.alloc(0);
        else ({ bytes: piece, last } = await pieces.next());
      }
    } catch (error) {
      if (!(error instanceof GoneError)) this.#log.debug({ detail: messageOf(error) }, "a paste broke off");
    } finally {
      this.#served.delete(key);
      this.#follow(requestor, -1);
    }
  }

  #follow(requestor: number, change: 1 | -1): void {
    const count = (this.#followed.get(requestor) ?? 0) + change;
    if (count > 0) this.#followed.set(requestor, count);
    else this.#followed.delete(requestor);
    const { client } = this.#connection;
    if (count === 0 || (count === 1 && change === 1)) {
      client.ChangeWindowAttributes(requestor, { eventMask: count === 0 ? NO_EVENTS : FOLLOW });
      client.pack_stream.flush();
    }
  }

  #put(
    { requestor, property }: { readonly requestor: number; readonly property: number },
    type: number,
    format: 8 | 32,
    data: Buffer | readonly number[],
  ): void {
    const { client } = this.#connection;
    client.ChangeProperty(REPLACE, requestor, property, type, format, data);
    client.pack_stream.flush();
  }

  #notify({ requestor, selection, target, property, time }: Request, given: boolean): void {
    const { client } = this.#connection;
    const event = {
      name: "SelectionNotify",
      seq: 0,
      time,
      requestor,
      selection,
      target,
      property: given ? property : 0,
    };
    client.SendEvent(requestor, 0, NO_EVENTS, event);
    client.pack_stream.flush();
  }
}

const keyOf = (window: number, property: number): string => `${window} ${property}`;

/** Resolves when the program has taken a piece. */
async function taken(served: Served): Promise<void> {
  const timer = setTimeout(() => {
    served.gone = true;
    served.wake();
  }, TAKE_MS);
  while (served.taken === 0 && !served.gone) {
    await new Promise<void>((resolve) => {
      served.wake = resolve;
    });
  }
  clearTimeout(timer);
  if (served.gone) throw new GoneError("the program does not take it");
  served.taken -= 1;
}
