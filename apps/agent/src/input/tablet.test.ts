import fc from "fast-check";
import { expect, test } from "vitest";
import { penAt } from "../testing/pens.ts";
import { mouseButtons, PEN_AWAY, type PenMessage, penReports, TABLET, tabletState } from "./tablet.ts";

const SCREEN = { widthPx: 1000, heightPx: 500 };
const PEN = penAt(1, 0, 0);
const TOUCHING = { ...PEN, touches: true, pressure: 0xffff };
const KEY = 1;
const [TOOL_PEN, TOOL_RUBBER, TOUCH] = [0x140, 0x141, 0x14a];
const [X, Y, PRESSURE, TILT_X, TILT_Y] = [0, 1, 0x18, 0x1a, 0x1b];

/** "code=value" of each event, by report. */
const said = (before: PenMessage | undefined, after: PenMessage | undefined): string[] => {
  const state = (pen: PenMessage | undefined) => (pen === undefined ? PEN_AWAY : tabletState(pen, SCREEN));
  return penReports(state(before), state(after)).map((report) =>
    report.map(({ code, value }) => `${code}=${value}`).join(" "),
  );
};

test("corners of the screen are corners of the tablet, and nothing is beyond them", () => {
  const place = (x: number, y: number) => {
    const state = tabletState({ ...PEN, x, y }, SCREEN);
    return [state.get(X), state.get(Y)];
  };
  expect(place(0, 0)).toEqual([0, 0]);
  expect(place(999, 499)).toEqual([0x7fff, 0x7fff]);
  expect(place(2 ** 31 - 1, -(2 ** 31))).toEqual([0x7fff, 0]);
});

test("a pen comes with all that it is, and then with what changes", () => {
  const [first = "", ...more] = said(undefined, PEN);
  expect(more).toEqual([]);
  for (const event of [`${TOOL_PEN}=1`, `${X}=0`, `${TOUCH}=0`]) expect(first.split(" ")).toContain(event);
  expect(said(PEN, { ...PEN, x: 999 })).toEqual([`${X}=32767`]);
  expect(said(PEN, { ...TOUCHING, tiltX: -90, tiltY: 45 })).toEqual([
    `${TOUCH}=1 ${PRESSURE}=8191 ${TILT_X}=-90 ${TILT_Y}=45`,
  ]);
  expect(said(PEN, { ...PEN, twist: 77 })).toEqual([]);
});

test("a touch has weight, and nothing else has", () => {
  expect(tabletState({ ...TOUCHING, pressure: 0 }, SCREEN).get(PRESSURE)).toBe(1);
  expect(tabletState({ ...PEN, pressure: 0xffff }, SCREEN).get(PRESSURE)).toBe(0);
});

test("one that is taken away lets go of everything, and leaves its place", () => {
  expect(said({ ...TOUCHING, x: 500, barrel: true }, undefined)).toEqual([
    `${TOOL_PEN}=0 ${TOUCH}=0 ${PRESSURE}=0 331=0`,
  ]);
  expect(said(undefined, undefined)).toEqual([]);
  expect(said(TOUCHING, { ...TOUCHING, tool: 0 })).toHaveLength(1);
});

test("one that is turned round goes away and comes back as the other", () => {
  const [away = "", back = "", ...more] = said(TOUCHING, { ...TOUCHING, tool: 2 });
  expect(more).toEqual([]);
  expect(away).toContain(`${TOOL_PEN}=0`);
  expect(back).toContain(`${TOOL_RUBBER}=1`);
  expect(back).toContain(`${TOUCH}=1`);
});

test("whatever pens do, the kernel is told of keys and axes that the tablet has, within their ranges", () => {
  const pen = fc.record({
    type: fc.constant("pen" as const),
    sequence: fc.nat(),
    epoch: fc.constant(0),
    x: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    y: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    tool: fc.integer({ min: 0, max: 2 }),
    touches: fc.boolean(),
    barrel: fc.boolean(),
    second: fc.boolean(),
    pressure: fc.integer({ min: 0, max: 0xffff }),
    tiltX: fc.integer({ min: -90, max: 90 }),
    tiltY: fc.integer({ min: -90, max: 90 }),
    twist: fc.integer({ min: 0, max: 359 }),
  });
  fc.assert(
    fc.property(fc.array(pen), (pens) => {
      let before = PEN_AWAY;
      const held = new Set<number>();
      for (const one of [...pens, { ...PEN, tool: 0 }]) {
        const after = tabletState(one, SCREEN);
        for (const { type, code, value } of penReports(before, after).flat()) {
          const axis = TABLET.axes.find((known) => known.code === code);
          if (type === KEY) {
            expect(TABLET.keys).toContain(code);
            if (value === 0) held.delete(code);
            else held.add(code);
          } else {
            expect(axis).toBeDefined();
            expect(value).toBeGreaterThanOrEqual(axis?.minimum ?? 0);
            expect(value).toBeLessThanOrEqual(axis?.maximum ?? 0);
          }
        }
        before = after;
        expect(held.has(TOOL_PEN) && held.has(TOOL_RUBBER)).toBe(false);
      }
      expect([...held]).toEqual([]);
    }),
  );
});

test("as a mouse its touch is the left button, and the right one while the barrel's button is down", () => {
  expect(mouseButtons(PEN)).toEqual([]);
  expect(mouseButtons(TOUCHING)).toEqual([1]);
  expect(mouseButtons({ ...TOUCHING, tool: 2 })).toEqual([1]);
  expect(mouseButtons({ ...TOUCHING, barrel: true })).toEqual([3]);
  expect(mouseButtons({ ...PEN, second: true })).toEqual([2]);
});
