// What can be chosen of the picture, in words: steps, names, explanations, and how what was asked for differs from what is in force.
// PURE. Shown by `settings-panel.tsx`.

import type { AgentControl } from "@eglantine/protocol/control";
import type { ChromaWish, Path, Preset } from "@eglantine/protocol/formats";
import type { PathWish, VideoWish } from "../../shared/settings.ts";

export type VideoInForce = Omit<Extract<AgentControl, { type: "video" }>, "type">;
export type EncoderOffer = Extract<AgentControl, { type: "encoders" }>["encoders"][number];

export interface Choice<T> {
  readonly value: T;
  readonly label: string;
  /** Why it can't be chosen. */
  readonly refused?: string;
}

export const PRESET_NOTES: Readonly<Record<Preset, { readonly label: string; readonly note: string }>> = {
  balanced: {
    label: "Balanced",
    note: "When the network gets narrow, sharpness and frame rate give way in turn.",
  },
  games: { label: "Games", note: "Keeps the frame rate; the picture gets coarser first." },
  text: { label: "Text", note: "Keeps letters sharp; the frame rate gives way first." },
  metered: { label: "Metered", note: "Spends little: fewer frames and a low rate, within the data cap." },
};

export const CHROMA_LABELS: Readonly<Record<ChromaWish, string>> = {
  auto: "Automatic: full for text",
  "420": "4:2:0, a quarter",
  "444": "4:4:4, full",
};

export const PATH_LABELS: Readonly<Record<PathWish, string>> = {
  auto: "Automatic",
  webrtc: "WebRTC (UDP)",
  socket: "TCP, on the page's own port",
  vnc: "noVNC, the X server's own",
};

/** Short, for a line of text. */
export const PATH_NAMES: Readonly<Record<Path, string>> = { webrtc: "WebRTC", socket: "TCP", vnc: "noVNC" };

const MEGA = 1_000_000;
const FRAME_RATES = [10, 15, 24, 30, 60, 75, 90, 120, 144];
const MAX_MBPS = [0.5, 1, 2, 3, 5, 8, 12, 16, 25, 40, 60, 100, 200, 400];
const MIN_MBPS = [0.1, 0.3, 0.5, 1, 2, 5, 10];
const START_MBPS = [0.5, 1, 2, 4, 8, 16, 32, 64];
const CAP_MB = [50, 100, 250, 500, 1000, 2000, 5000, 10_000, 25_000];

export const megabits = (bps: number): string => `${trim(bps / MEGA)} Mbit/s`;
export const framesPerSecond = (rate: number): string => `${rate} a second`;
/** Decimal units, as providers count. */
export const dataPerHour = (bytes: number): string =>
  bytes >= 1000 * MEGA ? `${trim(bytes / (1000 * MEGA))} GB an hour` : `${trim(bytes / MEGA)} MB an hour`;

function trim(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** The steps, and the value that was chosen elsewhere if it is none of them. */
function steps(values: readonly number[], chosen: number | undefined, label: (value: number) => string) {
  const all = chosen === undefined || values.includes(chosen) ? values : [...values, chosen].sort((a, b) => a - b);
  return all.map((value): Choice<number> => ({ value, label: label(value) }));
}

export function frameRateChoices(wish: VideoWish): readonly Choice<number>[] {
  return steps(FRAME_RATES, wish.framesPerSecond, framesPerSecond);
}

/** Steps of one of the three rates; those that the other two exclude are refused. */
export function bitrateChoices(which: "minBps" | "startBps" | "maxBps", wish: VideoWish): readonly Choice<number>[] {
  const values = { minBps: MIN_MBPS, startBps: START_MBPS, maxBps: MAX_MBPS }[which].map((value) => value * MEGA);
  const atMost = which === "maxBps" ? undefined : wish.maxBps;
  const atLeast =
    which === "maxBps" ? Math.max(wish.minBps ?? 0, wish.startBps ?? 0) : which === "startBps" ? wish.minBps : 0;
  return steps(values, wish[which], megabits).map((choice) => {
    if (atMost !== undefined && choice.value > atMost) return { ...choice, refused: "above the highest rate" };
    if (choice.value < (atLeast ?? 0)) return { ...choice, refused: "below the lowest rate" };
    return choice;
  });
}

export function capChoices(wish: VideoWish): readonly Choice<number>[] {
  return steps(
    CAP_MB.map((value) => value * MEGA),
    wish.capBytesPerHour,
    dataPerHour,
  );
}

export function encoderChoices(encoders: readonly EncoderOffer[]): readonly Choice<string>[] {
  return encoders.map(({ name, codec, usable, why }) => ({
    value: name,
    label: `${name} (${CODEC_LABELS[codec]})`,
    ...(usable ? {} : { refused: why }),
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
export function chromaChoices(encoders: readonly EncoderOffer[] | undefined): readonly Choice<ChromaWish>[] {
  const can = encoders === undefined || encoders.some(({ usable, chroma444 }) => usable && chroma444);
  return (["auto", "420", "444"] as const).map((value) => ({
    value,
    label: CHROMA_LABELS[value],
    ...(value === "444" && !can ? { refused: "no encoder here has it" } : {}),
  }));
}

export function pathChoices(offered: readonly Path[]): readonly Choice<PathWish>[] {
  return (["auto", "webrtc", "socket", "vnc"] as const).map((value) => ({
    value,
    label: PATH_LABELS[value],
    ...(value === "auto" || offered.includes(value) ? {} : { refused: "this agent does not offer it" }),
  }));
}

/** Which encoder makes the picture; where it is not the one that was asked for, the agent's own reason. */
export function encoderNow(
  wish: VideoWish,
  encoder: { readonly name: string; readonly why: string } | undefined,
): InForce | undefined {
  if (encoder === undefined) return undefined;
  const differs = wish.encoder !== undefined && wish.encoder !== "auto" && wish.encoder !== encoder.name;
  return { text: differs ? `${encoder.name}: ${encoder.why}` : encoder.name, differs };
}

/** How each setting is said. */
const SAID: { readonly [Name in keyof VideoWish]-?: (value: NonNullable<VideoWish[Name]>) => string } = {
  encoder: (name) => name,
  chroma: (chroma) => ({ auto: "automatic", "420": "4:2:0", "444": "4:4:4" })[chroma],
  preset: (preset) => PRESET_NOTES[preset].label,
  framesPerSecond,
  minBps: megabits,
  startBps: megabits,
  maxBps: megabits,
  capBytesPerHour: dataPerHour,
};

function say<Name extends keyof VideoWish>(name: Name, value: VideoWish[Name]): string {
  return value === undefined ? "none" : (SAID[name] as (value: VideoWish[Name]) => string)(value);
}

export interface InForce {
  readonly text: string;
  /** It is not what was asked for. */
  readonly differs: boolean;
}

/** What is in force of one setting; where that is not what was asked for, both. */
export function inForce(name: keyof VideoWish, wish: VideoWish, video: VideoInForce | undefined): InForce | undefined {
  if (video === undefined) return undefined;
  const asked = wish[name];
  const given = video[name];
  const text = say(name, given);
  if (asked === undefined || asked === given) return { text, differs: false };
  return { text: `${text}: the agent does not give ${say(name, asked)} here`, differs: true };
}
