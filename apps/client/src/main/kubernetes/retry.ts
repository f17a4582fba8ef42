// The pause before an API server that failed is asked again. Used by `readiness.ts` and `answers.ts`.

import { setTimeout as delay } from "node:timers/promises";

const PAUSE_MS = 3_000;

/** Also ends with the signal. */
export const pauseBeforeRetry = (signal: AbortSignal): Promise<void> =>
  delay(PAUSE_MS, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
