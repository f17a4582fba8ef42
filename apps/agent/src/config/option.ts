// What one row of the options' table (`options.ts`) is, and the kinds of value that rows share.

import { z } from "zod";
import { nearestOf } from "../nearest.ts";

/**
 * Who acts on an option today. `agent`: this program. `session`: the start scripts beside it, or the container
 * runtime. `accepted`: nobody yet; it is checked, and a warning says that it does nothing in this version.
 */
export type OptionStatus = "agent" | "session" | "accepted";

export const GROUPS = [
  "Display",
  "Video and sound",
  "Clipboard",
  "Files",
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

/** Comma- or space-separated. */
export const list = text.transform((value) => value.split(/[\s,]+/).filter((item) => item !== ""));
