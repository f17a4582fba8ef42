// Requests for what comes by itself.

import { expect, test } from "vitest";
import { Needless } from "./needless.ts";

function ask(needless: Needless, count: number, arrived: (sequence: number) => boolean): void {
  for (let sequence = 0; sequence < count; sequence += 1) {
    needless.asked(sequence, 0);
    needless.judge(arrived, 20, 300);
  }
}

test("are usual when most of what is asked for arrives, and not any more when it was lost", () => {
  const needless = new Needless();
  expect(needless.usual).toBe(false);
  ask(needless, 100, (sequence) => sequence % 4 !== 0);
  expect(needless.usual).toBe(true);
  ask(needless, 100, () => false);
  expect(needless.usual).toBe(false);
});

test("are judged when feedback can have told", () => {
  const needless = new Needless();
  for (let sequence = 0; sequence < 100; sequence += 1) needless.asked(sequence, 0);
  needless.judge(() => true, 20, 260);
  expect(needless.usual).toBe(false);
  needless.judge(() => true, 20, 270);
  expect(needless.usual).toBe(true);
});
