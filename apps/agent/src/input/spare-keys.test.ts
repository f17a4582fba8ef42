import { describe, expect, test } from "vitest";
import { SpareKeys } from "./spare-keys.ts";

const lent = (changes: ReadonlyMap<number, readonly number[]>) => [...changes];

describe("two spare keys", () => {
  test("take two keysyms each, the second with Shift, in one change a key", () => {
    const keys = new SpareKeys([250, 251], true);
    expect(lent(keys.lend([1, 2, 3], 0))).toEqual([
      [250, [1, 2]],
      [251, [3, 3]],
    ]);
    expect([1, 2, 3].map((keysym) => keys.take(keysym, 0))).toEqual([
      { keycode: 250, shift: false, level3: false },
      { keycode: 250, shift: true, level3: false },
      { keycode: 251, shift: false, level3: false },
    ]);
  });

  test("keep what they have when another comes beside it", () => {
    const keys = new SpareKeys([250, 251], true);
    keys.lend([1], 0);
    expect(lent(keys.lend([2], 1))).toEqual([[250, [1, 2]]]);
    expect(lent(keys.lend([1, 2], 2))).toEqual([]);
  });

  test("take one each where there is no Shift", () => {
    const keys = new SpareKeys([250, 251], false);
    expect(lent(keys.lend([1, 2, 3], 0))).toEqual([
      [250, [1, 1]],
      [251, [2, 2]],
    ]);
    expect(keys.take(3, 0)).toBeUndefined();
  });

  test("are emptied a second after their last use, the longest unused first, and never for what comes in the same go", () => {
    const keys = new SpareKeys([250, 251], true);
    keys.lend([1, 2, 3, 4], 0);
    expect(keys.waitMs(5, 0)).toBe(1000);
    expect(lent(keys.lend([5], 999))).toEqual([]);
    keys.take(1, 900);
    expect(keys.waitMs(5, 1000)).toBe(0);
    expect(lent(keys.lend([5], 1000))).toEqual([[251, [5, 5]]]);
    expect([1, 2, 3, 4].map((keysym) => keys.take(keysym, 1000) !== undefined)).toEqual([true, true, false, false]);
    expect(keys.waitMs(6, 1000)).toBe(0);
    expect(lent(keys.lend([6, 7, 1], 5000))).toEqual([[251, [5, 6]]]);
  });

  test("are known as lent, so that they can be given back", () => {
    const keys = new SpareKeys([250, 251], true);
    expect([...keys.lent]).toEqual([]);
    keys.lend([1, 2], 0);
    expect([...keys.lent]).toEqual([250]);
  });
});

test("without a spare key nothing is lent, and nothing waits", () => {
  const keys = new SpareKeys();
  expect(lent(keys.lend([1], 0))).toEqual([]);
  expect(keys.waitMs(1, 0)).toBe(0);
});
