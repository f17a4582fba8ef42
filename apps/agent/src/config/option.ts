// What one row of the options' table (`options.ts`) is, and the kinds of value that rows share.

import { LIMITS } from "@eglantine/protocol/limits";
import { z } from "zod";
import { nearestOf } from "../nearest.ts";

/** Who acts on an option. `agent`: this program. `session`: the start scripts beside it, or the container runtime. */
export type OptionStatus = "agent" | "session";

export const GROUPS = [
  "Display",
  "Video and sound",
  "Clipboard",
  "Files",
  "Notifications",
  "Access",
  "Network",
  "noVNC and TURN",
  "Machine",
] as const;

export interface Option {
  readonly group: (typeof GROUPS)[number];
  /** Environment variables, the main name first; the first one that is set and not empty counts. */
  readonly env: readonly [string, ...string[]];
  /** Command-line flag without its dashes. */
  readonly flag?: string;
  /** Takes the text and gives the value; its message says what is allowed. */
  readonly schema: z.ZodType;
  /** As text, as it would stand in the environment; absent: unset. */
  readonly preset?: string;
  /** Said instead of `preset` in the documents, where the default depends on something. */
  readonly presetDoc?: string;
  readonly doc: string;
  readonly status: OptionStatus;
  /** Also taken from the file that NAME_FILE names; never a flag, never logged. */
  readonly secret?: true;
}

export const option = <const Row extends Option>(row: Row): Row => row;

const words = { truthy: ["true", "1", "yes", "on"], falsy: ["false", "0", "no", "off"] };

export const yesNo = z.stringbool({ ...words, error: "must be true or false" });
export const text = z.string().max(4096, "must be at most 4096 characters");

export function oneOf<const Names extends readonly [string, ...string[]]>(names: Names) {
  return z.enum(names, {
    error: ({ input }) => `is none of ${names.join(", ")}; did you mean "${nearestOf(String(input), names)}"?`,
  });
}

export function integer(min: number, max: number, unit = "") {
  const error = `must be a whole number from ${min} to ${max}${unit === "" ? "" : ` ${unit}`}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, error)
    .transform(Number)
    .pipe(z.number().min(min, error).max(max, error));
}

/** "1920x1080". */
export const sizePx = z.string().transform((text, context) => {
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(text) ?? [];
  const sides = [Number(width), Number(height)] as const;
  if (sides.every((side) => side >= LIMITS.displayMinPx && side <= LIMITS.displayMaxPx)) {
    return { widthPx: sides[0], heightPx: sides[1] };
  }
  const message = `must be a size such as 3840x2160, each side from ${LIMITS.displayMinPx} to ${LIMITS.displayMaxPx}`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

/** "auto", "off" or a number. */
export const scaleChoice = z.string().transform((text, context) => {
  if (text === "auto" || text === "off") return text;
  const scale = /^\d(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (scale >= LIMITS.scaleMin && scale <= LIMITS.scaleMax) return scale;
  const message = `must be auto, off or a number from ${LIMITS.scaleMin} to ${LIMITS.scaleMax}`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

/** Comma- or space-separated. */
export const list = text.transform((value) => value.split(/[\s,]+/).filter((item) => item !== ""));
