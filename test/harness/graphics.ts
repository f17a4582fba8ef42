// eglantine-probe (image/graphics) as tests ask it, and drivers that misbehave. Used by image/graphics.test.ts and image/graphics-choice.test.ts.

import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EglDevice } from "../../apps/agent/src/doctor/probe.ts";

const FOLDER = fileURLToPath(new URL("../../image/graphics/", import.meta.url));

/** Builds the probe, where it is not; returns its path. */
export function probe(): string {
  execFileSync("make", ["-s", "-C", FOLDER]);
  return join(FOLDER, "build/eglantine-probe");
}

/** Of all the subcommands: those that one does not have are undefined. */
export interface ProbeAnswer {
  readonly error: string | null;
  readonly devices: readonly (EglDevice & {
    readonly name: string;
    readonly type: string;
    readonly driver: string;
    readonly api: string;
  })[];
  readonly platforms: readonly {
    readonly name: string;
    readonly devices: readonly { readonly name: string; readonly type: string }[];
  }[];
  readonly renderer: string | null;
  readonly direct: boolean;
  readonly framesPerSecond: number;
  readonly frames: number;
}

/** What the probe says; its exit status must be 0 and its output one line. */
export function ask(args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): ProbeAnswer {
  const done = spawnSync(probe(), args, { encoding: "utf8", env: { ...process.env, ...env } });
  if (done.status !== 0 || done.stdout.split("\n").length !== 2) {
    throw new Error(`eglantine-probe ${args.join(" ")} ended with ${done.status}:\n${done.stdout}${done.stderr}`);
  }
  return JSON.parse(done.stdout) as ProbeAnswer;
}

/** A library that does this when it is loaded. */
export function libraryThat(folder: string, name: string, code: string): string {
  const path = join(folder, name);
  const source = `#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>\n__attribute__((constructor)) static void start(void) { ${code} }\n`;
  execFileSync("cc", ["-shared", "-fPIC", "-x", "c", "-", "-o", path], { input: source });
  return path;
}
