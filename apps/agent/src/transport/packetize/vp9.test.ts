import fc from "fast-check";
import { expect, test } from "vitest";
import { collect, part } from "./testing/collect.ts";
import { Vp9Packetizer } from "./vp9.ts";

const frame = Array.from({ length: 50 }, (_value, index) => index);

test("a keyframe begins with the scalability structure of one layer and its size", () => {
  expect(collect(new Vp9Packetizer(0x1234), part(frame, { keyframe: true }), 32)).toEqual([
    { bytes: [0x8a, 0x92, 0x34, 0x10, 0x02, 0x80, 0x01, 0x68, ...frame.slice(0, 24)], last: false },
    { bytes: [0x84, 0x92, 0x34, ...frame.slice(24)], last: true },
  ]);
});

test("another frame says that it is predicted", () => {
  expect(collect(new Vp9Packetizer(1), part(frame.slice(0, 20)), 32)).toEqual([
    { bytes: [0xcc, 0x80, 0x01, ...frame.slice(0, 20)], last: true },
  ]);
});

test("any frame comes back from its packets, with one beginning, one end and one picture id", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 4000 }),
      fc.boolean(),
      fc.integer({ min: 32, max: 300 }),
      (data, keyframe, max) => {
        const packetizer = new Vp9Packetizer(0x7fff);
        const payloads = collect(packetizer, part(data, { keyframe }), max);
        const headerOf = (first = 0) => ((first & 0x02) === 0 ? 3 : 8);
        expect(payloads.flatMap(({ bytes }) => bytes.slice(headerOf(bytes[0])))).toEqual([...data]);
        const count = payloads.length;
        expect(payloads.map(({ bytes }) => ((bytes[0] ?? 0) >> 3) & 1)).toEqual(
          payloads.map((_payload, index) => (index === 0 ? 1 : 0)),
        );
        expect(payloads.map(({ bytes }) => ((bytes[0] ?? 0) >> 2) & 1)).toEqual(
          payloads.map((_payload, index) => (index === count - 1 ? 1 : 0)),
        );
        expect(new Set(payloads.map(({ bytes }) => `${bytes[1]} ${bytes[2]}`))).toEqual(new Set(["255 255"]));
        expect(collect(packetizer, part([1]), 32)[0]?.bytes.slice(1, 3)).toEqual([0x80, 0]);
      },
    ),
  );
});
