import { expect, test } from "vitest";
import { Rumble } from "./pad-rumble.ts";

const A = 1;
const B = 2;

function uploaded(rumble: Rumble, owner: number, id: number, strong: number, weak: number, lengthMs = 0, delayMs = 0) {
  rumble.take(owner, { kind: "upload", id, strong, weak }, 0);
  rumble.take(owner, { kind: "replay", id, lengthMs, delayMs }, 0);
}

test("an effect is on while it plays, and no longer than its length", () => {
  const rumble = new Rumble();
  uploaded(rumble, A, 0, 1000, 500, 200);
  expect(rumble.levels(0)).toEqual({ strong: 0, weak: 0 });
  rumble.take(A, { kind: "play", id: 0, times: 1 }, 100);
  expect(rumble.levels(100)).toEqual({ strong: 1000, weak: 500 });
  expect(rumble.nextChangeMs(100)).toBe(300);
  expect(rumble.levels(299)).toEqual({ strong: 1000, weak: 500 });
  expect(rumble.levels(300)).toEqual({ strong: 0, weak: 0 });
  expect(rumble.nextChangeMs(300)).toBeUndefined();
});

test("one without a length goes on until it is stopped", () => {
  const rumble = new Rumble();
  uploaded(rumble, A, 3, 1, 2);
  rumble.take(A, { kind: "play", id: 3, times: 1 }, 0);
  expect(rumble.levels(1e9)).toEqual({ strong: 1, weak: 2 });
  expect(rumble.nextChangeMs(1e9)).toBeUndefined();
  rumble.take(A, { kind: "play", id: 3, times: 0 }, 1e9);
  expect(rumble.levels(1e9)).toEqual({ strong: 0, weak: 0 });
});

test("a repeated one pauses for its delay before each time", () => {
  const rumble = new Rumble();
  uploaded(rumble, A, 0, 9, 9, 10, 5);
  rumble.take(A, { kind: "play", id: 0, times: 2 }, 0);
  const on = [0, 4, 5, 14, 15, 19, 20, 29, 30].map((ms) => rumble.levels(ms).strong > 0);
  expect(on).toEqual([false, false, true, true, false, false, true, true, false]);
  expect([0, 5, 15, 20, 30].map((ms) => rumble.nextChangeMs(ms))).toEqual([5, 15, 20, 30, undefined]);
});

test("a great number of times is no great work", () => {
  const rumble = new Rumble();
  uploaded(rumble, A, 0, 9, 9, 1, 0);
  rumble.take(A, { kind: "play", id: 0, times: 2 ** 31 - 1 }, 0);
  expect(rumble.levels(1e6).strong).toBe(9);
});

test("effects add up, of several programs too, and no further than full", () => {
  const rumble = new Rumble();
  uploaded(rumble, A, 0, 40_000, 10);
  uploaded(rumble, B, 0, 40_000, 20);
  rumble.take(A, { kind: "play", id: 0, times: 1 }, 0);
  rumble.take(B, { kind: "play", id: 0, times: 1 }, 0);
  expect(rumble.levels(0)).toEqual({ strong: 65_535, weak: 30 });
  rumble.take(A, { kind: "gone" }, 0);
  expect(rumble.levels(0)).toEqual({ strong: 40_000, weak: 20 });
});

test("gain is the program's own, and erasing stops", () => {
  const rumble = new Rumble();
  uploaded(rumble, A, 0, 1000, 1000);
  rumble.take(A, { kind: "play", id: 0, times: 1 }, 0);
  rumble.take(A, { kind: "gain", gain: 0x8000 }, 0);
  expect(rumble.levels(0).strong).toBe(500);
  rumble.take(A, { kind: "gain", gain: 1e9 }, 0);
  expect(rumble.levels(0).strong).toBe(1000);
  rumble.take(A, { kind: "erase", id: 0 }, 0);
  expect(rumble.levels(0).strong).toBe(0);
});

test("effects beyond sixteen are not kept", () => {
  const rumble = new Rumble();
  for (const id of [16, 65_535, -1]) {
    uploaded(rumble, A, id, 1000, 1000);
    rumble.take(A, { kind: "play", id, times: 1 }, 0);
  }
  expect(rumble.levels(0)).toEqual({ strong: 0, weak: 0 });
});
