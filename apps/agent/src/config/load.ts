// Reads flags, environment and secret files by the options' table (`options.ts`) into the configuration of `agent.ts`.
// The only file that reads process.env.

import { readFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { messageOf, UsageError } from "../errors.ts";
import type { Option } from "./option.ts";
import { OPTIONS, type OptionName, type Values } from "./options.ts";

export type Config = Omit<Values, "host" | "runDir" | "xauthority" | "filesDir"> & {
  readonly host: string;
  readonly runDir: string;
  readonly xauthority: string;
  readonly filesDir: string;
  /** Environment names of options that were set and do nothing in this version. */
  readonly without: readonly string[];
};

export type Command =
  | { readonly name: "serve"; readonly config: Config }
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
  if (command === undefined) throw new UsageError('no command given: "serve" is the one there is, see --help');
  if (command === "help") return { name: "help" };
  if (command !== "serve")
    throw new UsageError(`unknown command "${command}": "serve" is the one there is, see --help`);
  if (rest.length > 0) throw new UsageError(`"${rest.join(" ")}" stands behind serve and is no flag, see --help`);
  return { name: "serve", config: readConfig(values, env) };
}

/** `flags`: text by flag name, without dashes. */
function readConfig(flags: Readonly<Record<string, unknown>>, env: Environment): Config {
  const values: Record<string, unknown> = {};
  const without: string[] = [];
  for (const [name, row] of rows) {
    const found = findText(row, flags, env);
    if (found !== undefined && row.status === "accepted") without.push(found.origin);
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
    without,
  };
}

/** The flag, else the first variable that is set, else the file that NAME_FILE of a secret names. */
function findText(row: Option, flags: Readonly<Record<string, unknown>>, env: Environment) {
  const flag = row.flag === undefined ? undefined : flags[row.flag];
  if (typeof flag === "string") return { text: flag, origin: `--${row.flag}` };
  for (const name of row.env) {
    const text = env[name];
    if (text !== undefined && text !== "") return { text, origin: name };
    const file = row.secret === true ? env[`${name}_FILE`] : undefined;
    if (file !== undefined && file !== "") return { text: readSecret(`${name}_FILE`, file), origin: `${name}_FILE` };
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
  };
  for (const [, row] of rows) if (row.flag !== undefined) options[row.flag] = { type: "string" };
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(`${messageOf(error)} (see --help)`);
  }
}
