import { ProtocolError } from "@eglantine/protocol/field";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readRtcp, writeSenderReport } from "./rtcp.ts";

test("a sender report is the bytes of RFC 3550", () => {
  const bytes = new Uint8Array(28);
  writeSenderReport(bytes, { ssrc: 0x01020304, unixMs: 500, timestamp: 9, sentPackets: 10, sentPayloadBytes: 11 });
  expect([...bytes]).toEqual([
    0x80, 200, 0, 6, 1, 2, 3, 4, 0x83, 0xaa, 0x7e, 0x80, 0x80, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 10, 0, 0, 0, 11,
  ]);
});

test("a compound packet of receiver report, NACK and PLI is read whole", () => {
  const report = [
    0x81, 201, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2, 0x80, 0xff, 0xff, 0xfe, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 7,
  ];
  const nack = [0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xff, 0, 5];
  const pli = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
  expect(readRtcp(Uint8Array.from([...report, ...nack, ...pli]))).toEqual([
    { type: "report", ssrc: 2, lossFraction: 0.5, lostPackets: -2, lastReport: 6, delaySinceLastReport: 7 },
    { type: "nack", ssrc: 2, sequences: [0xffff, 0, 2] },
    { type: "pli", ssrc: 2 },
  ]);
});

test("FIR names its stream in the entry", () => {
  expect(readRtcp(Uint8Array.from([0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 9, 0, 0, 0]))).toEqual([
    { type: "fir", ssrc: 2, sequence: 9 },
  ]);
});

test("transport feedback: run of received, vector with a lost one and a large negative delta", () => {
  const head = [0x8f, 205, 0, 6, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xfe, 0, 4, 0, 0, 1, 7];
  // Run of two small deltas (0x2002), vector of two-bit statuses: lost, large (0xc2 0x00 → 00 10 …).
  const body = [0x20, 0x02, 0xc8, 0x00, 4, 8, 0xff, 0xfc];
  const feedback = readRtcp(Uint8Array.from([...head, ...body].concat([])))[0];
  expect(feedback).toMatchObject({ type: "transport-feedback", baseSequence: 0xfffe });
  expect(feedback?.type === "transport-feedback" ? [...feedback.arrivalMs] : []).toEqual([65, 67, Number.NaN, 66]);
});

test("unknown packet types are skipped", () => {
  expect(
    readRtcp(Uint8Array.from([0x80, 207, 0, 1, 0, 0, 0, 0, 0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2])),
  ).toHaveLength(1);
});

test("any bytes are read or refused with a ProtocolError", () => {
  const kinds = fc.constantFrom([0x81, 201], [0x81, 205], [0x8f, 205], [0x81, 206], [0x84, 206], [0xa1, 200]);
  const packet = fc.record({ kind: kinds, words: fc.nat(20), body: fc.uint8Array({ maxLength: 80 }) });
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    packet.map(({ kind, words, body }) => Uint8Array.from([...kind, 0, words, ...body])),
    packet.map(({ kind, body }) => {
      const padded = [...body, ...Array.from({ length: (4 - (body.length % 4)) % 4 }, () => 0)];
      return Uint8Array.from([...kind, 0, padded.length / 4, ...padded]);
    }),
  );
  fc.assert(
    fc.property(hostile, (bytes) => {
      try {
        readRtcp(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
    { numRuns: 2000 },
  );
});

test("a NACK that names more packets than are ever kept is refused", () => {
  const nack = new Uint8Array(12 + 4 * 400).fill(0xff);
  nack.set([0x81, 205, 0x01, 0x92, 0, 0, 0, 1, 0, 0, 0, 2]);
  expect(() => readRtcp(nack)).toThrow(ProtocolError);
});

test("a feedback message that claims more packets than it carries is refused", () => {
  const bomb = [0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0x3f, 0xff, 0x3f, 0xff];
  expect(() => readRtcp(Uint8Array.from(bomb))).toThrow(ProtocolError);
});

test("a datagram of many small feedback messages tells of no more packets than one may", () => {
  // 1024 packets, none of them received, in one run: 24 bytes.
  const none = [0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 4, 0, 0, 0, 0, 0, 0x04, 0x00, 0, 0];
  expect(readRtcp(Uint8Array.from([...none, ...none]))).toHaveLength(2);
  expect(() => readRtcp(Uint8Array.from([...none, ...none, ...none]))).toThrow(ProtocolError);
});
