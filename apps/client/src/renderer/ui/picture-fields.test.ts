import { PATHS } from "@eglantine/protocol/formats";
import { parseViewerControl } from "@eglantine/protocol/control";
import { LIMITS } from "@eglantine/protocol/limits";
import { expect, it } from "vitest";
import { formatsOf } from "../messages/number-formats.ts";
import { textOf } from "../messages/texts.ts";
import {
  bitrateChoices,
  capChoices,
  chromaChoices,
  encoderChoices,
  encoderNow,
  type EncoderOffer,
  frameRateChoices,
  inForce,
  pathChoices,
  type VideoInForce,
} from "./picture-fields.ts";

const TONGUE = { t: textOf("picture"), formats: formatsOf("en") };
const FORCE: VideoInForce = {
  encoder: "x264enc",
  chroma: "420",
  preset: "balanced",
  framesPerSecond: 60,
  minBps: 300_000,
  startBps: 8_000_000,
  maxBps: 16_000_000,
};
const X264: EncoderOffer = { name: "x264enc", codec: "h264", chroma444: true, usable: true, why: "" };
const NVENC: EncoderOffer = { name: "nvh265enc", codec: "h265", chroma444: true, usable: false, why: "no GPU" };

it("offers only what the agent takes", () => {
  const wishes = [
    ...frameRateChoices({}, TONGUE).map(({ value }) => ({ framesPerSecond: value })),
    ...(["minBps", "startBps", "maxBps"] as const).flatMap((which) =>
      bitrateChoices(which, {}, TONGUE).map(({ value }) => ({ [which]: value })),
    ),
    ...capChoices({}, TONGUE).map(({ value }) => ({ capBytesPerHour: value })),
    ...chromaChoices(undefined, TONGUE).map(({ value }) => ({ chroma: value })),
  ];
  for (const wish of wishes) expect(() => parseViewerControl(JSON.stringify({ type: "video", ...wish }))).not.toThrow();
  expect(wishes.length).toBeGreaterThan(30);
});

it("keeps the three rates in their order: what another one excludes is refused, with the reason", () => {
  const wish = { minBps: 2_000_000, maxBps: 8_000_000 };
  const refused = (which: "minBps" | "startBps" | "maxBps") =>
    bitrateChoices(which, wish, TONGUE)
      .filter((choice) => choice.refused !== undefined)
      .map(({ value }) => value);
  expect(refused("minBps")).toEqual([10_000_000]);
  expect(refused("startBps")).toEqual([500_000, 1_000_000, 16_000_000, 32_000_000, 64_000_000]);
  expect(refused("maxBps")).toEqual([500_000, 1_000_000]);
});

it("shows a value that is none of the steps among them", () => {
  const rates = frameRateChoices({ framesPerSecond: 50 }, TONGUE).map(({ value }) => value);
  expect(rates).toContain(50);
  expect(rates).toEqual(rates.toSorted((a, b) => a - b));
});

it("names an encoder that can't be had with the reason", () => {
  expect(encoderChoices([X264, NVENC])).toEqual([
    { value: "x264enc", label: "x264enc (H.264)" },
    { value: "nvh265enc", label: "nvh265enc (H.265)", refused: "no GPU" },
  ]);
});

it("offers full colour where an encoder that can be had has it", () => {
  const full = (encoders: readonly EncoderOffer[] | undefined) => chromaChoices(encoders, TONGUE).at(-1)?.refused;
  expect(full([X264, NVENC])).toBeUndefined();
  expect(full([NVENC])).toBe("no encoder here has it");
  expect(full(undefined)).toBeUndefined();
});

it("offers the paths that the agent offers, and the automatic one always", () => {
  const usable = (offered: readonly (typeof PATHS)[number][]) =>
    pathChoices(offered, TONGUE)
      .filter((choice) => choice.refused === undefined)
      .map(({ value }) => value);
  expect(usable([])).toEqual(["auto"]);
  expect(usable(["socket"])).toEqual(["auto", "socket"]);
  expect(usable(PATHS)).toEqual(["auto", ...PATHS]);
});

it("says what is in force, and how it differs from what was asked for", () => {
  expect(inForce("maxBps", {}, FORCE, TONGUE)).toEqual({ text: "16 Mbit/s", differs: false });
  expect(inForce("maxBps", { maxBps: 16_000_000 }, FORCE, TONGUE)).toEqual({ text: "16 Mbit/s", differs: false });
  expect(inForce("maxBps", { maxBps: 60_000_000 }, FORCE, TONGUE)).toEqual({
    text: "16 Mbit/s: the agent does not give 60 Mbit/s here",
    differs: true,
  });
  expect(inForce("capBytesPerHour", {}, FORCE, TONGUE)).toEqual({ text: "none", differs: false });
  expect(inForce("chroma", { chroma: "444" }, FORCE, TONGUE)?.text).toBe("4:2:0: the agent does not give 4:4:4 here");
  expect(inForce("encoder", {}, undefined, TONGUE)).toBeUndefined();
});

it("names the encoder at work, and why it is not the one that was asked for", () => {
  const encoder = { name: "x264enc", why: "nvh264enc: no GPU" };
  expect(encoderNow({}, encoder, TONGUE)).toEqual({ text: "x264enc", differs: false });
  expect(encoderNow({ encoder: "x264enc" }, encoder, TONGUE)).toEqual({ text: "x264enc", differs: false });
  expect(encoderNow({ encoder: "nvh264enc" }, encoder, TONGUE)).toEqual({
    text: "x264enc: nvh264enc: no GPU",
    differs: true,
  });
  expect(encoderNow({}, undefined, TONGUE)).toBeUndefined();
});

it("writes rates and amounts as people read them", () => {
  const labels = (choices: readonly { readonly label: string }[]) => choices.map(({ label }) => label);
  expect(labels(bitrateChoices("minBps", { minBps: 1_500_000 }, TONGUE)).slice(1, 5)).toEqual([
    "0.3 Mbit/s",
    "0.5 Mbit/s",
    "1 Mbit/s",
    "1.5 Mbit/s",
  ]);
  expect(labels(capChoices({ capBytesPerHour: LIMITS.capMinBytes }, TONGUE)).slice(0, 2)).toEqual([
    "22.5 MB an hour",
    "50.0 MB an hour",
  ]);
});
