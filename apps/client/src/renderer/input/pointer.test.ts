import fc from "fast-check";
import { expect, it } from "vitest";
import { Pointer, type PointerMessage } from "./pointer.ts";

function pointer() {
  const sent: PointerMessage[] = [];
  return { sent, hand: new Pointer((message) => sent.push(message)) };
}

it("sends absolute positions in epoch 0 and counts messages from 1", () => {
  const { hand, sent } = pointer();
  hand.moveTo(10, 20);
  hand.moveTo(11, 20);
  expect(sent).toEqual([
    { type: "motion", sequence: 1, epoch: 0, x: 10, y: 20 },
    { type: "motion", sequence: 2, epoch: 0, x: 11, y: 20 },
  ]);
});

it("sends no motion that goes nowhere", () => {
  const { hand, sent } = pointer();
  hand.moveTo(10, 20);
  hand.moveTo(10, 20);
  expect(sent).toHaveLength(1);
});

it("lets buttons and wheel carry the position", () => {
  const { hand, sent } = pointer();
  hand.moveTo(5, 6);
  hand.setButtons(2);
  hand.wheel(0, 120);
  hand.setButtons(0);
  expect(sent.slice(1)).toEqual([
    { type: "button", sequence: 2, epoch: 0, x: 5, y: 6, button: 3, pressed: true },
    { type: "wheel", sequence: 3, epoch: 0, x: 5, y: 6, deltaX: 0, deltaY: 120 },
    { type: "button", sequence: 4, epoch: 0, x: 5, y: 6, button: 3, pressed: false },
  ]);
});

it("tells buttons by what changed, several at once too", () => {
  const { hand, sent } = pointer();
  hand.setButtons(1 | 4 | 8);
  hand.setButtons(16);
  const changes = sent.map((message) => message.type === "button" && `${message.pressed ? "+" : "-"}${message.button}`);
  expect(changes).toEqual(["+1", "+2", "+8", "-1", "-2", "-8", "+9"]);
});

it("counts a lock's motion as totals in its own epoch", () => {
  const { hand, sent } = pointer();
  hand.setRelative(true);
  hand.moveBy(3, -2);
  hand.moveBy(4, 1);
  hand.setRelative(false);
  hand.setRelative(true);
  hand.moveBy(1, 1);
  expect(sent.map((message) => [message.epoch, message.x, message.y])).toEqual([
    [1, 0, 0],
    [1, 3, -2],
    [1, 7, -1],
    [2, 0, 0],
    [2, 1, 1],
  ]);
});

it("follows epoch 255 with 1", () => {
  const { hand, sent } = pointer();
  for (let lock = 0; lock < 256; lock += 1) {
    hand.setRelative(true);
    hand.setRelative(false);
  }
  hand.setRelative(true);
  hand.moveBy(1, 0);
  expect(sent.at(-1)?.epoch).toBe(2);
});

it("ignores absolute positions while locked and counts while not", () => {
  const { hand, sent } = pointer();
  hand.moveBy(5, 5);
  hand.setRelative(true);
  hand.moveTo(100, 100);
  expect(sent).toEqual([{ type: "motion", sequence: 1, epoch: 1, x: 0, y: 0 }]);
});

it("loses no fraction of a locked motion", () => {
  const step = fc.record({
    dx: fc.double({ min: -50, max: 50, noNaN: true }),
    dy: fc.double({ min: -50, max: 50, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1 }), (steps) => {
      const { hand, sent } = pointer();
      hand.setRelative(true);
      let x = 0;
      let y = 0;
      for (const { dx, dy } of steps) {
        hand.moveBy(dx, dy);
        x += dx;
        y += dy;
      }
      const last = sent.at(-1);
      expect(Math.abs((last?.x ?? 0) - x)).toBeLessThan(1.001);
      expect(Math.abs((last?.y ?? 0) - y)).toBeLessThan(1.001);
    }),
  );
});

it("starts a new epoch before the totals leave 32 bits, and loses nothing", () => {
  const { hand, sent } = pointer();
  hand.setRelative(true);
  for (let step = 0; step < 5; step += 1) hand.moveBy(2 ** 29, 0);
  const ends = new Map<number, number>();
  for (const { epoch, x } of sent) ends.set(epoch, x);
  expect([...ends.values()].reduce((sum, x) => sum + x, 0)).toBe(5 * 2 ** 29);
  expect(Math.max(...ends.values())).toBeLessThan(2 ** 31);
});

it("knows where the counted pointer is: what was told, and what was counted since", () => {
  const { hand, sent } = pointer();
  hand.moveTo(5, 5);
  expect(hand.place).toBeUndefined();
  hand.setRelative(true);
  hand.moveBy(10, 0);
  expect(hand.place).toBeUndefined();
  hand.told(sent[1]?.sequence ?? 0, 300, 200);
  expect(hand.place).toEqual({ x: 310, y: 200 });
  hand.moveBy(0.6, 7);
  hand.moveBy(0.6, 0);
  expect(hand.place).toEqual({ x: 311, y: 207 });
  // It stood at the edge, or a program has set it elsewhere.
  hand.told(sent.at(-1)?.sequence ?? 0, 50, 60);
  expect(hand.place).toEqual({ x: 50, y: 60 });
  hand.setButtons(1);
  hand.moveBy(-3, 1);
  expect(hand.place).toEqual({ x: 47, y: 61 });
  hand.setRelative(false);
  expect(hand.place).toBeUndefined();
});

it("knows it over the change of an epoch, and when the agent tells nothing for long", () => {
  const { hand, sent } = pointer();
  hand.setRelative(true);
  hand.told(1, 100, 100);
  hand.moveBy(2 ** 30, 0);
  hand.moveBy(5, 0);
  hand.moveBy(-(2 ** 30), 0);
  expect(hand.place).toEqual({ x: 105, y: 100 });
  for (let step = 0; step < 2000; step += 1) hand.moveBy(1, 0);
  hand.told(sent.at(-10)?.sequence ?? 0, 400, 100);
  expect(hand.place).toEqual({ x: 409, y: 100 });
});

it("counts from 1 again in a new session", () => {
  const { hand, sent } = pointer();
  hand.moveTo(1, 1);
  hand.restart();
  hand.moveTo(1, 1);
  expect(sent.at(-1)?.sequence).toBe(1);
});
