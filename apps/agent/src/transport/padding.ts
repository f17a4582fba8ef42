// Packets that carry nothing new, on the retransmission stream: what the viewer has had already (RFC 4588), which needs no
// explanation to anybody on the way, or RTP padding (RFC 3550 section 5.1) where nothing was sent yet or less is wanted.
// Made for `sender.ts`, for probes and to see whether a path that carries no picture still lives.

import type { PacketRing, PacketSlot } from "./packet-ring.ts";
import { type RtpFields, type RtpLayout, writeRtpHeader } from "./rtp.ts";

/** The last byte of the packet counts the padding. */
const MAX_PADDING_BYTES = 255;
/** Sent again in turn: the last so many packets. */
const RECENT_PACKETS = 32;
const PADDING_FLAG = 0x20;

export class Padding {
  readonly #layout: RtpLayout;
  readonly #buffer: Buffer;
  #turn = 0;

  constructor(layout: RtpLayout) {
    this.#layout = layout;
    this.#buffer = Buffer.alloc(layout.headerBytes + MAX_PADDING_BYTES);
  }

  /** A recent packet worth sending again: larger than what RTP padding could fill. */
  recent(ring: PacketRing): PacketSlot | undefined {
    for (let step = 0; step < RECENT_PACKETS; step += 1) {
      this.#turn = (this.#turn + 1) % RECENT_PACKETS;
      const slot = ring.at(ring.sendIndex - 1 - this.#turn);
      if (slot?.rtxPayloadType !== undefined && slot.packetBytes > this.#buffer.length) return slot;
    }
    return undefined;
  }

  /** An RTP packet of nothing but padding, as large as it may be or `bytes`. Valid until the next call. */
  write(stream: RtpFields, bytes = MAX_PADDING_BYTES): Buffer {
    const end = this.#layout.headerBytes + Math.min(bytes, MAX_PADDING_BYTES);
    writeRtpHeader(this.#buffer, 0, this.#layout, stream);
    this.#buffer[0] = (this.#buffer[0] as number) | PADDING_FLAG;
    this.#buffer.fill(0, this.#layout.headerBytes, end);
    this.#buffer[end - 1] = end - this.#layout.headerBytes;
    return this.#buffer.subarray(0, end);
  }
}
