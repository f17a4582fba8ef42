// Why an attempt or a session ended, and the words for it. PURE. Made by `attempt.ts`, shown by `ui/`.

import { REASONS, type Reason } from "@eglantine/protocol/reasons";
import { STAGES, type StageName } from "./stages.ts";

export interface Failure {
  readonly reason: Reason;
  /** True when the agent said so in its `bye`. */
  readonly byAgent: boolean;
  /** The stage that was under way; absent once there was a picture. */
  readonly stage?: StageName;
  /** What is known beyond the stage: a sentence that stands behind its own. */
  readonly because?: string;
  /** For experts and logs. */
  readonly detail?: string;
}

export interface FailureText {
  readonly sentence: string;
  readonly remedy: string;
  readonly detail?: string;
}

/** Found by this side, where the protocol's sentence tells the agent's side of it. */
const OURS: Partial<Record<Reason, FailureText>> = {
  "protocol-error": {
    sentence: "The agent sent something that this client does not understand.",
    remedy: "Open the page that the agent itself serves, or update the older of the two.",
  },
};

export function describeFailure(failure: Failure): FailureText {
  const detail = failure.detail === undefined || failure.detail === "" ? {} : { detail: failure.detail };
  if (!failure.byAgent) {
    const ours = OURS[failure.reason];
    if (ours !== undefined) return { ...ours, ...detail };
    if (failure.stage !== undefined && STAGES[failure.stage].reason === failure.reason) {
      const { sentence, remedy } = STAGES[failure.stage];
      const because = failure.because === undefined ? "" : ` ${failure.because}`;
      return { sentence: sentence + because, remedy, ...detail };
    }
  }
  const { sentence, remedy } = REASONS[failure.reason];
  return { sentence, remedy, ...detail };
}
