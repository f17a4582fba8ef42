import { expect, test } from "vitest";
import { PacketRing } from "./packet-ring.ts";
import { H264Packetizer } from "./packetize/h264.ts";
import { createRtpLayout } from "./rtp.ts";
import { RetransmissionBudget, selectRetransmissions, writeRtxPacket } from "./rtx.ts";

const LAYOUT = createRtpLayout({ transportSequence: 4 });
const FAST = {
  roundTripMs: 40,
  targetBps: 10e6,
  copies: 1,
  patienceMs: 0,
  arrived: () => false,
  onAsked: () => undefined,
};

/** Its RTP sequence number is 65534. */
const FIRST = 2 ** 16 + 65_534;

/** A ring with `count` sent packets of 100 bytes, one each `everyMs`, the first with sequence number 65534. */
function ringOf(count: number, everyMs = 0, keyframes: readonly number[] = []): PacketRing {
  const ring = new PacketRing({
    layout: LAYOUT,
    maxPacketBytes: 200,
    slots: 64,
    ssrc: 1,
    firstSequence: FIRST,
  });
  for (let index = 0; index < count; index += 1) {
    ring.begin({
      timestamp: 1000 + index,
      payloadType: 108,
      rtxPayloadType: 109,
      endsPicture: true,
      beginsKeyframe: keyframes.includes(index),
    });
    const data = Buffer.from([0, 0, 1, 0x41, ...Array.from({ length: 79 }, () => index + 1)]);
    new H264Packetizer().packetize(
      { data, keyframe: false, first: true, last: true, widthPx: 64, heightPx: 64 },
      150,
      ring,
    );
    const slot = ring.next;
    if (slot !== undefined) ring.sent(slot, index, index * everyMs);
  }
  return ring;
}

const sequences = (ring: PacketRing, asked: readonly number[], budget: RetransmissionBudget, nowMs: number): number[] =>
  selectRetransmissions(ring, asked, budget, FAST, nowMs).slots.map(({ index }) => index & 0xffff);

test("an asked-for packet is sent again once a round trip, however often it is asked for", () => {
  const ring = ringOf(5);
  const budget = new RetransmissionBudget();
  expect(sequences(ring, [65_535, 0, 65_535], budget, 10)).toEqual([65_535, 0]);
  expect(sequences(ring, [65_535, 0, 1], budget, 30)).toEqual([1]);
  expect(sequences(ring, [65_535], budget, 51)).toEqual([65_535]);
});

test("what may come by itself waits until it is asked for again, what has come for long", () => {
  const ring = ringOf(5);
  const told: number[] = [];
  const link = {
    ...FAST,
    patienceMs: 50,
    arrived: (wire: number) => wire === 1,
    onAsked: (wire: number) => told.push(wire),
  };
  const at = (nowMs: number) =>
    selectRetransmissions(ring, [65_535, 0], new RetransmissionBudget(), link, nowMs).slots.map(
      ({ index }) => index & 0xffff,
    );
  expect(at(10)).toEqual([]);
  expect(told).toEqual([1, 2]);
  expect(at(60)).toEqual([0]);
  expect(at(510)).toEqual([65_535, 0]);
  expect(told).toHaveLength(2);
});

test("packets that were never sent or are forgotten are not sent again", () => {
  const ring = ringOf(70);
  const budget = new RetransmissionBudget();
  expect(sequences(ring, [65_534, 68, 30_000, 65_000], budget, 10)).toEqual([]);
  expect(sequences(ring, [60], budget, 20)).toEqual([60]);
});

test("a packet whose turn has passed by more than a second is not sent again: only a keyframe helps", () => {
  const ring = ringOf(30, 100);
  const select = (asked: number[]) => selectRetransmissions(ring, asked, new RetransmissionBudget(), FAST, 60_000);
  expect(select([5])).toEqual({ slots: [], hopeless: true });
  expect(select([25])).toMatchObject({ slots: [{ index: FIRST + 27 }], hopeless: false });
  // Its turn has passed by 980 ms, but it would need half a round trip.
  expect(selectRetransmissions(ring, [17], new RetransmissionBudget(), { ...FAST, roundTripMs: 250 }, 60_000)).toEqual({
    slots: [],
    hopeless: true,
  });
});

test("what left before the last keyframe is not sent again, and nothing is missing for want of it", () => {
  const ring = ringOf(30, 10, [0, 20]);
  const { slots, hopeless } = selectRetransmissions(ring, [15, 18, 19], new RetransmissionBudget(), FAST, 300);
  expect(slots.map(({ index }) => index & 0xffff)).toEqual([18, 19]);
  expect(hopeless).toBe(false);
});

test("retransmissions together stay within their share of the rate", () => {
  const budget = new RetransmissionBudget();
  let taken = 0;
  for (let nowMs = 0; nowMs < 10_000; nowMs += 1) while (budget.take(1200, 1e6, nowMs)) taken += 1200;
  expect(taken * 8).toBeLessThan(0.35 * 10e6);
  expect(taken * 8).toBeGreaterThan(0.25 * 10e6);
});

test("copies come out of the same share", () => {
  const count = (copies: number) => {
    const slow = { ...FAST, targetBps: 1e3, copies };
    const ring = ringOf(60);
    return selectRetransmissions(
      ring,
      Array.from({ length: 60 }, (_, i) => i),
      new RetransmissionBudget(),
      slow,
      10,
    ).slots.length;
  };
  expect(count(1)).toBe(58);
  // Room for eight packets of 1200 bytes.
  expect(count(2)).toBe(Math.floor((8 * 1200) / 200));
});

test("a packet in RTX form is the original with its number in front of the payload, also the second time", () => {
  const ring = ringOf(2);
  const slot = ring.find(65_535);
  if (slot === undefined) throw new Error("the ring lost a packet");
  const first = Buffer.from(writeRtxPacket(slot, LAYOUT, { payloadType: 109, ssrc: 2, sequence: 7 }));
  const second = Buffer.from(writeRtxPacket(slot, LAYOUT, { payloadType: 109, ssrc: 2, sequence: 8 }));
  expect([...first.subarray(0, 12)]).toEqual([0x90, 0x80 | 109, 0, 7, 0, 0, 0x03, 0xe9, 0, 0, 0, 2]);
  expect([...first.subarray(LAYOUT.headerBytes, LAYOUT.headerBytes + 2)]).toEqual([0xff, 0xff]);
  expect([...first.subarray(LAYOUT.headerBytes + 2)]).toEqual([0x41, ...Array.from({ length: 79 }, () => 2)]);
  expect(second[3]).toBe(8);
  expect(second.subarray(4)).toEqual(first.subarray(4));
});
