import fc from "fast-check";
import { expect, test } from "vitest";
import { collect, part } from "./testing/collect.ts";
import { Vp8Packetizer } from "./vp8.ts";

test("the first packet says that a frame begins, all carry the picture id", () => {
  const frame = Array.from({ length: 50 }, (_value, index) => index);
  expect(collect(new Vp8Packetizer(0x1234), part(frame, { keyframe: true }), 32)).toEqual([
    { bytes: [0x90, 0x80, 0x92, 0x34, ...frame.slice(0, 28)], last: false },
    { bytes: [0x80, 0x80, 0x92, 0x34, ...frame.slice(28)], last: true },
  ]);
});

test("picture ids count frames, not parts, and wrap at 15 bits", () => {
  const packetizer = new Vp8Packetizer(0x7ffe);
  const ids = [part([1], { last: false }), part([2], { first: false }), part([3]), part([4])].map((coded) => {
    const [, , high = 0, low = 0] = collect(packetizer, coded, 32)[0]?.bytes ?? [];
    return ((high & 0x7f) << 8) | low;
  });
  expect(ids).toEqual([0x7ffe, 0x7ffe, 0x7fff, 0]);
});

test("any frame comes back from its packets, and only the first one begins it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 4000 }), fc.integer({ min: 32, max: 300 }), (frame, max) => {
      const payloads = collect(new Vp8Packetizer(7), part(frame), max);
      expect(payloads.flatMap(({ bytes }) => bytes.slice(4))).toEqual([...frame]);
      expect(payloads.map(({ bytes }) => (bytes[0] ?? 0) & 0x17)).toEqual(
        payloads.map((_payload, index) => (index === 0 ? 0x10 : 0)),
      );
    }),
  );
});
