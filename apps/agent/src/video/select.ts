// Which encoder is taken, and why. From the name in WEBRTC_ENCODER and the families in `sources/`, to `pipeline.ts`.

import { messageOf } from "../errors.ts";
import type { NativeAddon } from "./native.ts";
import { nvenc } from "./sources/nvenc.ts";
import type { VideoSource } from "./sources/source.ts";
import { x264 } from "./sources/x264.ts";
import type { EncoderChoice } from "./types.ts";

/** All families, the better ones first: the order of "auto" and of falling back. */
export const SOURCES: readonly VideoSource[] = [nvenc, x264];

/** Every name that WEBRTC_ENCODER may have today. */
export const ENCODER_NAMES: readonly string[] = ["auto", ...SOURCES.map((source) => source.name)];

/** WEBRTC_ENCODER names no encoder; `nearest` is what was probably meant. */
export class UnknownEncoderError extends Error {
  override readonly name = "UnknownEncoderError";
  readonly reason = "unknown-encoder";
  readonly nearest: string;

  constructor(given: string, nearest: string) {
    super(`no encoder is named "${given}"; did you mean "${nearest}"? (${ENCODER_NAMES.join(", ")})`);
    this.nearest = nearest;
  }
}

export interface Selection {
  readonly source: VideoSource;
  readonly choice: EncoderChoice;
}

/** An encoder that could not be had. */
export interface Refusal {
  readonly name: string;
  readonly reason: string;
}

/**
 * The sources to try for a name, best first.
 * @throws UnknownEncoderError
 */
export function candidatesFor(name: string, sources: readonly VideoSource[] = SOURCES): readonly VideoSource[] {
  if (name === "auto") return sources;
  const wanted = sources.find((source) => source.name === name);
  if (!wanted) throw new UnknownEncoderError(name, nearestOf(name, ["auto", ...sources.map((source) => source.name)]));
  return [wanted, ...sources.filter((source) => source !== wanted)];
}

/**
 * The first candidate that can be had, and why. Undefined when there is none.
 * @param refusals those that were refused before; what is refused now is added
 */
export async function select(
  name: string,
  candidates: readonly VideoSource[],
  addon: NativeAddon,
  refusals: Refusal[],
): Promise<Selection | undefined> {
  // With "auto" it is no loss that a machine has no GPU; with a name, or when an encoder broke, it is.
  const brokeBefore = refusals.length > 0;
  for (const source of candidates) {
    const reason = await source.probe(addon).catch(messageOf);
    if (reason !== undefined) {
      refusals.push({ name: source.name, reason });
      continue;
    }
    const refused = refusals.map((refusal) => `${refusal.name}: ${refusal.reason}`);
    const asked = name === source.name ? ["it was asked for"] : [source.merit];
    return {
      source,
      choice: {
        name: source.name,
        codec: source.codec,
        chroma: "420",
        why: [...refused, ...asked].join("; "),
        fallback: brokeBefore || (name !== "auto" && name !== source.name),
      },
    };
  }
  return undefined;
}

/** The name with the fewest edits (Levenshtein distance). */
function nearestOf(given: string, names: readonly string[]): string {
  const distances = names.map((name) => ({ name, edits: edits(given.toLowerCase(), name) }));
  return distances.reduce((best, next) => (next.edits < best.edits ? next : best)).name;
}

function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
