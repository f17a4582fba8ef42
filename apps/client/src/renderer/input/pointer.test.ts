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
  hand.setLocked(true);
  hand.moveBy(3, -2);
  hand.moveBy(4, 1);
  hand.setLocked(false);
  hand.setLocked(true);
  hand.moveBy(1, 1);
  expect(sent.map((message) => [message.epoch, message.x, message.y])).toEqual([
    [1, 3, -2],
    [1, 7, -1],
    [2, 1, 1],
  ]);
});

it("follows epoch 255 with 1", () => {
  const { hand, sent } = pointer();
  for (let lock = 0; lock < 256; lock += 1) {
    hand.setLocked(true);
    hand.setLocked(false);
  }
  hand.setLocked(true);
  hand.moveBy(1, 0);
  expect(sent[0]?.epoch).toBe(2);
});

it("ignores absolute positions while locked and counts while not", () => {
  const { hand, sent } = pointer();
  hand.moveBy(5, 5);
  hand.setLocked(true);
  hand.moveTo(100, 100);
  expect(sent).toEqual([]);
});

it("loses no fraction of a locked motion", () => {
  const step = fc.record({
    dx: fc.double({ min: -50, max: 50, noNaN: true }),
    dy: fc.double({ min: -50, max: 50, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1 }), (steps) => {
      const { hand, sent } = pointer();
      hand.setLocked(true);
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
  hand.setLocked(true);
  for (let step = 0; step < 5; step += 1) hand.moveBy(2 ** 29, 0);
  const ends = new Map<number, number>();
  for (const { epoch, x } of sent) ends.set(epoch, x);
  expect([...ends.values()].reduce((sum, x) => sum + x, 0)).toBe(5 * 2 ** 29);
  expect(Math.max(...ends.values())).toBeLessThan(2 ** 31);
});

it("counts from 1 again in a new session", () => {
  const { hand, sent } = pointer();
  hand.moveTo(1, 1);
  hand.restart();
  hand.moveTo(1, 1);
  expect(sent.at(-1)?.sequence).toBe(1);
});
