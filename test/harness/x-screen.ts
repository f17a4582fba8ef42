// What a test sees and does on the X server itself, past agent and client: pixels, pointer, held keys, windows that
// note down their events, patches of colour, cursors. Own connection, closed by the test.

import { createClient, eventMask, type FixesCursor, type XClient, type XDisplay, type XEvent, type XFixes } from "x11";
import { until } from "./until.ts";

/** Red, green, blue, each 0..255. */
export type Colour = readonly [number, number, number];

export interface PointerEvent {
  readonly kind: "press" | "release" | "motion";
  /** X button; 0 for a motion. */
  readonly button: number;
  readonly xPx: number;
  readonly yPx: number;
}

/** A window without decorations that takes the pointer and notes what it gets. */
export interface EventWindow {
  readonly id: number;
  /** What came since the last `clear`, in order. */
  readonly pointerEvents: readonly PointerEvent[];
  /** Keycodes: positive for a press, negative for a release. */
  readonly keyEvents: readonly number[];
  /** Names of events that say that pointer or focus came or went, or were grabbed. */
  readonly comings: readonly string[];
  /** The X server's clock at the last key or pointer event, ms. */
  readonly lastMs: { readonly key: number; readonly pointer: number };
  clear(): void;
  paint(colour: Colour, xPx?: number, yPx?: number, widthPx?: number, heightPx?: number): Promise<void>;
  setCursor(cursor: number): Promise<void>;
  /** As games and menus do. Returns what ends it. */
  grab(what: "pointer" | "keyboard"): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export interface XWindow {
  /** "instance class title". */
  readonly name: string;
  readonly isDock: boolean;
  /** On the screen. */
  readonly xPx: number;
  readonly yPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** The cursor that the X server shows now. */
export interface CursorImage {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly hotXPx: number;
  readonly hotYPx: number;
  /** Pixels with more than half opacity. */
  readonly opaquePixels: number;
  /** The leftmost column and the topmost row with one. */
  readonly firstOpaque: { readonly xPx: number; readonly yPx: number };
}

const pixelOf = ([red, green, blue]: Colour): number => (red << 16) | (green << 8) | blue;
const POINTER_KINDS: Readonly<Record<string, PointerEvent["kind"]>> = {
  ButtonPress: "press",
  ButtonRelease: "release",
  MotionNotify: "motion",
};
const COMINGS: ReadonlySet<string> = new Set(["EnterNotify", "LeaveNotify", "FocusIn", "FocusOut"]);
/** X protocol, GrabPointer and GrabKeyboard. */
const ASYNCHRONOUS = 1;
/** Modifiers: Lock, and Mod2, where the layouts have Num Lock. */
const LOCK_MASK = 2;
const NUM_LOCK_MASK = 16;
/** Predefined atom (X protocol, appendix B). */
const XA_WM_CLASS = 67;
/** X protocol, GetWindowAttributes: map state of a window that can be seen. */
const VIEWABLE = 2;
/** X protocol, QueryKeymap: one bit a keycode. */
const KEYMAP_BITS = 256;
const BLACK = { R: 0, G: 0, B: 0 };
const WHITE = { R: 0xffff, G: 0xffff, B: 0xffff };

export class XScreen {
  readonly #x: XClient;
  readonly #root: number;
  readonly #listeners = new Map<number, (event: XEvent) => void>();
  readonly #gc: number;
  #closed = false;

  private constructor(display: XDisplay, client: XClient) {
    this.#x = client;
    this.#root = display.screen[0]?.root ?? 0;
    this.#gc = client.AllocID();
    client.CreateGC(this.#gc, this.#root, { foreground: 0, subwindowMode: 1 });
    client.on("event", (event) => this.#listeners.get(event.wid)?.(event));
  }

  /** @param display e.g. ":90". Rejects when there is no X server. */
  static open(display: string): Promise<XScreen> {
    return new Promise((resolve, reject) => {
      const client = createClient({ display }, (error, found) => {
        if (error) reject(error);
        else resolve(new XScreen(found, client));
      });
      client.on("error", (error) => reject(error ?? new Error(`X connection to ${display} failed`)));
    });
  }

  #ask<T>(request: (done: (error: Error | null | undefined, value: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      request((error, value) => (error ? reject(new Error("X request failed", { cause: error })) : resolve(value)));
    });
  }

  /** Every request sent before has been carried out. */
  async flush(): Promise<void> {
    await this.#ask((done) => this.#x.QueryPointer(this.#root, done));
  }

  async pointer(): Promise<{ xPx: number; yPx: number; heldButtons: number }> {
    const reply = await this.#ask<{ rootX: number; rootY: number; keyMask: number }>((done) =>
      this.#x.QueryPointer(this.#root, done),
    );
    return { xPx: reply.rootX, yPx: reply.rootY, heldButtons: (reply.keyMask >> 8) & 0x1f };
  }

  /** Lock keys that are on. */
  async locks(): Promise<{ caps: boolean; num: boolean }> {
    const { keyMask } = await this.#ask<{ keyMask: number }>((done) => this.#x.QueryPointer(this.#root, done));
    return { caps: (keyMask & LOCK_MASK) !== 0, num: (keyMask & NUM_LOCK_MASK) !== 0 };
  }

  async movePointer(xPx: number, yPx: number): Promise<void> {
    this.#x.WarpPointer(0, this.#root, 0, 0, 0, 0, xPx, yPx);
    await this.flush();
  }

  /** Keycodes that are down now. */
  async heldKeys(): Promise<number[]> {
    const bits = await this.#ask<Buffer>((done) => this.#x.QueryKeymap(done));
    return Array.from({ length: KEYMAP_BITS }, (_, code) => code).filter(
      (code) => ((bits[code >> 3] ?? 0) >> (code & 7)) & 1,
    );
  }

  async size(): Promise<{ widthPx: number; heightPx: number }> {
    const { width, height } = await this.#ask<{ width: number; height: number }>((done) =>
      this.#x.GetGeometry(this.#root, done),
    );
    return { widthPx: width, heightPx: height };
  }

  async pixel(xPx: number, yPx: number): Promise<Colour> {
    const { data } = await this.#ask<{ data: Buffer }>((done) =>
      this.#x.GetImage(2, this.#root, xPx, yPx, 1, 1, 0xffffffff, done),
    );
    return [data[2] ?? 0, data[1] ?? 0, data[0] ?? 0];
  }

  /** Waits for a window that fits. */
  async windowWhere(what: string, fits: (window: XWindow) => boolean, limitMs = 30_000): Promise<XWindow> {
    let found: XWindow | undefined;
    const search = async () => (found = (await this.windows()).find(fits)) !== undefined;
    await until(what, search, { limitMs, everyMs: 100 });
    if (found === undefined) throw new Error(what);
    return found;
  }

  /** All mapped windows that have a class, to the third level (a window manager's frames). */
  async windows(): Promise<XWindow[]> {
    const [title, type, dock] = await Promise.all(
      ["_NET_WM_NAME", "_NET_WM_WINDOW_TYPE", "_NET_WM_WINDOW_TYPE_DOCK"].map((name) => this.#atom(name)),
    );
    const list: XWindow[] = [];
    let level = [this.#root];
    for (let depth = 0; depth < 3; depth++) {
      const next: number[] = [];
      for (const parent of level) next.push(...(await this.#unlessGone([], () => this.#viewableChildren(parent))));
      for (const id of next) {
        const window = await this.#unlessGone(undefined, () => this.#describe(id, title ?? 0, type ?? 0, dock ?? 0));
        if (window !== undefined) list.push(window);
      }
      level = next;
    }
    return list;
  }

  async #describe(id: number, title: number, type: number, dock: number): Promise<XWindow | undefined> {
    const classes = await this.#property(id, XA_WM_CLASS);
    if (classes.length === 0) return undefined;
    const text = await this.#property(id, title);
    const types = await this.#property(id, type);
    const size = await this.#ask<{ width: number; height: number }>((done) => this.#x.GetGeometry(id, done));
    const place = await this.#ask<{ destX: number; destY: number }>((done) =>
      this.#x.TranslateCoordinates(id, this.#root, 0, 0, done),
    );
    return {
      name: `${classes.toString().replaceAll("\0", " ")}${text.toString()}`,
      isDock: atomsOf(types).includes(dock),
      xPx: place.destX,
      yPx: place.destY,
      widthPx: size.width,
      heightPx: size.height,
    };
  }

  async #viewableChildren(parent: number): Promise<number[]> {
    const viewable: number[] = [];
    const { children } = await this.#ask<{ children: readonly number[] }>((done) => this.#x.QueryTree(parent, done));
    for (const id of children) {
      const ask = () => this.#ask<{ mapState: number }>((done) => this.#x.GetWindowAttributes(id, done));
      const attributes = await this.#unlessGone(undefined, ask);
      if (attributes?.mapState === VIEWABLE) viewable.push(id);
    }
    return viewable;
  }

  async #property(id: number, property: number): Promise<Buffer> {
    const reply = await this.#ask<{ data: Buffer }>((done) => this.#x.GetProperty(0, id, property, 0, 0, 256, done));
    return reply.data;
  }

  /** A window may go between two questions about it. */
  async #unlessGone<T>(otherwise: T, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof Error && error.message === "X request failed") return otherwise;
      throw error;
    }
  }

  #atom(name: string): Promise<number> {
    return this.#ask<number>((done) => this.#x.InternAtom(false, name, done));
  }

  /** Maps a window on top of all others and gives it the keyboard focus. */
  async openWindow(xPx: number, yPx: number, widthPx: number, heightPx: number, colour: Colour): Promise<EventWindow> {
    const id = this.#x.AllocID();
    const hands = ["ButtonPress", "ButtonRelease", "PointerMotion", "KeyPress", "KeyRelease"];
    const mask = [...hands, "StructureNotify", "EnterWindow", "LeaveWindow", "FocusChange"];
    this.#x.CreateWindow(id, this.#root, xPx, yPx, widthPx, heightPx, 0, 0, 1, 0, {
      backgroundPixel: pixelOf(colour),
      overrideRedirect: true,
      eventMask: mask.reduce((bits, name) => bits | (eventMask[name] ?? 0), 0),
    });
    const pointerEvents: PointerEvent[] = [];
    const keyEvents: number[] = [];
    const comings: string[] = [];
    const lastMs = { key: 0, pointer: 0 };
    await new Promise<void>((mapped) => {
      this.#listeners.set(id, (event) => {
        const kind = POINTER_KINDS[event.name];
        if (kind !== undefined) lastMs.pointer = event.time;
        else if (event.name.startsWith("Key")) lastMs.key = event.time;
        if (COMINGS.has(event.name)) comings.push(event.name);
        else if (event.name === "MapNotify") mapped();
        else if (event.name === "KeyPress") keyEvents.push(event.keycode);
        else if (event.name === "KeyRelease") keyEvents.push(-event.keycode);
        else if (kind !== undefined) {
          const button = kind === "motion" ? 0 : event.keycode;
          pointerEvents.push({ kind, button, xPx: event.rootx, yPx: event.rooty });
        }
      });
      this.#x.MapWindow(id);
      this.#x.RaiseWindow(id);
    });
    this.#x.SetInputFocus(id, 1);
    await this.flush();
    return {
      id,
      pointerEvents,
      keyEvents,
      comings,
      lastMs,
      clear: () => {
        pointerEvents.length = 0;
        keyEvents.length = 0;
        comings.length = 0;
      },
      paint: async (inner, x = 0, y = 0, width = widthPx, height = heightPx) => {
        this.#x.ChangeGC(this.#gc, { foreground: pixelOf(inner) });
        this.#x.PolyFillRectangle(id, this.#gc, [x, y, width, height]);
        await this.flush();
      },
      grab: async (what) => {
        const taken = await this.#ask<number>((done) => {
          if (what === "pointer") this.#x.GrabPointer(id, 1, 0, ASYNCHRONOUS, ASYNCHRONOUS, 0, 0, 0, done);
          else this.#x.GrabKeyboard(id, 1, 0, ASYNCHRONOUS, ASYNCHRONOUS, done);
        });
        if (taken !== 0) throw new Error(`the ${what} could not be grabbed: ${taken}`);
        return async () => {
          if (what === "pointer") this.#x.UngrabPointer(0);
          else this.#x.UngrabKeyboard(0);
          await this.flush();
        };
      },
      setCursor: async (cursor) => {
        this.#x.ChangeWindowAttributes(id, { cursor });
        await this.flush();
      },
      close: async () => {
        this.#listeners.delete(id);
        this.#x.DestroyWindow(id);
        await this.flush();
      },
    };
  }

  /** A white-on-black cursor of the X server's cursor font, e.g. 34 for a cross. */
  glyphCursor(glyph: number): number {
    const font = this.#x.AllocID();
    const id = this.#x.AllocID();
    this.#x.OpenFont(font, "cursor");
    this.#x.CreateGlyphCursor(id, font, font, glyph, glyph + 1, WHITE, BLACK);
    return id;
  }

  /** A cursor with no visible pixel: how programs hide the pointer. */
  emptyCursor(): number {
    const bitmap = this.#x.AllocID();
    const gc = this.#x.AllocID();
    const id = this.#x.AllocID();
    this.#x.CreatePixmap(bitmap, this.#root, 1, 1, 1);
    this.#x.CreateGC(gc, bitmap, { foreground: 0 });
    this.#x.PolyFillRectangle(bitmap, gc, [0, 0, 1, 1]);
    this.#x.CreateCursor(id, bitmap, bitmap, BLACK, BLACK, 0, 0);
    return id;
  }

  async cursorImage(): Promise<CursorImage> {
    const fixes = await this.#ask<XFixes>((done) => this.#x.require("fixes", done));
    const image = await this.#ask<FixesCursor>((done) => fixes.GetCursorImage(done));
    const opaque = [...image.cursorImage.keys()]
      .filter((index) => index % 4 === 3 && (image.cursorImage[index] ?? 0) > 127)
      .map((index) => index >> 2);
    return {
      widthPx: image.width,
      heightPx: image.height,
      hotXPx: image.xhot,
      hotYPx: image.yhot,
      opaquePixels: opaque.length,
      firstOpaque: {
        xPx: Math.min(...opaque.map((pixel) => pixel % image.width)),
        yPx: Math.min(...opaque.map((pixel) => Math.floor(pixel / image.width))),
      },
    };
  }

  /** Numbers of the settings daemon (XSETTINGS), as GTK reads them; none where there is no daemon. */
  async xSettings(): Promise<Readonly<Record<string, number>>> {
    const [selection = 0, property = 0] = await Promise.all(
      ["_XSETTINGS_S0", "_XSETTINGS_SETTINGS"].map((n) => this.#atom(n)),
    );
    const owner = await this.#ask<number>((done) => this.#x.GetSelectionOwner(selection, done));
    if (owner === 0) return {};
    const data = await this.#property(owner, property);
    const settings: Record<string, number> = {};
    for (let at = 12; at < data.length; ) {
      const nameBytes = data.readUInt16LE(at + 2);
      const value = at + 4 + Math.ceil(nameBytes / 4) * 4 + 4;
      settings[data.toString("latin1", at + 4, at + 4 + nameBytes)] = data.readInt32LE(value);
      at = value + 4;
    }
    return settings;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await new Promise<void>((ended) => {
      this.#x.on("end", () => ended());
      this.#x.terminate();
    });
  }
}

function atomsOf(data: Buffer): number[] {
  return Array.from({ length: data.length >> 2 }, (_, index) => data.readUInt32LE(index * 4));
}
