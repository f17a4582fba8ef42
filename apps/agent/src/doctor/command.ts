// `eglantine-agent doctor`: examines the place where it is started, prints the table or the report, and ends with a code by the verdict.
// From `main.ts`.

import { doctorReport, overallVerdict } from "@eglantine/protocol/doctor";
import { doctorText } from "@eglantine/protocol/doctor-text";
import type { Config } from "../config/load.ts";
import { createLog } from "../log.ts";
import { CHECKS } from "./checks/checks.ts";
import { runChecks } from "./doctor.ts";
import { Place, type PlaceOptions } from "./place.ts";
import { inSession } from "./session.ts";
import type { DoctorRequest } from "./types.ts";

export interface CommandOptions {
  readonly config: Config;
  readonly request: DoctorRequest;
  readonly environment: PlaceOptions["environment"];
  /** Name and version. */
  readonly agent: string;
}

const FAILED_EXIT_CODE = 1;
const WIDTH_CHARS = 100;

/** Resolves to the exit code: 0 where everything passed or is only warned about, 1 where something failed. */
export async function doctorCommand({ config, request, environment, agent }: CommandOptions): Promise<number> {
  const { json, only, measure, clockUrl } = request;
  const place = new Place({ config: inSession(config), environment, clockUrl, log: createLog("silent") });
  const checks = CHECKS.filter(({ group }) => only === undefined || group === only).filter(
    ({ alone }) => measure || alone !== true,
  );
  const rows = await runChecks(checks, place, new AbortController().signal);
  const { stdout } = process;
  const look = { widthChars: Math.min(stdout.columns ?? WIDTH_CHARS, WIDTH_CHARS), colour: stdout.isTTY };
  stdout.write(json ? `${JSON.stringify(doctorReport(rows, agent), null, 2)}\n` : doctorText(rows, look));
  return overallVerdict(rows) === "fail" ? FAILED_EXIT_CODE : 0;
}
