// What the library hands over several times counts once.

import { expect, test } from "vitest";
import { Copies } from "./copies.ts";

const [VIDEO, RTX, AUDIO, VIEWER] = [0xddd0ccd5, 0xb122c527, 0x01020304, 0x13e35e64] as const;
const copies = () => new Copies([VIDEO, RTX, AUDIO]);

/** A receiver report with a block for each. */
function report(...ssrcs: number[]): Buffer {
  const bytes = Buffer.alloc(8 + 24 * ssrcs.length);
  bytes.set([0x80 | ssrcs.length, 201]);
  bytes.writeUInt16BE(bytes.length / 4 - 1, 2);
  bytes.writeUInt32BE(VIEWER, 4);
  for (const [index, ssrc] of ssrcs.entries()) bytes.writeUInt32BE(ssrc, 8 + 24 * index);
  return bytes;
}

/** A picture loss indication. */
function request(ssrc: number): Buffer {
  const bytes = Buffer.from([0x81, 206, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]);
  bytes.writeUInt32BE(VIEWER, 4);
  bytes.writeUInt32BE(ssrc, 8);
  return bytes;
}

test("a report of two streams with a request comes twice and counts once, each time anew", () => {
  const state = copies();
  const compound = () => Buffer.concat([report(RTX, VIDEO), request(VIDEO)]);
  expect([1, 2, 3, 4].map(() => state.isCopy(compound()))).toEqual([false, true, false, true]);
});

test("one of three streams comes three times, with others between", () => {
  const state = copies();
  const [one, other] = [report(RTX, VIDEO, AUDIO), report(VIDEO, AUDIO)];
  expect([one, other, one, one, other, one].map((datagram) => state.isCopy(datagram))).toEqual([
    false,
    false,
    true,
    true,
    true,
    false,
  ]);
});

test("a request that is repeated is no copy, nor is what names no stream of ours or one alone", () => {
  const state = copies();
  for (const datagram of [request(VIDEO), report(VIDEO), report(VIDEO, 5), request(5), Buffer.from([0x80, 96, 1, 2])]) {
    expect([1, 2, 3].map(() => state.isCopy(datagram))).toEqual([false, false, false]);
  }
});

test("cut ones are read as far as they go", () => {
  const whole = Buffer.concat([report(RTX, VIDEO), request(AUDIO)]);
  for (let bytes = 0; bytes <= whole.length; bytes += 1) {
    expect(copies().isCopy(whole.subarray(0, bytes))).toBe(false);
  }
});
