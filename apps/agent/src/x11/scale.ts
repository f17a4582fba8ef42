// How large programs draw themselves: the dots an inch that they are told, at run time. X programs read it in the resource database
// (`resources.ts`) when they start, GTK's and Qt 6's hear of it (`xsettings.ts`); a desktop's own parts are the command's business
// (`linux/scale-command.ts`). Asked by `desktop.ts` for the viewer who sets the size; told to all by `session/display.ts`.

import { LIMITS } from "@eglantine/protocol/limits";
import type { ScaleOwner } from "@eglantine/protocol/scale";
import type { Property } from "x11";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { XConnection } from "./client.ts";
import { readResource, withResources } from "./resources.ts";
import { cursorPx, XSettings } from "./xsettings.ts";

/** `off`: nothing is read and nothing written. */
export type ScalePolicy = "auto" | "off" | number;

/** What is in force, of the operator's DPI. */
export interface DesktopScale {
  readonly scale: number;
  readonly by: ScaleOwner;
}

export interface XScaleOptions {
  readonly policy: ScalePolicy;
  /** At a scale of 1. */
  readonly dpi: number;
  /** The screen's millimetres are to follow. */
  readonly tellScreen: (dpi: number) => void;
  /** The desktop's own parts are to follow; may come again with the same. */
  readonly tellDesktop: (dpi: number) => void;
  readonly onChange: () => void;
  readonly log: Log;
}

/** Predefined atoms (X protocol, appendix B). */
const XA_CARDINAL = 6;
const XA_RESOURCE_MANAGER = 23;
const XA_STRING = 31;
const PROPERTY_CHANGE = 0x40_0000;
const REPLACE = 0;
const DPI_RESOURCE = "Xft.dpi";
const CURSOR_RESOURCE = "Xcursor.size";
/** What we said last, on the root window: lasts as long as the X server, and tells our own word from another program's. */
const OURS = "_EGLANTINE_DPI";
/** A resource database that is longer, words, is left alone. */
const DATABASE_WORDS = 65_536;
/** Other programs' changes of the resources gather for so long. */
const LOOK_MS = 200;
/** A desktop that starts anew says its own DPI again, once; who says it all the time has it. */
const REPEATS_MAX = 8;
const DPI_MIN = 24;
const DPI_MAX = 1200;

export class XScale {
  readonly #options: XScaleOptions;
  #connection: XConnection | undefined;
  #settings: XSettings | undefined;
  #wanted: number | undefined;
  #told: DesktopScale | undefined;
  #repeats = 0;
  #look: NodeJS.Timeout | undefined;
  /** One after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: XScaleOptions) {
    this.#options = options;
  }

  /** Undefined: it is left alone, or not known. */
  get told(): DesktopScale | undefined {
    return this.#told;
  }

  async attach(connection: XConnection): Promise<void> {
    const { policy } = this.#options;
    if (policy === "off") return;
    this.#connection = connection;
    this.#settings = new XSettings(connection);
    this.#wanted = policy === "auto" ? undefined : policy;
    this.#repeats = 0;
    connection.onEvent((event) => {
      if (event.name !== "PropertyNotify" || event["wid"] !== connection.root) return;
      if (event["atom"] !== XA_RESOURCE_MANAGER || this.#connection !== connection) return;
      this.#look ??= setTimeout(() => {
        this.#look = undefined;
        void this.#queue(() => this.#apply(true));
      }, LOOK_MS);
    });
    connection.client.ChangeWindowAttributes(connection.root, { eventMask: PROPERTY_CHANGE });
    await this.#queue(() => this.#apply(false));
  }

  detach(): void {
    this.#connection = undefined;
    this.#settings = undefined;
    clearTimeout(this.#look);
    this.#look = undefined;
    this.#told = undefined;
  }

  /** The viewer who sets the size wants it so. Resolves when X programs are told. Returns at once where it is not the viewers' to say. */
  want(scale: number): Promise<void> {
    if (this.#options.policy !== "auto") return Promise.resolve();
    this.#wanted = scale;
    this.#repeats = 0;
    return this.#queue(() => this.#apply(false));
  }

  #queue(act: () => Promise<void>): Promise<void> {
    const turn = async (before: Promise<void>): Promise<void> => {
      await before;
      try {
        await act();
      } catch (error) {
        // The X server went away: what it was to be told, the next one is.
        this.#options.log.debug({ detail: messageOf(error) }, "scale could not be told");
      }
    };
    this.#turn = turn(this.#turn);
    return this.#turn;
  }

  /** `again`: another program has changed the resources. */
  async #apply(again: boolean): Promise<void> {
    const { policy, dpi: base, tellScreen, tellDesktop, log } = this.#options;
    const connection = this.#connection;
    if (connection === undefined) return;
    const mark = await connection.atom(OURS);
    const ours = await this.#readOurs(connection, mark);
    const database = await this.#readDatabase(connection);
    if (database === undefined) return;
    const there = readResource(database, DPI_RESOURCE);
    if (!isOurs(there, ours, base)) {
      // What the user chose on the desktop is kept, until it is what we said again.
      if (this.#told?.by !== "desktop") log.info({ dpi: there ?? "none" }, "scale is set on the desktop, and kept");
      this.#tell((Number.parseFloat(there ?? "") || base) / base, "desktop");
      return;
    }
    const before = ours ?? base;
    const target = dpiOf(base, this.#wanted ?? before / base);
    const isThere = there === String(target) || (there === undefined && target === base && ours === undefined);
    if (!isThere && again && (this.#repeats += 1) > REPEATS_MAX) return;
    tellScreen(target);
    if (!isThere) {
      const { client, root } = connection;
      client.ChangeProperty(REPLACE, root, mark, XA_CARDINAL, 32, [target]);
      const cursor = readResource(database, CURSOR_RESOURCE);
      const resources = {
        [DPI_RESOURCE]: String(target),
        ...(cursor === undefined || cursor === String(cursorPx(before))
          ? { [CURSOR_RESOURCE]: String(cursorPx(target)) }
          : {}),
      };
      const bytes = Buffer.from(withResources(database, resources), "latin1");
      client.ChangeProperty(REPLACE, root, XA_RESOURCE_MANAGER, XA_STRING, 8, bytes);
      client.pack_stream.flush();
    }
    // An agent that was started again goes on with what the one before it said.
    if (target !== base || ours !== undefined) await this.#settings?.tell(target);
    tellDesktop(target);
    this.#tell(target / base, policy === "auto" ? "viewer" : "operator");
  }

  async #readOurs(connection: XConnection, mark: number): Promise<number | undefined> {
    const { data, format } = await connection.ask<Property>((callback) =>
      connection.client.GetProperty(0, connection.root, mark, XA_CARDINAL, 0, 1, callback),
    );
    const dpi = format === 32 && data.length >= 4 ? data.readUInt32LE(0) : 0;
    return dpi >= DPI_MIN && dpi <= DPI_MAX ? dpi : undefined;
  }

  async #readDatabase(connection: XConnection): Promise<string | undefined> {
    const { data, bytesAfter } = await connection.ask<Property>((callback) =>
      connection.client.GetProperty(0, connection.root, XA_RESOURCE_MANAGER, 0, 0, DATABASE_WORDS, callback),
    );
    if (bytesAfter === 0) return data.toString("latin1");
    this.#options.log.warn({ bytesAfter }, "the resource database is too long to be changed");
    return undefined;
  }

  #tell(scale: number, by: ScaleOwner): void {
    const told = { scale: Math.min(LIMITS.scaleToldMax, Math.max(LIMITS.scaleToldMin, scale)), by };
    if (this.#told?.scale === told.scale && this.#told.by === by) return;
    this.#told = told;
    this.#options.onChange();
  }
}

/** Nobody but us, or the session before us, has said anything: what stands there is the operator's DPI or what we said last. */
function isOurs(there: string | undefined, ours: number | undefined, base: number): boolean {
  if (there === String(base)) return true;
  return there === (ours === undefined ? undefined : String(ours));
}

function dpiOf(base: number, scale: number): number {
  return Math.min(DPI_MAX, Math.max(DPI_MIN, Math.round(base * scale)));
}
