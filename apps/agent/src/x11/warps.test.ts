import { expect, test } from "vitest";
import { Warps } from "./warps.ts";

const spot = (xPx: number, yPx = 0) => ({ xPx, yPx });
const CENTRE = spot(500, 350);

test("a hidden pointer that is set back to the same place twice is held, until it is shown", () => {
  const warps = new Warps();
  expect(warps.look(CENTRE, spot(510), true)).toBe(false);
  expect(warps.look(CENTRE, spot(520), true)).toBe(true);
  expect(warps.look(spot(520), spot(520), true)).toBe(true);
  expect(warps.look(CENTRE, undefined, true)).toBe(true);
  expect(warps.look(CENTRE, undefined, false)).toBe(false);
  expect(warps.look(CENTRE, spot(530), true)).toBe(false);
});

test("one that is seen is not", () => {
  const warps = new Warps();
  for (let x = 0; x < 10; x += 1) expect(warps.look(CENTRE, spot(x), false)).toBe(false);
});

test("one that is set once, or led elsewhere by another hand, is not", () => {
  const warps = new Warps();
  expect(warps.look(CENTRE, spot(1), true)).toBe(false);
  expect(warps.look(CENTRE, spot(1), true)).toBe(false);
  expect(warps.look(spot(2), spot(2), true)).toBe(false);
  for (let x = 10; x < 20; x += 1) expect(warps.look(spot(x), spot(x + 100), true)).toBe(false);
});
