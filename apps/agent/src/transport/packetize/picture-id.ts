// The number that VP8 (RFC 7741, section 4.2) and VP9 (RFC 9628, section 4.2) put in front of every piece of a picture, in its long
// form: 15 bits behind a set one. Kept by `vp8.ts` and `vp9.ts`.

const LONG = 0x80;
const MASK = 0x7fff;

export class PictureId {
  static readonly BYTES = 2;
  #value: number;

  constructor(first: number) {
    this.#value = first & MASK;
  }

  write(bytes: Uint8Array, offset: number): void {
    bytes[offset] = LONG | (this.#value >> 8);
    bytes[offset + 1] = this.#value & 0xff;
  }

  /** The picture is over. */
  next(): void {
    this.#value = (this.#value + 1) & MASK;
  }
}
