import fc from "fast-check";
import { expect, it } from "vitest";
import { ProtocolError } from "@eglantine/protocol/field";
import { readMicrophone } from "./audio-intake.ts";

/** RFC 3550 section 5.1. */
function rtp(options: { first?: number; payloadType?: number; tail?: number[] } = {}): Uint8Array {
  const { first = 0x80, payloadType = 111, tail = [7, 8, 9] } = options;
  return Uint8Array.from([first, 0x80 | payloadType, 0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 2, ...tail]);
}

it("gives the packet's number and what is in it", () => {
  expect(readMicrophone(rtp(), 111)).toEqual({ sequence: 0x1234, data: Uint8Array.of(7, 8, 9) });
});

it.each([
  ["sources beside", rtp({ first: 0x81, tail: [0, 0, 0, 3, 7, 8, 9] })],
  ["an extension", rtp({ first: 0x90, tail: [0xbe, 0xde, 0, 1, 1, 2, 3, 4, 7, 8, 9] })],
  ["padding", rtp({ first: 0xa0, tail: [7, 8, 9, 0, 2] })],
])("leaves %s out", (_name, packet) => {
  expect(readMicrophone(packet, 111)?.data).toEqual(Uint8Array.of(7, 8, 9));
});

it("passes over other payloads, and packets of nothing", () => {
  expect(readMicrophone(rtp({ payloadType: 13 }), 111)).toBeUndefined();
  expect(readMicrophone(rtp({ tail: [] }), 111)).toBeUndefined();
});

it.each([
  ["a cut header", rtp().subarray(0, 11)],
  ["another version", rtp({ first: 0x40 })],
  ["an extension beyond the end", rtp({ first: 0x90, tail: [0xbe, 0xde, 0, 9, 1] })],
  ["a cut extension", rtp({ first: 0x90, tail: [1, 2] })],
  ["more padding than packet", rtp({ first: 0xa0, tail: [7, 200] })],
  ["padding of nothing", rtp({ first: 0xa0, tail: [7, 0] })],
])("refuses %s", (_name, packet) => {
  expect(() => readMicrophone(packet, 111)).toThrow(ProtocolError);
});

it("answers any bytes with a packet, nothing or a ProtocolError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 48 }), fc.integer({ min: 0, max: 127 }), (bytes, payloadType) => {
      try {
        expect(readMicrophone(bytes, payloadType)?.data.length ?? 1).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
    { numRuns: 3000 },
  );
});
