import { expect, it } from "vitest";
import { opusHead } from "./opus-head.ts";

it("stereo needs none", () => {
  expect(opusHead(2)).toBeUndefined();
});

it.each([
  // RFC 7845 section 5.1 and its table of section 5.1.1.2, octet by octet.
  [6, "4f70757348656164 01 06 0000 80bb0000 0000 01 04 02 000401020305"],
  [8, "4f70757348656164 01 08 0000 80bb0000 0000 01 05 03 0006010203040507"],
] as const)("of %d channels is the identification header", (channels, hex) => {
  expect(Buffer.from(opusHead(channels) ?? []).toString("hex")).toBe(hex.replaceAll(" ", ""));
});
