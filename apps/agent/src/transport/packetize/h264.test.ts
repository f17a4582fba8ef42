import fc from "fast-check";
import { expect, test } from "vitest";
import { packetizeH264, type PayloadTarget } from "./h264.ts";

interface Packet {
  readonly payload: number[];
  readonly last: boolean;
}

function packetize(stream: Uint8Array, maxPayloadBytes: number): Packet[] {
  const packets: Packet[] = [];
  const bytes = new Uint8Array(maxPayloadBytes + 8);
  const target: PayloadTarget = {
    bytes,
    offset: 8,
    commit(sizeBytes, last) {
      packets.push({ payload: [...bytes.subarray(8, 8 + sizeBytes)], last });
    },
  };
  expect(packetizeH264(stream, maxPayloadBytes, target)).toBe(packets.length);
  return packets;
}

/** What a receiver does (RFC 6184 sections 5.6 to 5.8). */
function reassemble(packets: readonly Packet[]): number[][] {
  const units: number[][] = [];
  for (const { payload } of packets) {
    const [first = 0, second = 0] = payload;
    if ((first & 0x1f) === 24) {
      for (let at = 1; at < payload.length; ) {
        const size = ((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0);
        units.push(payload.slice(at + 2, at + 2 + size));
        at += 2 + size;
      }
    } else if ((first & 0x1f) === 28) {
      if ((second & 0x80) !== 0) units.push([(first & 0xe0) | (second & 0x1f)]);
      units.at(-1)?.push(...payload.slice(2));
    } else {
      units.push(payload);
    }
  }
  return units;
}

function annexB(units: readonly (readonly number[])[], startCode = [0, 0, 0, 1]): Uint8Array {
  return Uint8Array.from(units.flatMap((unit) => [...startCode, ...unit]));
}

/** A NAL unit: a header of types 1–23, then bytes with emulation prevention, so that they hold no start code. */
const nalUnit = fc
  .record({
    header: fc.integer({ min: 0, max: 3 }),
    type: fc.integer({ min: 1, max: 23 }),
    body: fc.uint8Array({ maxLength: 400 }),
  })
  .map(({ header, type, body }) => [(header << 5) | type, ...body.map((byte) => (byte < 4 ? byte + 4 : byte)), 0x80]);

test("parameter sets travel in one STAP-A, a large slice in FU-A, the marker on the last packet", () => {
  const slice = [0x65, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20];
  expect(packetize(annexB([[0x67, 0xaa], [0x68, 0xbb], slice]), 16)).toEqual([
    { payload: [0x78, 0, 2, 0x67, 0xaa, 0, 2, 0x68, 0xbb], last: false },
    { payload: [0x7c, 0x85, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14], last: false },
    { payload: [0x7c, 0x45, 15, 16, 17, 18, 19, 20], last: true },
  ]);
});

test("a NAL unit that fits a packet alone travels as it is", () => {
  expect(packetize(annexB([[0x41, 9, 8, 7]]), 16)).toEqual([{ payload: [0x41, 9, 8, 7], last: true }]);
});

test("start codes of three and four bytes and trailing zeros are all cut off", () => {
  const stream = Uint8Array.from([0, 0, 1, 0x41, 1, 0, 0, 0, 0, 1, 0x41, 2, 0, 0]);
  expect(reassemble(packetize(stream, 100))).toEqual([
    [0x41, 1],
    [0x41, 2],
  ]);
});

test("bytes without a start code give no packet", () => {
  expect(packetize(Uint8Array.from([1, 2, 3, 4]), 100)).toEqual([]);
});

test("any access unit comes back from its packets, none of which is larger than allowed", () => {
  const startCode = fc.constantFrom([0, 0, 1], [0, 0, 0, 1]);
  fc.assert(
    fc.property(
      fc.array(nalUnit, { minLength: 1, maxLength: 12 }),
      startCode,
      fc.integer({ min: 16, max: 300 }),
      (units, code, max) => {
        const packets = packetize(annexB(units, code), max);
        expect(reassemble(packets)).toEqual(units);
        expect(Math.max(...packets.map(({ payload }) => payload.length))).toBeLessThanOrEqual(max);
        expect(packets.map(({ last }) => last)).toEqual(packets.map((_packet, index) => index === packets.length - 1));
      },
    ),
  );
});
