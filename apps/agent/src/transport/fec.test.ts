import fc from "fast-check";
import { expect, test } from "vitest";
import { FlexFec } from "./fec.ts";
import { HEADROOM_BYTES, PacketRing } from "./packet-ring.ts";
import { createRtpLayout, patchSendTime } from "./rtp.ts";

const LAYOUT = createRtpLayout({ transportSequence: 4, playoutDelay: 5, absoluteSendTime: 2 });
const MAX_PACKET_BYTES = 400;
const FIRST = 2 ** 16 + 65_500;
const RATE = { targetBps: 10e6, fecFraction: 0.25 };

interface Bench {
  readonly ring: PacketRing;
  readonly fec: FlexFec;
  /** Cuts a picture of packets with payloads of these sizes, lets `protect` see it and sends all; returns the media packets. */
  readonly picture: (sizes: readonly number[], rate?: { targetBps: number; fecFraction: number }) => Buffer[];
  readonly repairs: () => Buffer[];
}

function bench(): Bench {
  const ring = new PacketRing({
    layout: LAYOUT,
    maxPacketBytes: MAX_PACKET_BYTES,
    slots: 256,
    ssrc: 0x11223344,
    firstSequence: FIRST,
  });
  const fec = new FlexFec({
    layout: LAYOUT,
    maxPacketBytes: MAX_PACKET_BYTES,
    payloadType: 49,
    ssrc: 77,
    mediaSsrc: 0x11223344,
    firstSequence: 9,
  });
  let timestamp = 1000;
  let nowMs = 0;
  return {
    ring,
    fec,
    picture(sizes, rate = RATE) {
      const from = ring.endIndex;
      nowMs += 16;
      timestamp += 1500;
      ring.begin({
        timestamp,
        payloadType: 108,
        rtxPayloadType: undefined,
        endsPicture: true,
        beginsKeyframe: false,
      });
      for (const [index, size] of sizes.entries()) {
        ring.bytes.fill((timestamp + index * 37) & 0xff, ring.offset, ring.offset + size);
        ring.commit(size, index === sizes.length - 1);
      }
      fec.protect(ring, from, rate, nowMs);
      const media: Buffer[] = [];
      for (let slot = ring.next; slot !== undefined; slot = ring.next) {
        const packet = slot.buffer.subarray(HEADROOM_BYTES, HEADROOM_BYTES + slot.packetBytes);
        media.push(Buffer.from(packet));
        patchSendTime(packet, 0, LAYOUT, 40_000 + slot.index, nowMs);
        ring.sent(slot, slot.index, nowMs);
      }
      return media;
    },
    repairs() {
      const packets: Buffer[] = [];
      while (fec.due(ring.sendIndex)) packets.push(Buffer.from(fec.take()));
      return packets;
    },
  };
}

interface Repair {
  readonly base: number;
  readonly offsets: readonly number[];
  readonly recovery: Buffer;
}

/** Section 4.2 of the draft, read independently of the writer. */
function readRepair(packet: Buffer): Repair {
  const at = LAYOUT.headerBytes;
  expect((packet[1] ?? 0) & 0x7f).toBe(49);
  expect(packet.readUInt32BE(8)).toBe(77);
  expect((packet[at] ?? 0) >> 6).toBe(0);
  expect(packet[at + 8]).toBe(1);
  expect(packet.readUInt32BE(at + 12)).toBe(0x11223344);
  let bits = "";
  let next = at + 18;
  for (const bytes of [2, 4, 8]) {
    const part = [...packet.subarray(next, next + bytes)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    next += bytes;
    bits += part.slice(1);
    if (part.startsWith("1")) break;
  }
  return {
    base: packet.readUInt16BE(at + 16),
    offsets: Array.from(bits).flatMap((bit, index) => (bit === "1" ? [index] : [])),
    recovery: Buffer.concat([packet.subarray(at, at + 8), packet.subarray(next)]),
  };
}

/** The one packet of the repair packet's that is missing, made of the others (section 6.3). */
function recover({ recovery, base }: Repair, others: readonly Buffer[], lostOffset: number): Buffer {
  const sum = Buffer.from(recovery);
  let length = sum.readUInt16BE(2);
  for (const other of others) {
    length ^= other.length - 12;
    const fields = Buffer.concat([other.subarray(0, 2), Buffer.alloc(2), other.subarray(4, 8), other.subarray(12)]);
    fields[0] = (fields[0] ?? 0) & 0x3f;
    for (const [index, byte] of fields.entries()) if (index !== 2 && index !== 3) sum[index] = (sum[index] ?? 0) ^ byte;
  }
  const packet = Buffer.alloc(12 + length);
  packet[0] = 0x80 | (sum[0] ?? 0);
  packet[1] = sum[1] ?? 0;
  packet.writeUInt16BE((base + lostOffset) & 0xffff, 2);
  sum.copy(packet, 4, 4, 8);
  packet.writeUInt32BE(0x11223344, 8);
  sum.copy(packet, 12, 8, 8 + length);
  return packet;
}

test("a repair packet of three has the header of the draft", () => {
  const { picture, repairs } = bench();
  picture([10, 20, 30]);
  const [repair, ...others] = repairs();
  expect(others).toEqual([]);
  const fixed = [...(repair?.subarray(LAYOUT.headerBytes, LAYOUT.headerBytes + 20) ?? [])];
  const length = (LAYOUT.headerBytes - 12 + 10) ^ (LAYOUT.headerBytes - 12 + 20) ^ (LAYOUT.headerBytes - 12 + 30);
  // X set in three packets; payload type 108 three times, the marker once; their timestamp; one stream; mask 111.
  expect(fixed).toEqual([
    0x10,
    0xec,
    0,
    length,
    0,
    0,
    0x09,
    0xc4,
    1,
    0,
    0,
    0,
    0x11,
    0x22,
    0x33,
    0x44,
    0xff,
    0xdc,
    0xf0,
    0,
  ]);
});

test("any packet of a picture comes back from a repair packet and the others, its send-time extensions as zeros", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 150 }), (sizes) => {
      const { picture, repairs } = bench();
      const media = picture(sizes, { targetBps: 1e9, fecFraction: 0.25 });
      const covered = new Set<number>();
      for (const packet of repairs()) {
        expect(packet.length).toBeLessThanOrEqual(MAX_PACKET_BYTES);
        const repair = readRepair(packet);
        const first = (repair.base - FIRST) & 0xffff;
        for (const lost of repair.offsets) {
          const others = repair.offsets
            .filter((offset) => offset !== lost)
            .map((offset) => media.at(first + offset) ?? Buffer.alloc(0));
          expect(recover(repair, others, lost).equals(media.at(first + lost) ?? Buffer.alloc(0))).toBe(true);
          covered.add(first + lost);
        }
      }
      expect(covered.size).toBe(sizes.length);
    }),
    { numRuns: 40 },
  );
});

test("a burst as long as there are repair packets hits each of them once", () => {
  const { picture, repairs } = bench();
  picture(Array.from({ length: 20 }, () => 100));
  const groups = repairs().map((packet) => readRepair(packet).offsets);
  expect(groups).toHaveLength(5);
  for (let burst = 0; burst + 5 <= 20; burst += 1) {
    for (const offsets of groups) {
      expect(offsets.filter((offset) => offset >= burst && offset < burst + 5)).toHaveLength(1);
    }
  }
});

test("repair packets leave behind the picture they repair, not before", () => {
  const { ring, fec } = bench();
  ring.begin({ timestamp: 1, payloadType: 108, rtxPayloadType: undefined, endsPicture: true, beginsKeyframe: false });
  ring.commit(50, false);
  ring.commit(50, true);
  fec.protect(ring, FIRST, RATE, 100);
  expect(fec.due(FIRST + 1)).toBe(false);
  expect(fec.due(FIRST + 2)).toBe(true);
});

test("without losses there are none, and what was cut then is not repaired later", () => {
  const { picture, repairs } = bench();
  for (let count = 0; count < 20; count += 1) picture([300, 300], { targetBps: 10e6, fecFraction: 0 });
  expect(repairs()).toEqual([]);
  picture([100]);
  expect(repairs().map((packet) => readRepair(packet).offsets)).toEqual([[0]]);
});

test("all together keep to their share of the rate", () => {
  const { picture, repairs } = bench();
  let bytes = 0;
  // 60 pictures of 20 packets: about 3.4 Mbit/s of media on a link of 4 Mbit/s.
  for (let count = 0; count < 60; count += 1) {
    picture(
      Array.from({ length: 20 }, () => 300),
      { targetBps: 4e6, fecFraction: 0.1 },
    );
    for (const packet of repairs()) bytes += packet.length;
  }
  expect((bytes * 8) / 0.96).toBeLessThan(0.11 * 4e6);
  expect((bytes * 8) / 0.96).toBeGreaterThan(0.08 * 4e6);
});

test("what is dropped is not repaired", () => {
  const { picture, fec, repairs } = bench();
  picture([10, 20, 30]);
  fec.drop();
  expect(repairs()).toEqual([]);
});
