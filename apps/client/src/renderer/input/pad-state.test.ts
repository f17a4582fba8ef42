import fc from "fast-check";
import { expect, test } from "vitest";
import { PAD_AT_REST, padStateOf, PadTeller } from "./pad-state.ts";

const button = (pressed: boolean, value = pressed ? 1 : 0): GamepadButton => ({ pressed, touched: pressed, value });
const none = Array.from({ length: 17 }, () => button(false));

test("buttons become bits, sticks and triggers whole numbers", () => {
  const buttons = none
    .with(0, button(true))
    .with(16, button(true))
    .with(6, button(true, 0.5))
    .with(7, button(false, 0.1));
  expect(padStateOf({ buttons, axes: [-1, 1, 0.5, -0.5] })).toEqual({
    buttons: 0x10041,
    leftX: -32_768,
    leftY: 32_767,
    rightX: 16_384,
    rightY: -16_384,
    leftTrigger: 128,
    rightTrigger: 26,
  });
});

test("whatever a browser says of a gamepad is a message within its limits", () => {
  const anything = fc.oneof(fc.double(), fc.constantFrom(-2, 2, Number.NaN));
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 12 }), fc.array(fc.boolean(), { maxLength: 40 }), (axes, pressed) => {
      const { buttons, ...rest } = padStateOf({ axes, buttons: pressed.map((down) => button(down, axes[0])) });
      expect(buttons).toBeGreaterThanOrEqual(0);
      expect(buttons).toBeLessThan(2 ** 17);
      for (const [name, value] of Object.entries(rest)) {
        const [low, high] = name.endsWith("Trigger") ? [0, 255] : [-32_768, 32_767];
        expect(Number.isInteger(value) && value >= low && value <= high).toBe(true);
      }
    }),
  );
});

const moved = (leftX: number, buttons = 0) => ({ ...PAD_AT_REST, leftX, buttons });

function tellerOf(index: number): PadTeller {
  let sequence = 0;
  return new PadTeller(index, () => (sequence += 1));
}

test("a pad at rest says nothing", () => {
  const teller = tellerOf(0);
  for (let ms = 0; ms < 1000; ms += 16) expect(teller.next(PAD_AT_REST, ms)).toBeUndefined();
});

test("a movement goes out as it happens, and surely once it has come to rest", () => {
  const teller = tellerOf(2);
  expect(teller.next(moved(5000), 0)).toMatchObject({ type: "padState", index: 2, sequence: 1, leftX: 5000 });
  expect(teller.next(moved(0), 16)).toMatchObject({ type: "padAxes", sequence: 2, leftX: 0 });
  expect(teller.next(moved(0), 65)).toBeUndefined();
  expect(teller.next(moved(0), 66)).toMatchObject({ type: "padState", sequence: 3, leftX: 0 });
  expect(teller.next(moved(0), 1000)).toBeUndefined();
});

test("a button goes out surely and at once, with the sticks as they are", () => {
  const teller = tellerOf(0);
  teller.next(moved(100), 0);
  expect(teller.next(moved(300, 1), 16)).toMatchObject({ type: "padState", leftX: 300, buttons: 1 });
});

test("a pad that is held still is told of again and again, and a stick that wobbles around its middle is not", () => {
  const teller = tellerOf(0);
  const times = (state: typeof PAD_AT_REST, fromMs: number) =>
    Array.from({ length: 100 }, (_, at) => teller.next(state, fromMs + at * 10)).filter(Boolean).length;
  expect(times(moved(0, 4), 0)).toBe(7);
  expect(times(moved(200), 1000)).toBe(1);
  expect(times(moved(-200), 2000)).toBe(2);
});

test("a button that is held while a stick never stands still is told of again and again", () => {
  const teller = tellerOf(0);
  const types = Array.from({ length: 100 }, (_, at) => teller.next(moved(2000 + at, 1), at * 10)?.type);
  expect(types.filter((type) => type === "padState")).toHaveLength(7);
  expect(types.filter((type) => type === "padAxes")).toHaveLength(93);
});

test("a pad that is let go of says so surely, once, and is told of again and again when it is used after that", () => {
  const teller = tellerOf(0);
  expect(teller.rest(0)).toBeUndefined();
  teller.next(moved(5000), 10);
  expect(teller.rest(20)).toMatchObject({ type: "padState", leftX: 0 });
  expect(teller.rest(30)).toBeUndefined();
  teller.next(moved(5000), 40);
  teller.next(moved(0), 50);
  expect(teller.rest(60)).toMatchObject({ type: "padState", leftX: 0 });
  expect(teller.next(moved(0, 4), 70)).toMatchObject({ type: "padState", buttons: 4 });
  expect(teller.rest(80)).toMatchObject({ type: "padState", buttons: 0 });
  expect(teller.next(moved(5000), 90)).toMatchObject({ type: "padAxes" });
  expect(teller.next(moved(5000), 140)).toMatchObject({ type: "padState" });
  expect(teller.next(moved(5000), 290)).toMatchObject({ type: "padState" });
});
