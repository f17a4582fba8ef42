import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AccessUnit } from "../video/types.ts";
import type { ExtensionIds } from "./rtp.ts";
import type { VideoFormat } from "./sdp-formats.ts";
import { Sender } from "./sender.ts";

interface Seen {
  readonly packets: Buffer[];
  readonly reports: Buffer[];
  readonly targetsBps: number[];
  readonly alive: boolean[];
  keyframes: number;
}

const format = (name: "h264" | "h264-444" | "vp8", payloadType: number): VideoFormat => ({
  format: name,
  codec: name === "vp8" ? "vp8" : "h264",
  chroma: name === "h264-444" ? "444" : "420",
  payloadType,
  parameters: "",
  rtxPayloadType: payloadType + 1,
});
const FORMATS = [format("h264", 108), format("h264-444", 41), format("vp8", 96)];

let sender: Sender;
let seen: Seen;

beforeEach(() => {
  vi.useFakeTimers();
  sender = open({ transportSequence: 4, playoutDelay: 5 });
});

/** A least rate that is wide: the cautious first pace, until feedback comes, is above what these tests send. */
const WIDE = { startBps: 40e6, minBps: 32e6 };

function open(extensions: ExtensionIds, limits: { startBps?: number; minBps?: number } = {}): Sender {
  seen = { packets: [], reports: [], targetsBps: [], alive: [], keyframes: 0 };
  return new Sender({
    formats: FORMATS,
    fecPayloadType: 49,
    extensions,
    mtuBytes: 1200,
    startBps: 8e6,
    minBps: 300e3,
    maxBps: 50e6,
    ...limits,
    framesPerSecond: 60,
    write: (packet) => (packet[1] === 200 ? seen.reports : seen.packets).push(Buffer.from(packet)),
    onKeyframeNeeded: () => {
      seen.keyframes += 1;
    },
    onAlive: (alive) => seen.alive.push(alive),
    onTargetBps: (targetBps) => seen.targetsBps.push(targetBps),
  });
}

function reopen(limits: { startBps: number; minBps: number }): Sender {
  sender.close();
  return open({ transportSequence: 4, playoutDelay: 5 }, limits);
}

afterEach(() => {
  sender.close();
  vi.useRealTimers();
});

function unit(bytes: number, keyframe: boolean, damageUs = 1e6, more: Partial<AccessUnit> = {}): AccessUnit {
  const data = new Uint8Array(bytes).fill(7);
  data.set([0, 0, 0, 1, keyframe ? 0x65 : 0x41]);
  return {
    data,
    codec: "h264",
    chroma: "420",
    keyframe,
    frame: 1,
    first: true,
    last: true,
    refinement: false,
    changed: 1,
    widthPx: 64,
    heightPx: 64,
    timing: { damageUs, grabUs: damageUs, convertUs: damageUs, encodeUs: damageUs },
    ...more,
  };
}

const timestampOf = (packet: Buffer): number => packet.readUInt32BE(4);

test("nothing is sent before the first keyframe", () => {
  sender.send(unit(100, false));
  expect(seen.packets).toHaveLength(0);
  sender.send(unit(100, true));
  sender.send(unit(100, false));
  expect(seen.packets).toHaveLength(2);
});

test("the rest of a keyframe whose beginning did not leave is not sent", () => {
  sender.send({ ...unit(3000, true), first: false });
  expect(seen.packets).toHaveLength(0);
});

test("a frame of usual size leaves at once, whole, and no packet exceeds the MTU", () => {
  sender = reopen(WIDE);
  sender.send(unit(16_000, true));
  const bytes = seen.packets.map(({ length }) => length);
  expect(bytes.reduce((sum, size) => sum + size - 24, 0)).toBeGreaterThan(16_000);
  expect(Math.max(...bytes)).toBeLessThanOrEqual(1200 - 48 - 16);
  expect(seen.packets.map((packet) => (packet[1] ?? 0) >> 7)).toEqual([
    ...Array.from({ length: bytes.length - 1 }, () => 0),
    1,
  ]);
});

test("a large keyframe is spread over time and arrives complete, in order", () => {
  sender = reopen(WIDE);
  sender.send(unit(150_000, true));
  const first = seen.packets.length;
  expect(first).toBeLessThan(60);
  vi.advanceTimersByTime(10);
  const second = seen.packets.length;
  expect(second).toBeGreaterThan(first);
  vi.advanceTimersByTime(100);
  expect(seen.packets.length).toBe(Math.ceil(150_000 / 1108));
  const sequences = seen.packets.map((packet) => packet.readUInt16BE(2));
  expect(sequences.slice(1).every((sequence, index) => ((sequence - (sequences[index] ?? 0)) & 0xffff) === 1)).toBe(
    true,
  );
});

test("the payload type says codec and chroma, and another one takes over with a keyframe only", () => {
  const typeOf = (packet: Buffer) => (packet[1] ?? 0) & 0x7f;
  sender.send(unit(100, true));
  expect(sender.send(unit(100, false, 1e6, { codec: "vp8" }))).toBeUndefined();
  expect(seen.keyframes).toBe(1);
  sender.send(unit(100, true, 1e6, { codec: "vp8" }));
  sender.send(unit(100, true, 1e6, { chroma: "444" }));
  sender.send(unit(100, true));
  expect(seen.packets.map(typeOf)).toEqual([108, 96, 41, 108]);
});

test("a format that the viewer did not offer is not sent, nor what follows it, until a keyframe of another", () => {
  sender.send(unit(100, true));
  sender.send(unit(100, true, 1e6, { codec: "av1" }));
  sender.send(unit(100, false));
  sender.send(unit(100, true));
  expect(seen.packets).toHaveLength(2);
  expect(seen.keyframes).toBe(0);
});

test("parts of a picture have one timestamp, and only the last packet of the last part the marker", () => {
  sender = reopen(WIDE);
  sender.send(unit(3000, true, 1e6, { last: false }));
  sender.send(unit(3000, true, 1e6, { first: false, last: false }));
  const timestamp = sender.send(unit(3000, true, 1e6, { first: false }));
  expect(new Set(seen.packets.map(timestampOf))).toEqual(new Set([timestamp]));
  expect(seen.packets.map((packet) => (packet[1] ?? 0) >> 7)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1]);
});

test("when a part of a picture is dropped, the rest of it is too", () => {
  sender.send(unit(600_000, true, 1e6, { last: false }));
  sender.send(unit(900_000, true, 1e6, { first: false, last: false }));
  expect(seen.keyframes).toBe(1);
  sender.send(unit(100, true, 1e6, { first: false }));
  vi.advanceTimersByTime(500);
  expect(seen.packets.every((packet) => (packet[1] ?? 0) >> 7 === 0)).toBe(true);
});

test("two pictures of the same moment have different timestamps, a frame time is 1500 ticks", () => {
  sender.send(unit(100, true, 1e6));
  sender.send(unit(100, false, 1e6));
  sender.send(unit(100, false, 1e6 + 16_667));
  const [first = 0, second = 0, third = 0] = seen.packets.map(timestampOf);
  expect((second - first) >>> 0).toBe(1);
  expect((third - first) >>> 0).toBe(1500);
});

test("when more is queued than a second carries, it is dropped and a keyframe asked for", () => {
  sender.send(unit(600_000, true));
  sender.send(unit(800_000, false));
  sender.send(unit(100_000, false));
  expect(seen.keyframes).toBe(1);
  const before = seen.packets.length;
  vi.advanceTimersByTime(100);
  expect(seen.packets).toHaveLength(before);
  sender.send(unit(100, true));
  expect(seen.packets.length).toBe(before + 1);
});

test("a sender report goes out with the first packet and then once a second, while something is sent", () => {
  for (let index = 0; index < 150; index += 1) {
    sender.send(unit(100, index === 0));
    vi.advanceTimersByTime(16);
  }
  expect(seen.reports).toHaveLength(3);
  expect(seen.reports[1]?.readUInt32BE(4)).toBe(sender.ssrc);
});

test("a lost packet comes back as RTX with its number, and the round trip is that of the report", () => {
  sender.send(unit(5000, true));
  const lost = seen.packets[2];
  if (lost === undefined) throw new Error("too few packets");
  const nack = Buffer.from([0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  nack.writeUInt32BE(sender.ssrc, 8);
  lost.copy(nack, 12, 2, 4);
  vi.advanceTimersByTime(20);
  sender.onRtcp(nack);
  const rtx = seen.packets.at(-1);
  expect(rtx?.readUInt32BE(8)).toBe(sender.rtxSsrc);
  expect(rtx?.subarray(26)).toEqual(lost.subarray(24));
  expect(sender.counters().retransmittedPackets).toBe(1);
});

test("PLI and FIR ask for a keyframe, a repeated FIR and one for another stream do not", () => {
  sender.send(unit(100, true));
  const pli = Buffer.from([0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0]);
  pli.writeUInt32BE(sender.ssrc, 8);
  const fir = Buffer.from([0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0]);
  fir.writeUInt32BE(sender.ssrc, 12);
  sender.onRtcp(pli);
  sender.onRtcp(fir);
  sender.onRtcp(fir);
  pli.writeUInt32BE(sender.rtxSsrc, 8);
  sender.onRtcp(pli);
  expect(seen.keyframes).toBe(2);
});

test("a viewer that stops to answer gets less and less, one that can't answer keeps its rate", () => {
  sender.send(unit(100, true));
  vi.advanceTimersByTime(6000);
  expect(seen.targetsBps.at(-1)).toBeLessThan(1e6);
  sender.close();
  sender = open({});
  sender.send(unit(100, true));
  vi.advanceTimersByTime(5000);
  expect(seen.targetsBps).toHaveLength(1);
});

test("a key that repeats into a dead path is noticed within a second, once", () => {
  for (let index = 0; index < 30; index += 1) {
    sender.send(unit(100, index === 0));
    vi.advanceTimersByTime(33);
  }
  expect(seen.alive).toEqual([false]);
  vi.advanceTimersByTime(10_000);
  expect(seen.alive).toEqual([false]);
});

test("nothing leaves after close", () => {
  sender.send(unit(150_000, true));
  const before = seen.packets.length;
  sender.close();
  vi.advanceTimersByTime(1000);
  sender.send(unit(100, true));
  expect(seen.packets).toHaveLength(before);
});

/** Transport feedback: the first `count` packets arrived, a millisecond apart. */
function feedback(count: number): Buffer {
  const bytes = Buffer.alloc(20 + 2 + count + ((4 - ((2 + count) % 4)) % 4));
  bytes.set([0x8f, 205, 0, bytes.length / 4 - 1]);
  bytes.writeUInt16BE(count, 14);
  bytes.writeUInt16BE(0x2000 | count, 20);
  bytes.fill(4, 22, 22 + count);
  return bytes;
}

test("a path without picture sends, while there is one elsewhere, two small signs of life a second, and no unit", () => {
  sender.send(unit(100, true));
  sender.setActive(false);
  expect(sender.send(unit(100, true))).toBeUndefined();
  for (let step = 0; step < 49; step += 1) {
    sender.stir();
    vi.advanceTimersByTime(100);
  }
  const idle = seen.packets.slice(1);
  expect(idle).toHaveLength(10);
  expect(idle.every((packet) => ((packet[0] ?? 0) & 0x20) !== 0 && packet.readUInt32BE(8) === sender.rtxSsrc)).toBe(
    true,
  );
  expect(Math.max(...idle.map(({ length }) => length))).toBeLessThan(50);
  expect(seen.keyframes).toBe(0);
});

test("it tells when the path dies and when it lives, with a picture or without", () => {
  sender.send(unit(100, true));
  vi.advanceTimersByTime(600);
  expect(seen.alive).toEqual([false]);
  sender.onRtcp(feedback(1));
  expect(seen.alive).toEqual([false, true]);
  sender.setActive(false);
  vi.advanceTimersByTime(1600);
  expect(seen.alive).toEqual([false, true, false]);
  sender.onRtcp(feedback(2));
  expect(seen.alive).toEqual([false, true, false, true]);
});

test.each([true, false])(
  "a path that is set aside while the desktop is still sends a sign of life every ten seconds and has no timer else, answered: %s",
  (answered) => {
    const rest = (passes: number) => {
      for (let step = 0; step < passes / 100; step += 1) {
        vi.advanceTimersByTime(100);
        if (answered) sender.onRtcp(feedback(seen.packets.length));
      }
    };
    sender.send(unit(100, true));
    sender.setActive(false);
    rest(10_000);
    const before = seen.packets.length;
    let idleSteps = 0;
    for (let step = 0; step < 600; step += 1) {
      rest(100);
      if (vi.getTimerCount() === 1) idleSteps += 1;
    }
    expect(seen.packets.length - before).toBe(6);
    // The rest of the time is the wait for the answers.
    expect(idleSteps).toBeGreaterThan(550);
    sender.stir();
    expect(seen.packets).toHaveLength(before + 7);
    rest(1000);
    expect(seen.packets).toHaveLength(before + 9);
  },
);

test("a viewer that says anything at all is not dead, and what it says does not wake a dead one", () => {
  const report = Buffer.alloc(32);
  report.set([0x81, 201, 0, 7]);
  report.writeUInt32BE(sender.ssrc, 8);
  sender.send(unit(100, true));
  for (let step = 0; step < 8; step += 1) {
    vi.advanceTimersByTime(300);
    sender.onRtcp(report);
    sender.send(unit(100, false));
  }
  expect(seen.alive).toEqual([]);
  vi.advanceTimersByTime(1000);
  sender.onRtcp(report);
  expect(seen.alive).toEqual([false]);
});

test("a path that carries the picture again begins with the keyframe that it is given, and asks for no second one", () => {
  sender.send(unit(100, true));
  sender.setActive(false);
  sender.setActive(true);
  expect(seen.keyframes).toBe(0);
  const before = seen.packets.length;
  sender.send(unit(100, false));
  expect(seen.packets).toHaveLength(before);
  expect(sender.send(unit(100, true))).toBe(seen.packets.at(-1)?.readUInt32BE(4));
});

test("what a viewer says of packets and streams that never were is counted and does nothing", () => {
  sender.send(unit(100, true));
  const before = seen.packets.length;
  const never = feedback(3);
  never.writeUInt16BE(40_000, 12);
  sender.onRtcp(never);
  const nack = Buffer.from([0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0xff, 0xff]);
  sender.onRtcp(nack);
  // A report whose echo is half a minute in the future.
  const report = Buffer.alloc(32);
  report.set([0x81, 201, 0, 7]);
  report.writeUInt32BE(sender.ssrc, 8);
  report.writeUInt32BE(0x7fff_0000, 24);
  report.writeUInt32BE(0xffff_0000, 28);
  const roundTripMs = sender.counters().roundTripMs;
  sender.onRtcp(report);
  expect(sender.counters().ignoredFeedback).toBe(3);
  expect(sender.counters().roundTripMs).toBe(roundTripMs);
  expect(seen.packets).toHaveLength(before);
  expect(seen.keyframes).toBe(0);
});

test("a request for all packets there could be costs no more than the retransmissions' share", () => {
  for (let index = 0; index < 20; index += 1) {
    sender.send(unit(9000, index === 0));
    vi.advanceTimersByTime(16);
  }
  const media = seen.packets.length;
  const nack = Buffer.alloc(12 + 4 * 60, 0xff);
  nack.set([0x81, 205, 0, nack.length / 4 - 1]);
  nack.writeUInt32BE(sender.ssrc, 8);
  for (let message = 0; message < 200; message += 1) {
    for (let entry = 0; entry < 60; entry += 1)
      nack.writeUInt16BE((message * 1020 + entry * 17) & 0xffff, 12 + 4 * entry);
    sender.onRtcp(nack);
  }
  expect(seen.packets.length - media).toBeLessThan(media);
  expect(seen.keyframes).toBeLessThanOrEqual(1);
});
