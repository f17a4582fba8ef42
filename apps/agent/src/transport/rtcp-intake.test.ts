import { expect, test } from "vitest";
import { readRtcp } from "./rtcp.ts";
import { RtcpIntake } from "./rtcp-intake.ts";

const PLI = Uint8Array.from([0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]);
const CUT = PLI.subarray(0, 8);

function intake(): { intake: RtcpIntake; read: () => number } {
  let read = 0;
  const count = (datagram: Uint8Array) => {
    readRtcp(datagram);
    read += 1;
  };
  return { intake: new RtcpIntake(count), read: () => read };
}

test("2000 datagrams in a second are read, one more is too many", () => {
  const { intake: rtcp, read } = intake();
  for (let index = 0; index < 4000; index += 1) expect(rtcp.take(PLI, index / 2)).toBeUndefined();
  expect(read()).toBe(4000);
  expect(rtcp.take(PLI, 1999.9)).toEqual({ reason: "rate-limited", detail: "media feedback" });
  expect(read()).toBe(4000);
});

test("a hundred datagrams that are no RTCP are passed over, one more ends it", () => {
  const { intake: rtcp } = intake();
  for (let index = 0; index < 100; index += 1) expect(rtcp.take(CUT, index)).toBeUndefined();
  expect(rtcp.malformed).toBe(100);
  expect(rtcp.take(CUT, 100)?.reason).toBe("protocol-error");
});

test("media that a viewer sends is counted and ends nothing", () => {
  const { intake: rtcp, read } = intake();
  const packet = Uint8Array.from([0x80, 108, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 7]);
  for (let index = 0; index < 500; index += 1) expect(rtcp.take(packet, index)).toBeUndefined();
  expect([rtcp.malformed, read()]).toEqual([500, 0]);
  expect(rtcp.take(PLI, 500)).toBeUndefined();
});
