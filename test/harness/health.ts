// Whether a server answers: asked again and again until it says what is waited for. Used by agent.ts, yardstick.ts, session.ts
// and the end-to-end tests.

import type { Process } from "./processes.ts";
import { until } from "./until.ts";

/** The HTTP status; "gone" when nothing answers there. */
export type Answer = number | "gone";

export async function answerOf(url: string): Promise<Answer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
    await response.arrayBuffer();
    return response.status;
  } catch (error) {
    // fetch's own error of a connection that failed, and the limit above.
    if (error instanceof TypeError || (error as Error).name === "TimeoutError") return "gone";
    throw error;
  }
}

/** Rejects with the last answer after `limitMs`, and at once, with its log, when the server has ended meanwhile. */
export async function untilAnswer(
  url: string,
  wanted: Answer,
  { limitMs = 20_000, server }: { limitMs?: number; server?: Process } = {},
): Promise<void> {
  let last: Answer = "gone";
  try {
    await until(
      `${url} answers ${wanted}`,
      async () => {
        if (server?.isOver === true) throw new Error(`${server.name} has ended`);
        return (last = await answerOf(url)) === wanted;
      },
      { limitMs, everyMs: 20 },
    );
  } catch (error) {
    throw new Error(`${(error as Error).message}; last answer: ${last}\n${server?.log() ?? ""}`.trimEnd(), {
      cause: error,
    });
  }
}
