import fc from "fast-check";
import { expect, it } from "vitest";
import { SoundOrder } from "./sound-order.ts";

const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => Uint8Array.from(values);

/** RFC 2198 section 3: blocks of these bytes, so many samples before the last. */
function redundant(before: readonly (readonly [number, readonly number[]])[], last: readonly number[]) {
  const heads = before.flatMap(([offset, data]) => {
    const word = (offset << 10) | data.length;
    return [0x80 | 111, (word >> 16) & 0xff, (word >> 8) & 0xff, word & 0xff];
  });
  return bytes(...heads, 111, ...before.flatMap(([, data]) => [...data]), ...last);
}

const taken = (order: SoundOrder, payload: Uint8Array<ArrayBuffer>, timestamp: number, isRedundant = false) =>
  order.take(payload, timestamp, isRedundant).map((packet) => [packet.timestamp, ...packet.data]);

it("lets each packet through once, and none that is late", () => {
  const order = new SoundOrder();
  expect(taken(order, bytes(1), 480)).toEqual([[480, 1]]);
  expect(taken(order, bytes(3), 1440)).toEqual([[1440, 3]]);
  expect(taken(order, bytes(2), 960)).toEqual([]);
  expect(taken(order, bytes(3), 1440)).toEqual([]);
});

it("takes what was lost out of the next one, and what was not lost only once", () => {
  const order = new SoundOrder();
  taken(order, bytes(1), 480);
  expect(
    taken(
      order,
      redundant(
        [
          [960, [1]],
          [480, [2, 2]],
        ],
        [3],
      ),
      1440,
      true,
    ),
  ).toEqual([
    [960, 2, 2],
    [1440, 3],
  ]);
});

it("counts on over the end of 32 bits", () => {
  const order = new SoundOrder();
  taken(order, bytes(1), 2 ** 32 - 480);
  expect(taken(order, bytes(2), 0)).toEqual([[2 ** 32, 2]]);
  expect(taken(order, redundant([[480, [2]]], [3]), 480, true)).toEqual([[2 ** 32 + 480, 3]]);
});

it("begins anew with another agent's clock", () => {
  const order = new SoundOrder();
  taken(order, bytes(1), 100_000_000);
  expect(taken(order, bytes(2), 5000)).toEqual([[5000, 2]]);
  order.reset();
  expect(taken(order, bytes(3), 480)).toEqual([[480, 3]]);
});

it("gives nothing that stands beyond the end, whatever comes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (payload) => {
      const packets = new SoundOrder().take(Uint8Array.from(payload), 48_000, true);
      expect(packets.reduce((sum, { data }) => sum + data.length, 0)).toBeLessThanOrEqual(payload.length);
    }),
    { numRuns: 2000 },
  );
});
