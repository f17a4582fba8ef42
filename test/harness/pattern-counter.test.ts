import { expect, test } from "vitest";
import { counterRows, movingArea, readCounter } from "./pattern-counter.ts";

/** As pattern.c draws it. */
const bitsOf = (counter: number) => (counter << 8) | ((counter * 167 + (counter >> 8) * 29 + 89) & 0xff);

test("every counter is read back", () => {
  for (const counter of [0, 1, 255, 256, 4711, 65535]) expect(readCounter(bitsOf(counter))).toBe(counter);
});

test("no single wrong block passes for another counter", () => {
  for (let bit = 0; bit < 24; bit += 1) expect(readCounter(bitsOf(4711) ^ (1 << bit))).toBeUndefined();
});

test("the counters of a quarter lie in its first and last block rows", () => {
  expect(counterRows(movingArea("quarter", 1280, 720))).toEqual({ leftPx: 656, widthPx: 384, rowsPx: [368, 712] });
});
