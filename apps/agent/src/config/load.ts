// Reads flags, environment and secret files by the options' table (`options.ts`) into the configuration of `agent.ts`.
// The only file that reads process.env.

import { readFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DOCTOR_GROUPS } from "@eglantine/protocol/doctor";
import type { DoctorRequest } from "../doctor/types.ts";
import { messageOf, UsageError } from "../errors.ts";
import { nearestOf } from "../nearest.ts";
import type { Option } from "./option.ts";
import { OPTIONS, type OptionName, type Values } from "./options.ts";
import { readSurroundings, type Surroundings } from "./surroundings.ts";

export type Config = Omit<Values, "host" | "runDir" | "xauthority" | "filesDir"> & {
  readonly host: string;
  readonly runDir: string;
  readonly xauthority: string;
  readonly filesDir: string;
  readonly surroundings: Surroundings;
};

export type Command =
  | { readonly name: "serve"; readonly config: Config }
  | { readonly name: "doctor"; readonly config: Config; readonly request: DoctorRequest }
  | { readonly name: "help" }
  | { readonly name: "version" };

type Environment = Readonly<Record<string, string | undefined>>;

const rows = Object.entries(OPTIONS) as [OptionName, Option][];

/** Throws UsageError, in words for the user, for anything that is not as the table says. */
export function readCommand(argv: readonly string[], env: Environment = process.env): Command {
  const { values, positionals } = readFlags(argv);
  if (values["help"] !== undefined) return { name: "help" };
  if (values["version"] !== undefined) return { name: "version" };
  const [command, ...rest] = positionals;
  if (command === undefined) throw new UsageError('no command given: "serve" or "doctor", see --help');
  if (command === "help") return { name: "help" };
  if (command !== "serve" && command !== "doctor")
    throw new UsageError(`unknown command "${command}": "serve" and "doctor" are those there are, see --help`);
  if (rest.length > 0) throw new UsageError(`"${rest.join(" ")}" stands behind ${command} and is no flag, see --help`);
  if (command === "doctor") {
    return { name: "doctor", request: readDoctorRequest(values), config: readConfig(values, env) };
  }
  const foreign = Object.keys(DOCTOR_FLAGS).find((flag) => values[flag] !== undefined);
  if (foreign !== undefined) throw new UsageError(`--${foreign} is a flag of doctor alone, see --help`);
  return { name: "serve", config: readConfig(values, env) };
}

/** For programs that the agent starts: everything but the secrets, with these changes. */
export function programEnvironment(
  changes: Readonly<Record<string, string>> = {},
  env: Environment = process.env,
): Record<string, string> {
  const secrets = new Set(
    rows.flatMap(([, row]) => (row.secret === true ? row.env.flatMap((name) => [name, `${name}_FILE`]) : [])),
  );
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !secrets.has(entry[0]),
  );
  return { ...Object.fromEntries(kept), ...changes };
}

const DOCTOR_FLAGS = {
  json: { type: "boolean" },
  "no-measure": { type: "boolean" },
  only: { type: "string" },
  clock: { type: "string" },
} as const;

function readDoctorRequest(values: Readonly<Record<string, unknown>>): DoctorRequest {
  const { only, clock } = values;
  const group = DOCTOR_GROUPS.find((name) => name === only);
  if (typeof only === "string" && group === undefined) {
    throw new UsageError(
      `--only: "${only}" is none of ${DOCTOR_GROUPS.join(", ")}; did you mean "${nearestOf(only, DOCTOR_GROUPS)}"?`,
    );
  }
  if (typeof clock === "string" && !/^https?:\/\/[^/\s]/.test(clock)) {
    throw new UsageError(`--clock: "${clock}" must be an address such as https://example.org`);
  }
  return {
    json: values["json"] === true,
    only: group,
    measure: values["no-measure"] !== true,
    clockUrl: typeof clock === "string" ? clock : undefined,
  };
}

/** `flags`: text by flag name, without dashes. */
function readConfig(flags: Readonly<Record<string, unknown>>, env: Environment): Config {
  const values: Record<string, unknown> = {};
  for (const [name, row] of rows) {
    const found = findText(row, flags, env);
    const text = found?.text ?? row.preset;
    if (text === undefined) continue;
    const result = row.schema.safeParse(text);
    if (!result.success) {
      const shown = row.secret === true ? "the value" : `"${text}"`;
      throw new UsageError(
        `${found?.origin ?? row.env[0]}: ${shown} ${result.error.issues[0]?.message ?? "is refused"}`,
      );
    }
    values[name] = result.data;
  }
  const read = values as Values;
  const runtime = env["XDG_RUNTIME_DIR"];
  return {
    ...read,
    host: read.host ?? (read.container ? "0.0.0.0" : "127.0.0.1"),
    runDir:
      read.runDir ?? (runtime ? join(runtime, "eglantine") : join(tmpdir(), `eglantine-${process.getuid?.() ?? 0}`)),
    xauthority: read.xauthority ?? join(homedir(), ".Xauthority"),
    filesDir: read.filesDir ?? join(homedir(), "Downloads"),
    surroundings: readSurroundings(env, flags["display"] !== undefined),
  };
}

/** The flag, else the first variable that is set and not empty, or whose file (NAME_FILE of a secret) is there and not empty. */
function findText(row: Option, flags: Readonly<Record<string, unknown>>, env: Environment) {
  const flag = row.flag === undefined ? undefined : flags[row.flag];
  if (typeof flag === "string") return { text: flag, origin: `--${row.flag}` };
  for (const name of row.env) {
    const text = env[name];
    if (text !== undefined && text !== "") return { text, origin: name };
    const file = row.secret === true ? env[`${name}_FILE`] : undefined;
    if (file === undefined || file === "") continue;
    const secret = readSecret(`${name}_FILE`, file);
    if (secret !== "") return { text: secret, origin: `${name}_FILE` };
  }
  return undefined;
}

function readSecret(name: string, file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw new UsageError(`${name}: ${file} can't be read: ${messageOf(error)}`);
  }
}

function readFlags(argv: readonly string[]) {
  const options: Record<string, { type: "string" | "boolean"; short?: string }> = {
    help: { type: "boolean", short: "h" },
    version: { type: "boolean" },
    ...DOCTOR_FLAGS,
  };
  for (const [, row] of rows) if (row.flag !== undefined) options[row.flag] = { type: "string" };
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(`${messageOf(error)} (see --help)`);
  }
}
