import { expect, test } from "vitest";
import { rangeOf } from "./byte-range.ts";

const OF = { sizeBytes: 100, etag: '"a"' };

test.each([
  ["bytes=0-9", { from: 0, to: 10 }],
  ["bytes=90-", { from: 90, to: 100 }],
  ["bytes=90-500", { from: 90, to: 100 }],
  ["bytes=-10", { from: 90, to: 100 }],
  ["bytes=-500", { from: 0, to: 100 }],
  ["bytes=100-", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=9-0", undefined],
  ["bytes=-", undefined],
  ["bytes=0-1,5-6", undefined],
  ["lines=0-9", undefined],
  ["bytes=0x1-9", undefined],
  [undefined, undefined],
])("%s of a hundred bytes is %o", (header, range) => {
  expect(rangeOf(header, OF.etag, OF)).toEqual(range);
});

test("a range of what stood here before is everything", () => {
  expect(rangeOf("bytes=50-", '"b"', OF)).toBeUndefined();
});
