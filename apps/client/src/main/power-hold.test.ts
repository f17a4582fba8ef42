import { expect, it } from "vitest";
import { PowerHold } from "./power-hold.ts";

it("holds the screen awake from the first window that streams to the last, once", () => {
  const held = new Set<number>();
  let count = 0;
  const hold = new PowerHold({
    start: () => {
      count += 1;
      held.add(count);
      return count;
    },
    stop: (id) => void held.delete(id),
  });
  hold.set(1, true);
  hold.set(1, true);
  hold.set(2, true);
  expect([...held]).toEqual([1]);
  hold.set(1, false);
  expect([...held]).toEqual([1]);
  // A window that is gone has said nothing before, too.
  hold.set(3, false);
  hold.set(2, false);
  expect([...held]).toEqual([]);
  hold.set(2, true);
  expect([...held]).toEqual([2]);
});
