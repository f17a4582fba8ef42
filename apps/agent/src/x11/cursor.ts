// The shape of the X server's pointer, as messages of protocol `feedback.ts`. Follows XFixes while somebody watches;
// goes to the viewers through `session/session.ts`, which keeps track of what a viewer has already got.

import { createHash } from "node:crypto";
import { feedbackCodec } from "@eglantine/protocol/feedback";
import { LIMITS } from "@eglantine/protocol/limits";
import type { CursorImage, XFixes } from "x11";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { XConnection } from "./client.ts";

export type CursorLook =
  | { readonly kind: "hidden" }
  | { readonly kind: "shape"; readonly serial: number; readonly message: Uint8Array };

export type CursorWatcher = (look: CursorLook) => void;

/** Looks kept, by picture and by the server's serial: a theme has about a hundred, animated ones included. */
const KEPT_MAX = 256;
const HIDDEN: CursorLook = { kind: "hidden" };

export class XCursor {
  /** The cursor's picture has changed, or what it is has become known, while somebody watches. */
  onChange: () => void = () => {};
  readonly #log: Log;
  readonly #watchers = new Set<CursorWatcher>();
  readonly #byPicture = new Map<string, CursorLook>();
  #bySerial = new Map<number, CursorLook>();
  #connection: XConnection | undefined;
  #fixes: XFixes | undefined;
  #look: CursorLook | undefined;
  #nextSerial = 1;
  #fetching = false;
  #again = false;

  constructor(log: Log) {
    this.#log = log;
  }

  /** As far as it is followed: somebody watches. */
  get hidden(): boolean {
    return this.#look?.kind === "hidden";
  }

  async attach(connection: XConnection): Promise<void> {
    this.#fixes = await connection.extension<XFixes>("fixes");
    this.#connection = connection;
    // Serials are the server's own: another server's mean nothing.
    this.#bySerial = new Map();
    this.#fetching = false;
    connection.onEvent((event) => {
      if (event.name !== "CursorNotify" || this.#connection !== connection) return;
      this.onChange();
      const known = this.#bySerial.get(Number(event["cursorSerial"]));
      if (known === undefined) this.#fetch();
      else this.#show(known);
    });
    if (this.#watchers.size > 0) this.#follow();
  }

  detach(): void {
    this.#connection = undefined;
    this.#fixes = undefined;
  }

  /** Tells the look now, as soon as it is known, and whenever it changes. Returns what ends that. */
  watch(watcher: CursorWatcher): () => void {
    this.#watchers.add(watcher);
    if (this.#watchers.size === 1) this.#follow();
    else if (this.#look !== undefined) watcher(this.#look);
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size > 0) return;
      this.#look = undefined;
      this.#select(0);
    };
  }

  #follow(): void {
    this.#select(1);
    this.#fetch();
  }

  #select(mask: 0 | 1): void {
    if (this.#connection === undefined) return;
    this.#fixes?.SelectCursorInput(this.#connection.root, mask);
    this.#connection.client.pack_stream.flush();
  }

  #fetch(): void {
    const [connection, fixes] = [this.#connection, this.#fixes];
    if (connection === undefined || fixes === undefined) return;
    if (this.#fetching) {
      this.#again = true;
      return;
    }
    this.#fetching = true;
    this.#again = false;
    connection
      .ask<CursorImage>(
        (callback) => fixes.GetCursorImage(callback),
        (image) => this.#keep(image),
      )
      .catch((error: unknown) => this.#log.debug({ detail: messageOf(error) }, "cursor could not be read"))
      .finally(() => {
        if (this.#connection !== connection) return;
        this.#fetching = false;
        if (this.#again) this.#fetch();
      });
  }

  #keep(image: CursorImage): void {
    const picture = createHash("sha1")
      .update(`${image.width} ${image.height} ${image.xhot} ${image.yhot}`)
      .update(image.cursorImage)
      .digest("base64");
    let look = this.#byPicture.get(picture);
    if (look === undefined) {
      look = lookOf(image, this.#nextSerial);
      if (look.kind === "shape") this.#nextSerial += 1;
      keepOne(this.#byPicture, picture, look);
    }
    keepOne(this.#bySerial, image.cursorSerial, look);
    this.#show(look);
  }

  #show(look: CursorLook): void {
    // With nobody watching there is nobody who knows it: the next watcher is to be told, whatever it is.
    if (this.#watchers.size === 0 || look === this.#look) return;
    this.#look = look;
    this.onChange();
    for (const watcher of this.#watchers) watcher(look);
  }
}

function keepOne<Key>(kept: Map<Key, CursorLook>, key: Key, look: CursorLook): void {
  kept.set(key, look);
  const oldest = kept.keys().next();
  if (kept.size > KEPT_MAX && oldest.done !== true) kept.delete(oldest.value);
}

/** Pure. A cursor without a visible pixel is hidden; one larger than the protocol takes loses its right and lower part. */
export function lookOf(image: CursorImage, serial: number): CursorLook {
  const widthPx = Math.min(image.width, LIMITS.cursorPx);
  const heightPx = Math.min(image.height, LIMITS.cursorPx);
  const rgba = new Uint8Array(widthPx * heightPx * 4);
  let visible = false;
  for (let y = 0; y < heightPx; y += 1) {
    for (let x = 0; x < widthPx; x += 1) {
      const argb = image.cursorImage.readUInt32LE((y * image.width + x) * 4);
      const alpha = argb >>> 24;
      if (alpha === 0) continue;
      visible = true;
      const to = (y * widthPx + x) * 4;
      rgba[to] = straight(argb >>> 16, alpha);
      rgba[to + 1] = straight(argb >>> 8, alpha);
      rgba[to + 2] = straight(argb, alpha);
      rgba[to + 3] = alpha;
    }
  }
  if (!visible) return HIDDEN;
  const message = feedbackCodec.encode({
    type: "cursorShape",
    serial,
    widthPx,
    heightPx,
    hotXPx: Math.min(image.xhot, widthPx - 1),
    hotYPx: Math.min(image.yhot, heightPx - 1),
    rgba,
  });
  return { kind: "shape", serial, message };
}

/** Undoes the multiplication with alpha; a server's rounding may exceed it. */
function straight(premultiplied: number, alpha: number): number {
  return Math.min(255, Math.round(((premultiplied & 0xff) * 255) / alpha));
}
