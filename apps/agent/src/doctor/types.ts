// The contract of the doctor: a check looks at one thing where the agent runs and gives a verdict, what it saw, what that means and what to
// change. `checks/` has them, one subject a file; `doctor.ts` runs them for `command.ts` (the command line) and `desk.ts` (a viewer).

import type { DoctorGroup, DoctorRow } from "@eglantine/protocol/doctor";
import type { Place } from "./place.ts";

/** What a check says in its row. */
export type Finding = Omit<DoctorRow, "name" | "group" | "title" | "tookMs">;

export interface Check {
  /** Stable: machines and `--only` know it by this. */
  readonly name: string;
  readonly group: DoctorGroup;
  /** Of its row. */
  readonly title: string;
  /** What it looks at, for DOCTOR.md. */
  readonly doc: string;
  /** A check that lasts longer has failed. */
  readonly limitMs: number;
  /** It measures, or needs the machine for itself: it runs after the others, and alone. */
  readonly alone?: true;
  /** What throws is said in the row as it is. */
  run(place: Place, signal: AbortSignal): Promise<Finding>;
}

/** What the command line asks for. */
export interface DoctorRequest {
  readonly json: boolean;
  /** undefined: all of them. */
  readonly only: DoctorGroup | undefined;
  readonly measure: boolean;
  /** Whose clock is compared with ours. */
  readonly clockUrl: string | undefined;
}
