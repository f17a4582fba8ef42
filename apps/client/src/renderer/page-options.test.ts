import { expect, it } from "vitest";
import { readPageOptions } from "./page-options.ts";

it("reads what operators and tests ask for", () => {
  expect(
    readPageOptions("?resize=false&scale=native&stats=true&relay=1&crashed=true&url=http%3A%2F%2Fh%3A1&desktop=7"),
  ).toEqual({
    resize: false,
    scale: "native",
    stats: true,
    relay: true,
    crashed: true,
    url: "http://h:1",
    desktop: "7",
  });
});

it("leaves out what is not asked for or not understood", () => {
  expect(readPageOptions("?scale=huge&resize=maybe&url=&desktop=")).toEqual({});
});
