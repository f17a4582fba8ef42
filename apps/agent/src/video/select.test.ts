import { expect, test, vi } from "vitest";
import { ENCODER_NAMES as NAMES_OF_THE_OPTION } from "../config/options.ts";
import type { NativeAddon } from "./native.ts";
import {
  candidatesFor,
  ENCODER_NAMES,
  offers,
  prepare,
  type Refusal,
  select,
  SOURCES,
  UnknownEncoderError,
} from "./select.ts";
import type { VideoSource } from "./sources/source.ts";
import type { EncoderWish } from "./types.ts";

/** Sources that need no add-on: `reason` is why each can't be had. */
const source = (name: string, reason?: string, more: Partial<VideoSource> = {}): VideoSource => ({
  name,
  codec: "h264",
  chroma444: false,
  native: name,
  merit: `${name} is good`,
  probe: () => Promise.resolve(reason),
  ...more,
});
const wish = (encoder: string, more: Partial<EncoderWish> = {}): EncoderWish => ({
  encoder,
  formats: ["h264"],
  chroma: "420",
  ...more,
});
const take = (asked: EncoderWish, sources: readonly VideoSource[], refusals: Refusal[] = [], broke = false) =>
  select(asked.encoder, candidatesFor(asked, refusals, sources), {} as NativeAddon, refusals, broke);

test("auto takes the first that can be had and says why not the better ones", async () => {
  const taken = await take(wish("auto"), [source("best", "no GPU"), source("good"), source("last")]);
  expect(taken?.choice).toEqual({
    name: "good",
    codec: "h264",
    chroma: "420",
    chroma444: false,
    why: "best: no GPU; good is good",
    fallback: false,
  });
});

test("a name is tried first, whatever its place", async () => {
  const taken = await take(wish("last"), [source("best"), source("last")]);
  expect(taken?.choice).toMatchObject({ name: "last", why: "it was asked for", fallback: false });
});

test("a probe that breaks is a refusal", async () => {
  const broken = { ...source("best"), probe: () => Promise.reject(new Error("out of memory")) };
  const taken = await take(wish("auto"), [broken, source("good")]);
  expect(taken?.choice).toMatchObject({ name: "good", why: "best: out of memory; good is good" });
});

test("another one than was asked for is a fallback", async () => {
  const taken = await take(wish("best"), [source("best", "no GPU"), source("good")]);
  expect(taken?.choice).toMatchObject({ name: "good", why: "best: no GPU; good is good", fallback: true });
});

test("the next one after one broke is a fallback, under auto too", async () => {
  const taken = await take(wish("auto"), [source("good")], [{ name: "best", reason: "it broke" }], true);
  expect(taken?.choice).toMatchObject({ name: "good", why: "best: it broke; good is good", fallback: true });
});

test("without any that can be had there is none, and every reason is kept", async () => {
  const refusals: Refusal[] = [];
  expect(await take(wish("auto"), [source("a", "x"), source("b", "y")], refusals)).toBeUndefined();
  expect(refusals).toEqual([
    { name: "a", reason: "x" },
    { name: "b", reason: "y" },
  ]);
});

test("what the viewer does not decode is not taken, and where it was asked for that is said", async () => {
  const sources = [source("first", undefined, { codec: "h265" }), source("second", undefined, { codec: "vp9" })];
  const auto = await take(wish("auto", { formats: ["vp9"] }), sources);
  expect(auto?.choice).toMatchObject({ name: "second", why: "second is good", fallback: false });
  const asked = await take(wish("first", { formats: ["vp9"] }), sources);
  expect(asked?.choice).toMatchObject({
    name: "second",
    why: "first: the viewer does not decode H.265; second is good",
    fallback: true,
  });
});

test("4:4:4 is taken where encoder and viewer have it, before a better encoder without it", async () => {
  const sources = [source("gpu"), source("cpu", undefined, { chroma444: true })];
  const both = wish("auto", { chroma: "444", formats: ["h264", "h264-444"] });
  expect((await take(both, sources))?.choice).toMatchObject({ name: "cpu", chroma: "444" });
  const viewerWithout = wish("auto", { chroma: "444" });
  expect((await take(viewerWithout, sources))?.choice).toMatchObject({ name: "gpu", chroma: "420" });
  const asked = wish("gpu", { chroma: "444", formats: ["h264", "h264-444"] });
  expect((await take(asked, sources))?.choice).toMatchObject({ name: "gpu", chroma: "420" });
});

test("an encoder whose machine has no 4:4:4 is taken without it", async () => {
  const probe: VideoSource["probe"] = (_addon, chroma) => Promise.resolve(chroma === "444" ? "no 4:4:4" : undefined);
  const asked = wish("auto", { chroma: "444", formats: ["h264", "h264-444"] });
  const taken = await take(asked, [source("gpu", undefined, { chroma444: true, probe })]);
  expect(taken?.choice).toMatchObject({ name: "gpu", chroma: "420", why: "gpu 4:4:4: no 4:4:4; gpu is good" });
});

test("an encoder that can be had is probed once for all viewers", async () => {
  let probes = 0;
  const probe = async () => {
    probes += 1;
    return undefined;
  };
  const counted = source("good", undefined, { probe });
  const addon = {} as NativeAddon;
  for (let viewer = 0; viewer < 3; viewer++) {
    await select("auto", candidatesFor(wish("auto"), [], [counted]), addon, []);
  }
  expect(probes).toBe(1);
});

test("a refusal of long ago holds nobody up, and whoever asks by name or for the list learns what is so now", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    let probes = 0;
    let refusal: string | undefined = "no session is free";
    const probe = async () => {
      probes += 1;
      return refusal;
    };
    const sources = [source("gpu", undefined, { probe }), source("cpu")];
    const addon = {} as NativeAddon;
    const taken = async (encoder: string) =>
      (await select(encoder, candidatesFor(wish(encoder), [], sources), addon, []))?.choice.name;
    expect(await taken("auto")).toBe("cpu");
    refusal = undefined;
    vi.advanceTimersByTime(60_000);
    expect(await taken("auto")).toBe("cpu");
    expect(probes).toBe(1);
    expect(await taken("gpu")).toBe("gpu");
    expect(probes).toBe(2);
    expect(await taken("auto")).toBe("gpu");
  } finally {
    vi.useRealTimers();
  }
});

test("the list brings a refusal of long ago up to date", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    let refusal: string | undefined = "no session is free";
    const sources = [source("gpu", undefined, { probe: async () => refusal }), source("cpu")];
    const addon = {} as NativeAddon;
    await prepare(addon, "auto", sources);
    refusal = undefined;
    vi.advanceTimersByTime(60_000);
    expect((await offers(addon, sources))[0]).toMatchObject({ name: "gpu", usable: true });
    const next = await select("auto", candidatesFor(wish("auto"), [], sources), addon, []);
    expect(next?.choice.name).toBe("gpu");
  } finally {
    vi.useRealTimers();
  }
});

test("what was prepared is not asked again for the first viewer", async () => {
  let probes = 0;
  const probe = async () => {
    probes += 1;
    return "no GPU";
  };
  const sources = [source("gpu", undefined, { probe }), source("cpu")];
  const addon = {} as NativeAddon;
  await prepare(addon, "auto", sources);
  expect(probes).toBe(1);
  const taken = await select("auto", candidatesFor(wish("auto"), [], sources), addon, []);
  expect(taken?.choice.name).toBe("cpu");
  expect(probes).toBe(1);
});

test("what there is to choose from is told with reasons and merits", async () => {
  const probe: VideoSource["probe"] = (_addon, chroma) => Promise.resolve(chroma === "444" ? "no" : undefined);
  const sources = [
    source("a", "no GPU", { chroma444: true }),
    source("b", undefined, { chroma444: true }),
    source("c", undefined, { chroma444: true, codec: "vp9", probe }),
  ];
  expect(await offers({} as NativeAddon, sources)).toEqual([
    { name: "a", codec: "h264", chroma444: false, usable: false, why: "no GPU" },
    { name: "b", codec: "h264", chroma444: true, usable: true, why: "b is good" },
    { name: "c", codec: "vp9", chroma444: false, usable: true, why: "c is good" },
  ]);
});

test("an unknown name is refused with the nearest one", () => {
  expect(() => candidatesFor(wish("x262enc"), [])).toThrow(UnknownEncoderError);
  expect(() => candidatesFor(wish("nvh246enc"), [])).toThrow(/did you mean "nvh264enc"/);
  expect(() => candidatesFor(wish("X264"), [])).toThrow(/did you mean "x264enc"/);
});

test("the names are those of WEBRTC_ENCODER", () => {
  expect(ENCODER_NAMES.toSorted()).toEqual([...NAMES_OF_THE_OPTION].toSorted());
  expect(new Set(SOURCES.map(({ native }) => native)).size).toBe(SOURCES.length);
});

test("a GPU comes before the CPU and x264 before the rest in software", () => {
  const order = SOURCES.map(({ name }) => name);
  const at = (name: string) => order.indexOf(name);
  for (const gpu of ["nvh264enc", "vah264enc", "nvh265enc", "vah265enc", "nvav1enc", "vaav1enc"]) {
    expect(at(gpu)).toBeLessThan(at("x264enc"));
  }
  for (const cpu of ["vp8enc", "vp9enc", "av1enc", "svtav1enc", "openh264enc", "x265enc", "rav1enc"]) {
    expect(at(cpu)).toBeGreaterThan(at("x264enc"));
  }
});
