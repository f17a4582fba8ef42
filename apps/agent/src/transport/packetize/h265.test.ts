import fc from "fast-check";
import { expect, test } from "vitest";
import { H265Packetizer } from "./h265.ts";
import { annexB, collect, part, type Payload } from "./testing/collect.ts";

const packetize = (stream: Uint8Array, maxPayloadBytes: number) =>
  collect(new H265Packetizer(), part(stream), maxPayloadBytes);

/** What a receiver does (RFC 7798 sections 4.4.1 to 4.4.3). */
function reassemble(payloads: readonly Payload[]): number[][] {
  const units: number[][] = [];
  for (const { bytes } of payloads) {
    const [high = 0, low = 0, header = 0] = bytes;
    const type = (high >> 1) & 0x3f;
    if (type === 48) {
      for (let at = 2; at < bytes.length; ) {
        const size = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
        units.push(bytes.slice(at + 2, at + 2 + size));
        at += 2 + size;
      }
    } else if (type === 49) {
      if ((header & 0x80) !== 0) units.push([(high & 0x81) | ((header & 0x3f) << 1), low]);
      units.at(-1)?.push(...bytes.slice(3));
    } else {
      units.push(bytes);
    }
  }
  return units;
}

const nalUnit = fc
  .record({
    type: fc.integer({ min: 0, max: 47 }),
    layer: fc.integer({ min: 0, max: 63 }),
    temporal: fc.integer({ min: 1, max: 7 }),
    body: fc.uint8Array({ maxLength: 400 }),
  })
  .map(({ type, layer, temporal, body }) => [
    (type << 1) | (layer >> 5),
    ((layer & 31) << 3) | temporal,
    ...body.map((byte) => (byte < 4 ? byte + 4 : byte)),
    0x80,
  ]);

test("parameter sets travel in one aggregation packet, a large slice in fragmentation units", () => {
  const parameterSets = [
    [0x40, 0x01, 0xaa],
    [0x42, 0x01, 0xbb],
    [0x44, 0x01, 0xcc],
  ];
  const slice = [0x26, 0x01, ...Array.from({ length: 40 }, (_value, index) => index + 10)];
  expect(packetize(annexB([...parameterSets, slice]), 32)).toEqual([
    {
      bytes: [0x60, 0x01, 0, 3, 0x40, 0x01, 0xaa, 0, 3, 0x42, 0x01, 0xbb, 0, 3, 0x44, 0x01, 0xcc],
      last: false,
    },
    { bytes: [0x62, 0x01, 0x93, ...slice.slice(2, 31)], last: false },
    { bytes: [0x62, 0x01, 0x53, ...slice.slice(31)], last: true },
  ]);
});

test("an aggregation packet has the lowest layer and temporal id of its parts", () => {
  const units = [
    [0x02, (2 << 3) | 3, 5],
    [0x02, (1 << 3) | 4, 6],
  ];
  expect(packetize(annexB(units), 32)[0]?.bytes.slice(0, 2)).toEqual([0x60, (1 << 3) | 3]);
});

test("any access unit comes back from its packets", () => {
  fc.assert(
    fc.property(fc.array(nalUnit, { minLength: 1, maxLength: 12 }), fc.integer({ min: 32, max: 300 }), (units, max) => {
      expect(reassemble(packetize(annexB(units), max))).toEqual(units);
    }),
  );
});
