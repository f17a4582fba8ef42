// Runs a program for a check: its output, or why there is none. Used by `probe.ts` and `checks/`.

import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { codeOf } from "../errors.ts";

export interface ProgramRun {
  /** undefined: it was ended. */
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly limitMs: number;
}

const OUTPUT_BYTES_MAX = 4 * 1024 * 1024;

/** Where the program is on PATH; undefined: nowhere. */
export function findProgram(name: string, env: Readonly<Record<string, string>>): string | undefined {
  return (env["PATH"] ?? "/usr/bin:/bin")
    .split(delimiter)
    .filter((folder) => folder.startsWith("/"))
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return false;
  }
}

/** Resolves however the program ends. Rejects when it can't be started. */
export function runProgram(
  path: string,
  args: readonly string[],
  { env, signal, limitMs }: ProgramOptions,
): Promise<ProgramRun> {
  return new Promise((resolve, reject) => {
    execFile(
      path,
      [...args],
      {
        env: { ...env },
        signal,
        timeout: limitMs,
        killSignal: "SIGKILL",
        maxBuffer: OUTPUT_BYTES_MAX,
        encoding: "utf8",
      },
      (error, stdout, stderr) => {
        if (error === null) resolve({ status: 0, stdout, stderr });
        else if (error.killed === true || error.signal !== undefined) resolve({ status: undefined, stdout, stderr });
        else if (typeof error.code === "number") resolve({ status: error.code, stdout, stderr });
        else reject(error);
      },
    );
  });
}
