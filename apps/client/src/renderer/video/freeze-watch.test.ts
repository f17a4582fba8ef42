import { expect, it } from "vitest";
import { Freeze } from "./freeze-watch.ts";

function counters(changes: Partial<Parameters<Freeze["judge"]>[0]> = {}) {
  const framesDecoded = changes.framesDecoded ?? 7;
  return {
    packetsReceived: 100,
    nacks: 3,
    framesReceived: framesDecoded,
    framesDropped: 0,
    roundTripMs: 0,
    ...changes,
    framesDecoded,
  };
}

it("takes a picture in which nothing is missing for a still one, soon", () => {
  const freeze = new Freeze();
  expect([0, 120, 240, 360].map((nowMs) => freeze.judge(counters(), nowMs))).toEqual(["wait", "wait", "wait", "still"]);
});

it("takes repeated packets and padding for no pictures", () => {
  const freeze = new Freeze();
  freeze.judge(counters(), 0);
  expect(freeze.judge(counters({ packetsReceived: 300 }), 400)).toBe("still");
});

it("asks once when packets come, none of them makes a frame, and some are missed; again only after a frame", () => {
  const freeze = new Freeze();
  freeze.judge(counters(), 0);
  const frozen = { packetsReceived: 150, nacks: 5 };
  expect(freeze.judge(counters(frozen), 149)).toBe("wait");
  expect(freeze.judge(counters(frozen), 150)).toBe("ask");
  expect(freeze.judge(counters({ packetsReceived: 200, nacks: 9 }), 600)).toBe("wait");
  expect(freeze.judge(counters({ framesDecoded: 8, packetsReceived: 250, nacks: 9 }), 700)).toBe("wait");
  expect(freeze.judge(counters({ framesDecoded: 8, packetsReceived: 300, nacks: 11 }), 900)).toBe("ask");
});

it("asks when the decoder leaves frames that it was given", () => {
  const freeze = new Freeze();
  freeze.judge(counters(), 0);
  expect(freeze.judge(counters({ framesReceived: 12 }), 240)).toBe("ask");
  expect(new Freeze().judge(counters({ framesReceived: 12, framesDropped: 5 }), 240)).toBe("wait");
});

it("leaves a lost packet the time to come again", () => {
  const freeze = new Freeze();
  freeze.judge(counters(), 0);
  const frozen = counters({ packetsReceived: 150, nacks: 5, roundTripMs: 200 });
  expect([299, 300].map((nowMs) => freeze.judge(frozen, nowMs))).toEqual(["wait", "ask"]);
});
