// Every reason and every condition that the shell may tell has its words.

import { expect, it } from "vitest";
import { CONDITIONS, DESKTOP_REASONS } from "../../../shared/desktops.ts";
import home from "../../messages/en/home.json" with { type: "json" };

it.each(DESKTOP_REASONS)("says what %s is, and what to do about it", (reason) => {
  expect(home).toHaveProperty([`failed.${reason}`]);
  expect(home).toHaveProperty([`remedy.${reason}`]);
});

it.each(CONDITIONS)("has a word for a desktop that is %s", (condition) => {
  expect(home).toHaveProperty([`condition.${condition}`]);
});
