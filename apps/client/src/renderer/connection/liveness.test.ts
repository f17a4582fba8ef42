import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Liveness } from "./liveness.ts";

const ids: number[] = [];
let doubts = 0;
let liveness: Liveness;

beforeEach(() => {
  vi.useFakeTimers();
  ids.length = 0;
  doubts = 0;
  liveness = new Liveness({ send: (id) => void ids.push(id), onDoubt: () => void (doubts += 1) });
  liveness.begin(true, 0);
});
afterEach(() => vi.useRealTimers());

/** What is known by now. */
async function verdict(asked: Promise<boolean>): Promise<boolean | undefined> {
  return Promise.race([asked, Promise.resolve().then(() => undefined)]);
}

it("takes a connection for dead that does not answer, and not for an answer to something else", async () => {
  const alive = liveness.ask();
  liveness.answered((ids[0] ?? 0) + 1);
  vi.advanceTimersByTime(349);
  expect(await verdict(alive)).toBeUndefined();
  vi.advanceTimersByTime(1);
  expect(await verdict(alive)).toBe(false);
});

it("waits for three round trips on a long link, and doubts after one and a half", async () => {
  liveness.begin(true, 200);
  const alive = liveness.ask();
  vi.advanceTimersByTime(299);
  expect(doubts).toBe(0);
  vi.advanceTimersByTime(300);
  expect(doubts).toBe(1);
  expect(await verdict(alive)).toBeUndefined();
  vi.advanceTimersByTime(1);
  expect(await verdict(alive)).toBe(false);
});

it("knows sooner where another connection reaches the agent and no answer comes", async () => {
  const alive = liveness.ask();
  vi.advanceTimersByTime(60);
  expect(doubts).toBe(1);
  liveness.reached();
  vi.advanceTimersByTime(89);
  expect(await verdict(alive)).toBeUndefined();
  vi.advanceTimersByTime(1);
  expect(await verdict(alive)).toBe(false);
});

it("gives the answer a moment where the other connection took long", async () => {
  const alive = liveness.ask();
  vi.advanceTimersByTime(330);
  liveness.reached();
  vi.advanceTimersByTime(49);
  expect(await verdict(alive)).toBeUndefined();
  liveness.answered(ids[0] ?? 0);
  expect(await verdict(alive)).toBe(true);
});

it("tries no other connection where the answer comes soon", async () => {
  const alive = liveness.ask();
  vi.advanceTimersByTime(59);
  liveness.answered(ids[0] ?? 0);
  vi.advanceTimersByTime(10_000);
  expect(doubts).toBe(0);
  expect(await alive).toBe(true);
});

it("asks once where several ask, and none of them waits longer for it", async () => {
  const first = liveness.ask();
  vi.advanceTimersByTime(340);
  const second = liveness.ask();
  expect(ids).toHaveLength(1);
  vi.advanceTimersByTime(10);
  expect([await verdict(first), await verdict(second)]).toEqual([false, false]);
});

it("asks no agent that does not know the question", async () => {
  liveness.begin(false, 0);
  expect(await liveness.ask()).toBe(true);
  expect(ids).toEqual([]);
});

it("concludes nothing once it is closed", async () => {
  const alive = liveness.ask();
  liveness.close();
  vi.advanceTimersByTime(10_000);
  expect(await alive).toBe(true);
  expect(doubts).toBe(0);
});

it("looks once more where the page was held up, for the answer may stand behind its timer", async () => {
  vi.useRealTimers();
  const alive = liveness.ask();
  // Due behind the one that gives up; both are late when the page goes on.
  setTimeout(() => liveness.answered(ids[0] ?? 0), 360);
  const untilMs = performance.now() + 900;
  while (performance.now() < untilMs);
  expect(await alive).toBe(true);
});
