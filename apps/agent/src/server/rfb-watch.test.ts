import fc from "fast-check";
import { expect, test } from "vitest";
import { type PixelSize, RfbWatch, RfbWatchError, WATCHED_ENCODINGS } from "./rfb-watch.ts";

const u16 = (value: number) => [(value >> 8) & 0xff, value & 0xff];
const u32 = (value: number) => [...u16(value >>> 16), ...u16(value & 0xffff)];
const bytes = (...values: (number | readonly number[] | Buffer)[]) =>
  Buffer.concat(values.map((value) => (typeof value === "number" ? Buffer.from([value]) : Buffer.from(value))));
const fill = (length: number) => Buffer.alloc(length, 3);
/** One security type (None), which is taken, and a desktop of 8 by 8 with pixels of 32 bits, named "x". */
const HANDSHAKE = bytes(Buffer.from("RFB 003.008\n"), 1, 1, u32(0), u16(8), u16(8), 32, 24, fill(14), u32(1), 0x78);

const rect = (width: number, height: number, encoding: number, data: Buffer) =>
  bytes(u16(0), u16(0), u16(width), u16(height), u32(encoding), data);
const E = WATCHED_ENCODINGS;
const side = fc.integer({ min: 0, max: 12 });
const counted = fc.nat(50).map((length) => bytes(u32(length), fill(length)));

/** Rectangles of a viewer whose pixels have so many bytes. */
const rects = (size: number) =>
  fc.oneof(
    fc.tuple(side, side).map(([w, h]) => rect(w, h, E.raw, fill(w * h * size))),
    fc.tuple(side, side).map(([w, h]) => rect(w, h, E.cursor, fill(w * h * size + Math.ceil(w / 8) * h))),
    fc.constant(rect(5, 5, E.copyRect, fill(4))),
    fc.constant(rect(640, 480, E.desktopSize, fill(0))),
    counted.map((data) => rect(9, 9, E.zrle, data)),
    counted.map((data) => rect(0, 0, E.desktopName, data)),
    fc.nat(4).map((screens) => rect(9, 9, E.extendedDesktopSize, bytes(screens, 0, 0, 0, fill(16 * screens)))),
  );
const picture = (size: number) =>
  fc.oneof(
    fc.array(rects(size), { maxLength: 5 }).map((list) => bytes(0, 0, u16(list.length), ...list)),
    fc
      .array(rects(size), { maxLength: 5 })
      .map((list) => bytes(0, 0, u16(0xffff), ...list, rect(0, 0, E.lastRect, fill(0)))),
    fc.nat(5).map((count) => bytes(1, 0, u16(0), u16(count), fill(6 * count))),
    fc.constantFrom(bytes(2), bytes(150)),
    fc.nat(64).map((length) => bytes(248, fill(3), u32(1), length, fill(length))),
  );
const copied = fc.oneof(
  fc.nat(80).map((length) => bytes(3, fill(3), u32(length), fill(length))),
  fc.integer({ min: 4, max: 80 }).map((length) => bytes(3, fill(3), u32(-length), fill(length))),
);
const messages = (size: number) =>
  fc.array(
    fc.oneof(
      { weight: 3, arbitrary: picture(size).map((data) => ({ data, secret: false })) },
      copied.map((data) => ({ data, secret: true })),
    ),
    { maxLength: 12 },
  );
const pieces = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 6 });

function watched(stream: Uint8Array, lengths: readonly number[], pixel: PixelSize = { bytes: undefined }): Buffer {
  const out: Buffer[] = [];
  const watch = new RfbWatch(pixel, (piece) => out.push(Buffer.from(piece)));
  for (let at = 0, turn = 0; at < stream.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    watch.push(stream.subarray(at, at + length));
    at += length;
  }
  return Buffer.concat(out);
}

test.each([1, 2, 4])("everything but the clipboard passes, byte for byte, with pixels of %d bytes", (size) => {
  fc.assert(
    fc.property(messages(size), pieces, (list, lengths) => {
      const sent = bytes(HANDSHAKE, ...list.map(({ data }) => data));
      const wanted = bytes(HANDSHAKE, ...list.filter(({ secret }) => !secret).map(({ data }) => data));
      expect(watched(sent, lengths, { bytes: size })).toEqual(wanted);
    }),
  );
});

test("the X server's own pixels count until the viewer asks for others", () => {
  const own: PixelSize = { bytes: undefined };
  watched(HANDSHAKE, [7], own);
  expect(own.bytes).toBe(4);
  const asked: PixelSize = { bytes: 2 };
  watched(HANDSHAKE, [7], asked);
  expect(asked.bytes).toBe(2);
});

test("garbage ends with an RfbWatchError or passes, the same way in every cut", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), pieces, (garbage, lengths) => {
      const outcome = (cut: readonly number[]) => {
        try {
          return watched(bytes(HANDSHAKE, Buffer.from(garbage)), cut).toString("hex");
        } catch (error) {
          if (!(error instanceof RfbWatchError)) throw error;
          return error.message;
        }
      };
      expect(outcome(lengths)).toBe(outcome([1000]));
    }),
  );
});

test.each([
  ["an encoding that nobody asked for", bytes(0, 0, u16(1), rect(4, 4, 7, fill(4)))],
  ["an unknown message", bytes(77)],
  ["a rectangle without end", bytes(0, 0, u16(1), rect(4, 4, E.zrle, bytes(u32(0xffffffff))))],
])("%s ends the connection", (_what, sent) => {
  expect(() => watched(bytes(HANDSHAKE, sent), [9])).toThrow(RfbWatchError);
});
