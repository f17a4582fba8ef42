// VP8 → RTP payloads (RFC 7741): a four-byte descriptor with a picture id in front of each piece of the frame. Comes from
// `sender.ts`, goes into the slots of `packet-ring.ts`.

import { type CodedPart, copyInto, type Packetizer, type PayloadTarget } from "./payload.ts";
import { PictureId } from "./picture-id.ts";

/** RFC 7741 section 4.2. */
const EXTENDED = 0x80;
const START_OF_PARTITION = 0x10;
const HAS_PICTURE_ID = 0x80;
const DESCRIPTOR_BYTES = 2 + PictureId.BYTES;

export class Vp8Packetizer implements Packetizer {
  readonly #pictureId: PictureId;

  constructor(pictureId: number) {
    this.#pictureId = new PictureId(pictureId);
  }

  /** All of a frame counts as its partition 0: a receiver needs no more to put it together. */
  packetize({ data, first, last }: CodedPart, maxPayloadBytes: number, target: PayloadTarget): number {
    const room = maxPayloadBytes - DESCRIPTOR_BYTES;
    let written = 0;
    for (let from = 0; from < data.length; from += room) {
      const to = Math.min(from + room, data.length);
      const { bytes, offset } = target;
      bytes[offset] = EXTENDED | (first && from === 0 ? START_OF_PARTITION : 0);
      bytes[offset + 1] = HAS_PICTURE_ID;
      this.#pictureId.write(bytes, offset + 2);
      copyInto(data, from, to, bytes, offset + DESCRIPTOR_BYTES);
      target.commit(DESCRIPTOR_BYTES + to - from, to === data.length);
      written += 1;
    }
    if (last) this.#pictureId.next();
    return written;
  }
}
