// What the X server says to a viewer that may only watch: cuts its stream into messages (RFC 6143, sections 7.1, 7.3.2, 7.6 and 7.7;
// rfbproto for the extensions) and leaves out what was copied on the desktop, which is no picture. Pure and streaming: nothing but
// heads is kept. From and to `vnc-proxy.ts`; `rfb-filter.ts` sees to it that only encodings are asked for whose length is known here.

import { LIMITS } from "@eglantine/protocol/limits";

/** Encodings (and pseudo-encodings) that a view-only viewer may ask for: those that `rectBytes` can measure. */
export const WATCHED_ENCODINGS = {
  raw: 0,
  copyRect: 1,
  zrle: 16,
  desktopSize: -223,
  lastRect: -224,
  cursor: -239,
  desktopName: -307,
  extendedDesktopSize: -308,
  fence: -312,
  continuousUpdates: -313,
} as const;

/** And those that only say how well to code. */
const LEVELS = [
  [-32, -23],
  [-256, -247],
] as const;

export function isWatched(encoding: number): boolean {
  return (
    Object.values(WATCHED_ENCODINGS).some((one) => one === encoding) ||
    LEVELS.some(([from, to]) => encoding >= from && encoding <= to)
  );
}

/** The viewer's pixels: the X server's own until the viewer asks for others. */
export interface PixelSize {
  bytes: number | undefined;
}

/** The X server says what can't be told from its text: the connection ends. */
export class RfbWatchError extends Error {
  override readonly name = "RfbWatchError";
}

const HEAD_MAX_BYTES = 24;
const LAST_RECT_COUNT = 0xffff;

type Step = (head: Buffer) => void;

export class RfbWatch {
  readonly #pixel: PixelSize;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #head = Buffer.alloc(HEAD_MAX_BYTES);
  #headBytes = 0;
  #headNeed = 12;
  #step: Step = () => this.#expect(1, this.#security);
  #bodyBytes = 0;
  #passes = true;
  #rects = 0;
  /** The step wants more of the same head. */
  #again = false;

  /** `write` gets what goes on, in order; the bytes are its own only until it returns. */
  constructor(pixel: PixelSize, write: (bytes: Uint8Array) => void) {
    this.#pixel = pixel;
    this.#write = write;
  }

  /** Any piece of the X server's stream. Throws RfbWatchError; then nothing more may be pushed. */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#bodyBytes > 0) {
        const take = Math.min(this.#bodyBytes, bytes.length - at);
        if (this.#passes) this.#write(bytes.subarray(at, at + take));
        this.#bodyBytes -= take;
        at += take;
        continue;
      }
      const need = this.#headNeed;
      const take = Math.min(need - this.#headBytes, bytes.length - at);
      this.#head.set(bytes.subarray(at, at + take), this.#headBytes);
      this.#headBytes += take;
      at += take;
      if (this.#headBytes < need) return;
      this.#headBytes = 0;
      this.#passes = true;
      const head = this.#head.subarray(0, need);
      this.#step(head);
      if (this.#passes && !this.#again) this.#write(head);
      this.#again = false;
    }
  }

  #expect(bytes: number, step: Step): void {
    this.#headNeed = bytes;
    this.#step = step;
  }

  /** The head is longer: what was read of it stays. */
  #more(bytes: number, step: Step): void {
    this.#headBytes = this.#headNeed;
    this.#again = true;
    this.#expect(bytes, step);
  }

  readonly #security: Step = (head) => {
    this.#bodyBytes = head[0] ?? 0;
    if (this.#bodyBytes === 0) throw new RfbWatchError("the X server refuses");
    this.#expect(4, this.#securityResult);
  };

  readonly #securityResult: Step = (head) => {
    if (head.readUInt32BE(0) !== 0) throw new RfbWatchError("the X server refuses");
    this.#expect(24, this.#serverInit);
  };

  readonly #serverInit: Step = (head) => {
    this.#pixel.bytes ??= (head[4] ?? 0) / 8;
    this.#bodyBytes = head.readUInt32BE(20);
    this.#expect(1, this.#message);
  };

  readonly #message: Step = (head) => {
    const type = head[0] ?? 0;
    if (type === 0) this.#more(4, this.#update);
    else if (type === 1) this.#more(6, this.#colours);
    else if (type === 3) this.#more(8, this.#cutText);
    else if (type === 248) this.#more(9, this.#fence);
    // Bell and EndOfContinuousUpdates are one byte.
    else if (type !== 2 && type !== 150) throw new RfbWatchError(`message ${type}`);
  };

  readonly #update: Step = (head) => {
    this.#rects = head.readUInt16BE(2);
    this.#nextRect();
  };

  readonly #colours: Step = (head) => {
    this.#bodyBytes = 6 * head.readUInt16BE(4);
    this.#expect(1, this.#message);
  };

  /** A negative length is that of the extended clipboard. */
  readonly #cutText: Step = (head) => {
    this.#bodyBytes = Math.abs(head.readInt32BE(4));
    this.#passes = false;
    this.#expect(1, this.#message);
  };

  readonly #fence: Step = (head) => {
    this.#bodyBytes = head[8] ?? 0;
    this.#expect(1, this.#message);
  };

  #nextRect(): void {
    if (this.#rects === 0) this.#expect(1, this.#message);
    else this.#expect(12, this.#rect);
  }

  readonly #rect: Step = (head) => {
    if (this.#rects !== LAST_RECT_COUNT) this.#rects -= 1;
    const [width, height, encoding] = [head.readUInt16BE(4), head.readUInt16BE(6), head.readInt32BE(8)];
    const pixels = width * height * (this.#pixel.bytes ?? 4);
    const { raw, copyRect, zrle, desktopSize, lastRect, cursor, desktopName, extendedDesktopSize } = WATCHED_ENCODINGS;
    if (encoding === raw) this.#bodyBytes = pixels;
    else if (encoding === copyRect) this.#bodyBytes = 4;
    else if (encoding === cursor) this.#bodyBytes = pixels + Math.ceil(width / 8) * height;
    else if (encoding === zrle || encoding === desktopName) {
      this.#more(16, this.#counted);
      return;
    } else if (encoding === extendedDesktopSize) {
      this.#more(16, this.#screens);
      return;
    } else if (encoding === lastRect) this.#rects = 0;
    else if (encoding !== desktopSize) throw new RfbWatchError(`encoding ${encoding}`);
    this.#nextRect();
  };

  readonly #counted: Step = (head) => {
    this.#bodyBytes = head.readUInt32BE(12);
    if (this.#bodyBytes > LIMITS.displayMaxPx ** 2 * 8) throw new RfbWatchError("a rectangle that is too long");
    this.#nextRect();
  };

  readonly #screens: Step = (head) => {
    this.#bodyBytes = 16 * (head[12] ?? 0);
    this.#nextRect();
  };
}
