// Why an attempt or a session ended, and which words there are for it. PURE. Made by `attempt.ts`, shown by `ui/`.

import type { Reason } from "@eglantine/protocol/reasons";
import { said, type Said, type Sentence } from "../messages/said.ts";
import { STAGES, type StageName } from "./stages.ts";

export interface Failure {
  readonly reason: Reason;
  /** True when the agent said so in its `bye`. */
  readonly byAgent: boolean;
  /** The stage that was under way; absent once there was a picture. */
  readonly stage?: StageName;
  /** What is known beyond the stage: a sentence that stands behind its own. */
  readonly because?: Sentence;
  /** For experts and logs. */
  readonly detail?: string;
}

export interface FailureText {
  readonly sentence: Said;
  readonly remedy: Said;
  readonly detail?: string;
}

export function describeFailure({ reason, byAgent, stage, because, detail: text }: Failure): FailureText {
  const detail = text === undefined || text === "" ? {} : { detail: text };
  // The protocol's sentence tells the agent's side of it.
  if (!byAgent && reason === "protocol-error") {
    const sentence = said("connection", "failed.not-understood");
    return { sentence, remedy: said("connection", "remedy.not-understood"), ...detail };
  }
  if (!byAgent && stage !== undefined && STAGES[stage].reason === reason) {
    const failed = said("connection", `stage-failed.${stage}`);
    const sentence = because === undefined ? failed : said("connection", "both", { first: failed, second: because });
    return { sentence, remedy: said("connection", `stage-remedy.${stage}`), ...detail };
  }
  return { sentence: said("reasons", `failed.${reason}`), remedy: said("reasons", `remedy.${reason}`), ...detail };
}
