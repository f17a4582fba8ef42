// Sound in `sender.ts`, beside a picture: what it takes, and what it leaves alone.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { soundPacket } from "../audio/testing/fake-sound.ts";
import { accessUnit } from "../testing/fake-media.ts";
import type { PacketKind } from "./outlet.ts";
import { Sender } from "./sender.ts";

interface Sent {
  readonly kind: PacketKind;
  readonly ssrc: number;
  readonly transportSequence: number;
}

let sender: Sender;
let sent: Sent[];
let reports: number[];
let targetsBps: number[];
let keyframes: number;

beforeEach(() => {
  vi.useFakeTimers();
  [sent, reports, targetsBps, keyframes] = [[], [], [], 0];
  sender = open(true);
});
afterEach(() => {
  sender.close();
  vi.useRealTimers();
});

function open(hears: boolean): Sender {
  const extensions = { transportSequence: 4 };
  return new Sender({
    formats: [
      { format: "h264", codec: "h264", chroma: "420", payloadType: 108, parameters: "", rtxPayloadType: undefined },
    ],
    fecPayloadType: undefined,
    extensions,
    audio: hears
      ? { formats: [{ channels: 2, payloadType: 111, parameters: "", redPayloadType: 63 }], extensions }
      : undefined,
    mtuBytes: 1200,
    startBps: 8e6,
    minBps: 300e3,
    maxBps: 50e6,
    framesPerSecond: 60,
    write: (packet, kind) => {
      if (packet[1] === 200) reports.push(packet.readUInt32BE(4));
      // One-byte extension behind the header: profile, length, its own head.
      else sent.push({ kind, ssrc: packet.readUInt32BE(8), transportSequence: packet.readUInt16BE(17) });
    },
    onKeyframeNeeded: () => {
      keyframes += 1;
    },
    onAlive: () => undefined,
    onTargetBps: (targetBps) => targetsBps.push(targetBps),
  });
}

function picture(bytes: number): void {
  const data = new Uint8Array(bytes).fill(7);
  data.set([0, 0, 0, 1, 0x65]);
  sender.send({ ...accessUnit(1), data });
  expect(sent.length).toBeGreaterThan(0);
}

/** Transport feedback: which packets arrived from `base` on. */
function feedback(base: number, arrived: readonly boolean[]): Buffer {
  const deltas = arrived.filter(Boolean).length;
  const bytes = Buffer.alloc(20 + 2 * arrived.length + deltas + ((4 - ((2 * arrived.length + deltas) % 4)) % 4));
  bytes.set([0x8f, 205, 0, bytes.length / 4 - 1]);
  bytes.writeUInt16BE(base, 12);
  bytes.writeUInt16BE(arrived.length, 14);
  for (const [index, one] of arrived.entries()) bytes.writeUInt16BE(one ? 0x2001 : 1, 20 + 2 * index);
  bytes.fill(4, 20 + 2 * arrived.length, 20 + 2 * arrived.length + deltas);
  return bytes;
}

test("sound leaves at once while a large picture waits for its pace, under the same transport-wide numbers", () => {
  picture(150_000);
  const before = sent.length;
  expect(sender.sendSound(soundPacket(480, { begins: true }))).toBe(true);
  expect(sent.slice(before)).toMatchObject([{ kind: "sound", ssrc: sender.soundSsrc }]);
  vi.advanceTimersByTime(200);
  expect(sent.length).toBeGreaterThan(before + 1);
  const [first = 0, ...others] = sent.map(({ transportSequence }) => transportSequence);
  expect(others).toEqual(others.map((_, index) => first + index + 1));
  expect(reports).toContain(sender.soundSsrc);
});

test("what sound takes is not given to the picture, and is again when it ends", () => {
  const share = (targetsBps.at(-1) ?? 0) / sender.counters().targetBps;
  for (let packet = 0; packet < 250; packet++) {
    sender.sendSound(soundPacket(packet * 480, { data: new Uint8Array(1000) }));
    vi.advanceTimersByTime(10);
  }
  const { targetBps } = sender.counters();
  // A thousand bytes and what stands around them, a hundred times a second.
  const soundBps = (1000 + 20 + 64) * 800;
  expect(targetsBps.at(-1) ?? 0).toBeLessThan((targetBps - 0.9 * soundBps) * share);
  expect(targetsBps.at(-1) ?? 0).toBeGreaterThan((targetBps - 1.1 * soundBps) * share);
  vi.advanceTimersByTime(1100);
  sender.setLimits({ startBps: 8e6, minBps: 300e3, maxBps: 50e6 });
  expect(targetsBps.at(-1) ?? 0).toBeGreaterThan(sender.counters().targetBps * share * 0.97);
});

test("a lost sound is no lost end of the picture, and makes no timeout a need", () => {
  picture(500);
  const first = sent[0]?.transportSequence ?? 0;
  sender.onRtcp(feedback(first, [true]));
  for (let packet = 1; packet <= 3; packet++) sender.sendSound(soundPacket(packet * 480));
  sender.onRtcp(feedback(first + 1, [false, false, true]));
  const before = sent.length;
  vi.advanceTimersByTime(5000);
  expect(sent).toHaveLength(before);
  // Chromium asks after three seconds without a picture, although it has the whole.
  const pli = Buffer.from([0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0]);
  pli.writeUInt32BE(sender.ssrc, 8);
  sender.onRtcp(pli);
  expect(keyframes).toBe(0);
});

test("a report of the sound's stream is one of ours", () => {
  sender.sendSound(soundPacket(480));
  const report = Buffer.alloc(32);
  report.set([0x81, 201, 0, 7]);
  report.writeUInt32BE(sender.soundSsrc ?? 0, 8);
  sender.onRtcp(report);
  expect(sender.counters().ignoredFeedback).toBe(0);
});

test("a viewer that takes no sound here, or none of so many channels, is sent none", () => {
  expect(sender.sendSound(soundPacket(480, { channels: 6 }))).toBe(false);
  const deaf = open(false);
  expect([deaf.sendSound(soundPacket(480)), deaf.soundSsrc]).toEqual([false, undefined]);
  deaf.close();
  expect(sent).toEqual([]);
});
