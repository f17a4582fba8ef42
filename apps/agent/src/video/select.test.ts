import { expect, test } from "vitest";
import type { NativeAddon } from "./native.ts";
import { candidatesFor, ENCODER_NAMES, type Refusal, select, UnknownEncoderError } from "./select.ts";
import type { VideoSource } from "./sources/source.ts";

/** Sources that need no add-on: `reason` is why each can't be had. */
const source = (name: string, reason?: string): VideoSource => ({
  name,
  codec: "h264",
  native: "x264",
  merit: `${name} is good`,
  probe: () => Promise.resolve(reason),
});
const addon = {} as NativeAddon;
const take = (name: string, sources: readonly VideoSource[], refusals: Refusal[] = []) =>
  select(name, candidatesFor(name, sources), addon, refusals);

test("auto takes the first that can be had and says why not the better ones", async () => {
  const taken = await take("auto", [source("best", "no GPU"), source("good"), source("last")]);
  expect(taken?.choice).toEqual({
    name: "good",
    codec: "h264",
    chroma: "420",
    why: "best: no GPU; good is good",
    fallback: false,
  });
});

test("a name is tried first, whatever its place", async () => {
  const taken = await take("last", [source("best"), source("last")]);
  expect(taken?.choice).toMatchObject({ name: "last", why: "it was asked for", fallback: false });
});

test("a probe that breaks is a refusal", async () => {
  const broken = { ...source("best"), probe: () => Promise.reject(new Error("out of memory")) };
  const taken = await take("auto", [broken, source("good")]);
  expect(taken?.choice).toMatchObject({ name: "good", why: "best: out of memory; good is good" });
});

test("another one than was asked for is a fallback", async () => {
  const taken = await take("best", [source("best", "no GPU"), source("good")]);
  expect(taken?.choice).toMatchObject({ name: "good", why: "best: no GPU; good is good", fallback: true });
});

test("the next one after one broke is a fallback, under auto too", async () => {
  const taken = await take("auto", [source("good")], [{ name: "best", reason: "it broke" }]);
  expect(taken?.choice).toMatchObject({ name: "good", why: "best: it broke; good is good", fallback: true });
});

test("without any that can be had there is none, and every reason is kept", async () => {
  const refusals: Refusal[] = [];
  expect(await take("auto", [source("a", "x"), source("b", "y")], refusals)).toBeUndefined();
  expect(refusals).toEqual([
    { name: "a", reason: "x" },
    { name: "b", reason: "y" },
  ]);
});

test("an unknown name is refused with the nearest one", () => {
  expect(() => candidatesFor("x265enc")).toThrow(UnknownEncoderError);
  expect(() => candidatesFor("nvh265enc")).toThrow(/did you mean "nvh264enc"/);
  expect(() => candidatesFor("X264")).toThrow(/did you mean "x264enc"/);
});

test("the names of WEBRTC_ENCODER are those of the image, and auto", () => {
  expect(ENCODER_NAMES).toEqual(["auto", "nvh264enc", "x264enc"]);
});
