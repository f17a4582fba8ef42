import fc from "fast-check";
import { expect, test } from "vitest";
import { H264Packetizer } from "./h264.ts";
import { annexB, collect, part, type Payload } from "./testing/collect.ts";

const packetize = (stream: Uint8Array, maxPayloadBytes: number) =>
  collect(new H264Packetizer(), part(stream), maxPayloadBytes);

/** What a receiver does (RFC 6184 sections 5.6 to 5.8). */
function reassemble(payloads: readonly Payload[]): number[][] {
  const units: number[][] = [];
  for (const { bytes } of payloads) {
    const [first = 0, second = 0] = bytes;
    if ((first & 0x1f) === 24) {
      for (let at = 1; at < bytes.length; ) {
        const size = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
        units.push(bytes.slice(at + 2, at + 2 + size));
        at += 2 + size;
      }
    } else if ((first & 0x1f) === 28) {
      if ((second & 0x80) !== 0) units.push([(first & 0xe0) | (second & 0x1f)]);
      units.at(-1)?.push(...bytes.slice(2));
    } else {
      units.push(bytes);
    }
  }
  return units;
}

/** A NAL unit: a header of types 1–23, then bytes with emulation prevention, so that they hold no start code. */
const nalUnit = fc
  .record({
    header: fc.integer({ min: 0, max: 3 }),
    type: fc.integer({ min: 1, max: 23 }),
    body: fc.uint8Array({ maxLength: 400 }),
  })
  .map(({ header, type, body }) => [(header << 5) | type, ...body.map((byte) => (byte < 4 ? byte + 4 : byte)), 0x80]);

test("parameter sets travel in one STAP-A, a large slice in FU-A", () => {
  const slice = [0x65, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20];
  expect(packetize(annexB([[0x67, 0xaa], [0x68, 0xbb], slice]), 16)).toEqual([
    { bytes: [0x78, 0, 2, 0x67, 0xaa, 0, 2, 0x68, 0xbb], last: false },
    { bytes: [0x7c, 0x85, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14], last: false },
    { bytes: [0x7c, 0x45, 15, 16, 17, 18, 19, 20], last: true },
  ]);
});

test("a NAL unit that fits a packet alone travels as it is", () => {
  expect(packetize(annexB([[0x41, 9, 8, 7]]), 16)).toEqual([{ bytes: [0x41, 9, 8, 7], last: true }]);
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

test("any access unit comes back from its packets", () => {
  const startCode = fc.constantFrom([0, 0, 1], [0, 0, 0, 1]);
  fc.assert(
    fc.property(
      fc.array(nalUnit, { minLength: 1, maxLength: 12 }),
      startCode,
      fc.integer({ min: 32, max: 300 }),
      (units, code, max) => {
        expect(reassemble(packetize(annexB(units, code), max))).toEqual(units);
      },
    ),
  );
});
