import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AccessUnit } from "../video/types.ts";
import type { ExtensionIds } from "./rtp.ts";
import { Sender } from "./sender.ts";

interface Seen {
  readonly packets: Buffer[];
  readonly reports: Buffer[];
  readonly targetsBps: number[];
  keyframes: number;
  silences: number;
}

let sender: Sender;
let seen: Seen;

beforeEach(() => {
  vi.useFakeTimers();
  sender = open({ transportSequence: 4, playoutDelay: 5 });
});

function open(extensions: ExtensionIds): Sender {
  seen = { packets: [], reports: [], targetsBps: [], keyframes: 0, silences: 0 };
  return new Sender({
    payloadType: 108,
    rtxPayloadType: 109,
    extensions,
    mtuBytes: 1200,
    startBps: 8e6,
    minBps: 300e3,
    maxBps: 50e6,
    framesPerSecond: 60,
    write: (packet) => (packet[1] === 200 ? seen.reports : seen.packets).push(Buffer.from(packet)),
    onKeyframeNeeded: () => {
      seen.keyframes += 1;
    },
    onSilence: () => {
      seen.silences += 1;
    },
    onTargetBps: (targetBps) => seen.targetsBps.push(targetBps),
  });
}

afterEach(() => {
  sender.close();
  vi.useRealTimers();
});

function unit(bytes: number, keyframe: boolean, damageUs = 1e6): AccessUnit {
  const data = new Uint8Array(bytes).fill(7);
  data.set([0, 0, 0, 1, keyframe ? 0x65 : 0x41]);
  return {
    data,
    codec: "h264",
    keyframe,
    first: true,
    last: true,
    frame: 1,
    refinement: false,
    widthPx: 64,
    heightPx: 64,
    timing: { damageUs, grabUs: damageUs, convertUs: damageUs, encodeUs: damageUs },
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

test("the parts of a picture share a timestamp, and only its end bears the marker", () => {
  sender.send({ ...unit(3000, true), last: false });
  sender.send({ ...unit(3000, true), first: false });
  sender.send(unit(100, false, 2e6));
  const timestamps = seen.packets.map(timestampOf);
  expect(new Set(timestamps).size).toBe(2);
  expect(seen.packets.map((packet) => (packet[1] ?? 0) >> 7)).toEqual(
    timestamps.map((timestamp, index) => (timestamp === timestamps[index + 1] ? 0 : 1)),
  );
});

test("the rest of a keyframe whose beginning did not leave is not sent", () => {
  sender.send({ ...unit(3000, true), first: false });
  expect(seen.packets).toHaveLength(0);
});

test("a frame of usual size leaves at once, whole, and no packet exceeds the MTU", () => {
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

test("a key that repeats into a dead path is noticed within two seconds, once", () => {
  for (let index = 0; index < 60; index += 1) {
    sender.send(unit(100, index === 0));
    vi.advanceTimersByTime(33);
  }
  expect(seen.silences).toBe(1);
  vi.advanceTimersByTime(10_000);
  expect(seen.silences).toBe(1);
});

test("nothing leaves after close", () => {
  sender.send(unit(150_000, true));
  const before = seen.packets.length;
  sender.close();
  vi.advanceTimersByTime(1000);
  sender.send(unit(100, true));
  expect(seen.packets).toHaveLength(before);
});
