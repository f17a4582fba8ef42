import { expect, test } from "vitest";
import { createRtpLayout, patchSendTime, writeRtpHeader } from "./rtp.ts";

const FIELDS = { payloadType: 108, marker: true, sequence: 0x1234, timestamp: 0x89abcdef, ssrc: 0xdeadbeef };

test("header and extensions are the bytes of RFC 3550 and RFC 8285", () => {
  const layout = createRtpLayout({ absoluteSendTime: 2, transportSequence: 4, playoutDelay: 5 });
  const packet = new Uint8Array(30);
  writeRtpHeader(packet, 2, layout, FIELDS);
  patchSendTime(packet, 2, layout, 0xabcd, 1500);
  expect(layout.headerBytes).toBe(28);
  expect([...packet]).toEqual([
    0, 0, 0x90, 0xec, 0x12, 0x34, 0x89, 0xab, 0xcd, 0xef, 0xde, 0xad, 0xbe, 0xef, 0xbe, 0xde, 0, 3, 0x22, 0x06, 0, 0,
    0x41, 0xab, 0xcd, 0x52, 0, 0, 0, 0,
  ]);
});

test("the colours are said where the offer has a word for it", () => {
  const layout = createRtpLayout({ colorSpace: 9 });
  expect(layout.headerBytes).toBe(24);
  expect([...layout.extensionBlock]).toEqual([0xbe, 0xde, 0, 2, 0x93, 1, 1, 1, 0x10, 0, 0, 0]);
});

test("without extensions there is no extension block", () => {
  const layout = createRtpLayout({});
  const packet = new Uint8Array(12);
  writeRtpHeader(packet, 0, layout, { ...FIELDS, marker: false });
  patchSendTime(packet, 0, layout, 7, 1500);
  expect([...packet]).toEqual([0x80, 0x6c, 0x12, 0x34, 0x89, 0xab, 0xcd, 0xef, 0xde, 0xad, 0xbe, 0xef]);
});
