import { expect, test } from "vitest";
import {
  ATTRIBUTE,
  isSealed,
  longTermKey,
  makeRequest,
  messageBytes,
  METHOD,
  readAnswer,
  readXorAddress,
} from "./turn-message.ts";

/** RFC 5769, section 2.2: sample IPv4 response. */
const RESPONSE = Buffer.from(
  "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643" +
    "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96",
  "hex",
);
/** Section 2.3: the address of the IPv6 response, of the same transaction. */
const IPV6 = Buffer.from("0002a1470113a9faa5d3f179bc25f4b5bed2b9d9", "hex");
/** Section 2.4: sample request with long-term authentication. */
const REQUEST = Buffer.from(
  "000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe382b90000" +
    "0015001c662f2f3439396b393534643" +
    "64f4c33346f4c39465354767936347341" +
    "0014000b6578616d706c652e6f726700" +
    "00080014f67024656dd64a3e02b8e0712e85c9a28ca89666",
  "hex",
);

test("the sample response of RFC 5769 is read, and its seal holds under its password alone", () => {
  const answer = readAnswer(RESPONSE);
  expect(answer).toMatchObject({ ok: true, method: METHOD.binding, errorCode: 0 });
  const mapped = answer.attributes.get(ATTRIBUTE.xorMappedAddress);
  expect(readXorAddress(mapped, answer.transaction)).toBe("192.0.2.1:32853");
  expect(readXorAddress(IPV6, answer.transaction)).toBe("[2001:db8:1234:5678:11:2233:4455:6677]:32853");
  expect(isSealed(answer, Buffer.from("VOkJxbRl1RmTxUk/WvJxBt"))).toBe(true);
  expect(isSealed(answer, Buffer.from("VOkJxbRl1RmTxUk/WvJxBu"))).toBe(false);
});

test("a request is sealed under a long-term credential as in RFC 5769's sample", () => {
  const made = makeRequest(
    METHOD.binding,
    REQUEST.subarray(8, 20),
    [
      [ATTRIBUTE.username, Buffer.from("マトリックス")],
      [ATTRIBUTE.nonce, Buffer.from("f//499k954d6OL34oL9FSTvy64sA")],
      [ATTRIBUTE.realm, Buffer.from("example.org")],
    ],
    longTermKey("マトリックス", "example.org", "TheMatrIX"),
  );
  // Ours has a FINGERPRINT behind it, of which the seal knows nothing.
  expect(made.subarray(4, REQUEST.length).toString("hex")).toBe(REQUEST.subarray(4).toString("hex"));
  expect(made.readUInt16BE(2)).toBe(REQUEST.readUInt16BE(2) + 8);
});

test("an error is read with its words", () => {
  const refusal = Buffer.from("0113001c2112a442b7e7a701bc34d686fa87dfae", "hex");
  const error = Buffer.concat([
    Buffer.from("0009001000000401", "hex"),
    Buffer.from("Unauthorized"),
    Buffer.from("00140004", "hex"),
    Buffer.from("test"),
  ]);
  expect(readAnswer(Buffer.concat([refusal, error]))).toMatchObject({
    ok: false,
    method: METHOD.allocate,
    errorCode: 401,
    errorText: "Unauthorized",
  });
});

test("what is cut off, too long, a request, or no STUN at all is refused", () => {
  expect(() => readAnswer(RESPONSE.subarray(0, -4))).toThrow(/not whole/);
  expect(() => readAnswer(REQUEST)).toThrow(/request/);
  const overlong = Buffer.from(RESPONSE);
  overlong.writeUInt16BE(0x7fff, 22);
  expect(() => readAnswer(overlong)).toThrow(/attribute/);
  expect(messageBytes(Buffer.from("HTTP"))).toBeUndefined();
  expect(() => messageBytes(Buffer.from("HTTP/1.1 400 Bad Request\r\n"))).toThrow(/no STUN or TURN server/);
});
