// Runs `eglantine-agent doctor --json` as a process of its own and reads its report, for the doctor's system tests.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { doctorReport } from "@eglantine/protocol/doctor";
import { runAgent } from "../../testing/agent-process.ts";

type Report = ReturnType<typeof doctorReport>;
type ReportedCheck = Report["checks"][number];

export interface Examined {
  readonly report: Report;
  readonly exitCode: number | null;
  readonly said: string;
  readonly check: (name: string) => ReportedCheck;
}

/** In a home of its own: drivers keep caches there. Without what measures, but where it is asked for. */
export async function examine(
  env: Readonly<Record<string, string>> = {},
  ...args: readonly string[]
): Promise<Examined> {
  const measure = args.includes("measured") ? [] : ["--no-measure"];
  const home = mkdtempSync(join(tmpdir(), "eglantine-examined-"));
  const agent = await runAgent(["doctor", "--json", ...measure, ...args], { HOME: home, LANG: "C.UTF-8", ...env });
  const exitCode = await agent.exitCode;
  rmSync(home, { recursive: true, force: true });
  if (agent.stdout === "") throw new Error(`no report:\n${agent.stderr}`);
  const report = JSON.parse(agent.stdout) as Report;
  return {
    report,
    exitCode,
    said: agent.stdout + agent.stderr,
    check: (name) => {
      const found = report.checks.find((check) => check.name === name);
      if (found === undefined) throw new Error(`no row ${name}: ${agent.stdout}`);
      return found;
    },
  };
}
