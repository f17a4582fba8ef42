import { expect, test } from "vitest";
import { analyse } from "./moving.ts";

const bits = (counter: number) => (counter << 8) | ((counter * 167 + (counter >> 8) * 29 + 89) & 0xff);
const clock = { uncertaintyMs: 0, toPageMs: (us: number) => us / 1000 };
const drawn = (counter: number, atMs: number) => ({ counter, drawnUs: atMs * 1000, doneUs: 0 });

test("a frame counts once, its age is that of the first sighting", () => {
  const figure = analyse(
    [
      [100, bits(1), bits(1)],
      [116, bits(1), bits(1)],
      [132, bits(2), bits(2)],
    ],
    [drawn(1, 90), drawn(2, 110)],
    clock,
  );
  expect(figure.distinct).toBe(2);
  expect(figure.ageMs.max).toBe(22);
  expect(figure.longestGapMs).toBe(32);
});

test("two counters in one picture are a torn one, and no frame", () => {
  const figure = analyse([[100, bits(5), bits(4)]], [drawn(4, 80), drawn(5, 96)], clock);
  expect(figure).toMatchObject({ torn: 1, distinct: 0 });
});

test("blocks without a valid check sum are counted as unreadable", () => {
  expect(analyse([[100, bits(5) ^ 1, bits(5)]], [], clock)).toMatchObject({ unreadable: 1, distinct: 0, torn: 0 });
});

test("a picture that stands still to the end is a gap", () => {
  const figure = analyse(
    [
      [0, bits(1), bits(1)],
      [1000, bits(1), bits(1)],
    ],
    [],
    clock,
  );
  expect(figure.longestGapMs).toBe(1000);
});
