import { expect, test } from "vitest";
import { quantile, summarise } from "./summary.ts";

test("a summary counts what never came and discards nothing", () => {
  expect(summarise([5, 1, undefined, 3, 1000])).toEqual({
    count: 4,
    missing: 1,
    min: 1,
    median: 4,
    p95: expect.closeTo(850.75),
    max: 1000,
  });
});

test("no values have no median", () => {
  expect(quantile([], 0.5)).toBeNaN();
});
