// Connecting as a list of named stages. PURE: `attempt.ts` reports what happened, `ui/stage-list.tsx` shows it.
// Each has a title, a sentence for the user when it fails, and what to do about it: area `connection` of the catalogue.

import type { Reason } from "@eglantine/protocol/reasons";

export interface StageDefinition {
  readonly reason: Reason;
  /** How long it may take before it counts as failed. */
  readonly timeoutMs: number;
}

export const STAGES = {
  reach: {
    reason: "connection-lost",
    timeoutMs: 10_000,
  },
  admit: {
    reason: "hello-timeout",
    timeoutMs: 8_000,
  },
  agree: {
    reason: "media-failed",
    timeoutMs: 10_000,
  },
  path: {
    reason: "media-failed",
    timeoutMs: 20_000,
  },
  secure: {
    reason: "media-failed",
    timeoutMs: 10_000,
  },
  picture: {
    reason: "media-failed",
    timeoutMs: 15_000,
  },
} as const satisfies Record<string, StageDefinition>;

export type StageName = keyof typeof STAGES;

export const STAGE_NAMES = Object.keys(STAGES) as readonly StageName[];

/** How far an attempt is. */
export interface StageProgress {
  readonly startedMs: number;
  /** When each finished stage finished, in the order of the table. */
  readonly finishedMs: readonly number[];
  /** Of those: the ones that were not needed, since the picture came over the WebSocket. */
  readonly skipped: readonly StageName[];
  readonly failed: boolean;
}

export function startStages(nowMs: number): StageProgress {
  return { startedMs: nowMs, finishedMs: [], skipped: [], failed: false };
}

/** `name` and all stages before it are done: a later one can't be without the earlier. */
export function finishStage(progress: StageProgress, name: StageName, nowMs: number): StageProgress {
  const missing = STAGE_NAMES.indexOf(name) + 1 - progress.finishedMs.length;
  if (missing <= 0 || progress.failed) return progress;
  return { ...progress, finishedMs: [...progress.finishedMs, ...Array.from({ length: missing }, () => nowMs)] };
}

/** Those between the finished ones and `name` are not needed; `name` is under way. */
export function skipStages(progress: StageProgress, name: StageName, nowMs: number): StageProgress {
  const index = STAGE_NAMES.indexOf(name);
  const before = STAGE_NAMES[index - 1];
  if (before === undefined || index <= progress.finishedMs.length || progress.failed) return progress;
  const skipped = [...progress.skipped, ...STAGE_NAMES.slice(progress.finishedMs.length, index)];
  return { ...finishStage(progress, before, nowMs), skipped };
}

export function failStages(progress: StageProgress): StageProgress {
  return { ...progress, failed: true };
}

/** The stage that is under way, or undefined when all are done. */
export function currentStage(progress: StageProgress): StageName | undefined {
  return STAGE_NAMES[progress.finishedMs.length];
}

export type StageState = "waiting" | "running" | "done" | "skipped" | "failed";

export interface StageView {
  readonly name: StageName;
  readonly state: StageState;
  /** How long it took; only for a finished one. */
  readonly tookMs?: number;
}

export function viewStages(progress: StageProgress): readonly StageView[] {
  const current = progress.finishedMs.length;
  return STAGE_NAMES.map((name, index) => {
    const finishedMs = progress.finishedMs[index];
    if (progress.skipped.includes(name)) return { name, state: "skipped" };
    if (finishedMs !== undefined) {
      const fromMs = progress.finishedMs[index - 1] ?? progress.startedMs;
      return { name, state: "done", tookMs: finishedMs - fromMs };
    }
    if (index > current) return { name, state: "waiting" };
    return { name, state: progress.failed ? "failed" : "running" };
  });
}
