// Takes content from the program that owns a selection (ICCCM, section 2.4), in pieces where it gives it so (INCR, section 2.7.2). A
// program may offer what it never gives, or give without an end: time and size are bounded. Each read has a window of its own, so that what
// comes late for one that was given up goes nowhere. Made anew for each connection by `selection.ts`.

import type { Property, XEvent } from "x11";
import { SelectionError, type SelectionFailure } from "../clipboard/types.ts";
import type { XConnection } from "./client.ts";
import { type SelectionAtoms, XA_ATOM } from "./selection-atoms.ts";

export interface ReadLimits {
  /** Until the program says or gives something. */
  readonly idleMs: number;
  readonly totalMs: number;
  /** Of content that is too large, read on and dropped: simple programs serve nobody else before they have come to its end. */
  readonly drainBytes: number;
}

const LIMITS: ReadLimits = { idleMs: 3000, totalMs: 60_000, drainBytes: 256e6 };
/** Of a property, at a time: the X server is not kept busy for longer. */
const PIECE_WORDS = 64 * 1024;
/** Real programs offer some ten, office suites some forty. */
const TARGETS_MAX = 1024;
const ABANDONED_MAX = 64;
const ANY_TYPE = 0;
const NEW_VALUE = 0;
/** X protocol: event mask PropertyChange, type of SelectionNotify (XFixes' event has the same name in the library). */
const PROPERTY_CHANGE = 0x40_0000;
const CORE_SELECTION_NOTIFY = 31;

interface Reading {
  readonly window: number;
  /** What came and was not awaited yet. */
  notified: XEvent | undefined;
  values: number;
  wake: () => void;
  failure: SelectionFailure | undefined;
}

export class SelectionReader {
  readonly #connection: XConnection;
  readonly #atoms: SelectionAtoms;
  readonly #limits: ReadLimits;
  readonly #readings = new Map<number, Reading>();
  /** Windows of reads that were given up, the oldest first. */
  readonly #abandoned: number[] = [];

  constructor(connection: XConnection, atoms: SelectionAtoms, limits = LIMITS) {
    this.#connection = connection;
    this.#atoms = atoms;
    this.#limits = limits;
  }

  /** Of those that we know. */
  async targets(selection: number): Promise<readonly string[]> {
    const bytes = await this.#read(selection, this.#atoms.TARGETS, 4 * TARGETS_MAX, "too-many-kinds");
    const atoms = Array.from({ length: bytes.length >> 2 }, (_, index) => bytes.readUInt32LE(4 * index));
    return atoms.map((atom) => this.#atoms.targetOf.get(atom)).filter((name) => name !== undefined);
  }

  read(selection: number, target: string, maxBytes: number): Promise<Buffer> {
    return this.#read(selection, this.#atoms.byTarget.get(target) ?? XA_ATOM, maxBytes, "too-large");
  }

  onEvent(event: XEvent): void {
    if (event.type === CORE_SELECTION_NOTIFY) {
      const reading = this.#readings.get(Number(event["requestor"]));
      if (reading === undefined) return;
      reading.notified = event;
      reading.wake();
    } else if (event.name === "PropertyNotify" && event["state"] === NEW_VALUE) {
      const reading = this.#readings.get(Number(event["wid"]));
      if (reading === undefined) return;
      reading.values += 1;
      reading.wake();
    }
  }

  /** The connection is lost. */
  close(): void {
    for (const reading of this.#readings.values()) {
      reading.failure = "gone";
      reading.wake();
    }
  }

  async #read(selection: number, target: number, maxBytes: number, tooMuch: SelectionFailure): Promise<Buffer> {
    const { client, root } = this.#connection;
    const window = client.AllocID();
    const reading: Reading = { window, notified: undefined, values: 0, wake: () => {}, failure: undefined };
    this.#readings.set(window, reading);
    client.CreateWindow(window, root, -1, -1, 1, 1, 0, 0, 0, 0, { eventMask: PROPERTY_CHANGE, overrideRedirect: true });
    const late = setTimeout(() => {
      reading.failure = "silent";
      reading.wake();
    }, this.#limits.totalMs);
    try {
      client.ConvertSelection(window, selection, target, this.#atoms.EGLANTINE_SELECTION, 0);
      client.pack_stream.flush();
      await this.#until(reading, () => reading.notified !== undefined);
      if (reading.notified?.["property"] === 0) throw new SelectionError("refused");
      const { type, bytesAfter } = await this.#property(window, 0, 0, 0);
      if (type !== this.#atoms.INCR) {
        if (bytesAfter > maxBytes) throw new SelectionError(tooMuch);
        return Buffer.concat(await this.#value(window, bytesAfter));
      }
      return await this.#increments(reading, maxBytes, tooMuch);
    } catch (error) {
      this.#abandoned.push(window);
      throw error;
    } finally {
      clearTimeout(late);
      this.#readings.delete(window);
      this.#tidy(window);
    }
  }

  /**
   * A window whose read was given up stays for a while: a program that writes into one that is gone is ended by its own Xlib, and one that
   * remembers a read by its window's number must not find it under another.
   */
  #tidy(window: number): void {
    const { client } = this.#connection;
    const abandoned = this.#abandoned.includes(window);
    const done = abandoned ? this.#abandoned.splice(0, Math.max(0, this.#abandoned.length - ABANDONED_MAX)) : [window];
    for (const one of done) client.DestroyWindow(one);
    client.pack_stream.flush();
    if (!abandoned) client.ReleaseID(window);
  }

  /** What exceeds the limit is not kept. */
  async #increments(reading: Reading, maxBytes: number, tooMuch: SelectionFailure): Promise<Buffer> {
    const { client } = this.#connection;
    const { window } = reading;
    const pieces: Buffer[] = [];
    let total = 0;
    // Deleting what says INCR begins it.
    reading.values = 0;
    client.DeleteProperty(window, this.#atoms.EGLANTINE_SELECTION);
    client.pack_stream.flush();
    for (;;) {
      await this.#until(reading, () => reading.values > 0);
      reading.values = 0;
      const { type, bytesAfter } = await this.#property(window, 0, 0, 0);
      // Seen before, and deleted by us.
      if (type === 0) continue;
      total += bytesAfter;
      if (total > maxBytes + this.#limits.drainBytes) throw new SelectionError(tooMuch);
      const fits = total <= maxBytes;
      if (!fits) pieces.length = 0;
      pieces.push(...(await this.#value(window, fits ? bytesAfter : 0)));
      if (bytesAfter > 0) continue;
      if (!fits) throw new SelectionError(tooMuch);
      return Buffer.concat(pieces, total);
    }
  }

  /** So much of the value, which is deleted: the program may go on. */
  async #value(window: number, bytes: number): Promise<Buffer[]> {
    const pieces: Buffer[] = [];
    for (let words = 0; words * 4 < bytes; words += PIECE_WORDS) {
      const { data } = await this.#property(window, 0, words, PIECE_WORDS);
      // Of a larger buffer of the library's.
      pieces.push(Buffer.from(data));
    }
    this.#connection.client.DeleteProperty(window, this.#atoms.EGLANTINE_SELECTION);
    this.#connection.client.pack_stream.flush();
    return pieces;
  }

  async #property(window: number, remove: 0 | 1, offsetWords: number, lengthWords: number): Promise<Property> {
    const { client } = this.#connection;
    return this.#connection
      .ask<Property>((callback) =>
        client.GetProperty(
          remove,
          window,
          this.#atoms.EGLANTINE_SELECTION,
          ANY_TYPE,
          offsetWords,
          lengthWords,
          callback,
        ),
      )
      .catch(() => {
        throw new SelectionError("gone");
      });
  }

  async #until(reading: Reading, holds: () => boolean): Promise<void> {
    const idle = setTimeout(() => {
      reading.failure ??= "silent";
      reading.wake();
    }, this.#limits.idleMs);
    try {
      while (!holds() && reading.failure === undefined) {
        await new Promise<void>((resolve) => {
          reading.wake = resolve;
        });
      }
    } finally {
      clearTimeout(idle);
    }
    if (reading.failure !== undefined) throw new SelectionError(reading.failure);
  }
}
