// The doctor's rows: what the agent found out about the place where it runs. As messages in `control.ts`, and as the report of
// `eglantine-agent doctor --json`, which the client copies too. As text: `doctor-text.ts`. PURE.

/** `skip`: there was nothing to look at, and why. */
export const DOCTOR_VERDICTS = ["pass", "warn", "fail", "skip"] as const;
export type DoctorVerdict = (typeof DOCTOR_VERDICTS)[number];

/** In the order of the table. */
export const DOCTOR_GROUPS = [
  "container",
  "graphics",
  "video",
  "display",
  "sound",
  "input",
  "network",
  "machine",
  "measured",
] as const;
export type DoctorGroup = (typeof DOCTOR_GROUPS)[number];

export interface DoctorRow {
  /** Stable: machines and `--only` know it by this. */
  readonly name: string;
  readonly group: DoctorGroup;
  readonly title: string;
  readonly verdict: DoctorVerdict;
  /** What is there: a sentence without its full stop, as the next. Never a secret. */
  readonly seen: string;
  readonly means: string;
  /** The exact flag, option or command to change; absent where nothing is to be done. */
  readonly fix?: string | undefined;
  /** Further lines: one for each device, encoder, … */
  readonly details?: readonly string[] | undefined;
  /** For machines: quantities by name, with their unit in it. */
  readonly figures?: Readonly<Record<string, number>> | undefined;
  readonly tookMs: number;
}

/** The worst counts; what was skipped does not. */
export function overallVerdict(rows: readonly Pick<DoctorRow, "verdict">[]): "pass" | "warn" | "fail" {
  if (rows.some(({ verdict }) => verdict === "fail")) return "fail";
  return rows.some(({ verdict }) => verdict === "warn") ? "warn" : "pass";
}

export function countVerdicts(rows: readonly Pick<DoctorRow, "verdict">[]): Record<DoctorVerdict, number> {
  const counts = { pass: 0, warn: 0, fail: 0, skip: 0 };
  for (const { verdict } of rows) counts[verdict] += 1;
  return counts;
}

/** Grows when a field changes its meaning or goes; new fields do not count. */
const REPORT_VERSION = 1;

/** `agent`: its name and version. Its fields are stable: apps/agent/DOCTOR.md documents them. */
export function doctorReport(rows: readonly DoctorRow[], agent: string) {
  return {
    version: REPORT_VERSION,
    agent,
    verdict: overallVerdict(rows),
    counts: countVerdicts(rows),
    checks: rows.map(({ name, group, title, verdict, seen, means, fix, details, figures, tookMs }) => ({
      name,
      group,
      title,
      verdict,
      seen,
      means,
      fix: fix ?? null,
      details: details ?? [],
      figures: figures ?? {},
      tookMs,
    })),
  };
}
