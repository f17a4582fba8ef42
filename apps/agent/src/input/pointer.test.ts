import { ProtocolError } from "@eglantine/protocol/field";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Move, place, POINTER_AT_REST, type PointerState, type Position, turnWheel } from "./pointer.ts";

function play(messages: readonly Position[], start: PointerState = POINTER_AT_REST) {
  let state = start;
  const moves: Move[] = [];
  for (const message of messages) {
    const placed = place(state, message, false);
    state = placed.state;
    moves.push(...placed.before, ...placed.after);
  }
  return { state, moves };
}

const sum = (moves: readonly Move[]) => {
  let [x, y] = [0, 0];
  for (const move of moves) {
    if (move.kind !== "by") throw new Error("absolute");
    x += move.x;
    y += move.y;
  }
  return [x, y];
};

const counts = fc.integer({ min: -20_000, max: 20_000 });

/** Motions of one lock with running totals, some lost, the rest shuffled a little; the last one always arrives. */
const lossyLock = fc
  .array(fc.record({ dx: counts, dy: counts, lost: fc.boolean(), late: fc.nat({ max: 4 }) }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((motions) => {
    let [x, y] = [0, 0];
    const messages = motions.map(({ dx, dy, lost, late }, index) => {
      x += dx;
      y += dy;
      return {
        message: { sequence: index + 1, epoch: 1, x, y },
        lost: lost && index < motions.length - 1,
        order: index + late,
      };
    });
    const arrived = messages.filter(({ lost }) => !lost).sort((a, b) => a.order - b.order);
    return { arrived: arrived.map(({ message }) => message), total: [x, y] };
  });

test("relative motion adds up exactly, whatever is lost or overtaken", () => {
  fc.assert(
    fc.property(lossyLock, ({ arrived, total }) => {
      expect(sum(play(arrived).moves)).toEqual(total);
    }),
  );
});

test("totals go on exactly across the 32-bit edge", () => {
  const start = { ...POINTER_AT_REST, sequence: 1, epoch: 1, totalX: 0x7fff_fff0, totalY: -0x7fff_fff0 };
  const { moves } = play([{ sequence: 2, epoch: 1, x: -0x7fff_fff0, y: 0x7fff_fff0 }], start);
  expect(sum(moves)).toEqual([32, -32]);
});

test("a new lock counts from zero", () => {
  const { moves } = play([
    { sequence: 1, epoch: 1, x: 500, y: 0 },
    { sequence: 2, epoch: 2, x: 3, y: 0 },
  ]);
  expect(sum(moves)).toEqual([503, 0]);
});

test("motion of a lock that is over is not played", () => {
  const { moves } = play([
    { sequence: 3, epoch: 2, x: 1, y: 1 },
    { sequence: 2, epoch: 1, x: 900, y: 900 },
  ]);
  expect(sum(moves)).toEqual([1, 1]);
});

test("an absolute position that was overtaken is not played", () => {
  const { moves } = play([
    { sequence: 2, epoch: 0, x: 20, y: 20 },
    { sequence: 1, epoch: 0, x: 10, y: 10 },
  ]);
  expect(moves).toEqual([{ kind: "to", x: 20, y: 20 }]);
});

test("sequence numbers go on behind 2^32 - 1", () => {
  const start = { ...POINTER_AT_REST, sequence: 0xffff_ffff };
  expect(play([{ sequence: 1, epoch: 0, x: 5, y: 6 }], start).moves).toHaveLength(1);
});

test("a late button acts where it was pressed, and the pointer goes back", () => {
  const { state } = play([{ sequence: 2, epoch: 0, x: 20, y: 20 }]);
  const placed = place(state, { sequence: 1, epoch: 0, x: 10, y: 10 }, true);
  expect(placed.before).toEqual([{ kind: "to", x: 10, y: 10 }]);
  expect(placed.after).toEqual([{ kind: "to", x: 20, y: 20 }]);
  expect(placed.state).toBe(state);
});

test("a jump that no hand makes is a protocol error", () => {
  expect(() => play([{ sequence: 1, epoch: 1, x: 2 ** 30, y: 0 }])).toThrow(ProtocolError);
});

test("large motion is split into what XTEST takes", () => {
  const { moves } = play([{ sequence: 1, epoch: 1, x: 100_000, y: -70_000 }]);
  expect(sum(moves)).toEqual([100_000, -70_000]);
  for (const move of moves) expect(Math.max(Math.abs(move.x), Math.abs(move.y))).toBeLessThanOrEqual(0x7fff);
});

test("small wheel steps add up to clicks", () => {
  let state = POINTER_AT_REST;
  const clicks: number[] = [];
  for (let step = 0; step < 8; step += 1) {
    const turned = turnWheel(state, 0, 30);
    state = turned.state;
    clicks.push(...turned.clicks);
  }
  expect(clicks).toEqual([5, 5]);
});

test("up, down, left and right are buttons 4, 5, 6 and 7", () => {
  expect(turnWheel(POINTER_AT_REST, 0, -120).clicks).toEqual([4]);
  expect(turnWheel(POINTER_AT_REST, 0, 240).clicks).toEqual([5, 5]);
  expect(turnWheel(POINTER_AT_REST, -120, 0).clicks).toEqual([6]);
  expect(turnWheel(POINTER_AT_REST, 120, 0).clicks).toEqual([7]);
});

test("the wheel loses nothing in one direction", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 50 }), (deltas) => {
      let state = POINTER_AT_REST;
      let clicks = 0;
      for (const delta of deltas) {
        const turned = turnWheel(state, 0, delta);
        state = turned.state;
        clicks += turned.clicks.length;
      }
      expect(clicks).toBe(Math.floor(deltas.reduce((all, delta) => all + delta, 0) / 120));
    }),
  );
});

test("turning back starts afresh", () => {
  const { state } = turnWheel(POINTER_AT_REST, 0, 110);
  expect(turnWheel(state, 0, -120).clicks).toEqual([4]);
});
