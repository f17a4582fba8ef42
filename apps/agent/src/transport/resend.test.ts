import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { accessUnit } from "../testing/fake-media.ts";
import { Outlet, type PacketKind } from "./outlet.ts";
import { Resend } from "./resend.ts";
import { createRtpLayout } from "./rtp.ts";
import { VideoStream } from "./video-stream.ts";

const LAYOUT = createRtpLayout({ transportSequence: 4 });
const RTX_SSRC = 99;
const CLUSTER = { id: 1, bps: 10e6, bytes: 25_000 };

interface Left {
  readonly packet: Buffer;
  readonly kind: PacketKind;
  readonly atMs: number;
}

let left: Left[];
let stream: VideoStream;
let resend: Resend;
let outlet: Outlet;

beforeEach(() => {
  vi.useFakeTimers();
  left = [];
  stream = new VideoStream({
    formats: [{ format: "h264", codec: "h264", chroma: "420", payloadType: 108, parameters: "", rtxPayloadType: 109 }],
    layout: LAYOUT,
    maxPacketBytes: 1100,
    ssrc: 7,
    fec: undefined,
  });
  let kind: PacketKind = "media";
  outlet = new Outlet({
    layout: LAYOUT,
    ssrc: 7,
    clock: stream.clock,
    write: (packet) => {
      if (packet[1] !== 200) left.push({ packet: Buffer.from(packet), kind, atMs: performance.now() });
    },
    onPacket: (_sequence, _bytes, now) => {
      kind = now;
    },
  });
  resend = new Resend(stream, outlet, LAYOUT, RTX_SSRC);
});

afterEach(() => {
  resend.stop();
  vi.useRealTimers();
});

/** Sends a picture of `bytes` at once. */
function play(bytes: number): void {
  const data = new Uint8Array(bytes).fill(7);
  data.set([0, 0, 0, 1, 0x65]);
  stream.take({ ...accessUnit(1), data, keyframe: true }, { targetBps: 10e6, fecFraction: 0 }, performance.now());
  for (let slot = stream.ring.next; slot !== undefined; slot = stream.ring.next) {
    stream.ring.sent(slot, outlet.sent.next, performance.now());
  }
}

test("where chance loses packets, what is asked for leaves twice, one after the other", () => {
  play(5000);
  vi.advanceTimersByTime(10);
  const { firstIndex } = stream.ring;
  const asked = [firstIndex & 0xffff, (firstIndex + 1) & 0xffff];
  resend.answer(asked, { roundTripMs: 5, targetBps: 10e6, copies: 2 }, performance.now());
  expect(left.map(({ packet }) => packet.readUInt16BE(LAYOUT.headerBytes))).toEqual([...asked, ...asked]);
  expect(new Set(left.map(({ packet }) => packet.readUInt16BE(2))).size).toBe(4);
});

test("where what is asked for comes by itself, it leaves only when it is asked for again", () => {
  const path = { roundTripMs: 5, targetBps: 100e6, copies: 1 };
  const ask = (index: number) => resend.answer([index & 0xffff], path, performance.now());
  for (let round = 0; round < 60; round += 1) {
    play(800);
    outlet.sent.add(800, performance.now());
    const baseSequence = outlet.sent.next - 1;
    ask(stream.ring.sendIndex - 1);
    outlet.sent.read({ type: "transport-feedback", baseSequence, arrivalMs: Float64Array.of(round) });
    vi.advanceTimersByTime(100);
  }
  expect(left.length).toBeGreaterThan(20);
  expect(left.length).toBeLessThan(40);
  left.length = 0;
  play(800);
  outlet.sent.add(800, performance.now());
  ask(stream.ring.sendIndex - 1);
  expect(left).toEqual([]);
  vi.advanceTimersByTime(100);
  ask(stream.ring.sendIndex - 1);
  expect(left).toHaveLength(1);
});

test("a probe is what the viewer has had, once more on the retransmission stream, at the probe's rate", () => {
  play(10_000);
  resend.probe(CLUSTER, performance.now());
  vi.advanceTimersByTime(100);
  expect(left.every(({ packet, kind }) => kind === "probe" && packet.readUInt32BE(8) === RTX_SSRC)).toBe(true);
  expect(new Set(left.map(({ packet }) => (packet[1] ?? 0) & 0x7f))).toEqual(new Set([109]));
  const bytes = left.reduce((sum, { packet }) => sum + packet.length, 0);
  expect(bytes).toBeGreaterThanOrEqual(CLUSTER.bytes);
  expect(bytes).toBeLessThan(CLUSTER.bytes + 1200);
  const tookMs = (left.at(-1)?.atMs ?? 0) - (left[0]?.atMs ?? 0);
  expect(Math.abs((bytes * 8) / tookMs / 1000 / 10 - 1)).toBeLessThan(0.1);
  const numbers = left.map(({ packet }) => packet.readUInt16BE(2));
  expect(numbers.map((number) => (number - (numbers[0] ?? 0)) & 0xffff)).toEqual(
    numbers.map((_number, index) => index),
  );
});

test("its results name the probe", () => {
  play(10_000);
  resend.probe(CLUSTER, performance.now());
  const [result] = outlet.sent.read({ type: "transport-feedback", baseSequence: 0, arrivalMs: Float64Array.of(5) });
  expect(result?.probeId).toBe(1);
});

test("before there is anything to repeat, a probe is padding and says so", () => {
  resend.probe(CLUSTER, performance.now());
  vi.advanceTimersByTime(100);
  expect(left.length).toBeGreaterThan(80);
  for (const { packet } of left) {
    expect((packet[0] ?? 0) & 0x20).toBe(0x20);
    expect(packet.at(-1)).toBe(packet.length - LAYOUT.headerBytes);
  }
});

test("the same probe is sent once", () => {
  resend.probe(CLUSTER, performance.now());
  vi.advanceTimersByTime(100);
  const packets = left.length;
  resend.probe(CLUSTER, performance.now());
  vi.advanceTimersByTime(100);
  expect(left).toHaveLength(packets);
});

test("what can't come in time asks for one keyframe, not for one a message", () => {
  play(10_000);
  const first = stream.ring.firstIndex;
  vi.advanceTimersByTime(2000);
  play(1000);
  const again = (): boolean =>
    resend.answer([(first + 9) & 0xffff], { roundTripMs: 20, targetBps: 10e6 }, performance.now());
  // The second picture is a keyframe: nobody needs the first one.
  expect(again()).toBe(false);
  vi.advanceTimersByTime(2000);
  const last = stream.ring.sendIndex - 1;
  const data = Uint8Array.of(0, 0, 0, 1, 0x41, 9);
  stream.take({ ...accessUnit(3), data, keyframe: false }, { targetBps: 10e6, fecFraction: 0 }, performance.now());
  const next = stream.ring.next;
  if (next !== undefined) stream.ring.sent(next, outlet.sent.next, performance.now());
  const late = (): boolean => resend.answer([last & 0xffff], { roundTripMs: 20, targetBps: 10e6 }, performance.now());
  expect(late()).toBe(true);
  expect(late()).toBe(false);
  vi.advanceTimersByTime(600);
  expect(late()).toBe(true);
  expect(left).toEqual([]);
});
