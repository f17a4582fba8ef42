// The packets of one RTP stream, from being cut until they are too old to be asked for again: one ring of buffers
// that is the packetizer's target, the pacer's queue and the history for retransmission at once. Filled by
// `packetize/`, emptied by `sender.ts`, read again by `rtx.ts`.

import type { PayloadTarget } from "./packetize/payload.ts";
import { type RtpLayout, writeRtpHeader } from "./rtp.ts";

/** Bytes in front of each packet, so that its RTX form, two bytes longer, fits around the same payload. */
export const HEADROOM_BYTES = 2;

export interface PacketRingOptions {
  readonly layout: RtpLayout;
  /** Largest RTP packet, header included. */
  readonly maxPacketBytes: number;
  /** How many packets are kept; a power of two. */
  readonly slots: number;
  readonly ssrc: number;
  /** Of the first packet. */
  readonly firstSequence: number;
}

/** What the packets of one picture, or part of one, have in common. */
export interface PacketRun {
  readonly timestamp: number;
  readonly payloadType: number;
  /** `undefined`: the viewer takes no retransmissions of this format. */
  readonly rtxPayloadType: number | undefined;
  /** Its last packet ends the picture, and says so. */
  readonly endsPicture: boolean;
  /** Its first packet begins a keyframe: what left before is of no use once it has arrived. */
  readonly beginsKeyframe: boolean;
}

/** One packet's place. Its buffer is allocated when the ring first reaches it. */
export interface PacketSlot {
  readonly buffer: Buffer;
  /** The same as words, for `fec.ts`. */
  readonly words: Uint32Array;
  /** The whole buffer as a full-sized packet: most packets of a large frame, without a view each. */
  readonly fullPacket: Buffer;
  /** Counts on without wrapping; the low 16 bits are the RTP sequence number. */
  index: number;
  /** RTP header and payload. */
  packetBytes: number;
  timestamp: number;
  payloadType: number;
  rtxPayloadType: number | undefined;
  marker: boolean;
  /** NaN until it has left. */
  sentMs: number;
  /** Transport-wide number under which it left first. */
  wireSequence: number;
  /** When the viewer first asked for it; NaN before. */
  askedMs: number;
  /** Of its last retransmission; NaN before one. */
  resentMs: number;
}

export class PacketRing implements PayloadTarget {
  readonly #options: PacketRingOptions;
  readonly #slots: (PacketSlot | undefined)[];
  /** Index of the next packet to be cut, and of the next to be sent. */
  #cut: number;
  #send: number;
  #run: PacketRun | undefined;
  #keyframe: number;
  #queuedBytes = 0;
  bytes: Uint8Array = new Uint8Array(0);
  readonly offset: number;

  constructor(options: PacketRingOptions) {
    this.#options = options;
    this.#slots = Array.from({ length: options.slots }, () => undefined);
    this.#cut = options.firstSequence;
    this.#send = options.firstSequence;
    this.#keyframe = options.firstSequence;
    this.offset = HEADROOM_BYTES + options.layout.headerBytes;
  }

  /** Packets that were cut and not sent. */
  get queued(): number {
    return this.#cut - this.#send;
  }

  /** Index behind the last packet that was cut, and behind the last that was sent. */
  get endIndex(): number {
    return this.#cut;
  }

  get sendIndex(): number {
    return this.#send;
  }

  /** Index of the first packet ever. */
  get firstIndex(): number {
    return this.#options.firstSequence;
  }

  /** Index of the first packet of the last keyframe. */
  get keyframeIndex(): number {
    return this.#keyframe;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** The next packet to leave, if there is one. */
  get next(): PacketSlot | undefined {
    return this.#cut === this.#send ? undefined : this.#slots[this.#send & (this.#options.slots - 1)];
  }

  /** Prepares for the payloads of one picture, or part of one. */
  begin(run: PacketRun): void {
    this.#run = run;
    if (run.beginsKeyframe) this.#keyframe = this.#cut;
    this.bytes = this.#claim().buffer;
  }

  /** PayloadTarget: the payload of `sizeBytes` is in place. */
  commit(sizeBytes: number, last: boolean): void {
    const { layout, slots } = this.#options;
    const slot = this.#slots[this.#cut & (slots - 1)] as PacketSlot;
    const run = this.#run as PacketRun;
    slot.index = this.#cut;
    slot.packetBytes = layout.headerBytes + sizeBytes;
    slot.timestamp = run.timestamp;
    slot.payloadType = run.payloadType;
    slot.rtxPayloadType = run.rtxPayloadType;
    slot.marker = last && run.endsPicture;
    slot.sentMs = Number.NaN;
    slot.askedMs = Number.NaN;
    slot.resentMs = Number.NaN;
    this.#writeHeader(slot);
    this.#queuedBytes += slot.packetBytes;
    this.#cut += 1;
    if (!last) this.bytes = this.#claim().buffer;
  }

  /** The packet with this index, whether it has left or not. */
  cut(index: number): PacketSlot | undefined {
    const slot = this.#slots[index & (this.#options.slots - 1)];
    return slot !== undefined && slot.index === index ? slot : undefined;
  }

  /** Takes the packet of `next` off the queue: it has left. */
  sent(slot: PacketSlot, wireSequence: number, nowMs: number): void {
    slot.wireSequence = wireSequence;
    slot.sentMs = nowMs;
    this.#queuedBytes -= slot.packetBytes;
    this.#send += 1;
  }

  /** The last packet that left, if it is still here. */
  get last(): PacketSlot | undefined {
    return this.at(this.#send - 1);
  }

  /** A kept packet in the form in which it left first, whatever `rtx.ts` has made of its buffer since. */
  again(slot: PacketSlot): Buffer {
    this.#writeHeader(slot);
    return slot.buffer.subarray(HEADROOM_BYTES, HEADROOM_BYTES + slot.packetBytes);
  }

  /** Forgets what has not left, so that its sequence numbers are used again. */
  dropQueue(): void {
    for (let index = this.#send; index < this.#cut; index += 1) {
      const slot = this.#slots[index & (this.#options.slots - 1)];
      if (slot !== undefined) slot.index = -1;
    }
    this.#cut = this.#send;
    this.#queuedBytes = 0;
  }

  /** Which packet an RTP sequence number means: the newest of those that have left. */
  indexOf(sequence: number): number {
    return this.#send - 1 - ((this.#send - 1 - sequence) & 0xffff);
  }

  /** The packet with this RTP sequence number, if it has left and is still here. */
  find(sequence: number): PacketSlot | undefined {
    return this.at(this.indexOf(sequence));
  }

  /** The packet with this index, if it has left and is still here. */
  at(index: number): PacketSlot | undefined {
    const slot = this.#slots[index & (this.#options.slots - 1)];
    return slot !== undefined && slot.index === index && !Number.isNaN(slot.sentMs) ? slot : undefined;
  }

  #writeHeader(slot: PacketSlot): void {
    const { layout, ssrc } = this.#options;
    writeRtpHeader(slot.buffer, HEADROOM_BYTES, layout, {
      payloadType: slot.payloadType,
      marker: slot.marker,
      sequence: slot.index & 0xffff,
      timestamp: slot.timestamp,
      ssrc,
    });
  }

  #claim(): PacketSlot {
    const position = this.#cut & (this.#options.slots - 1);
    let slot = this.#slots[position];
    if (slot === undefined) {
      const end = HEADROOM_BYTES + this.#options.maxPacketBytes;
      const buffer = Buffer.allocUnsafeSlow(Math.ceil(end / 4) * 4);
      slot = {
        buffer,
        words: new Uint32Array(buffer.buffer),
        fullPacket: buffer.subarray(HEADROOM_BYTES, end),
        index: -1,
        packetBytes: 0,
        timestamp: 0,
        payloadType: 0,
        rtxPayloadType: undefined,
        marker: false,
        sentMs: Number.NaN,
        wireSequence: -1,
        askedMs: Number.NaN,
        resentMs: Number.NaN,
      };
      this.#slots[position] = slot;
    }
    return slot;
  }
}
