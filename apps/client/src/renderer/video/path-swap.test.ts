import { expect, it } from "vitest";
import { PathSwap } from "./path-swap.ts";

it("shows the first picture that comes, whichever way, while the agent has said nothing", () => {
  const swap = new PathSwap();
  expect(swap.canvasPresented(1)).toBe(true);
  expect(swap.videoPresented(90, 0)).toBe(false);
  expect(swap.shown).toBe("socket");
});

it("shows the very first picture over the socket although the agent already sends over WebRTC", () => {
  const swap = new PathSwap();
  swap.announce({ path: "socket", frame: 1 }, 0);
  swap.announce({ path: "webrtc", frame: 9, rtpTimestamp: 900 }, 10);
  expect(swap.canvasPresented(1)).toBe(true);
  expect(swap.awaited).toBe("webrtc");
  expect(swap.canvasPresented(8)).toBe(false);
  expect(swap.shown).toBe("socket");
  expect(swap.videoPresented(900, 20)).toBe(true);
  expect(swap.awaited).toBeUndefined();
});

it("does not take a late frame of before for the first one of the new path", () => {
  const swap = new PathSwap();
  swap.announce({ path: "webrtc", frame: 1, rtpTimestamp: 100 }, 0);
  swap.videoPresented(100, 0);
  swap.announce({ path: "socket", frame: 50 }, 1000);
  expect(swap.canvasPresented(49)).toBe(false);
  expect(swap.canvasPresented(51)).toBe(true);
  swap.announce({ path: "webrtc", frame: 90, rtpTimestamp: 9000 }, 5000);
  expect(swap.videoPresented(5000, 5001)).toBe(false);
  expect(swap.videoPresented(9001, 5002)).toBe(true);
});

it("knows a first frame that was faster than the message about it", () => {
  const swap = new PathSwap();
  swap.announce({ path: "socket", frame: 1 }, 0);
  swap.canvasPresented(1);
  swap.videoPresented(0xffff_ffff, 100);
  expect(swap.announce({ path: "webrtc", frame: 5, rtpTimestamp: 3 }, 110)).toBe(false);
  swap.videoPresented(5, 120);
  swap.announce({ path: "socket", frame: 30 }, 200);
  swap.canvasPresented(30);
  swap.videoPresented(77, 300);
  expect(swap.announce({ path: "webrtc", frame: 40, rtpTimestamp: 70 }, 310)).toBe(true);
  expect(swap.shown).toBe("webrtc");
});

it("goes by time where no timestamp is known", () => {
  const swap = new PathSwap();
  swap.announce({ path: "socket", frame: 1 }, 0);
  swap.canvasPresented(1);
  expect(swap.videoPresented(undefined, 1000)).toBe(false);
  expect(swap.announce({ path: "webrtc", frame: 5 }, 1600)).toBe(false);
  expect(swap.videoPresented(undefined, 1700)).toBe(true);
});

it("begins anew with another session", () => {
  const swap = new PathSwap();
  swap.announce({ path: "webrtc", frame: 1 }, 0);
  swap.videoPresented(1, 0);
  swap.reset();
  expect(swap.shown).toBeUndefined();
  expect(swap.canvasPresented(1)).toBe(true);
});
