import { expect, it } from "vitest";
import { Freeze } from "./freeze-watch.ts";

const counters = (framesReceived: number, framesDecoded: number, roundTripMs = 0) => ({
  framesReceived,
  framesDecoded,
  framesDropped: 0,
  roundTripMs,
});

it("finds nothing wrong with a still picture", () => {
  const freeze = new Freeze();
  for (let nowMs = 0; nowMs < 5000; nowMs += 120) expect(freeze.judge(counters(7, 7), nowMs)).toBe("still");
});

it("asks once when pictures arrive whole and none is decoded, and again only after one was", () => {
  const freeze = new Freeze();
  expect(freeze.judge(counters(9, 7), 0)).toBe("wait");
  expect(freeze.judge(counters(12, 7), 149)).toBe("wait");
  expect(freeze.judge(counters(13, 7), 150)).toBe("ask");
  expect(freeze.judge(counters(20, 7), 600)).toBe("wait");
  expect(freeze.judge(counters(21, 21), 700)).toBe("still");
  expect(freeze.judge(counters(23, 21), 800)).toBe("wait");
  expect(freeze.judge(counters(24, 21), 960)).toBe("ask");
});

it("leaves a lost packet the time to come again", () => {
  const freeze = new Freeze();
  freeze.judge(counters(9, 7, 200), 0);
  expect(freeze.judge(counters(9, 7, 200), 299)).toBe("wait");
  expect(freeze.judge(counters(9, 7, 200), 300)).toBe("ask");
});

it("does not take frames that the browser dropped for undecodable ones", () => {
  const freeze = new Freeze();
  expect(freeze.judge({ ...counters(9, 7), framesDropped: 2 }, 0)).toBe("still");
});
