// Runs checks and tells each row as it ends: those that do not disturb each other at once, those that measure one after the other behind
// them. From `command.ts` and `desk.ts`, over `checks/checks.ts`.

import type { DoctorRow } from "@eglantine/protocol/doctor";
import { messageOf } from "../errors.ts";
import type { Place } from "./place.ts";
import type { Check, Finding } from "./types.ts";

/** Rows in the order of the checks. `onRow`: each as it ends. Rejects when `signal` is aborted, and for nothing else. */
export async function runChecks(
  checks: readonly Check[],
  place: Place,
  signal: AbortSignal,
  onRow: (row: DoctorRow) => void = () => undefined,
): Promise<readonly DoctorRow[]> {
  const rows = new Map<Check, DoctorRow>();
  const run = async (check: Check): Promise<void> => {
    const row = await runCheck(check, place, signal);
    signal.throwIfAborted();
    rows.set(check, row);
    onRow(row);
  };
  await Promise.all(checks.filter(({ alone }) => alone !== true).map(run));
  for (const check of checks.filter(({ alone }) => alone === true)) await run(check);
  return checks.flatMap((check) => rows.get(check) ?? []);
}

async function runCheck(check: Check, place: Place, signal: AbortSignal): Promise<DoctorRow> {
  const { name, group, title, limitMs } = check;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), limitMs);
  const startMs = performance.now();
  const finding = await Promise.race([
    runFinding(check, place, AbortSignal.any([signal, late.signal])),
    aborted(late.signal).then(() => overdue(limitMs)),
    // Nobody waits for the row then.
    aborted(signal).then(() => overdue(limitMs)),
  ]);
  clearTimeout(timer);
  return { name, group, title, ...finding, tookMs: Math.round(performance.now() - startMs) };
}

async function runFinding(check: Check, place: Place, signal: AbortSignal): Promise<Finding> {
  try {
    return await check.run(place, signal);
  } catch (error) {
    return broken(error);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function overdue(limitMs: number): Finding {
  return {
    verdict: "fail",
    seen: `No answer within ${limitMs / 1000} s`,
    means: "What this looks at hangs, or the machine is overloaded",
    fix: "look again when the machine is quiet; if it stays so, report it",
  };
}

/** An option that contradicts another is said so; the rest is what nobody expected. */
function broken(error: unknown): Finding {
  return {
    verdict: "fail",
    seen: messageOf(error),
    means: "This could not be looked at",
    fix: "if the sentence names an option, mend that; else report it",
  };
}
