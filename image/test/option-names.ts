// Whether what a manifest sets in the environment of a desktop is there in the table of options, and a value that it takes. Used by
// ../compose.test.ts and ../kubernetes.test.ts.

import type { Option } from "../../apps/agent/src/config/option.ts";
import { OPTIONS } from "../../apps/agent/src/config/options.ts";

const rows: readonly Option[] = Object.values(OPTIONS);

/** A sentence for each name that no option has, and for each value that its option refuses; undefined values are not looked at. */
export function environmentProblems(environment: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(environment).flatMap(([name, value]) => problemOf(name, value) ?? []);
}

function problemOf(name: string, value: string | undefined): string | undefined {
  const row = rows.find(({ env }) => env.includes(name));
  if (row !== undefined) {
    if (value === undefined) return undefined;
    const result = row.schema.safeParse(value);
    return result.success ? undefined : `${name}: "${value}" ${result.error.issues[0]?.message}`;
  }
  const secret = rows.some((row) => row.secret === true && row.env.some((one) => `${one}_FILE` === name));
  if (!secret) return `${name}: no option of that name`;
  return value === undefined || value.startsWith("/") ? undefined : `${name}: "${value}" is no absolute path`;
}
