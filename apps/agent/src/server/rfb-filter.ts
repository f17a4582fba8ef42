// What an RFB viewer may say to the X server: cuts its stream into messages (RFC 6143, sections 7.1, 7.3.1 and 7.5; the
// community's rfbproto for the extensions) and lets through what its role allows. Pure and streaming: nothing but a message's
// head is ever kept, and a watcher's list of encodings. From and to `vnc-proxy.ts`.
// A filter that cuts elsewhere than the server would let messages slip through inside others. So only those pass whose
// length Xvnc reads the same way, and everything else ends the connection.

import { LIMITS } from "@eglantine/protocol/limits";
import type { Screen } from "../input/types.ts";
import { fitDesktop } from "../x11/size-limit.ts";
import { isWatched, type PixelSize } from "./rfb-watch.ts";

export const RFB_REFUSALS = {
  version: "The viewer does not speak RFB 3.8.",
  security: "The X server's RFB socket asks for a password, or the viewer wants to give one.",
  "unknown-message": "The viewer sent an RFB message that is not known.",
  "too-long": "The viewer sent an RFB message that is too long.",
} as const;

export type RfbRefusal = keyof typeof RFB_REFUSALS;

/** Hostile or broken: the connection ends. */
export class RfbError extends Error {
  override readonly name = "RfbError";
  readonly reason: RfbRefusal;

  constructor(reason: RfbRefusal, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

export interface RfbRole {
  /** Keys and pointer. */
  readonly input: boolean;
  /** The largest desktop that may be asked for; undefined: none. */
  readonly resize: Screen | undefined;
  readonly clipboardIn: boolean;
  /** Without it, only such encodings may be asked for that `rfb-watch.ts` can tell from the clipboard. */
  readonly clipboardOut: boolean;
}

/** Longest clipboard text, bytes: Xvnc's own MaxCutText. */
export const CUT_TEXT_BYTES = 256 * 1024;
/** noVNC names about 25. */
const ENCODINGS_MAX = 256;
/** Longest payload of a fence (rfbproto, ClientFence). */
const FENCE_BYTES = 64;
const SCREENS_MAX = 16;
const VERSION = "RFB 003.008\n";
const SECURITY_NONE = 1;
/** Bit of a PointerEvent's mask: a byte with more buttons follows, if the viewer asked for that pseudo-encoding (rfbproto). */
const EXTENDED_BUTTONS = 0x80;
const EXTENDED_BUTTONS_ENCODING = -316;
/** rfbproto: 0xc0a1e5ce. */
const EXTENDED_CLIPBOARD_ENCODING = 0xc0a1_e5ce | 0;

/** Client messages by type: how long the head is that tells the whole length and whether it may pass. */
const HEAD_BYTES: Readonly<Record<number, number>> = {
  0: 20, // SetPixelFormat
  2: 4, // SetEncodings
  3: 10, // FramebufferUpdateRequest
  4: 8, // KeyEvent
  5: 6, // PointerEvent, with a seventh byte as said above
  6: 8, // ClientCutText, and the extended clipboard where its length is negative
  150: 10, // EnableContinuousUpdates
  248: 9, // ClientFence
  251: 8, // SetDesktopSize
  255: 2, // QEMU: 0 is its extended key event
};
const HEAD_MAX_BYTES = 20;

type Stage = "version" | "security" | "init" | "messages";

const STAGE_BYTES = { version: VERSION.length, security: 1, init: 1 } as const;

export class RfbFilter {
  readonly #role: RfbRole;
  readonly #pixel: PixelSize;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #head = Buffer.alloc(HEAD_MAX_BYTES);
  /** The last PointerEvent that passed, without its extension. */
  readonly #pointer = Buffer.alloc(6);
  #stage: Stage = "version";
  #headBytes = 0;
  #headNeed: number = STAGE_BYTES.version;
  #bodyBytes = 0;
  #passes = true;
  #dropped = 0;
  /** Of a SetEncodings that may not pass whole: what has come of the list. */
  #list: Buffer | undefined;
  #listBytes = 0;
  #asked = false;
  /** The last list of encodings has extended buttons, as Xvnc looks at it. Of a list that is passing: bytes to come, the last four. */
  #extendedButtons = false;
  #scanBytes = 0;
  #scanned = 0;

  /**
   * `write` gets what goes on, in order; the bytes are its own only until it returns. `pixel` is kept for a viewer without the desktop's clipboard, for
   * `rfb-watch.ts`.
   */
  constructor(role: RfbRole, write: (bytes: Uint8Array) => void, pixel: PixelSize = { bytes: undefined }) {
    this.#role = role;
    this.#pixel = pixel;
    this.#write = write;
  }

  /** Messages that the role did not allow. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * What lets go of the buttons that the viewer holds, to be sent when it leaves: Xvnc lets go of keys alone. Undefined when it
   * holds none, and in the middle of a message.
   */
  release(): Uint8Array | undefined {
    if (this.#pointer[1] === 0 || (this.#bodyBytes > 0 && this.#passes)) return undefined;
    const released = Buffer.from(this.#pointer);
    released[1] = 0;
    return released;
  }

  /** Any piece of the viewer's stream. Throws RfbError; then nothing more may be pushed. */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#bodyBytes > 0) {
        const take = Math.min(this.#bodyBytes, bytes.length - at);
        if (this.#scanBytes > 0) this.#scan(bytes.subarray(at, at + take));
        if (this.#list !== undefined) this.#collect(this.#list, bytes.subarray(at, at + take));
        else if (this.#passes) this.#write(bytes.subarray(at, at + take));
        this.#bodyBytes -= take;
        at += take;
        continue;
      }
      if (this.#stage === "messages" && this.#headBytes === 0) this.#headNeed = headBytesOf(bytes[at] ?? 0);
      const need = this.#headNeed;
      const take = Math.min(need - this.#headBytes, bytes.length - at);
      this.#head.set(bytes.subarray(at, at + take), this.#headBytes);
      this.#headBytes += take;
      at += take;
      if (this.#headBytes < need) return;
      this.#headBytes = 0;
      if (this.#stage === "messages") this.#begin();
      else this.#greet(this.#stage);
      if (this.#list !== undefined) continue;
      if (this.#passes) this.#write(this.#head.subarray(0, need));
      else this.#dropped += 1;
    }
  }

  #scan(bytes: Uint8Array): void {
    for (const byte of bytes) {
      this.#scanned = (this.#scanned << 8) | byte;
      this.#scanBytes -= 1;
      if (this.#scanBytes % 4 === 0 && this.#scanned === EXTENDED_BUTTONS_ENCODING) this.#extendedButtons = true;
    }
  }

  /**
   * The list of encodings goes on with those alone that a watcher may have. With the extended clipboard one side asks the other for its text
   * in the very messages that bring text, so that it goes both ways or not at all: else the plain one is left.
   */
  #collect(list: Buffer, bytes: Uint8Array): void {
    list.set(bytes, this.#listBytes);
    this.#listBytes += bytes.length;
    if (this.#listBytes < list.length) return;
    this.#list = undefined;
    const all = Array.from({ length: list.length / 4 }, (_, index) => list.readInt32BE(4 * index));
    const { clipboardOut } = this.#role;
    const watched = all.filter((one) => (clipboardOut ? one !== EXTENDED_CLIPBOARD_ENCODING : isWatched(one)));
    const message = Buffer.alloc(4 + 4 * watched.length);
    message[0] = 2;
    message.writeUInt16BE(watched.length, 2);
    for (const [index, encoding] of watched.entries()) message.writeInt32BE(encoding, 4 + 4 * index);
    this.#write(message);
  }

  /** Only before anything was asked for: what is on its way would be measured with the wrong size. */
  #setPixels(bits: number): void {
    if (bits !== 8 && bits !== 16 && bits !== 32) throw new RfbError("unknown-message", `pixels of ${bits} bits`);
    this.#passes = !this.#asked;
    if (this.#passes) this.#pixel.bytes = bits / 8;
  }

  #greet(stage: Exclude<Stage, "messages">): void {
    if (stage === "version") {
      const version = this.#head.toString("latin1", 0, VERSION.length);
      if (version !== VERSION) throw new RfbError("version", JSON.stringify(version));
      this.#stage = "security";
    } else if (stage === "security") {
      const type = this.#head[0] ?? 0;
      if (type !== SECURITY_NONE) throw new RfbError("security", `security type ${type}`);
      this.#stage = "init";
    } else {
      // Shared, whatever it says: nobody throws the others out.
      this.#head[0] = 1;
      this.#stage = "messages";
    }
    if (this.#stage !== "messages") this.#headNeed = STAGE_BYTES[this.#stage];
  }

  /** The head of a message is there: how long is the rest, and does it pass? */
  #begin(): void {
    const head = this.#head;
    const type = head[0] ?? 0;
    const { input, resize, clipboardIn, clipboardOut } = this.#role;
    this.#passes = true;
    switch (type) {
      case 0:
        if (!clipboardOut) this.#setPixels(head[4] ?? 0);
        return;
      case 2:
        this.#bodyBytes = 4 * within(head.readUInt16BE(2), ENCODINGS_MAX, "encodings");
        if (!(clipboardIn && clipboardOut) && this.#bodyBytes > 0) this.#list = Buffer.alloc(this.#bodyBytes);
        this.#listBytes = 0;
        this.#scanBytes = this.#bodyBytes;
        this.#extendedButtons = false;
        return;
      case 3:
      case 150:
        this.#asked = true;
        return;
      case 4:
        this.#passes = input;
        return;
      case 5:
        this.#bodyBytes = this.#extendedButtons && ((head[1] ?? 0) & EXTENDED_BUTTONS) !== 0 ? 1 : 0;
        this.#passes = input;
        if (input) head.copy(this.#pointer, 0, 0, this.#pointer.length);
        return;
      case 6:
        this.#bodyBytes = cutTextBytes(head.readInt32BE(4));
        this.#passes = clipboardIn;
        return;
      case 248:
        this.#bodyBytes = within(head[8] ?? 0, FENCE_BYTES, "bytes in a fence");
        return;
      case 251:
        this.#bodyBytes = 16 * within(head[6] ?? 0, SCREENS_MAX, "screens");
        this.#passes =
          input &&
          resize !== undefined &&
          isSize({ widthPx: head.readUInt16BE(2), heightPx: head.readUInt16BE(4) }, resize);
        return;
      case 255:
        if (head[1] !== 0) throw new RfbError("unknown-message", `QEMU message ${head[1]}`);
        this.#bodyBytes = 10;
        this.#passes = input;
        return;
      default:
        return;
    }
  }
}

function headBytesOf(type: number): number {
  const bytes = HEAD_BYTES[type];
  if (bytes === undefined) throw new RfbError("unknown-message", `message ${type}`);
  return bytes;
}

function within(count: number, max: number, what: string): number {
  if (count > max) throw new RfbError("too-long", `${count} ${what}`);
  return count;
}

/** A negative length is that of an extended clipboard message, which begins with four bytes of flags. */
function cutTextBytes(length: number): number {
  if (length < 0 && length > -4) throw new RfbError("unknown-message", "an extended clipboard message without flags");
  return within(Math.abs(length), CUT_TEXT_BYTES, "bytes of clipboard");
}

function isSize(wanted: Screen, max: Screen): boolean {
  const fitted = fitDesktop(wanted, max);
  const smallest = Math.min(wanted.widthPx, wanted.heightPx);
  return smallest >= LIMITS.displayMinPx && fitted.widthPx === wanted.widthPx && fitted.heightPx === wanted.heightPx;
}
