// Opus packets → RTP payloads: one packet as it is (RFC 7587), or with the ones before it in front (RFC 2198), so that a lost one
// is made good by the next. Used by `audio-stream.ts`.

import { writeU16Be } from "../rtp.ts";

/** RFC 2198 section 3: 14 bits of timestamp offset, 10 of length. */
const MAX_OFFSET = 0x3fff;
const MAX_BLOCK_BYTES = 0x3ff;
const BLOCK_HEAD_BYTES = 4;
/** Packets that are kept to be sent again. */
const MOST = 2;

interface Sent {
  readonly data: Uint8Array;
  readonly timestamp: number;
}

export class OpusPayload {
  readonly #before: Sent[] = [];

  /** What was sent before belongs to another sound. */
  reset(): void {
    this.#before.length = 0;
  }

  /**
   * Writes the payload from `offset` on and returns its end. `redundant`: how many earlier packets go along; under `payloadType`,
   * which is Opus' own. As many as fit below `maxEnd`: 0, and it is to be sent as Opus and not as RED.
   */
  write(
    packet: Sent,
    into: Uint8Array,
    offset: number,
    { redundant, payloadType, maxEnd }: { redundant: number; payloadType: number; maxEnd: number },
  ): { readonly end: number; readonly blocks: number } {
    const blocks = this.#choose(packet, redundant, maxEnd - offset);
    let at = offset;
    for (const block of blocks) {
      into[at] = 0x80 | payloadType;
      const timestampOffset = (packet.timestamp - block.timestamp) >>> 0;
      into[at + 1] = timestampOffset >> 6;
      writeU16Be(into, at + 2, ((timestampOffset & 0x3f) << 10) | block.data.length);
      at += BLOCK_HEAD_BYTES;
    }
    if (blocks.length > 0) {
      into[at] = payloadType;
      at += 1;
    }
    for (const { data } of [...blocks, packet]) {
      into.set(data, at);
      at += data.length;
    }
    this.#before.push(packet);
    if (this.#before.length > MOST) this.#before.shift();
    return { end: at, blocks: blocks.length };
  }

  /** The last ones, oldest first, as long as they fit. */
  #choose(packet: Sent, redundant: number, roomBytes: number): readonly Sent[] {
    const blocks: Sent[] = [];
    if (redundant === 0) return blocks;
    let bytes = packet.data.length + 1;
    for (const block of this.#before.slice(-redundant).reverse()) {
      bytes += BLOCK_HEAD_BYTES + block.data.length;
      const offset = (packet.timestamp - block.timestamp) >>> 0;
      if (bytes > roomBytes || block.data.length > MAX_BLOCK_BYTES || offset > MAX_OFFSET) break;
      blocks.unshift(block);
    }
    return blocks;
  }
}
