import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PacedLook } from "./paced-look.ts";

let looks: number;
let paced: PacedLook;

beforeEach(() => {
  vi.useFakeTimers();
  looks = 0;
  paced = new PacedLook({
    everyMs: 10,
    lastMs: 100,
    look: async () => {
      looks += 1;
    },
  });
});
afterEach(() => {
  paced.rest();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

test("looks at once, and a last time when nothing more has happened", async () => {
  paced.poke();
  expect(looks).toBe(1);
  await vi.advanceTimersByTimeAsync(109);
  expect(looks).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(looks).toBe(2);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(looks).toBe(2);
});

test("looks no more often than it may, whatever happens, and misses nothing", async () => {
  for (let ms = 0; ms < 1000; ms++) {
    paced.poke();
    await vi.advanceTimersByTimeAsync(1);
  }
  expect(looks).toBeGreaterThanOrEqual(90);
  expect(looks).toBeLessThanOrEqual(101);
  const before = looks;
  paced.poke();
  await vi.advanceTimersByTimeAsync(11);
  expect(looks).toBeGreaterThan(before);
});

test("rests when it is told to, and begins anew", async () => {
  paced.poke();
  paced.rest();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(looks).toBe(1);
  paced.poke();
  expect(looks).toBe(2);
});
