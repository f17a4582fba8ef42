// What can be chosen of the picture, in words: steps, names, explanations, and how what was asked for differs from what is in force.
// PURE. Shown by `settings-panel.tsx`.

import type { AgentControl } from "@eglantine/protocol/control";
import type { ChromaWish, Path } from "@eglantine/protocol/formats";
import type { PathWish, VideoWish } from "../../shared/settings.ts";
import type { Text } from "../messages/areas.ts";
import type { Formats } from "../messages/number-formats.ts";

export type VideoInForce = Omit<Extract<AgentControl, { type: "video" }>, "type">;
export type EncoderOffer = Extract<AgentControl, { type: "encoders" }>["encoders"][number];

export interface Choice<T> {
  readonly value: T;
  readonly label: string;
  /** Why it can't be chosen. */
  readonly refused?: string;
}

/** The user's language. */
export interface Tongue {
  readonly t: Text<"picture">;
  readonly formats: Formats;
}

/** Short, for a line of text. */
export const PATH_NAMES: Readonly<Record<Path, string>> = { webrtc: "WebRTC", socket: "TCP", vnc: "noVNC" };

const MEGA = 1_000_000;
const FRAME_RATES = [10, 15, 24, 30, 60, 75, 90, 120, 144];
const MAX_MBPS = [0.5, 1, 2, 3, 5, 8, 12, 16, 25, 40, 60, 100, 200, 400];
const MIN_MBPS = [0.1, 0.3, 0.5, 1, 2, 5, 10];
const START_MBPS = [0.5, 1, 2, 4, 8, 16, 32, 64];
const CAP_MB = [50, 100, 250, 500, 1000, 2000, 5000, 10_000, 25_000];

const perSecond = (rate: number, { t, formats }: Tongue): string => t("per-second", { count: formats.number(rate) });
/** Decimal units, as providers count. */
const perHour = (bytes: number, { t, formats }: Tongue): string => t("per-hour", { size: formats.bytes(bytes) });
const bitrate = (bps: number, { formats }: Tongue): string => formats.bitrate(bps);

/** The steps, and the value that was chosen elsewhere if it is none of them. */
function steps(
  values: readonly number[],
  chosen: number | undefined,
  label: (value: number, tongue: Tongue) => string,
  tongue: Tongue,
) {
  const all = chosen === undefined || values.includes(chosen) ? values : [...values, chosen].sort((a, b) => a - b);
  return all.map((value): Choice<number> => ({ value, label: label(value, tongue) }));
}

export function frameRateChoices(wish: VideoWish, tongue: Tongue): readonly Choice<number>[] {
  return steps(FRAME_RATES, wish.framesPerSecond, perSecond, tongue);
}

/** Steps of one of the three rates; those that the other two exclude are refused. */
export function bitrateChoices(
  which: "minBps" | "startBps" | "maxBps",
  wish: VideoWish,
  tongue: Tongue,
): readonly Choice<number>[] {
  const values = { minBps: MIN_MBPS, startBps: START_MBPS, maxBps: MAX_MBPS }[which].map((value) => value * MEGA);
  const atMost = which === "maxBps" ? undefined : wish.maxBps;
  const atLeast =
    which === "maxBps" ? Math.max(wish.minBps ?? 0, wish.startBps ?? 0) : which === "startBps" ? wish.minBps : 0;
  return steps(values, wish[which], bitrate, tongue).map((choice) => {
    if (atMost !== undefined && choice.value > atMost) return { ...choice, refused: tongue.t("above-highest") };
    if (choice.value < (atLeast ?? 0)) return { ...choice, refused: tongue.t("below-lowest") };
    return choice;
  });
}

export function capChoices(wish: VideoWish, tongue: Tongue): readonly Choice<number>[] {
  return steps(
    CAP_MB.map((value) => value * MEGA),
    wish.capBytesPerHour,
    perHour,
    tongue,
  );
}

export function encoderChoices(encoders: readonly EncoderOffer[]): readonly Choice<string>[] {
  return encoders.map(({ name, codec, usable, why }) => ({
    value: name,
    label: `${name} (${CODEC_LABELS[codec]})`,
    ...(usable ? {} : { refused: why }),
  }));
}

/** By `WEBRTC_ENCODER`'s names: where an agent has none of that name, it takes another and says why. */
const KNOWN_ENCODERS: Readonly<Record<string, EncoderOffer["codec"]>> = {
  nvh264enc: "h264",
  vah264enc: "h264",
  x264enc: "h264",
  openh264enc: "h264",
  nvh265enc: "h265",
  vah265enc: "h265",
  x265enc: "h265",
  nvav1enc: "av1",
  vaav1enc: "av1",
  svtav1enc: "av1",
  av1enc: "av1",
  rav1enc: "av1",
  vavp9enc: "vp9",
  vp9enc: "vp9",
  vavp8enc: "vp8",
  vp8enc: "vp8",
};

export function knownEncoders(): readonly Choice<string>[] {
  return Object.entries(KNOWN_ENCODERS).map(([value, codec]) => ({
    value,
    label: `${value} (${CODEC_LABELS[codec]})`,
  }));
}

const CODEC_LABELS: Readonly<Record<EncoderOffer["codec"], string>> = {
  h264: "H.264",
  h265: "H.265",
  av1: "AV1",
  vp8: "VP8",
  vp9: "VP9",
};

/** Full colour needs an encoder for it; `auto` and 4:2:0 don't. */
export function chromaChoices(
  encoders: readonly EncoderOffer[] | undefined,
  { t }: Tongue,
): readonly Choice<ChromaWish>[] {
  const can = encoders === undefined || encoders.some(({ usable, chroma444 }) => usable && chroma444);
  return (["auto", "420", "444"] as const).map((value) => ({
    value,
    label: t(`chroma.${value}`),
    ...(value === "444" && !can ? { refused: t("no-encoder") } : {}),
  }));
}

export function pathChoices(offered: readonly Path[], { t }: Tongue): readonly Choice<PathWish>[] {
  return (["auto", "webrtc", "socket", "vnc"] as const).map((value) => ({
    value,
    label: t(`path.${value}`),
    ...(value === "auto" || offered.includes(value) ? {} : { refused: t("not-offered") }),
  }));
}

/** Which encoder makes the picture; where it is not the one that was asked for, the agent's own reason. */
export function encoderNow(
  wish: VideoWish,
  encoder: { readonly name: string; readonly why: string } | undefined,
  { t }: Tongue,
): InForce | undefined {
  if (encoder === undefined) return undefined;
  const differs = wish.encoder !== undefined && wish.encoder !== "auto" && wish.encoder !== encoder.name;
  return { text: differs ? t("with-why", { name: encoder.name, why: encoder.why }) : encoder.name, differs };
}

/** How each setting is said. */
const WORDS: {
  readonly [Name in keyof VideoWish]-?: (value: NonNullable<VideoWish[Name]>, tongue: Tongue) => string;
} = {
  encoder: (name) => name,
  chroma: (chroma, { t }) => ({ auto: t("chroma-auto"), "420": "4:2:0", "444": "4:4:4" })[chroma],
  preset: (preset, { t }) => t(`preset.${preset}`),
  framesPerSecond: perSecond,
  minBps: bitrate,
  startBps: bitrate,
  maxBps: bitrate,
  capBytesPerHour: perHour,
};

function wordsOf<Name extends keyof VideoWish>(name: Name, value: VideoWish[Name], tongue: Tongue): string {
  if (value === undefined) return tongue.t("none");
  return (WORDS[name] as (value: VideoWish[Name], tongue: Tongue) => string)(value, tongue);
}

export interface InForce {
  readonly text: string;
  /** It is not what was asked for. */
  readonly differs: boolean;
}

/** What is in force of one setting; where that is not what was asked for, both. */
export function inForce(
  name: keyof VideoWish,
  wish: VideoWish,
  video: VideoInForce | undefined,
  tongue: Tongue,
): InForce | undefined {
  if (video === undefined) return undefined;
  const asked = wish[name];
  const given = video[name];
  const text = wordsOf(name, given, tongue);
  if (asked === undefined || asked === given) return { text, differs: false };
  const words = { value: text, asked: wordsOf(name, asked, tongue) };
  return { text: tongue.t("not-given", words), differs: true };
}
