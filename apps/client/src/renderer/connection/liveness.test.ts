import { expect, it } from "vitest";
import { Liveness } from "./liveness.ts";

function asked(): { liveness: Liveness; ids: number[] } {
  const ids: number[] = [];
  const liveness = new Liveness((id) => void ids.push(id));
  liveness.begin(true, 0);
  return { liveness, ids };
}

it("takes a connection for dead that does not answer, and not for an answer to something else", async () => {
  const { liveness, ids } = asked();
  const alive = liveness.ask();
  liveness.answered((ids[0] ?? 0) + 1);
  expect(await alive).toBe(false);
});

it("asks no agent that does not know the question", async () => {
  const { liveness, ids } = asked();
  liveness.begin(false, 0);
  expect(await liveness.ask()).toBe(true);
  expect(ids).toEqual([]);
});

it("waits once more where the page was held up, for the answer may stand behind its timer", async () => {
  const { liveness, ids } = asked();
  const alive = liveness.ask();
  // Due behind the one that gives up; both are late when the page goes on.
  setTimeout(() => liveness.answered(ids[0] ?? 0), 360);
  const untilMs = performance.now() + 900;
  while (performance.now() < untilMs);
  expect(await alive).toBe(true);
});
