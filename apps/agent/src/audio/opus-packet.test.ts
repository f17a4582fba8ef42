import fc from "fast-check";
import { expect, it } from "vitest";
import { ProtocolError } from "@eglantine/protocol/field";
import { opusDurationMs } from "./opus-packet.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
/** Configuration 31: CELT, full band, 20 ms; 16: CELT, narrow band, 2.5 ms; 3: SILK, 60 ms. */
const CELT_20 = 31 << 3;
const CELT_2_5 = 16 << 3;
const SILK_60 = 3 << 3;
const HYBRID_10 = 12 << 3;

it.each([
  ["one frame", bytes(CELT_20, 1, 2, 3), 20],
  ["one frame of nothing", bytes(CELT_2_5), 2.5],
  ["a hybrid frame", bytes(HYBRID_10, 9), 10],
  ["two equal frames", bytes(SILK_60 | 1, 1, 2, 3, 4), 120],
  ["two frames of their own length", bytes(CELT_20 | 2, 2, 1, 2, 3), 40],
  ["three equal frames", bytes(CELT_20 | 3, 3, 1, 2, 3), 60],
  ["three frames of their own length", bytes(CELT_20 | 3, 0x80 | 3, 1, 0, 7, 8), 60],
  ["two frames and padding", bytes(CELT_20 | 3, 0x40 | 2, 3, 1, 2, 0, 0, 0), 40],
])("%s: so long it sounds", (_name, packet, durationMs) => {
  expect(opusDurationMs(packet)).toBe(durationMs);
});

it.each([
  ["nothing", bytes()],
  ["a frame that is too long", new Uint8Array(1277).fill(CELT_20, 0, 1)],
  ["two frames that are not equal", bytes(CELT_20 | 1, 1, 2, 3)],
  ["a first frame longer than the packet", bytes(CELT_20 | 2, 9, 1)],
  ["no count of frames", bytes(CELT_20 | 3)],
  ["no frame", bytes(CELT_20 | 3, 0)],
  ["more than 120 ms", bytes(CELT_20 | 3, 7, 1, 1, 1, 1, 1, 1, 1)],
  ["frames that are not equal", bytes(CELT_20 | 3, 3, 1, 2)],
  ["more padding than packet", bytes(CELT_20 | 3, 0x40 | 1, 200, 1)],
  ["padding without an end", bytes(CELT_20 | 3, 0x40 | 1, 255, 255)],
  ["lengths beyond the end", bytes(CELT_20 | 3, 0x80 | 3, 4, 4, 1)],
])("%s is refused", (_name, packet) => {
  expect(() => opusDurationMs(packet)).toThrow(ProtocolError);
});

it("answers any bytes with a duration or a ProtocolError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (packet) => {
      try {
        const durationMs = opusDurationMs(packet);
        expect(durationMs).toBeGreaterThan(0);
        expect(durationMs).toBeLessThanOrEqual(120);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
    { numRuns: 5000 },
  );
});
