import { expect, test } from "vitest";
import { SentPackets } from "./feedback.ts";

const feedback = (baseSequence: number, arrivalMs: readonly number[]) =>
  ({ type: "transport-feedback", baseSequence, arrivalMs: Float64Array.from(arrivalMs) }) as const;

function sent(count: number): SentPackets {
  const packets = new SentPackets();
  for (let index = 0; index < count; index += 1) packets.add(1000 + (index % 100), index);
  return packets;
}

test("each packet gives one result with when it left and how large it was", () => {
  expect(sent(3).read(feedback(1, [50, Number.NaN]))).toEqual([
    { sequence: 1, sentMs: 1, sizeBytes: 1001, arrivedMs: 50 },
    { sequence: 2, sentMs: 2, sizeBytes: 1002, arrivedMs: Number.NaN },
  ]);
});

test("the same feedback again says nothing", () => {
  const packets = sent(3);
  packets.read(feedback(0, [50, Number.NaN, 52]));
  expect(packets.read(feedback(0, [50, Number.NaN, 52]))).toEqual([]);
});

test("a packet that was called lost and came late is a result once more", () => {
  const packets = sent(3);
  packets.read(feedback(0, [50, Number.NaN, 52]));
  expect(packets.read(feedback(1, [60])).map(({ sequence, arrivedMs }) => [sequence, arrivedMs])).toEqual([[1, 60]]);
});

test("feedback for packets that were never sent says nothing", () => {
  expect(sent(3).read(feedback(3, [50, 51]))).toEqual([]);
  expect(sent(3).read(feedback(40_000, [50, 51]))).toEqual([]);
  expect(new SentPackets().read(feedback(0, [1, 2]))).toEqual([]);
});

test("feedback that acknowledges what has yet to be sent says nothing, not even of the others, and takes nothing back", () => {
  const packets = sent(3);
  expect(packets.read(feedback(1, [50, 51, 52]))).toEqual([]);
  packets.add(1000, 3);
  expect(packets.read(feedback(1, [50, 51, 52])).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
});

test("packets that have yet to be sent and are called missing are the message's padding", () => {
  expect(sent(3).read(feedback(2, [50, Number.NaN, Number.NaN]))).toHaveLength(1);
});

test("impossible times within a message, or from one to the next, say nothing; the next one counts again", () => {
  const packets = sent(20);
  expect(packets.read(feedback(0, [50]))).toHaveLength(1);
  expect(packets.read(feedback(1, [51, 51 + 61_000, 53]))).toEqual([]);
  expect(packets.read(feedback(1, [51, 52, 53]))).toHaveLength(3);
  // A clock that was set by an hour.
  expect(packets.read(feedback(4, [3_600_054]))).toEqual([]);
  expect(packets.read(feedback(5, [3_600_055]))).toHaveLength(1);
  // A path that stands still for half a minute is none.
  expect(packets.read(feedback(6, [3_630_055]))).toHaveLength(1);
});

test("sequence numbers go on past the wrap of their 16 bits", () => {
  const packets = sent(65_540);
  expect(packets.read(feedback(65_534, [1, 2, 3])).map(({ sequence }) => sequence)).toEqual([65_534, 65_535, 65_536]);
});

test("arrival times go on past both wraps of their 24 bits, twice", () => {
  const packets = new SentPackets();
  const wrapMs = 2 ** 24 * 64;
  const seen = [0.4, 0.6, 1, 1.4, 1.6, 2, 2.4].map((turns, index) => {
    const atMs = turns * wrapMs;
    const signedMs = atMs - Math.round(turns) * wrapMs;
    packets.add(1000, atMs);
    return packets.read(feedback(index, [signedMs]))[0]?.arrivedMs === atMs;
  });
  expect(seen).not.toContain(false);
});
