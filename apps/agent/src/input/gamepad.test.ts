import fc from "fast-check";
import { expect, test } from "vitest";
import { GAMEPAD, jsValue, PAD_AT_REST, padRecords, type PadState, padValues } from "./gamepad.ts";

const code = (records: ReturnType<typeof padRecords>) =>
  records.map(({ type, code, value }) => `${type}.${code.toString(16)}=${value}`);
const withButtons = (...buttons: number[]): PadState => ({
  ...PAD_AT_REST,
  buttons: buttons.reduce((all, button) => all | (1 << button), 0),
});

test.each([
  [0, "1.130=1"],
  [1, "1.131=1"],
  [2, "1.133=1"],
  [3, "1.134=1"],
  [4, "1.136=1"],
  [5, "1.137=1"],
  [8, "1.13a=1"],
  [9, "1.13b=1"],
  [10, "1.13d=1"],
  [11, "1.13e=1"],
  [12, "3.11=-1"],
  [13, "3.11=1"],
  [14, "3.10=-1"],
  [15, "3.10=1"],
  [16, "1.13c=1"],
])("button %i of the standard layout is what xpad makes of it", (button, event) => {
  expect(code(padRecords(PAD_AT_REST, withButtons(button)))).toEqual([event]);
});

test("the triggers are axes alone", () => {
  expect(padRecords(PAD_AT_REST, withButtons(6, 7))).toEqual([]);
  expect(code(padRecords(PAD_AT_REST, { ...PAD_AT_REST, leftTrigger: 255, rightTrigger: 1 }))).toEqual([
    "3.2=255",
    "3.5=1",
  ]);
});

test("two opposite directions at once are none", () => {
  expect(padRecords(PAD_AT_REST, withButtons(12, 13, 14, 15))).toEqual([]);
});

test("sticks go by unchanged", () => {
  const state = { ...PAD_AT_REST, leftX: -32_768, leftY: 32_767, rightX: 5, rightY: -5 };
  expect(code(padRecords(PAD_AT_REST, state))).toEqual(["3.0=-32768", "3.1=32767", "3.3=5", "3.4=-5"]);
});

const states = fc.record({
  buttons: fc.integer({ min: 0, max: 0x1ffff }),
  leftX: fc.integer({ min: -32_768, max: 32_767 }),
  leftY: fc.integer({ min: -32_768, max: 32_767 }),
  rightX: fc.integer({ min: -32_768, max: 32_767 }),
  rightY: fc.integer({ min: -32_768, max: 32_767 }),
  leftTrigger: fc.integer({ min: 0, max: 255 }),
  rightTrigger: fc.integer({ min: 0, max: 255 }),
});

test("the events between any two states lead from one to the other, and are all within what the pad says of itself", () => {
  fc.assert(
    fc.property(states, states, (before, after) => {
      const now = new Map(padValues(before).map((record) => [`${record.type}.${record.code}`, record]));
      for (const record of padRecords(before, after)) {
        const key = `${record.type}.${record.code}`;
        expect(now.get(key)?.value).not.toBe(record.value);
        now.set(key, record);
        const range = GAMEPAD.axes.find((axis) => axis.code === record.code);
        if (record.type === 3) expect(record.value >= range!.minimum && record.value <= range!.maximum).toBe(true);
        else expect(GAMEPAD.keys).toContain(record.code);
      }
      expect([...now.values()]).toEqual(padValues(after));
    }),
  );
});

test("values of jsN are those that joydev gives", () => {
  const [stick, , trigger, , , , hat] = GAMEPAD.axes;
  // Read from an Xbox 360 pad's own ranges by joydev's rule: dead zone of 128, full at both ends.
  expect([-32_768, -129, -128, 0, 127, 128, 129, 32_767].map((value) => jsValue(stick, value))).toEqual([
    -32_767, -2, 0, 0, 0, 0, 1, 32_767,
  ]);
  expect([0, 127, 128, 255].map((value) => jsValue(trigger, value))).toEqual([-32_767, 0, 258, 32_767]);
  expect([-1, 0, 1].map((value) => jsValue(hat, value))).toEqual([-32_767, 0, 32_767]);
});
