import { REASON_NAMES, REASONS } from "@eglantine/protocol/reasons";
import fc from "fast-check";
import { expect, it } from "vitest";
import { say } from "../messages/say.ts";
import { describeFailure } from "./failure.ts";
import { nextRetry, peerRetryMs, reachRetryMs, retryDelayMs, shouldRetry } from "./reconnect.ts";

it("waits longer with every retry, up to eight seconds", () => {
  expect([1, 2, 3, 4, 5, 6, 7].map((retry) => retryDelayMs(retry, 1))).toEqual([
    300, 600, 1200, 2400, 4800, 8000, 8000,
  ]);
});

it("spreads the waiting over the upper half of it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (retry, random) => {
      const delayMs = retryDelayMs(retry, random);
      const fullMs = retryDelayMs(retry, 1);
      expect(delayMs).toBeGreaterThanOrEqual(Math.floor(fullMs / 2));
      expect(delayMs).toBeLessThanOrEqual(fullMs);
    }),
  );
});

it("takes a session up again for every reason that allows it, and for no other", () => {
  for (const reason of REASON_NAMES) {
    expect(shouldRetry({ reason, byAgent: true }, true)).toBe(REASONS[reason].retry);
  }
});

it("does not repeat by itself what never worked", () => {
  expect(shouldRetry({ reason: "connection-lost", byAgent: false, stage: "reach" }, false)).toBe(false);
});

it("reaches again for an agent within the first second, unless a connection opened or the agent spoke", () => {
  const failure = { reason: "connection-lost", byAgent: false, stage: "reach" } as const;
  expect(reachRetryMs(failure, 0)).toBe(300);
  expect(reachRetryMs(failure, 999)).toBe(300);
  expect(reachRetryMs(failure, 1000)).toBeUndefined();
  expect(reachRetryMs({ ...failure, stage: "admit" }, 0)).toBeUndefined();
  expect(reachRetryMs({ ...failure, byAgent: true }, 0)).toBeUndefined();
});

it("waits for an agent that says it will be back, even at the first time", () => {
  expect(shouldRetry({ reason: "display-lost", byAgent: true, stage: "admit" }, false)).toBe(true);
});

it("counts retries anew only after a connection that held", () => {
  expect(nextRetry(4, 0)).toBe(5);
  expect(nextRetry(4, 500)).toBe(5);
  expect(nextRetry(4, 60_000)).toBe(1);
});

it("tells a failed stage's own sentence, and the agent's reason when it gave one", () => {
  const local = describeFailure({ reason: "media-failed", byAgent: false, stage: "path" });
  expect(say(local.sentence)).toMatch(/no path for the picture/);
  const told = describeFailure({ reason: "auth-locked", byAgent: true, stage: "admit", detail: "5 tries" });
  expect(say(told.sentence)).toBe(REASONS["auth-locked"].sentence);
  expect(say(told.remedy)).toBe(REASONS["auth-locked"].remedy);
  expect(told.detail).toBe("5 tries");
});

it("says what is known beyond the stage behind its sentence", () => {
  const because = "The TURN server refused.";
  const { sentence } = describeFailure({ reason: "media-failed", byAgent: false, stage: "path", because });
  expect(say(sentence)).toMatch(/was found\. The TURN server refused\.$/);
});

it("says every reason in the protocol's own words", () => {
  for (const reason of REASON_NAMES) {
    const { sentence, remedy } = describeFailure({ reason, byAgent: true });
    expect(say(sentence)).toBe(REASONS[reason].sentence);
    expect(say(remedy)).toBe(REASONS[reason].remedy);
  }
});

it("blames the agent's words, not the user's, for what this side does not understand", () => {
  expect(say(describeFailure({ reason: "protocol-error", byAgent: false }).sentence)).toMatch(/^The agent sent/);
});

it("waits twice as long after each peer that failed, up to five minutes", () => {
  expect([1, 2, 5, 8, 9, 10, 99].map(peerRetryMs)).toEqual([2000, 4000, 32_000, 256_000, 300_000, 300_000, 300_000]);
});
