// Repair packets (FlexFEC, draft-ietf-payload-flexible-fec-scheme-03, in the form that libwebrtc reads: one protected stream,
// flexible mask): XOR of packets of a picture, interleaved, so that each repairs one loss of its own and all of them
// together a burst as long as they are many. Made by `video-stream.ts` when a picture is cut, sent by `sender.ts` behind it.

import { HEADROOM_BYTES, type PacketRing, type PacketSlot } from "./packet-ring.ts";
import { RTP_HEADER_BYTES, type RtpLayout, writeRtpHeader, writeU16Be, writeU32Be } from "./rtp.ts";

/** Section 4.2: fixed part with one stream, then a mask of 15, 46 or 109 packets. */
const FIXED_BYTES = 18;
const MASKS = [
  { packets: 15, bytes: 2 },
  { packets: 46, bytes: 6 },
  { packets: 109, bytes: 14 },
] as const;
const LARGEST_HEADER_BYTES = FIXED_BYTES + 14;
/** Packets that one block spans at most: libwebrtc remembers 192 of them. */
const MAX_BLOCK_PACKETS = 96;
/** Repair packets that wait to leave; a power of two. */
const SLOTS = 64;
/** Pictures too small for a repair packet of their own share one, unless they came further apart than this. */
const MAX_SHARED_MS = 50;
/** How much of the repair packets' share of the rate may gather. */
const BURST_MS = 100;

export interface FlexFecOptions {
  readonly layout: RtpLayout;
  /** Largest RTP packet, and so the largest repair packet. */
  readonly maxPacketBytes: number;
  readonly payloadType: number;
  readonly ssrc: number;
  readonly mediaSsrc: number;
  readonly firstSequence: number;
}

interface Repair {
  readonly buffer: Buffer;
  bytes: number;
  timestamp: number;
  /** It leaves when all packets below have. */
  afterIndex: number;
}

export class FlexFec {
  readonly #options: FlexFecOptions;
  readonly #repairs: (Repair | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
  /** XOR of whole packet buffers, as words and as the same bytes. */
  readonly #sum: Uint32Array;
  readonly #sumBytes: Uint8Array;
  #made = 0;
  #left = 0;
  #sequence: number;
  /** First packet that no repair packet covers yet, and when it was cut. */
  #openIndex = -1;
  #openedMs = 0;
  #creditBytes = 0;
  #filledMs = 0;

  constructor(options: FlexFecOptions) {
    this.#options = options;
    this.#sequence = options.firstSequence;
    this.#sum = new Uint32Array(Math.ceil((HEADROOM_BYTES + options.maxPacketBytes) / 4));
    this.#sumBytes = new Uint8Array(this.#sum.buffer);
  }

  /** Largest packet whose repair packet is no larger than allowed. */
  get maxProtectedBytes(): number {
    const { maxPacketBytes, layout } = this.#options;
    return maxPacketBytes + RTP_HEADER_BYTES - layout.headerBytes - LARGEST_HEADER_BYTES;
  }

  /**
   * A picture has been cut into the packets from `fromIndex` on. Repair packets take at most `fecFraction` of the target rate,
   * and where the picture takes less than that they are one for each picture at least.
   */
  protect(ring: PacketRing, fromIndex: number, rate: { targetBps: number; fecFraction: number }, nowMs: number): void {
    const fraction = rate.fecFraction;
    const bytesPerMs = (rate.targetBps * fraction) / 8000;
    const depth = Math.max(4 * this.#options.maxPacketBytes, bytesPerMs * BURST_MS);
    this.#creditBytes = Math.min(depth, this.#creditBytes + (nowMs - this.#filledMs) * bytesPerMs);
    this.#filledMs = nowMs;
    if (fraction <= 0) {
      this.#openIndex = -1;
      return;
    }
    if (this.#openIndex < 0 || this.#openIndex > fromIndex || nowMs - this.#openedMs > MAX_SHARED_MS) {
      this.#openIndex = fromIndex;
      this.#openedMs = nowMs;
    }
    const end = ring.endIndex;
    if (end - this.#openIndex > MAX_BLOCK_PACKETS) this.#openIndex = fromIndex;
    let from = this.#openIndex;
    const blocks = Math.ceil((end - from) / MAX_BLOCK_PACKETS);
    for (let block = 0; block < blocks; block += 1) {
      const to = from + Math.ceil((end - from) / (blocks - block));
      const largest = largestOf(ring, from, to);
      const wanted = Math.ceil((to - from) * fraction);
      const count = Math.min(wanted, Math.floor(this.#creditBytes / Math.max(1, largest)));
      if (largest === 0 || largest > this.maxProtectedBytes || count <= 0) {
        from = to;
        continue;
      }
      this.#creditBytes -= count * largest;
      for (let group = 0; group < count; group += 1) this.#repair(ring, from, to, group, count);
      this.#openIndex = -1;
      from = to;
    }
  }

  /** Whether a repair packet may leave: all that it covers has. */
  due(sendIndex: number): boolean {
    return this.#left < this.#made && (this.#next?.afterIndex ?? sendIndex) <= sendIndex;
  }

  /** The repair packet that is due. The buffer is valid until the next call of `protect`. */
  take(): Buffer {
    const repair = this.#next as Repair;
    this.#left += 1;
    const { layout, payloadType, ssrc } = this.#options;
    writeRtpHeader(repair.buffer, 0, layout, {
      payloadType,
      marker: false,
      sequence: this.#sequence & 0xffff,
      timestamp: repair.timestamp,
      ssrc,
    });
    this.#sequence += 1;
    return repair.buffer.subarray(0, repair.bytes);
  }

  get #next(): Repair | undefined {
    return this.#repairs[this.#left & (SLOTS - 1)];
  }

  /** Forgets what has not left. */
  drop(): void {
    this.#left = this.#made;
    this.#openIndex = -1;
  }

  /** Makes a repair packet of every `stride`th packet of the block, beginning with its `group`th. */
  #repair(ring: PacketRing, from: number, to: number, group: number, stride: number): void {
    if (this.#made - this.#left >= SLOTS) return;
    const { layout, maxPacketBytes, mediaSsrc } = this.#options;
    const repair = (this.#repairs[this.#made & (SLOTS - 1)] ??= {
      buffer: Buffer.allocUnsafeSlow(maxPacketBytes),
      bytes: 0,
      timestamp: 0,
      afterIndex: 0,
    });
    const { buffer } = repair;
    const mask = MASKS.find(({ packets }) => packets >= to - from) ?? MASKS[2];
    const at = layout.headerBytes;
    buffer.fill(0, at, at + FIXED_BYTES + mask.bytes);
    this.#sum.fill(0);
    let count = 0;
    let kind = 0;
    let length = 0;
    let timestamp = 0;
    let largest = layout.headerBytes;
    for (let index = from + group; index < to; index += stride) {
      const slot = ring.cut(index) as PacketSlot;
      this.#add(slot);
      setMaskBit(buffer, at + FIXED_BYTES, index - from);
      count += 1;
      kind ^= (slot.marker ? 0x80 : 0) | slot.payloadType;
      length ^= slot.packetBytes - RTP_HEADER_BYTES;
      timestamp = (timestamp ^ slot.timestamp) >>> 0;
      largest = Math.max(largest, slot.packetBytes);
      repair.timestamp = slot.timestamp;
    }
    const odd = (count & 1) !== 0;
    buffer[at] = odd && layout.extensionBlock.length > 0 ? 0x10 : 0;
    buffer[at + 1] = kind;
    writeU16Be(buffer, at + 2, length);
    writeU32Be(buffer, at + 4, timestamp);
    buffer[at + 8] = 1;
    writeU32Be(buffer, at + 12, mediaSsrc);
    writeU16Be(buffer, at + 16, from & 0xffff);
    const lastPart = at + FIXED_BYTES + (mask.bytes === 2 ? 0 : mask.bytes === 6 ? 2 : 6);
    buffer[lastPart] = (buffer[lastPart] as number) | 0x80;
    // Behind the fixed RTP header come the extensions, those that are filled in on leaving as zeros, and the payloads.
    const block = layout.extensionBlock;
    const dataAt = at + FIXED_BYTES + mask.bytes;
    if (odd) buffer.set(block, dataAt);
    else buffer.fill(0, dataAt, dataAt + block.length);
    const first = HEADROOM_BYTES + layout.headerBytes;
    buffer.set(this.#sumBytes.subarray(first, HEADROOM_BYTES + largest), dataAt + block.length);
    repair.bytes = dataAt + largest - RTP_HEADER_BYTES;
    repair.afterIndex = to;
    this.#made += 1;
  }

  /** The payload's words; those at its ends take header bytes along, which are not used, and bytes behind it, which are not. */
  #add(slot: PacketSlot): void {
    const sum = this.#sum;
    const { words, buffer } = slot;
    const end = HEADROOM_BYTES + slot.packetBytes;
    const whole = end >> 2;
    for (let word = (HEADROOM_BYTES + this.#options.layout.headerBytes) >> 2; word < whole; word += 1) {
      sum[word] = (sum[word] as number) ^ (words[word] as number);
    }
    for (let at = whole << 2; at < end; at += 1) {
      this.#sumBytes[at] = (this.#sumBytes[at] as number) ^ (buffer[at] as number);
    }
  }
}

/** Largest packet of a block; 0 when one of it is not there. */
function largestOf(ring: PacketRing, from: number, to: number): number {
  let largest = 0;
  for (let index = from; index < to; index += 1) {
    const slot = ring.cut(index);
    if (slot === undefined) return 0;
    largest = Math.max(largest, slot.packetBytes);
  }
  return largest;
}

/** Each part of the mask begins with its k bit: 15, 31 and 63 packets. */
function setMaskBit(buffer: Buffer, maskAt: number, packet: number): void {
  const bit = packet < 15 ? packet + 1 : packet < 46 ? packet + 2 : packet + 3;
  const at = maskAt + (bit >> 3);
  buffer[at] = (buffer[at] as number) | (0x80 >> (bit & 7));
}
