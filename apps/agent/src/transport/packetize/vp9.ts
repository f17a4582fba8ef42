// VP9 → RTP payloads (RFC 9628), one spatial and one temporal layer, non-flexible mode: a descriptor with a picture id in
// front of each piece, and the picture's size on each keyframe. Comes from `sender.ts`, goes into `packet-ring.ts`.

import { type CodedPart, copyInto, type Packetizer, type PayloadTarget } from "./payload.ts";
import { PictureId } from "./picture-id.ts";

/** RFC 9628 section 4.2. */
const HAS_PICTURE_ID = 0x80;
const INTER_PREDICTED = 0x40;
const START_OF_FRAME = 0x08;
const END_OF_FRAME = 0x04;
const HAS_STRUCTURE = 0x02;
const DESCRIPTOR_BYTES = 1 + PictureId.BYTES;
/** Scalability structure of one spatial layer (N_S 0) with its size (Y) and no picture group, section 4.2.1. */
const STRUCTURE_HAS_SIZE = 0x10;
const STRUCTURE_BYTES = 5;

export class Vp9Packetizer implements Packetizer {
  readonly #pictureId: PictureId;

  constructor(pictureId: number) {
    this.#pictureId = new PictureId(pictureId);
  }

  packetize(part: CodedPart, maxPayloadBytes: number, target: PayloadTarget): number {
    const { data, keyframe, first, last } = part;
    let written = 0;
    for (let from = 0; from < data.length; ) {
      const begins = first && from === 0;
      const headerBytes = DESCRIPTOR_BYTES + (begins && keyframe ? STRUCTURE_BYTES : 0);
      const to = Math.min(from + maxPayloadBytes - headerBytes, data.length);
      const ends = last && to === data.length;
      const { bytes, offset } = target;
      bytes[offset] =
        HAS_PICTURE_ID |
        (keyframe ? 0 : INTER_PREDICTED) |
        (begins ? START_OF_FRAME : 0) |
        (ends ? END_OF_FRAME : 0) |
        (begins && keyframe ? HAS_STRUCTURE : 0);
      this.#pictureId.write(bytes, offset + 1);
      if (begins && keyframe) writeStructure(bytes, offset + DESCRIPTOR_BYTES, part);
      copyInto(data, from, to, bytes, offset + headerBytes);
      target.commit(headerBytes + to - from, to === data.length);
      written += 1;
      from = to;
    }
    if (last) this.#pictureId.next();
    return written;
  }
}

function writeStructure(bytes: Uint8Array, offset: number, { widthPx, heightPx }: CodedPart): void {
  bytes[offset] = STRUCTURE_HAS_SIZE;
  bytes[offset + 1] = widthPx >> 8;
  bytes[offset + 2] = widthPx & 0xff;
  bytes[offset + 3] = heightPx >> 8;
  bytes[offset + 4] = heightPx & 0xff;
}
