// AV1 → RTP payloads (RTP Payload Format For AV1, version 1.0, AOMedia): OBUs without their size fields, several in a packet or
// one over several. Comes from `sender.ts`, goes into the slots of `packet-ring.ts`.

import { type CodedPart, copyInto, type Packetizer, type PayloadTarget } from "./payload.ts";

/** Aggregation header, section 4.4. */
const CONTINUES = 0x80;
const CONTINUED = 0x40;
const NEW_SEQUENCE = 0x08;
/** Elements whose count the header can tell; the last of them needs no length. */
const MAX_COUNTED = 3;
/** OBU header, AV1 specification section 5.3.2. */
const OBU_HAS_EXTENSION = 0x04;
const OBU_HAS_SIZE = 0x02;
const OBU_TEMPORAL_DELIMITER = 2;
const OBU_TILE_LIST = 8;
const OBU_PADDING = 15;
/** Length of a fragment that fits a packet. */
const MAX_LENGTH_BYTES = 2;

export class Av1Packetizer implements Packetizer {
  /** Of each OBU that travels: its header byte as sent, where its header and its payload begin, and where it ends. */
  readonly #obus: number[] = [];
  /** Of each element of the packet in the making: its OBU's place in `#obus`, and from and to where in its own bytes. */
  readonly #elements: number[] = [];

  packetize({ data, keyframe, first }: CodedPart, maxPayloadBytes: number, target: PayloadTarget): number {
    const obus = this.#obus;
    findObus(data, obus);
    let written = 0;
    let obu = 0;
    let done = 0;
    while (obu < obus.length) {
      const continues = done > 0;
      const next = this.#choose(obu, done, maxPayloadBytes - 1);
      obu = next.obu;
      done = next.done;
      const counted = this.#elements.length <= 3 * MAX_COUNTED;
      const header =
        (continues ? CONTINUES : 0) |
        (done > 0 ? CONTINUED : 0) |
        (counted ? (this.#elements.length / 3) << 4 : 0) |
        (keyframe && first && written === 0 ? NEW_SEQUENCE : 0);
      target.bytes[target.offset] = header;
      const end = this.#write(data, counted, target.bytes, target.offset + 1);
      target.commit(end - target.offset, obu >= obus.length);
      written += 1;
    }
    return written;
  }

  /**
   * Fills `#elements` with what the next packet holds and says where the one behind it goes on. While more follows, a packet
   * always ends inside an OBU: libwebrtc takes the end of one for the end of a frame.
   */
  #choose(fromObu: number, fromByte: number, roomBytes: number): { obu: number; done: number } {
    const obus = this.#obus;
    const elements = this.#elements;
    elements.length = 0;
    let obu = fromObu;
    let done = fromByte;
    let room = roomBytes;
    for (;;) {
      const size = sizeOf(obus, obu);
      const left = size - done;
      const isLast = obu + 4 >= obus.length;
      if (elements.length === 3 * MAX_COUNTED) room -= MAX_LENGTH_BYTES;
      if (left <= room && isLast) {
        elements.push(obu, done, size);
        return { obu: obu + 4, done: 0 };
      }
      const after = room - left - lengthBytes(left);
      // The element behind this one: a length where the header can't count it, and a byte.
      if (after > MAX_LENGTH_BYTES + 1) {
        elements.push(obu, done, size);
        room = after;
        obu += 4;
        done = 0;
        continue;
      }
      const take = Math.min(left - 1, room);
      if (take <= 0) {
        elements.push(obu, done, size);
        return { obu: obu + 4, done: 0 };
      }
      elements.push(obu, done, done + take);
      return { obu, done: done + take };
    }
  }

  #write(data: Buffer, counted: boolean, bytes: Uint8Array, offset: number): number {
    const elements = this.#elements;
    let at = offset;
    for (let index = 0; index < elements.length; index += 3) {
      const obu = elements[index] as number;
      const from = elements[index + 1] as number;
      const to = elements[index + 2] as number;
      if (!counted || index + 3 < elements.length) at = writeLength(bytes, at, to - from);
      at = this.#copy(data, obu, from, to, bytes, at);
    }
    return at;
  }

  /** Bytes `from` to `to` of an OBU as it travels: its header without size flag, its extension, its payload. */
  #copy(data: Buffer, obu: number, from: number, to: number, bytes: Uint8Array, offset: number): number {
    const headerAt = this.#obus[obu + 1] as number;
    const payloadAt = this.#obus[obu + 2] as number;
    const headerBytes = headerBytesOf(this.#obus, obu);
    let at = offset;
    for (let index = from; index < Math.min(to, headerBytes); index += 1) {
      bytes[at] = index === 0 ? (this.#obus[obu] as number) : (data[headerAt + index] as number);
      at += 1;
    }
    if (to <= headerBytes) return at;
    const skipped = Math.max(from, headerBytes) - headerBytes;
    return copyInto(data, payloadAt + skipped, payloadAt + to - headerBytes, bytes, at);
  }
}

function headerBytesOf(obus: readonly number[], obu: number): number {
  return ((obus[obu] as number) & OBU_HAS_EXTENSION) === 0 ? 1 : 2;
}

function sizeOf(obus: readonly number[], obu: number): number {
  return headerBytesOf(obus, obu) + (obus[obu + 3] as number) - (obus[obu + 2] as number);
}

/** Low-overhead bit stream, AV1 specification section 5.2. Stops at what is no OBU; delimiters, padding, tile lists stay behind. */
function findObus(data: Uint8Array, obus: number[]): void {
  obus.length = 0;
  let at = 0;
  while (at < data.length) {
    const header = data[at] as number;
    let payloadAt = at + ((header & OBU_HAS_EXTENSION) === 0 ? 1 : 2);
    let size = data.length - payloadAt;
    if ((header & OBU_HAS_SIZE) !== 0) {
      size = 0;
      for (let shift = 0; shift < 35; shift += 7) {
        const byte = data[payloadAt] ?? 0;
        payloadAt += 1;
        size += (byte & 0x7f) * 2 ** shift;
        if ((byte & 0x80) === 0) break;
      }
    }
    const end = payloadAt + size;
    if (end > data.length || size < 0) return;
    const type = (header >> 3) & 0xf;
    if (type !== OBU_TEMPORAL_DELIMITER && type !== OBU_TILE_LIST && type !== OBU_PADDING) {
      obus.push(header & ~OBU_HAS_SIZE, at, payloadAt, end);
    }
    at = end;
  }
}

/** LEB128, AV1 specification section 4.10.5. */
function lengthBytes(value: number): number {
  return value < 0x80 ? 1 : MAX_LENGTH_BYTES;
}

function writeLength(bytes: Uint8Array, offset: number, value: number): number {
  if (value < 0x80) {
    bytes[offset] = value;
    return offset + 1;
  }
  bytes[offset] = 0x80 | (value & 0x7f);
  bytes[offset + 1] = value >> 7;
  return offset + MAX_LENGTH_BYTES;
}
