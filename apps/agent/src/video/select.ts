// Which encoder is taken, and why. From the name in WEBRTC_ENCODER or the viewer's wish and the families in `sources/`, to
// `pipeline.ts`; and what there is to choose from, to the viewer.

import { FORMATS, type Format } from "@eglantine/protocol/formats";
import { messageOf } from "../errors.ts";
import { nearestOf } from "../nearest.ts";
import type { NativeAddon } from "./native.ts";
import { aomAv1, rav1e, svtAv1 } from "./sources/av1.ts";
import { nvencAv1, nvencH264, nvencH265 } from "./sources/nvenc.ts";
import { openh264 } from "./sources/openh264.ts";
import type { VideoSource } from "./sources/source.ts";
import { vaapiAv1, vaapiH264, vaapiH265, vaapiVp8, vaapiVp9 } from "./sources/vaapi.ts";
import { vp8, vp9 } from "./sources/vpx.ts";
import { x264 } from "./sources/x264.ts";
import { x265 } from "./sources/x265.ts";
import type { Chroma, Codec, EncoderChoice, EncoderOffer, EncoderWish } from "./types.ts";

/**
 * All of them, the better ones first: the order of "auto" and of falling back. Latency first: a GPU before the CPU, H.264
 * before what is decoded in software in most places; on the CPU by the time for a picture.
 */
export const SOURCES: readonly VideoSource[] = [
  nvencH264,
  vaapiH264,
  nvencH265,
  vaapiH265,
  nvencAv1,
  vaapiAv1,
  vaapiVp9,
  x264,
  vaapiVp8,
  vp9,
  aomAv1,
  vp8,
  openh264,
  svtAv1,
  x265,
  rav1e,
];

/** Every name that WEBRTC_ENCODER may have. */
export const ENCODER_NAMES: readonly string[] = ["auto", ...SOURCES.map((source) => source.name)];

const SPOKEN: Record<Codec, string> = { h264: "H.264", h265: "H.265", av1: "AV1", vp8: "VP8", vp9: "VP9" };
/**
 * What was refused once may be there later: a driver's sessions come free, a library is installed. Whoever asks for it by its name,
 * or for the list, is told what is so now; a first picture waits for none of that.
 */
const REFUSED_FOR_MS = 30_000;

/** There is no encoder of this name; `nearest` is what was probably meant. */
export class UnknownEncoderError extends Error {
  override readonly name = "UnknownEncoderError";
  readonly reason = "unknown-encoder";
  readonly nearest: string;

  constructor(given: string, names: readonly string[]) {
    const nearest = nearestOf(given, names);
    super(`no encoder is named "${given}"; did you mean "${nearest}"? (${names.join(", ")})`);
    this.nearest = nearest;
  }
}

/** An encoder in one of its ways. */
export interface Candidate {
  readonly source: VideoSource;
  readonly chroma: Chroma;
}

export interface Selection extends Candidate {
  readonly choice: EncoderChoice;
}

/** An encoder that could not be had. */
export interface Refusal {
  readonly name: string;
  readonly reason: string;
}

/**
 * What to try for a wish, best first: what was asked for, in 4:4:4 where that is wished, then the others.
 * @param refusals gets those that the viewer can't decode, where they were asked for
 * @throws UnknownEncoderError
 */
export function candidatesFor(
  wish: EncoderWish,
  refusals: Refusal[],
  sources: readonly VideoSource[] = SOURCES,
): readonly Candidate[] {
  const named = wish.encoder === "auto" ? undefined : sources.find((source) => source.name === wish.encoder);
  if (wish.encoder !== "auto" && named === undefined) {
    throw new UnknownEncoderError(wish.encoder, ["auto", ...sources.map((source) => source.name)]);
  }
  if (named !== undefined && !wish.formats.includes(named.codec)) {
    refusals.push({ name: named.name, reason: `the viewer does not decode ${SPOKEN[named.codec]}` });
  }
  const decodable = sources.filter((source) => wish.formats.includes(source.codec));
  const full = wish.chroma === "444" ? decodable.filter((source) => has444(source, wish.formats)) : [];
  const all: Candidate[] = [
    ...full.map((source) => ({ source, chroma: "444" as const })),
    ...decodable.map((source) => ({ source, chroma: "420" as const })),
  ];
  return [...all.filter(({ source }) => source === named), ...all.filter(({ source }) => source !== named)];
}

function has444(source: VideoSource, formats: readonly Format[]): boolean {
  return source.chroma444 && source.codec === "h264" && formats.includes("h264-444");
}

/**
 * The first candidate that can be had, and why. Undefined when there is none.
 * @param name what was asked for
 * @param refusals those that were refused before; what is refused now is added
 * @param broke an encoder that was in use has broken
 */
export async function select(
  name: string,
  candidates: readonly Candidate[],
  addon: NativeAddon,
  refusals: Refusal[],
  broke = false,
): Promise<Selection | undefined> {
  for (const { source, chroma } of candidates) {
    const reason = await probe(addon, source, chroma, name === source.name ? REFUSED_FOR_MS : Number.POSITIVE_INFINITY);
    if (reason !== undefined) {
      refusals.push({ name: chroma === "444" ? `${source.name} 4:4:4` : source.name, reason });
      continue;
    }
    const refused = refusals.map((refusal) => `${refusal.name}: ${refusal.reason}`);
    const asked = name === source.name ? ["it was asked for"] : [source.merit];
    return {
      source,
      chroma,
      choice: {
        name: source.name,
        codec: source.codec,
        chroma,
        chroma444: source.chroma444 && source.codec === "h264",
        why: [...refused, ...asked].join("; "),
        // With "auto" it is no loss that a machine has no GPU; with a name, or when an encoder broke, it is.
        fallback: broke || (name !== "auto" && name !== source.name),
      },
    };
  }
  return undefined;
}

interface Probed {
  readonly atMs: number;
  readonly reason: Promise<string | undefined>;
}

const probes = new WeakMap<NativeAddon, Map<string, Probed>>();

/** Asks each encoder once for all viewers; one that was refused longer ago than `refusedForMs` is asked again. */
async function probe(
  addon: NativeAddon,
  source: VideoSource,
  chroma: Chroma,
  refusedForMs = REFUSED_FOR_MS,
): Promise<string | undefined> {
  const known = probes.get(addon) ?? new Map<string, Probed>();
  probes.set(addon, known);
  const key = `${source.name} ${chroma}`;
  const before = known.get(key);
  if (before !== undefined) {
    const reason = await before.reason;
    if (reason === undefined || performance.now() - before.atMs < refusedForMs) return reason;
  }
  const reason = source.probe(addon, chroma).catch(messageOf);
  known.set(key, { atMs: performance.now(), reason });
  return reason;
}

/** Asks before there is a viewer what most viewers will be answered with, so that no first picture waits for it. */
export async function prepare(
  addon: NativeAddon,
  name: string,
  sources: readonly VideoSource[] = SOURCES,
): Promise<void> {
  const candidates = candidatesFor({ encoder: name, formats: FORMATS, chroma: "420" }, [], sources);
  await select(name, candidates, addon, []);
}

/** Every encoder of this program and whether this machine has it. One after the other: nobody waits for it. */
export async function offers(
  addon: NativeAddon,
  sources: readonly VideoSource[] = SOURCES,
): Promise<readonly EncoderOffer[]> {
  const found: EncoderOffer[] = [];
  for (const source of sources) {
    const reason = await probe(addon, source, "420");
    const usable = reason === undefined;
    const chroma444 = usable && source.chroma444 && (await probe(addon, source, "444")) === undefined;
    found.push({ name: source.name, codec: source.codec, chroma444, usable, why: reason ?? source.merit });
  }
  return found;
}
