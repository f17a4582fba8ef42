// Asks `eglantine-probe` (image/graphics), which loads the graphics libraries as a program does and prints one JSON object. Its answers go to
// `checks/` by `place.ts`.

import { fileURLToPath } from "node:url";
import { messageOf } from "../errors.ts";
import { findProgram, isExecutable, runProgram } from "./program.ts";

export interface EglDevice {
  readonly index: number;
  /** Null where there is an error. */
  readonly vendor: string | null;
  readonly renderer: string | null;
  readonly version: string | null;
  readonly drm: string | null;
  readonly render: string | null;
  readonly hardware: boolean;
  readonly error: string | null;
}

/** By subcommand. `error`: why there is nothing, or not all. */
export interface ProbeAnswers {
  readonly egl: { readonly devices: readonly EglDevice[]; readonly error: string | null };
  readonly glx: {
    readonly vendor: string;
    readonly renderer: string;
    readonly version: string;
    readonly direct: boolean;
    readonly error: string | null;
  };
  readonly vulkan: {
    readonly devices: readonly {
      readonly name: string;
      readonly type: "discrete" | "integrated" | "virtual" | "cpu" | "other";
      readonly driver: string;
      readonly api: string;
    }[];
    readonly error: string | null;
  };
  readonly opencl: {
    readonly platforms: readonly {
      readonly name: string;
      readonly version: string;
      readonly devices: readonly { readonly name: string; readonly type: string }[];
    }[];
    readonly error: string | null;
  };
  readonly "gl-scene": SceneAnswer;
  readonly "vulkan-scene": SceneAnswer;
}

export interface SceneAnswer {
  readonly framesPerSecond: number;
  readonly renderer: string;
  readonly frames: number;
  readonly error: string | null;
}

/** Why the probe has no answer. `missing`: it is not installed. */
export interface NoAnswer {
  readonly why: string;
  readonly missing: boolean;
}

export interface ProbeOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly args?: readonly string[];
  /** What it is started by: vglrun and its flags. */
  readonly under?: readonly string[];
}

const NAME = "eglantine-probe";
/** It ends by itself within seconds; a driver that hangs does not. */
const LIMIT_MS = 20_000;

export function probePath(env: Readonly<Record<string, string>>): string | undefined {
  const built = ["../../../../image/graphics/build/", "../../../image/graphics/build/"].map((place) =>
    fileURLToPath(new URL(`${place}${NAME}`, import.meta.url)),
  );
  return findProgram(NAME, env) ?? built.find(isExecutable);
}

export async function askProbe<Name extends keyof ProbeAnswers>(
  name: Name,
  { env, signal, args = [], under = [] }: ProbeOptions,
): Promise<ProbeAnswers[Name] | NoAnswer> {
  const path = probePath(env);
  if (path === undefined) return { why: `${NAME} is not installed`, missing: true };
  const [program = path, ...rest] = [...under, path, name, ...args];
  const run = await runProgram(program, rest, { env, signal, limitMs: LIMIT_MS });
  if (run.status === undefined) return { why: `${NAME} ${name} did not end in time, or crashed`, missing: false };
  try {
    return parseAnswer(name, run.stdout);
  } catch (error) {
    const said = run.stderr.trim().split("\n").at(-1) ?? "";
    return { why: `${NAME} ${name} says nothing that can be read: ${said || messageOf(error)}`, missing: false };
  }
}

/** What every answer of this name has, by the kind of its value. */
const SHAPES: Record<keyof ProbeAnswers, Readonly<Record<string, "array" | "number" | "string" | "boolean">>> = {
  egl: { devices: "array" },
  glx: { vendor: "string", renderer: "string", version: "string", direct: "boolean" },
  vulkan: { devices: "array" },
  opencl: { platforms: "array" },
  "gl-scene": { framesPerSecond: "number", renderer: "string", frames: "number" },
  "vulkan-scene": { framesPerSecond: "number", renderer: "string", frames: "number" },
};

/** Throws for what is no answer of this name. Where it says an error, other fields may be missing: they are empty then. */
export function parseAnswer<Name extends keyof ProbeAnswers>(name: Name, text: string): ProbeAnswers[Name] {
  const json: unknown = JSON.parse(text);
  if (typeof json !== "object" || json === null) throw new Error("no JSON object");
  const given = json as Record<string, unknown>;
  const error = typeof given["error"] === "string" ? given["error"] : null;
  const answer: Record<string, unknown> = { error };
  for (const [field, kind] of Object.entries(SHAPES[name])) {
    const value = given[field];
    const right = kind === "array" ? Array.isArray(value) : typeof value === kind;
    if (!right && error === null) throw new Error(`${field} is missing`);
    answer[field] = right ? value : EMPTY[kind];
  }
  return answer as unknown as ProbeAnswers[Name];
}

const EMPTY = { array: [], number: 0, string: "", boolean: false } as const;

export const isNoAnswer = (answer: object): answer is NoAnswer => "why" in answer;
