import { expect, test } from "vitest";
import {
  choosePath,
  createPathChoice,
  type MediaPathName,
  socketUseless,
  webRtcAlive,
  webRtcGone,
  webRtcLost,
  webRtcOpened,
  webRtcReplaced,
} from "./path-choice.ts";

const both: readonly MediaPathName[] = ["webrtc", "socket"];

test("the socket is there first, WebRTC is taken as soon as it is connected", () => {
  const choice = createPathChoice(both);
  expect(choosePath(choice, 0)).toMatchObject({ path: "socket", why: "WebRTC is not connected yet" });
  webRtcOpened(choice, 300);
  expect(choosePath(choice, 300)).toMatchObject({ path: "webrtc", why: "UDP works" });
});

test("when nothing comes back the socket takes over at once, and WebRTC is taken again when it has worked for a second", () => {
  const choice = createPathChoice(both);
  webRtcOpened(choice, 0);
  webRtcAlive(choice, false, 10_000);
  expect(choosePath(choice, 10_000)).toMatchObject({ path: "socket", why: "nothing comes back over UDP" });
  webRtcAlive(choice, true, 15_000);
  expect(choosePath(choice, 15_000)).toMatchObject({ path: "socket", reviewAtMs: 16_000 });
  expect(choosePath(choice, 16_000)).toMatchObject({ path: "webrtc" });
});

test("a path that flaps is trusted later each time, up to a minute, and as before when it has worked for one", () => {
  const choice = createPathChoice(both);
  let nowMs = 0;
  webRtcOpened(choice, nowMs);
  const flap = () => {
    nowMs += 5000;
    webRtcAlive(choice, false, nowMs);
    nowMs += 1000;
    webRtcAlive(choice, true, nowMs);
    const { reviewAtMs = 0 } = choosePath(choice, nowMs);
    const waitMs = reviewAtMs - nowMs;
    nowMs = reviewAtMs;
    return waitMs;
  };
  expect([flap(), flap(), flap(), flap()]).toEqual([1000, 2000, 4000, 8000]);
  for (let count = 0; count < 5; count += 1) flap();
  expect(flap()).toBe(60_000);
  nowMs += 60_000;
  expect(flap()).toBe(1000);
});

test("while it waits for its second it may die again, and waits anew", () => {
  const choice = createPathChoice(both);
  webRtcOpened(choice, 0);
  webRtcAlive(choice, false, 1000);
  webRtcAlive(choice, true, 2000);
  webRtcAlive(choice, false, 2500);
  expect(choosePath(choice, 4000)).toMatchObject({ path: "socket", reviewAtMs: undefined });
});

test("the viewer's word counts, once", () => {
  const choice = createPathChoice(both);
  webRtcOpened(choice, 0);
  webRtcLost(choice, "no answer for 300 ms", 5000);
  webRtcLost(choice, "no answer for 400 ms", 5100);
  const chosen = choosePath(choice, 5100);
  expect(chosen).toMatchObject({ path: "socket", reviewAtMs: 6000 });
  expect(chosen.why).toContain("no answer for 300 ms");
});

test("a peer that takes the place of one that was lost must prove itself too", () => {
  const choice = createPathChoice(both);
  webRtcOpened(choice, 0);
  webRtcAlive(choice, false, 1000);
  webRtcGone(choice, "another peer takes its place", 2000);
  webRtcOpened(choice, 3000);
  expect(choosePath(choice, 3000).path).toBe("socket");
  expect(choosePath(choice, 4000).path).toBe("webrtc");
});

test("a loss that both sides find is one loss", () => {
  const choice = createPathChoice(both);
  webRtcOpened(choice, 0);
  webRtcLost(choice, "no answer for 300 ms", 5000);
  webRtcAlive(choice, false, 5500);
  webRtcAlive(choice, true, 9000);
  expect(choosePath(choice, 9000)).toMatchObject({ path: "socket", reviewAtMs: 10_000 });
});

test("a peer that the viewer replaces while it works is no loss: the next one is taken at once", () => {
  const choice = createPathChoice(both);
  webRtcOpened(choice, 0);
  webRtcReplaced(choice, 5000);
  expect(choosePath(choice, 5000).path).toBe("socket");
  webRtcOpened(choice, 6000);
  expect(choosePath(choice, 6000).path).toBe("webrtc");
});

test("what the user wants goes before, as far as it works", () => {
  const choice = createPathChoice(both);
  choice.want = "webrtc";
  expect(choosePath(choice, 0).path).toBe("socket");
  webRtcOpened(choice, 0);
  expect(choosePath(choice, 0)).toMatchObject({ path: "webrtc", why: "you chose it" });
  choice.want = "socket";
  expect(choosePath(choice, 0)).toMatchObject({ path: "socket", why: "you chose it" });
  choice.want = "vnc";
  expect(choosePath(choice, 0).path).toBe("vnc");
});

test("what the user wants and can't have is named, with what stands against it", () => {
  const choice = createPathChoice(["socket", "webrtc"]);
  choice.want = "webrtc";
  expect(choosePath(choice, 0).why).toBe("not WebRTC, which you chose: WebRTC is not connected yet");
  expect(choosePath({ ...choice, order: ["socket"] }, 0).why).toBe(
    "not WebRTC, which you chose: agent and viewer do not both have it",
  );
});

test("a socket that the viewer can't decode is never chosen again, whatever is wanted and whatever becomes of WebRTC", () => {
  const choice = createPathChoice(both);
  webRtcOpened(choice, 0);
  socketUseless(choice, "no decoder");
  choice.want = "socket";
  expect(choosePath(choice, 1000)).toMatchObject({
    path: "webrtc",
    why: "not TCP, which you chose: the viewer can't decode what comes over TCP: no decoder",
  });
  choice.want = "auto";
  webRtcAlive(choice, false, 2000);
  expect(choosePath(choice, 2000).path).toBe("webrtc");
  webRtcGone(choice, "it failed", 3000);
  expect(choosePath(choice, 3000)).toMatchObject({ path: undefined, why: "it failed" });
});

test("an agent whose first choice is the socket keeps to it", () => {
  const choice = createPathChoice(["socket", "webrtc"]);
  webRtcOpened(choice, 0);
  expect(choosePath(choice, 0)).toMatchObject({ path: "socket", why: "it is this agent's first choice" });
});

test("a viewer without the socket keeps a silent path, and has none when the peer is gone", () => {
  const choice = createPathChoice(["webrtc"]);
  expect(choosePath(choice, 0).path).toBeUndefined();
  webRtcOpened(choice, 0);
  webRtcAlive(choice, false, 1000);
  expect(choosePath(choice, 1000).path).toBe("webrtc");
  webRtcGone(choice, "it failed", 2000);
  expect(choosePath(choice, 2000)).toMatchObject({ path: undefined, why: "it failed" });
});
