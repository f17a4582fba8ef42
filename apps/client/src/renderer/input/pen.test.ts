import { inputCodec } from "@eglantine/protocol/input";
import fc from "fast-check";
import { expect, it } from "vitest";
import { penButtons, penReach, penState } from "./pen.ts";
import { Pointer, type PointerMessage } from "./pointer.ts";

const PEN = { pointerType: "pen", buttons: 0, pressure: 0, tiltX: 0, tiltY: 0, twist: 0 };
const AT = { sequence: 1, epoch: 0, x: 0, y: 0 };

it("tells tip, eraser and barrel apart", () => {
  expect(penState({ ...PEN, buttons: 1, pressure: 0.5, tiltX: -30, tiltY: 12, twist: 90 })).toEqual({
    tool: 1,
    touches: true,
    barrel: false,
    second: false,
    pressure: 32_768,
    tiltX: -30,
    tiltY: 12,
    twist: 90,
  });
  expect(penState({ ...PEN, buttons: 32, pressure: 1 })).toMatchObject({ tool: 2, touches: true, pressure: 65_535 });
  expect(penState({ ...PEN, buttons: 2 })).toMatchObject({ tool: 1, touches: false, barrel: true });
  expect(penReach().tool).toBe(0);
});

it("has no pressure without a touch", () => {
  expect(penState({ ...PEN, pressure: 0.5 })).toMatchObject({ touches: false, pressure: 0 });
});

it("makes a message that can be sent of whatever a browser says", () => {
  const number = fc.double();
  fc.assert(
    fc.property(
      fc.record({
        pointerType: fc.constant("pen"),
        buttons: fc.nat(),
        pressure: number,
        tiltX: number,
        tiltY: number,
        twist: number,
      }),
      (input) => {
        const message = { type: "pen" as const, ...AT, ...penState(input) };
        expect(inputCodec.decode(inputCodec.encode(message))).toEqual(message);
      },
    ),
  );
});

it("is a mouse whose left button is the tip or the eraser, and the right one with the barrel's button", () => {
  const mouse = (buttons: number): number => penButtons({ pointerType: "pen", buttons });
  expect([0, 1, 32, 2, 3, 1 | 4].map(mouse)).toEqual([0, 1, 1, 2, 2, 1 | 4]);
  expect(penButtons({ pointerType: "mouse", buttons: 3 })).toBe(3);
});

it("says each state once, in order with everything else of the pointer, and holds while it touches", () => {
  const sent: PointerMessage[] = [];
  const pointer = new Pointer((message) => sent.push(message));
  const touching = penState({ ...PEN, buttons: 1, pressure: 0.25 });
  pointer.moveTo(3, 4);
  pointer.pen(touching, { x: 5, y: 6 });
  pointer.pen(touching, { x: 5, y: 6 });
  expect(pointer.pressed).toBe(true);
  pointer.pen(penState(PEN), { x: 5, y: 7 });
  expect(pointer.pressed).toBe(false);
  pointer.pen(penReach());
  expect(sent.map(({ type, sequence, x, y }) => [type, sequence, x, y])).toEqual([
    ["motion", 1, 3, 4],
    ["pen", 2, 5, 6],
    ["pen", 3, 5, 7],
    ["pen", 4, 5, 7],
  ]);
});
