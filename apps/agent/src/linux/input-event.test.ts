import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeEvents, encodeEvents, encodeJsEvents, eventBytes } from "./input-event.ts";

const RECORDS = [
  { type: 3, code: 0, value: -32_768 },
  { type: 0, code: 0, value: 0 },
];
const TIME = { seconds: 0x01020304, microseconds: 999_999 };

test("struct input_event of a 64-bit program is 24 bytes, of a 32-bit one 16", () => {
  expect(encodeEvents(RECORDS, TIME, 8).toString("hex")).toBe(
    "04030201000000003f420f0000000000030000000080ffff04030201000000003f420f00000000000000000000000000",
  );
  expect(encodeEvents(RECORDS, TIME, 4).toString("hex")).toBe(
    "040302013f420f00030000000080ffff040302013f420f000000000000000000",
  );
});

const record = fc.record({
  type: fc.integer({ min: 0, max: 0xffff }),
  code: fc.integer({ min: 0, max: 0xffff }),
  value: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
});

test("what was encoded is decoded, and a part of an event behind it is left", () => {
  fc.assert(
    fc.property(fc.array(record), fc.constantFrom(4 as const, 8 as const), fc.nat(15), (records, word, more) => {
      const data = Buffer.concat([encodeEvents(records, TIME, word), Buffer.alloc(more, 0xff)]);
      expect(decodeEvents(data, word)).toEqual(records);
      expect(data.length % eventBytes(word)).toBe(more);
    }),
  );
});

test("struct js_event tells initial values from changes", () => {
  const one = [{ kind: "axis" as const, number: 3, value: -2 }];
  expect(encodeJsEvents(one, 2 ** 32 + 5, false).toString("hex")).toBe("05000000feff0203");
  expect(encodeJsEvents([{ kind: "button", number: 1, value: 1 }], 6, true).toString("hex")).toBe("0600000001008101");
});
