import { expect, it } from "vitest";
import { OpusPayload } from "./opus.ts";

const OPUS = 111;
const packet = (timestamp: number, ...data: number[]) => ({ timestamp, data: Uint8Array.from(data) });

interface Block {
  readonly payloadType: number;
  readonly timestampOffset: number;
  readonly data: readonly number[];
}

/** Reads RFC 2198 section 3 on its own. */
function readRed(payload: Uint8Array): Block[] {
  const heads: { payloadType: number; timestampOffset: number; bytes: number | undefined }[] = [];
  let at = 0;
  for (;;) {
    const first = payload[at] ?? 0;
    if ((first & 0x80) === 0) {
      heads.push({ payloadType: first, timestampOffset: 0, bytes: undefined });
      at += 1;
      break;
    }
    const rest = ((payload[at + 1] ?? 0) << 16) | ((payload[at + 2] ?? 0) << 8) | (payload[at + 3] ?? 0);
    heads.push({ payloadType: first & 0x7f, timestampOffset: rest >> 10, bytes: rest & 0x3ff });
    at += 4;
  }
  return heads.map(({ payloadType, timestampOffset, bytes }) => {
    const end = bytes === undefined ? payload.length : at + bytes;
    const data = [...payload.subarray(at, end)];
    at = end;
    return { payloadType, timestampOffset, data };
  });
}

function write(payload: OpusPayload, one: ReturnType<typeof packet>, redundant: number, room = 1000) {
  const into = new Uint8Array(1200);
  const { end, blocks } = payload.write(one, into, 20, { redundant, payloadType: OPUS, maxEnd: 20 + room });
  return { bytes: into.subarray(20, end), blocks };
}

it("sends a packet as it is where nothing is lost", () => {
  const payload = new OpusPayload();
  const { bytes, blocks } = write(payload, packet(0, 1, 2, 3), 0);
  expect([[...bytes], blocks]).toEqual([[1, 2, 3], 0]);
});

it("puts the packets before in front of it, oldest first", () => {
  const payload = new OpusPayload();
  write(payload, packet(0xffff_ff00, 1), 2);
  write(payload, packet(0x0000_00e0, 2, 2), 2);
  const { bytes, blocks } = write(payload, packet(0x0000_02c0, 3), 2);
  expect(blocks).toBe(2);
  expect(readRed(bytes)).toEqual([
    { payloadType: OPUS, timestampOffset: 960, data: [1] },
    { payloadType: OPUS, timestampOffset: 480, data: [2, 2] },
    { payloadType: OPUS, timestampOffset: 0, data: [3] },
  ]);
});

it("knows the last ones also when redundancy begins only now", () => {
  const payload = new OpusPayload();
  write(payload, packet(0, 1), 0);
  expect(readRed(write(payload, packet(480, 2), 1).bytes).map(({ data }) => data)).toEqual([[1], [2]]);
});

it("leaves out what does not fit, what is too old, and what belongs to another sound", () => {
  const payload = new OpusPayload();
  write(payload, { timestamp: 0, data: new Uint8Array(300) }, 0);
  write(payload, { timestamp: 480, data: new Uint8Array(300) }, 0);
  expect(write(payload, { timestamp: 960, data: new Uint8Array(300) }, 2, 700).blocks).toBe(1);
  expect(write(payload, packet(60_000, 1), 1).blocks).toBe(0);
  payload.reset();
  expect(write(payload, packet(60_480, 1), 1).blocks).toBe(0);
});

it("does not repeat one that the length field can't say", () => {
  const payload = new OpusPayload();
  write(payload, { timestamp: 0, data: new Uint8Array(1024) }, 0, 1100);
  expect(write(payload, packet(480, 1), 1, 1100).blocks).toBe(0);
});
