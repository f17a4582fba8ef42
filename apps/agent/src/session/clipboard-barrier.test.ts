import type { InputMessage } from "@eglantine/protocol/input";
import { LIMITS } from "@eglantine/protocol/limits";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ClipboardBarrier } from "./clipboard-barrier.ts";

let applied: string[];
let late: number;
let barrier: ClipboardBarrier;

beforeEach(() => {
  vi.useFakeTimers();
  [applied, late] = [[], 0];
  barrier = new ClipboardBarrier({
    apply: (message) => void applied.push(message.type === "key" ? `key ${message.keysym}` : message.type),
    onLate: () => void (late += 1),
  });
});
afterEach(() => {
  barrier.release();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const key = (keysym: number): InputMessage => ({ type: "key", pressed: true, code: 0, keysym });
const wait = (serial: number): InputMessage => ({ type: "clipboardBarrier", serial });

test("keys behind a barrier wait for its offer, and go on in their order", () => {
  barrier.take(key(1));
  barrier.take(wait(5));
  barrier.take(key(2));
  barrier.take({ type: "releaseAll" });
  expect(applied).toEqual(["key 1"]);
  barrier.applied(4);
  expect(applied).toEqual(["key 1"]);
  barrier.applied(5);
  expect(applied).toEqual(["key 1", "key 2", "releaseAll"]);
  expect(late).toBe(0);
});

test("a barrier whose offer is there already holds nothing up", () => {
  barrier.applied(5);
  barrier.take(wait(3));
  barrier.take(key(1));
  expect(applied).toEqual(["key 1"]);
});

test("barriers behind barriers are passed one by one", () => {
  for (const message of [wait(1), key(1), wait(2), key(2), wait(3), key(3)]) barrier.take(message);
  barrier.applied(1);
  expect(applied).toEqual(["key 1"]);
  barrier.applied(3);
  expect(applied).toEqual(["key 1", "key 2", "key 3"]);
});

test("an offer that does not come holds keys up for so long and no longer, and the user is told", () => {
  barrier.take(wait(1));
  barrier.take(key(1));
  vi.advanceTimersByTime(LIMITS.clipboardBarrierMs - 1);
  expect(applied).toEqual([]);
  vi.advanceTimersByTime(1);
  expect([applied, late]).toEqual([["key 1"], 1]);
});

test("when all keys are to be let go of, what waits goes first", () => {
  for (const message of [wait(1), key(1), wait(2), key(2)]) barrier.take(message);
  barrier.release();
  expect(applied).toEqual(["key 1", "key 2"]);
  barrier.take(key(3));
  expect(applied).toHaveLength(3);
});
