import { INPUT } from "@eglantine/protocol/input";
import { LIMITS } from "@eglantine/protocol/limits";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Wheel, type WheelInput } from "./wheel.ts";

const STILL: WheelInput = { deltaX: 0, deltaY: 0, deltaMode: 0, shiftKey: false };

it("takes 100 pixels, 3 lines and a third of a page for one detent", () => {
  expect(new Wheel().turn({ ...STILL, deltaY: 100 })).toEqual({ deltaX: 0, deltaY: 120 });
  expect(new Wheel().turn({ ...STILL, deltaY: -3, deltaMode: 1 })).toEqual({ deltaX: 0, deltaY: -120 });
  expect(new Wheel().turn({ ...STILL, deltaX: 1, deltaMode: 2 })).toEqual({ deltaX: 360, deltaY: 0 });
});

it("believes a real wheel's whole detents more than its pixels", () => {
  expect(new Wheel().turn({ ...STILL, deltaY: 53, wheelDeltaY: -120 })).toEqual({ deltaX: 0, deltaY: 120 });
});

it("does not believe a made-up event that calls two detents one", () => {
  expect(new Wheel().turn({ ...STILL, deltaY: 200, wheelDeltaY: -120 })).toEqual({ deltaX: 0, deltaY: 240 });
});

it("gives Shift's sideways turn back its direction", () => {
  expect(new Wheel().turn({ ...STILL, deltaX: 100, shiftKey: true })).toEqual({ deltaX: 0, deltaY: 120 });
});

it("keeps what is smaller than a unit for the next event", () => {
  const wheel = new Wheel();
  expect(wheel.turn({ ...STILL, deltaY: 0.5 })).toBeUndefined();
  expect(wheel.turn({ ...STILL, deltaY: 0.5 })).toEqual({ deltaX: 0, deltaY: 1 });
});

it("loses nothing over many small turns", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -40, max: 40, noNaN: true })), (deltas) => {
      const wheel = new Wheel();
      let units = 0;
      let pixels = 0;
      for (const deltaY of deltas) {
        units += wheel.turn({ ...STILL, deltaY })?.deltaY ?? 0;
        pixels += deltaY;
      }
      expect(Math.abs(units - pixels * 1.2)).toBeLessThan(1.001);
    }),
  );
});

it("spreads a fling over the events that follow, and ends it with the first turn back", () => {
  const wheel = new Wheel();
  expect(wheel.turn({ ...STILL, deltaY: 3000 })).toEqual({ deltaX: 0, deltaY: LIMITS.wheelUnits });
  expect(wheel.turn({ ...STILL, deltaY: 100 })).toEqual({ deltaX: 0, deltaY: 1320 });
  expect(wheel.turn({ ...STILL, deltaY: 1e9 })).toEqual({ deltaX: 0, deltaY: LIMITS.wheelUnits });
  expect(wheel.turn({ ...STILL, deltaY: -100 })).toEqual({ deltaX: 0, deltaY: -120 });
});

it("gives units that the protocol can carry, for any event", () => {
  fc.assert(
    fc.property(fc.double(), fc.double(), fc.integer({ min: 0, max: 3 }), (deltaX, deltaY, deltaMode) => {
      const units = new Wheel().turn({ ...STILL, deltaX, deltaY, deltaMode });
      for (const unit of [units?.deltaX ?? 0, units?.deltaY ?? 0]) {
        expect(Number.isInteger(unit) && Math.abs(unit) <= INPUT.wheel.fields.deltaY.max).toBe(true);
      }
    }),
  );
});
