import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Gestures } from "./gestures.ts";
import type { TouchAction, TouchMode } from "./touch-types.ts";

/** Fingers by their number, and what came of them in short form. */
function hand(mode: TouchMode) {
  const gestures = new Gestures(mode);
  let nowMs = 0;
  const said: string[] = [];
  const note = (actions: readonly TouchAction[]): void => {
    for (const action of actions) said.push(short(action));
  };
  return {
    gestures,
    down: (id: number, x: number, y: number) => note(gestures.take({ kind: "down", id, x, y }, nowMs)),
    move: (id: number, x: number, y: number) => note(gestures.take({ kind: "move", fingers: [{ id, x, y }] }, nowMs)),
    moveBoth: (x: number, y: number, otherX: number, otherY: number) =>
      note(
        gestures.take(
          {
            kind: "move",
            fingers: [
              { id: 1, x, y },
              { id: 2, x: otherX, y: otherY },
            ],
          },
          nowMs,
        ),
      ),
    up: (id: number) => note(gestures.take({ kind: "up", id }, nowMs)),
    cancel: () => note(gestures.cancel()),
    /** Time passes; what is due comes when it is. */
    wait: (ms: number) => {
      const endMs = nowMs + ms;
      for (;;) {
        const { dueMs } = gestures;
        if (dueMs === undefined || dueMs > endMs) break;
        nowMs = dueMs;
        note(gestures.take({ kind: "time" }, nowMs));
      }
      nowMs = endMs;
    },
    /** All since the last call. */
    said: () => said.splice(0),
  };
}

function short(action: TouchAction): string {
  const { kind, ...values } = action;
  const numbers = Object.entries(values).map(([name, value]) =>
    name === "ms" ? "" : String(Math.round(value * 10_000) / 10_000),
  );
  return [kind, ...numbers.filter((value) => value !== "")].join(" ");
}

const CLICK = (button: number): string[] => [`press ${button}`, `release ${button}`];

describe("a finger as the pointer", () => {
  it("clicks where it taps", () => {
    const { down, up, wait, said } = hand("pointer");
    down(1, 100, 50);
    expect(said()).toEqual(["point 100 50"]);
    wait(80);
    up(1);
    expect(said()).toEqual(CLICK(1));
    wait(5000);
    expect(said()).toEqual([]);
  });

  it("wavers as fingertips do, and still clicks where it came down", () => {
    const { down, move, up, said } = hand("pointer");
    down(1, 100, 50);
    move(1, 106, 55);
    up(1);
    expect(said()).toEqual(["point 100 50", ...CLICK(1)]);
  });

  it("makes a double click on one spot of two taps beside each other, and two clicks of two taps apart", () => {
    const { down, up, wait, said } = hand("pointer");
    down(1, 100, 50);
    up(1);
    wait(150);
    down(2, 112, 44);
    up(2);
    wait(150);
    down(3, 160, 44);
    up(3);
    expect(said().filter((action) => action.startsWith("point"))).toEqual([
      "point 100 50",
      "point 100 50",
      "point 160 44",
    ]);
  });

  it("drags from where it came down", () => {
    const { down, move, up, wait, said } = hand("pointer");
    down(1, 100, 50);
    wait(100);
    move(1, 105, 50);
    expect(said()).toEqual(["point 100 50"]);
    move(1, 115, 50);
    move(1, 200, 90);
    wait(2000);
    move(1, 201, 90);
    up(1);
    expect(said()).toEqual(["press 1", "point 115 50", "point 200 90", "point 201 90", "release 1"]);
  });

  it("is a right click when it stays, with a sign, and nothing more comes of it", () => {
    const { down, move, up, wait, said } = hand("pointer");
    down(1, 100, 50);
    said();
    wait(499);
    expect(said()).toEqual([]);
    wait(1);
    expect(said()).toEqual(["sign 100 50", ...CLICK(3)]);
    move(1, 300, 300);
    up(1);
    wait(5000);
    expect(said()).toEqual([]);
  });

  it("clicks right with two fingers and middle with three, in the middle of them", () => {
    const { down, up, wait, said } = hand("pointer");
    down(1, 100, 50);
    wait(30);
    down(2, 140, 70);
    said();
    wait(60);
    up(1);
    up(2);
    expect(said()).toEqual(["point 120 60", ...CLICK(3)]);
    for (const id of [1, 2, 3]) down(id, id * 30, 90);
    said();
    for (const id of [3, 1, 2]) up(id);
    expect(said()).toEqual(["point 60 90", ...CLICK(2)]);
    for (const id of [1, 2, 3, 4]) down(id, id * 30, 90);
    said();
    for (const id of [3, 1, 2, 4]) up(id);
    expect(said()).toEqual([]);
  });

  it("does nothing with two fingers that rest", () => {
    const { down, up, wait, said } = hand("pointer");
    down(1, 100, 50);
    down(2, 140, 70);
    said();
    wait(1000);
    up(1);
    up(2);
    expect(said()).toEqual([]);
  });

  it("scrolls with two fingers by the way of their middle, in any direction", () => {
    const { down, move, up, said } = hand("pointer");
    down(1, 100, 100);
    down(2, 140, 100);
    said();
    let [sumX, sumY] = [0, 0];
    for (let step = 1; step <= 20; step++) {
      move(1, 100 + step * 3, 100 - step * 10);
      move(2, 140 + step * 3, 100 - step * 10);
    }
    const actions = said();
    expect(actions[0]).toBe("point 120 100");
    for (const action of actions.slice(1)) {
      const [kind, dx, dy] = action.split(" ");
      expect(kind).toBe("scroll");
      sumX += Number(dx);
      sumY += Number(dy);
    }
    expect([sumX, sumY]).toEqual([60, -200]);
    up(1);
    up(2);
    expect(said().filter((action) => !action.startsWith("fling"))).toEqual([]);
  });

  it("tells a scroll from a pinch however far both fingers go at once", () => {
    const { down, moveBoth, up, said } = hand("pointer");
    for (const [end, kind] of [
      [[100, 400, 140, 400], "scroll"],
      [[0, 100, 240, 100], "pinch"],
    ] as const) {
      down(1, 100, 100);
      down(2, 140, 100);
      said();
      moveBoth(...end);
      expect(said()[1]?.split(" ")[0]).toBe(kind);
      up(1);
      up(2);
    }
  });

  it("throws what it scrolls as fast as it went last, and not what rested", () => {
    const throws = (restMs: number): string[] => {
      const { down, move, up, wait, said } = hand("pointer");
      down(1, 100, 300);
      down(2, 140, 300);
      for (let step = 1; step <= 10; step++) {
        wait(16);
        move(1, 100, 300 - step * 16);
        move(2, 140, 300 - step * 16);
      }
      wait(restMs);
      said();
      up(2);
      up(1);
      return said();
    };
    const [fling = "", ...more] = throws(5);
    expect(more).toEqual([]);
    const [kind, vx, vy] = fling.split(" ");
    expect([kind, vx]).toEqual(["fling", "0"]);
    expect(Number(vy)).toBeCloseTo(-1, 0);
    expect(throws(200)).toEqual([]);
  });

  it("pinches by the ratio of distances, whichever finger moves", () => {
    for (const fixed of [true, false]) {
      const { down, move, up, said } = hand("pointer");
      down(1, 200, 200);
      down(2, 260, 200);
      said();
      for (let step = 1; step <= 60; step++) {
        move(2, 260 + step, 200);
        if (!fixed) move(1, 200 - step, 200);
      }
      const ratios = said().filter((action) => action.startsWith("pinch"));
      const product = ratios.reduce((all, action) => all * Number(action.split(" ")[1]), 1);
      expect(Math.abs(product / (fixed ? 2 : 3) - 1)).toBeLessThan(0.1);
      up(1);
      expect(said()).toEqual(["pinchEnd"]);
      move(2, 500, 500);
      up(2);
      expect(said()).toEqual([]);
    }
  });

  it("goes on dragging when a second finger comes", () => {
    const { down, move, up, said } = hand("pointer");
    down(1, 100, 100);
    move(1, 130, 100);
    said();
    down(2, 300, 300);
    move(2, 350, 350);
    up(2);
    move(1, 140, 100);
    expect(said()).toEqual(["point 140 100"]);
    up(1);
    expect(said()).toEqual(["release 1"]);
  });
});

describe("a finger on a touchpad", () => {
  it("moves the pointer by its own way, all of it", () => {
    const { down, move, up, wait, said } = hand("trackpad");
    down(1, 500, 500);
    let [sumX, sumY] = [0, 0];
    for (let step = 1; step <= 30; step++) {
      wait(16);
      move(1, 500 + step * 2, 500 - step);
    }
    for (const action of said()) {
      const [kind, dx, dy] = action.split(" ");
      expect(kind).toBe("move");
      sumX += Number(dx);
      sumY += Number(dy);
    }
    expect([sumX, sumY]).toEqual([60, -30]);
    up(1);
    wait(1000);
    expect(said()).toEqual([]);
  });

  it("aims by the pixel when it has lain there for a while", () => {
    const { down, move, wait, said } = hand("trackpad");
    down(1, 500, 500);
    wait(300);
    move(1, 501, 500);
    expect(said()).toEqual(["move 1 0"]);
  });

  it("clicks with a tap, wherever it is", () => {
    const { down, up, wait, said } = hand("trackpad");
    down(1, 500, 500);
    wait(80);
    up(1);
    expect(said()).toEqual(["press 1"]);
    wait(180);
    expect(said()).toEqual(["release 1"]);
  });

  it("double-clicks with two taps, and drags with the second when that moves", () => {
    const { down, move, up, wait, said } = hand("trackpad");
    const tap = (id: number): void => {
      down(id, 500, 500);
      wait(60);
      up(id);
    };
    tap(1);
    wait(100);
    tap(2);
    wait(1000);
    expect(said()).toEqual([...CLICK(1), ...CLICK(1)]);
    tap(3);
    wait(100);
    down(4, 400, 400);
    wait(400);
    move(4, 430, 400);
    move(4, 440, 410);
    expect(said()).toEqual(["press 1", "move 30 0", "move 10 10"]);
    up(4);
    expect(said()).toEqual(["release 1"]);
  });

  it("lets go of a tapped button when a second finger comes, and clicks right with both", () => {
    const { down, up, wait, said } = hand("trackpad");
    down(1, 500, 500);
    up(1);
    wait(50);
    down(2, 500, 500);
    down(3, 540, 500);
    expect(said()).toEqual(CLICK(1));
    up(2);
    up(3);
    expect(said()).toEqual(CLICK(3));
  });

  it("scrolls with a second finger that comes while the first moves", () => {
    const { down, move, said } = hand("trackpad");
    down(1, 500, 500);
    move(1, 540, 500);
    said();
    down(2, 580, 500);
    for (let step = 1; step <= 5; step++) {
      move(1, 540, 500 + step * 10);
      move(2, 580, 500 + step * 10);
    }
    const actions = said();
    expect(new Set(actions.map((action) => action.split(" ")[0]))).toEqual(new Set(["scroll"]));
  });
});

it("lets go of everything when the fingers are taken away", () => {
  for (const mode of ["pointer", "trackpad"] as const) {
    const { down, move, up, wait, cancel, said } = hand(mode);
    if (mode === "trackpad") {
      down(9, 100, 100);
      up(9);
      wait(50);
    }
    down(1, 100, 100);
    move(1, 180, 100);
    said();
    cancel();
    expect(said()).toEqual(["release 1"]);
    move(1, 300, 100);
    up(1);
    cancel();
    wait(5000);
    expect(said()).toEqual([]);
  }
});

it("whatever fingers do, in either mode: what is pressed is released by the time that all are up", () => {
  const id = fc.integer({ min: 1, max: 4 });
  const at = fc.integer({ min: 0, max: 500 });
  const step = fc.oneof(
    fc.record({
      kind: fc.constantFrom("down" as const, "move" as const),
      id,
      x: at,
      y: at,
      ms: fc.integer({ min: 0, max: 600 }),
    }),
    fc.record({ kind: fc.constantFrom("up" as const, "cancel" as const), id, ms: fc.integer({ min: 0, max: 600 }) }),
  );
  fc.assert(
    fc.property(
      fc.constantFrom("pointer" as const, "trackpad" as const),
      fc.array(step, { maxLength: 40 }),
      (mode, steps) => {
        const { down, move, up, wait, cancel, said } = hand(mode);
        for (const one of steps) {
          wait(one.ms);
          if (one.kind === "up") up(one.id);
          else if (one.kind === "cancel") cancel();
          else if (one.kind === "down") down(one.id, one.x, one.y);
          else move(one.id, one.x, one.y);
        }
        for (const finger of [1, 2, 3, 4]) up(finger);
        wait(1000);
        const held = new Map<string, number>();
        let pinching = false;
        for (const action of said()) {
          const [kind = "", button = ""] = action.split(" ");
          if (kind === "pinch") pinching = true;
          if (kind === "pinchEnd") pinching = false;
          if (kind !== "press" && kind !== "release") continue;
          held.set(button, (held.get(button) ?? 0) + (kind === "press" ? 1 : -1));
          expect([0, 1]).toContain(held.get(button));
        }
        expect([...held.values()].every((count) => count === 0)).toBe(true);
        expect(pinching).toBe(false);
      },
    ),
    { numRuns: 2000 },
  );
});
