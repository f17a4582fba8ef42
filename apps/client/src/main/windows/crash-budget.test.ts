import { expect, it } from "vitest";
import { CrashBudget } from "./crash-budget.ts";

it("loads a page again three times a minute, and then tells", () => {
  const budget = new CrashBudget();
  expect([0, 1000, 2000, 3000, 59_999].map((atMs) => budget.crashed(atMs))).toEqual([
    "reload",
    "reload",
    "reload",
    "tell",
    "tell",
  ]);
  // The first one is a minute ago.
  expect(budget.crashed(60_000)).toBe("reload");
  expect(budget.crashed(60_500)).toBe("tell");
});
