import { beforeEach, expect, it } from "vitest";
import { soundPacket } from "../audio/testing/fake-sound.ts";
import { AudioStream } from "./audio-stream.ts";

const FORMATS = [
  { channels: 2, payloadType: 111, parameters: "", redPayloadType: 63 },
  { channels: 6, payloadType: 112, parameters: "", redPayloadType: undefined },
] as const;
let stream: AudioStream;
beforeEach(() => {
  stream = new AudioStream({ formats: FORMATS, extensions: { transportSequence: 4 }, maxPacketBytes: 1100 });
});

interface Rtp {
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

function read(packet: Buffer | undefined): Rtp {
  if (packet === undefined) throw new Error("no packet");
  const second = packet.readUInt8(1);
  return {
    payloadType: second & 0x7f,
    marker: second > 0x7f,
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
  };
}

it("numbers packets, counts samples, and marks where a sound begins", () => {
  const one = read(stream.take(soundPacket(1_000_000, { begins: true }), 0, 0));
  const two = read(stream.take(soundPacket(1_000_480), 0, 10));
  expect([one.marker, two.marker, one.payloadType]).toEqual([true, false, 111]);
  expect((two.sequence - one.sequence) & 0xffff).toBe(1);
  expect((two.timestamp - one.timestamp) >>> 0).toBe(480);
  expect([one.ssrc, two.ssrc]).toEqual([stream.ssrc, stream.ssrc]);
});

it("its clock runs on through silence and over the end of 32 bits", () => {
  const before = read(stream.take(soundPacket(2 ** 32 - 480), 0, 0)).timestamp;
  const after = read(stream.take(soundPacket(2 ** 32 + 48_000, { begins: true }), 0, 0)).timestamp;
  expect((after - before) >>> 0).toBe(48_480);
});

it("repeats the last packet when some are lost, two when many are, and stops ten seconds after", () => {
  const bytes = (lossFraction: number, nowMs: number) => {
    position += 480;
    const packet = stream.take(soundPacket(position), lossFraction, nowMs);
    return [read(packet).payloadType, packet?.length ?? 0];
  };
  let position = 0;
  const [, plain = 0] = bytes(0, 0);
  expect(bytes(0, 10)).toEqual([111, plain]);
  // Two bytes each, a block's head of four, and a last one of one byte.
  expect(bytes(0.01, 20)).toEqual([63, plain + 4 + 2 + 1]);
  expect(bytes(0.1, 30)).toEqual([63, plain + 2 * (4 + 2) + 1]);
  expect(bytes(0, 9000)[0]).toBe(63);
  expect(bytes(0, 10_050)[0]).toBe(111);
});

it("sends more channels under their own payload type, and what the viewer does not take not at all", () => {
  expect(read(stream.take(soundPacket(0, { channels: 6 }), 0.1, 0)).payloadType).toBe(112);
  expect(stream.take(soundPacket(480, { channels: 8 }), 0, 0)).toBeUndefined();
});

it("leaves a packet out that no datagram holds", () => {
  expect(stream.take(soundPacket(0, { data: new Uint8Array(1200) }), 0, 0)).toBeUndefined();
});

it("reports once a second, with the sound's own clock", () => {
  const { timestamp } = read(stream.take(soundPacket(Number(process.hrtime.bigint() / 1000n) * 0.048), 0, 0));
  const report = stream.report(performance.now());
  expect(report?.readUInt32BE(4)).toBe(stream.ssrc);
  const ahead = ((report?.readUInt32BE(16) ?? 0) - timestamp) | 0;
  expect(Math.abs(ahead)).toBeLessThan(48_000);
  expect(report?.readUInt32BE(20)).toBe(1);
  expect(stream.report(performance.now() + 500)).toBeUndefined();
  expect(stream.report(performance.now() + 1001)).toBeDefined();
});
