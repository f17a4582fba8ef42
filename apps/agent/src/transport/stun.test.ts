import fc from "fast-check";
import { expect, test } from "vitest";
import { attributeAt, crc32, isBindingRequest, STUN, seal } from "./stun.ts";
import { RFC5769_PASSWORD, RFC5769_REQUEST, writeCheck } from "./testing/stun-check.ts";

test("the sample request of RFC 5769 is read and, sealed anew, is the same byte for byte", () => {
  const message = Buffer.from(RFC5769_REQUEST);
  expect(isBindingRequest(message)).toBe(true);
  const at = attributeAt(message, STUN.iceControlled, 8);
  expect(message.subarray(at, at + 8).toString("hex")).toBe("932ff9b151263b36");
  const integrity = attributeAt(message, STUN.messageIntegrity, 20);
  message.fill(0, integrity, integrity + 20);
  message.fill(0, message.length - 4);
  seal(message, RFC5769_PASSWORD);
  expect(message).toEqual(RFC5769_REQUEST);
});

test("a changed value and its seal change nothing else", () => {
  const message = writeCheck({
    username: "agent:viewer",
    tieBreaker: 0n,
    password: "of the agent",
    useCandidate: true,
  });
  const wanted = writeCheck({ username: "agent:viewer", tieBreaker: 1n, password: "of the agent", useCandidate: true });
  message.writeBigUInt64BE(1n, attributeAt(message, STUN.iceControlling, 8));
  seal(message, "of the agent");
  expect(message).toEqual(wanted);
});

test("the checksum is the usual CRC-32", () => {
  expect(crc32(Buffer.from("123456789"))).toBe(0xcbf43926);
});

test("media, DTLS and other STUN messages are no binding requests", () => {
  const rtp = Buffer.from(RFC5769_REQUEST);
  rtp[0] = 0x80;
  const response = Buffer.from(RFC5769_REQUEST);
  response[0] = 0x01;
  const short = RFC5769_REQUEST.subarray(0, 40);
  const cookieless = Buffer.from(RFC5769_REQUEST);
  cookieless[4] = 0;
  for (const other of [rtp, response, short, cookieless, Buffer.alloc(0), Buffer.from([22, 254, 253])]) {
    expect(isBindingRequest(other)).toBe(false);
  }
});

test("attributes that reach beyond the message, or have another size, are not there", () => {
  const message = writeCheck({ username: "a:b", tieBreaker: 0n, password: "p" });
  expect(attributeAt(message, STUN.iceControlling, 4)).toBe(-1);
  message.writeUInt16BE(0xffff, STUN.headerBytes + 2);
  expect(attributeAt(message, STUN.iceControlling, 8)).toBe(-1);
  expect(attributeAt(message.subarray(0, 22), STUN.iceControlling, 8)).toBe(-1);
});

test("no datagram is read or sealed beyond its end", () => {
  const header = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
  const hostile = fc.uint8Array({ maxLength: 200 }).map((tail) => {
    const message = Buffer.from([...header, ...tail]);
    if (message.length >= STUN.headerBytes) message.writeUInt16BE(message.length - STUN.headerBytes, 2);
    return message;
  });
  const attributes = fc
    .array(fc.tuple(fc.constantFrom(6, 8, 0x24, 0x25, 0x8028, 0x8029, 0x802a), fc.integer({ min: 0, max: 24 })))
    .map((list) => {
      const parts = list.map(([type, bytes]) => {
        const part = Buffer.alloc(4 + bytes);
        part.writeUInt16BE(type, 0);
        part.writeUInt16BE(bytes, 2);
        return part;
      });
      const message = Buffer.concat([Buffer.from(header), Buffer.alloc(12), ...parts]);
      message.writeUInt16BE(message.length - STUN.headerBytes, 2);
      return message;
    });
  fc.assert(
    fc.property(fc.oneof(hostile, attributes), (message) => {
      const { length } = message;
      for (const type of [STUN.iceControlled, STUN.iceControlling]) {
        const at = attributeAt(message, type, 8);
        expect(at + 8).toBeLessThanOrEqual(Math.max(length, 7));
      }
      if (isBindingRequest(message)) seal(message, "p");
      expect(message.length).toBe(length);
    }),
  );
});
