// A program on a real X server, as a test's witness: a window over the whole screen that writes down what it is sent,
// and changes its cursor when told. Its own connection, past everything that is tested.

import { EventEmitter, once } from "node:events";
import x11, { type Display, type XClient, type XEvent } from "x11";
import { GuardedSocket, parseDisplay } from "../x11/guard.ts";

/** Core protocol: event masks KeyPress, KeyRelease, ButtonPress, ButtonRelease, PointerMotion. */
const MASK = 1 | 2 | 4 | 8 | 64;

export class XWindow {
  readonly client: XClient;
  readonly root: number;
  readonly #id: number;
  readonly #socket: GuardedSocket;
  readonly #seen: string[] = [];
  readonly #news = new EventEmitter();

  private constructor(display: Display, socket: GuardedSocket) {
    this.root = display.screen[0]?.root ?? 0;
    this.#socket = socket;
    this.client = display.client;
    this.client.on("error", (error: Error) => this.#note(`error ${error.message}`));
    this.client.on("event", (event: XEvent) => this.#onEvent(event));
    this.#id = this.client.AllocID();
    this.client.CreateWindow(this.#id, this.root, 0, 0, 8192, 8192, 0, 0, 0, 0, {
      eventMask: MASK,
      overrideRedirect: true,
    });
    this.client.MapWindow(this.#id);
    this.client.SetInputFocus(this.#id, 1);
  }

  static async open(display: string): Promise<XWindow> {
    const window = await new Promise<XWindow>((resolve, reject) => {
      const socket = new GuardedSocket(display, (why) => reject(new Error(why)));
      x11.createClient(
        { display: `:${parseDisplay(display).number}`, stream: socket, auth: { name: "", data: "" } },
        (error, opened) => {
          if (error !== undefined && error !== null) reject(error);
          else resolve(new XWindow(opened, socket));
        },
      );
    });
    await window.sync();
    return window;
  }

  /** Everything seen so far, in short form, e.g. "key 38 down", "button 1 up at 5,6", "at 5,6". */
  get seen(): readonly string[] {
    return this.#seen;
  }

  /** Resolves when the window has seen this. */
  async until(what: string): Promise<void> {
    while (!this.#seen.includes(what)) {
      const late = AbortSignal.timeout(5000);
      await once(this.#news, "seen", { signal: late }).catch(() => {
        throw new Error(`not seen: ${what}\nseen: ${this.#seen.join("; ")}`);
      });
    }
  }

  sync(): Promise<void> {
    return new Promise((resolve) => this.client.sync(() => resolve()));
  }

  forget(): void {
    this.#seen.length = 0;
  }

  /** A glyph of the server's cursor font (X11/cursorfont.h). */
  async showGlyph(glyph: number): Promise<void> {
    const [font, cursor] = [this.client.AllocID(), this.client.AllocID()];
    this.client.OpenFont(font, "cursor");
    const [black, white] = [
      { R: 0, G: 0, B: 0 },
      { R: 65535, G: 65535, B: 65535 },
    ];
    this.client.CreateGlyphCursor(cursor, font, font, glyph, glyph + 1, black, white);
    this.client.ChangeWindowAttributes(this.#id, { cursor });
    await this.sync();
  }

  /** A cursor of one pixel that is not set, as programs hide the pointer. */
  async hideCursor(): Promise<void> {
    const [pixmap, cursor, gc] = [this.client.AllocID(), this.client.AllocID(), this.client.AllocID()];
    this.client.CreatePixmap(pixmap, this.root, 1, 1, 1);
    this.client.CreateGC(gc, pixmap, { foreground: 0 });
    this.client.PolyFillRectangle(pixmap, gc, [0, 0, 1, 1]);
    const black = { R: 0, G: 0, B: 0 };
    this.client.CreateCursor(cursor, pixmap, pixmap, black, black, 0, 0);
    this.client.ChangeWindowAttributes(this.#id, { cursor });
    await this.sync();
  }

  pressedKeys(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.client.QueryKeymap((error, bits) => {
        if (error) reject(error);
        else resolve(bits.reduce((count, byte) => count + byte.toString(2).replaceAll("0", "").length, 0));
        return true;
      });
    });
  }

  close(): void {
    this.#socket.end();
  }

  #onEvent(event: XEvent): void {
    const at = `${String(event["x"])},${String(event["y"])}`;
    const detail = String(event["keycode"]);
    if (event.name === "KeyPress") this.#note(`key ${detail} down`);
    else if (event.name === "KeyRelease") this.#note(`key ${detail} up`);
    else if (event.name === "ButtonPress") this.#note(`button ${detail} down at ${at}`);
    else if (event.name === "ButtonRelease") this.#note(`button ${detail} up at ${at}`);
    else if (event.name === "MotionNotify") this.#note(`at ${at}`);
  }

  #note(what: string): void {
    this.#seen.push(what);
    this.#news.emit("seen");
  }
}
