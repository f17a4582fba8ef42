import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLog } from "../log.ts";
import { FakePadBackend } from "../testing/fake-pads.ts";
import { PAD_AT_REST, type PadState } from "./gamepad.ts";
import { Gamepads } from "./gamepads.ts";
import type { ViewerPads } from "./pad-types.ts";

let backend: FakePadBackend;
let gamepads: Gamepads;
beforeEach(() => {
  vi.useFakeTimers();
  backend = new FakePadBackend();
  gamepads = gamepadsOn(backend);
});
afterEach(async () => {
  await gamepads.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const gamepadsOn = (on: FakePadBackend) =>
  new Gamepads({ backend: on, nowMs: () => Date.now(), log: createLog("silent") });

interface Viewer extends ViewerPads {
  readonly told: { index: number; player: number }[][];
  readonly rumbles: string[];
  plug(index: number): void;
  state(index: number, sequence: number, state: Partial<PadState>): void;
  axes(index: number, sequence: number, leftX: number): void;
}

function enter(into = gamepads): Viewer {
  const told: Viewer["told"] = [];
  const rumbles: string[] = [];
  const pads = into.enter({
    tell: (message) => void told.push(message.pads),
    rumble: (index, strong, weak, durationMs) => void rumbles.push(`${index}: ${strong} ${weak} ${durationMs}`),
  });
  return {
    ...pads,
    told,
    rumbles,
    plug: (index) => pads.apply({ type: "padConnect", index }),
    state: (index, sequence, state) => pads.apply({ type: "padState", index, sequence, ...PAD_AT_REST, ...state }),
    axes: (index, sequence, leftX) => {
      const { buttons: _buttons, ...axes } = { ...PAD_AT_REST, leftX };
      pads.apply({ type: "padAxes", index, sequence, ...axes });
    },
  };
}

test("viewers are told of the tier at once, and of each pad's place", () => {
  const viewer = enter();
  expect(viewer.told).toEqual([[]]);
  viewer.plug(5);
  viewer.plug(5);
  viewer.plug(0);
  expect(backend.take()).toEqual(["plug 0", "plug 1"]);
  expect(viewer.told.at(-1)).toEqual([
    { index: 5, player: 1 },
    { index: 0, player: 2 },
  ]);
});

test("eight places are shared, and one that is given back is the next one's", () => {
  const [one, other] = [enter(), enter()];
  for (let index = 0; index < 5; index++) one.plug(index);
  for (let index = 0; index < 5; index++) other.plug(index);
  expect(other.told.at(-1)).toHaveLength(3);
  one.apply({ type: "padDisconnect", index: 2 });
  backend.take();
  other.plug(4);
  expect(backend.take()).toEqual(["plug 2"]);
  expect(other.told.at(-1)).toContainEqual({ index: 4, player: 3 });
});

test("a viewer that leaves takes its pads along, at rest", () => {
  const [one, other] = [enter(), enter()];
  one.plug(0);
  other.plug(0);
  one.state(0, 1, { buttons: 1, leftX: 9 });
  backend.take();
  one.leave();
  one.leave();
  expect(backend.take()).toEqual(["0: 1.304=0 3.0=0", "unplug 0"]);
  expect([...backend.forces.keys()]).toEqual([1]);
});

test("buttons come in order, axes only forwards", () => {
  const viewer = enter();
  viewer.plug(0);
  viewer.state(0, 1, { buttons: 1 });
  viewer.axes(0, 4, 700);
  viewer.axes(0, 3, 500);
  // The button was let go before the stick moved, and comes later.
  viewer.state(0, 2, { buttons: 0, leftX: 100 });
  expect(backend.take()).toEqual(["plug 0", "0: 1.304=1", "0: 3.0=700", "0: 1.304=0"]);
});

test("sequence numbers may begin anywhere and go round", () => {
  const viewer = enter();
  viewer.plug(0);
  viewer.axes(0, 0xffff_ffff, 1);
  viewer.axes(0, 0, 2);
  viewer.axes(0, 0xffff_fffe, 3);
  expect(backend.take().slice(1)).toEqual(["0: 3.0=1", "0: 3.0=2"]);
});

test("what is said of a pad that is not there is nothing", () => {
  const viewer = enter();
  viewer.state(3, 1, { buttons: 1 });
  viewer.axes(3, 1, 1);
  viewer.apply({ type: "padDisconnect", index: 3 });
  expect(backend.take()).toEqual([]);
  expect(viewer.told).toHaveLength(1);
});

test("a pad that is used and falls silent returns to rest after 500 ms, and goes on when it is heard of again", () => {
  const viewer = enter();
  viewer.plug(0);
  viewer.state(0, 1, { buttons: 2 });
  vi.advanceTimersByTime(499);
  viewer.state(0, 2, { buttons: 2 });
  vi.advanceTimersByTime(499);
  expect(backend.take()).toEqual(["plug 0", "0: 1.305=1"]);
  vi.advanceTimersByTime(1);
  expect(backend.take()).toEqual(["0: 1.305=0"]);
  viewer.state(0, 3, { buttons: 2 });
  expect(backend.take()).toEqual(["0: 1.305=1"]);
});

test("rest() lets go of everything and leaves the pads plugged in", () => {
  const viewer = enter();
  viewer.plug(0);
  viewer.state(0, 1, { leftTrigger: 255 });
  backend.take();
  viewer.rest();
  expect(backend.take()).toEqual(["0: 3.2=0"]);
});

test("rumble goes to the viewer whose pad it is, and is said again while it lasts", () => {
  const [one, other] = [enter(), enter()];
  one.plug(0);
  other.plug(7);
  const force = backend.forces.get(1)!;
  force(1, { kind: "upload", id: 0, strong: 60_000, weak: 10 });
  force(1, { kind: "replay", id: 0, lengthMs: 2500, delayMs: 0 });
  force(1, { kind: "play", id: 0, times: 1 });
  expect(other.rumbles).toEqual(["7: 60000 10 2000"]);
  vi.advanceTimersByTime(1500);
  expect(other.rumbles).toHaveLength(2);
  vi.advanceTimersByTime(1000);
  expect(other.rumbles.slice(2)).toEqual(["7: 0 0 0"]);
  expect(one.rumbles).toEqual([]);
});

test("a program that changes its mind all the time is followed every 10 ms", () => {
  const viewer = enter();
  viewer.plug(0);
  const force = backend.forces.get(0)!;
  force(1, { kind: "play", id: 0, times: 1 });
  for (let step = 0; step < 1000; step++) {
    force(1, { kind: "upload", id: 0, strong: step, weak: 0 });
    if (step % 10 === 9) vi.advanceTimersByTime(1);
  }
  vi.advanceTimersByTime(10);
  expect(viewer.rumbles.length).toBeLessThan(13);
  expect(viewer.rumbles.at(-1)).toBe("0: 999 0 2000");
});

test("motors stop when the program closes the pad, and when the pad is unplugged", () => {
  const viewer = enter();
  const run = (): void => {
    const force = backend.forces.get(0)!;
    force(1, { kind: "upload", id: 0, strong: 1, weak: 1 });
    force(1, { kind: "play", id: 0, times: 1 });
  };
  viewer.plug(0);
  run();
  vi.advanceTimersByTime(100);
  backend.forces.get(0)!(1, { kind: "gone" });
  expect(viewer.rumbles).toEqual(["0: 1 1 2000", "0: 0 0 0"]);
  vi.advanceTimersByTime(100);
  run();
  viewer.apply({ type: "padDisconnect", index: 0 });
  expect(viewer.rumbles.slice(2)).toEqual(["0: 1 1 2000", "0: 0 0 0"]);
});

test("a pad that can't be made costs nobody a place", () => {
  const viewer = enter();
  backend.refusal = "the disk is full";
  viewer.plug(0);
  expect(viewer.told.at(-1)).toEqual([]);
  backend.refusal = undefined;
  viewer.plug(0);
  expect(viewer.told.at(-1)).toEqual([{ index: 0, player: 1 }]);
});

test("where there is no tier nothing is plugged in", async () => {
  const off = gamepadsOn(new FakePadBackend("off"));
  const viewer = enter(off);
  viewer.plug(0);
  expect(viewer.told).toEqual([[]]);
  await off.close();
});
