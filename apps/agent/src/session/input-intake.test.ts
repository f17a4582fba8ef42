// Input that comes over several paths: each message once, in order, and never a key left pressed.

import { feedbackCodec } from "@eglantine/protocol/feedback";
import type { InputMessage } from "@eglantine/protocol/input";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Injector } from "../input/injector.ts";
import { FAKE_KEYBOARD, FakePort } from "../testing/fake-desktop.ts";
import { FakeViewerPads } from "../testing/fake-pads.ts";
import { InputIntake } from "./input-intake.ts";

const SOCKET = 0;
const PEER = 1;
let port: FakePort;
let told: { source: number; count: number }[];
let intake: InputIntake;
let takes: boolean;
let lateClipboards: number;
let pads: FakeViewerPads;

beforeEach(() => {
  vi.useFakeTimers();
  port = new FakePort();
  told = [];
  takes = true;
  lateClipboards = 0;
  pads = new FakeViewerPads();
  intake = new InputIntake({
    guard: (act) => act(),
    onLateClipboard: () => {
      lateClipboards += 1;
    },
    pads,
    input: new Injector(port, FAKE_KEYBOARD, () => ({ widthPx: 100, heightPx: 100 })).enter(),
    sendFeedback: (source, bytes) => {
      const message = feedbackCodec.decode(bytes);
      if (takes && message.type === "inputAck") told.push({ source, count: message.count });
      return takes;
    },
    nowMs: () => Date.now(),
  });
});
afterEach(() => {
  intake.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const press = (keysym: number, pressed = true): InputMessage => ({ type: "key", pressed, code: 0, keysym });
const A = 0x61;
const presses = () => port.take().filter((request) => request.startsWith("key"));

test("after resume what was had before is skipped, and what comes late over the old path is ignored", () => {
  intake.take(PEER, press(A));
  intake.take(PEER, press(A, false));
  intake.take(SOCKET, { type: "resume", count: 1 });
  intake.take(SOCKET, press(A, false));
  intake.take(SOCKET, press(A));
  intake.take(PEER, press(A, false));
  expect(presses()).toEqual(["key 38 down", "key 38 up", "key 38 down"]);
});

test("messages of a path that has not been taken up are ignored", () => {
  intake.take(PEER, press(A));
  intake.take(SOCKET, press(A, false));
  expect(presses()).toEqual(["key 38 down"]);
});

test("acknowledgements come at once after a pause, then together, and over the path in use", () => {
  for (let count = 0; count < 5; count += 1) intake.take(PEER, press(A, count % 2 === 0));
  expect(told).toEqual([{ source: PEER, count: 1 }]);
  vi.advanceTimersByTime(20);
  expect(told.at(-1)).toEqual({ source: PEER, count: 5 });
  expect(told).toHaveLength(2);
  intake.take(SOCKET, { type: "resume", count: 5 });
  expect(told.at(-1)).toEqual({ source: SOCKET, count: 5 });
  vi.advanceTimersByTime(1000);
  expect(told).toHaveLength(3);
});

test("an acknowledgement that is dropped is sent again, and not for ever", () => {
  takes = false;
  intake.take(PEER, press(A));
  takes = true;
  vi.advanceTimersByTime(40);
  expect(told).toEqual([{ source: PEER, count: 1 }]);
  takes = false;
  intake.take(PEER, press(A, false));
  vi.advanceTimersByTime(10_000);
  expect(vi.getTimerCount()).toBe(0);
});

test("a path that was silent and is back keeps what it holds, without a word of the hands", () => {
  intake.take(PEER, press(A));
  intake.lost(PEER, true);
  vi.advanceTimersByTime(500);
  intake.back(PEER);
  vi.advanceTimersByTime(60_000);
  expect(presses()).toEqual(["key 38 down"]);
});

test("motion is not counted", () => {
  intake.take(PEER, { type: "motion", sequence: 1, epoch: 0, x: 1, y: 1 });
  intake.take(PEER, press(A));
  expect(told).toEqual([{ source: PEER, count: 1 }]);
});

test("a key that is held stays so while the viewer changes over", () => {
  intake.take(PEER, press(A));
  intake.lost(PEER, true);
  vi.advanceTimersByTime(999);
  intake.take(SOCKET, { type: "resume", count: 1 });
  vi.advanceTimersByTime(60_000);
  expect(presses()).toEqual(["key 38 down"]);
});

test("it goes up a second after its path was lost when nobody takes it up", () => {
  intake.take(PEER, press(A));
  intake.lost(PEER, true);
  vi.advanceTimersByTime(1000);
  expect(presses()).toEqual(["key 38 down", "key 38 up"]);
});

test("it goes up at once where there is no other path", () => {
  intake.take(PEER, press(A));
  intake.lost(PEER, false);
  expect(presses()).toEqual(["key 38 down", "key 38 up"]);
});

test("a viewer that beats and falls silent is let go of within half a second", () => {
  intake.take(PEER, press(A));
  intake.take(PEER, { type: "held" });
  for (let beat = 0; beat < 20; beat += 1) {
    vi.advanceTimersByTime(400);
    intake.take(PEER, { type: "held" });
  }
  expect(presses()).toEqual(["key 38 down"]);
  vi.advanceTimersByTime(449);
  expect(presses()).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(presses()).toEqual(["key 38 up"]);
});

test("its silence is counted over all paths: one that is lost is none", () => {
  intake.take(PEER, press(A));
  intake.take(SOCKET, { type: "held" });
  intake.lost(PEER, true);
  for (let beat = 0; beat < 20; beat += 1) {
    vi.advanceTimersByTime(400);
    intake.take(SOCKET, { type: "held" });
  }
  expect(presses()).toEqual(["key 38 down"]);
  vi.advanceTimersByTime(450);
  expect(presses()).toEqual(["key 38 up"]);
});

test("any word of the hands is a sign of life, and with nothing held no timer runs", () => {
  intake.take(PEER, { type: "held" });
  expect(vi.getTimerCount()).toBe(0);
  intake.take(PEER, press(A));
  vi.advanceTimersByTime(400);
  intake.take(PEER, { type: "motion", sequence: 1, epoch: 0, x: 1, y: 1 });
  vi.advanceTimersByTime(400);
  expect(presses()).toEqual(["key 38 down"]);
  intake.take(PEER, press(A, false));
  vi.advanceTimersByTime(1000);
  expect(vi.getTimerCount()).toBe(0);
});

test("a viewer that never beats is not let go of while its path stands", () => {
  intake.take(PEER, press(A));
  vi.advanceTimersByTime(60_000);
  expect(presses()).toEqual(["key 38 down"]);
});

test("beats are neither counted nor acknowledged", () => {
  intake.take(PEER, press(A));
  for (let beat = 0; beat < 3; beat += 1) intake.take(PEER, { type: "held" });
  intake.take(SOCKET, { type: "resume", count: 1 });
  intake.take(SOCKET, press(A, false));
  expect(presses()).toEqual(["key 38 down", "key 38 up"]);
});

test("a path that comes to life again keeps what it holds", () => {
  intake.take(PEER, press(A));
  intake.lost(PEER, true);
  intake.take(PEER, press(0x62));
  vi.advanceTimersByTime(60_000);
  expect(presses()).toEqual(["key 38 down", "key 200 down"]);
});

test("losing a path that input does not take releases nothing", () => {
  intake.take(SOCKET, press(A));
  intake.lost(PEER, false);
  vi.advanceTimersByTime(60_000);
  expect(presses()).toEqual(["key 38 down"]);
});

test("where messages are lost for good everything is let go", () => {
  intake.take(PEER, press(A));
  intake.take(SOCKET, { type: "resume", count: 7 });
  expect(presses()).toEqual(["key 38 down", "key 38 up"]);
  expect(told.at(-1)).toEqual({ source: SOCKET, count: 7 });
});

test("a gamepad's states are taken once and in order, and it rests when its path is lost", () => {
  const axes = { leftX: 0, leftY: 0, rightX: 0, rightY: 0, leftTrigger: 0, rightTrigger: 0 };
  intake.take(PEER, { type: "padConnect", index: 1 });
  intake.take(PEER, { type: "padState", index: 1, sequence: 1, ...axes, buttons: 1 });
  intake.take(SOCKET, { type: "resume", count: 1 });
  intake.take(SOCKET, { type: "padState", index: 1, sequence: 1, ...axes, buttons: 1 });
  intake.take(SOCKET, { type: "padAxes", index: 1, sequence: 2, ...axes });
  intake.take(PEER, { type: "padDisconnect", index: 1 });
  expect(pads.calls).toEqual(["padConnect 1", "padState 1", "padAxes 1"]);
  // Motion is not counted.
  expect(told.at(-1)).toEqual({ source: SOCKET, count: 2 });
  intake.lost(SOCKET, true);
  vi.advanceTimersByTime(999);
  expect(pads.calls).toHaveLength(3);
  vi.advanceTimersByTime(1);
  expect(pads.calls.at(-1)).toBe("rest");
});

test("whatever is lost on the way, a viewer that sends again what was not acknowledged types each key once", () => {
  const step = fc.record({
    change: fc.boolean(),
    lost: fc.integer({ min: 0, max: 3 }),
    keys: fc.integer({ min: 1, max: 6 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const typed: number[] = [];
      let acked = 0;
      const one = new InputIntake({
        guard: (act) => act(),
        onLateClipboard: () => {
          lateClipboards += 1;
        },
        pads,
        input: {
          apply: (message) => void (message.type === "key" && typed.push(message.keysym)),
          holding: false,
          releaseAll: () => {},
        },
        sendFeedback: (_, bytes) => {
          const message = feedbackCodec.decode(bytes);
          if (message.type === "inputAck") acked = message.count;
          return true;
        },
        nowMs: () => Date.now(),
      });
      const sent: number[] = [];
      let source = 0;
      const takeUp = () => {
        const from = acked;
        source += 1;
        one.take(source, { type: "resume", count: from });
        for (const keysym of sent.slice(from)) one.take(source, press(keysym));
      };
      for (const { change, lost, keys } of steps) {
        if (change) {
          takeUp();
          // The old path's late ones.
          for (const keysym of sent.slice(-2)) one.take(source - 1, press(keysym));
        }
        const next = Array.from({ length: keys }, (_, index) => sent.length + index + 1);
        sent.push(...next);
        // The last of them do not arrive, and then none does until the path is changed.
        const arriving = next.slice(0, Math.max(0, keys - lost));
        for (const keysym of arriving) one.take(source, press(keysym));
        if (arriving.length < next.length) takeUp();
        vi.advanceTimersByTime(7);
      }
      one.close();
      expect(typed).toEqual(sent);
    }),
  );
});

test("a paste waits for its clipboard on whichever path it came by, and moves over with its path", () => {
  intake.take(PEER, press(A));
  intake.take(PEER, { type: "clipboardBarrier", serial: 1 });
  intake.take(PEER, press(A, false));
  // The path is lost: what was had is not taken again, and still waits.
  intake.take(SOCKET, { type: "resume", count: 1 });
  intake.take(SOCKET, { type: "clipboardBarrier", serial: 1 });
  intake.take(SOCKET, press(A, false));
  intake.take(SOCKET, press(A));
  expect(presses()).toEqual(["key 38 down"]);
  intake.clipboardApplied(1);
  expect(presses()).toEqual(["key 38 up", "key 38 down"]);
});

test("a viewer that is gone leaves no key down that waited for its clipboard", () => {
  intake.take(PEER, { type: "clipboardBarrier", serial: 1 });
  intake.take(PEER, press(A));
  intake.lost(PEER, false);
  expect(presses()).toEqual(["key 38 down", "key 38 up"]);
});

test("a key that waited for its clipboard is let go of when its viewer has fallen silent meanwhile", () => {
  intake.take(PEER, { type: "held" });
  intake.take(PEER, { type: "clipboardBarrier", serial: 1 });
  intake.take(PEER, press(A));
  vi.advanceTimersByTime(500);
  expect(presses()).toEqual(["key 38 down"]);
  vi.advanceTimersByTime(500);
  expect(presses()).toEqual(["key 38 up"]);
});

test("a viewer that beats no more because it let go of all is told that its clipboard is late, whoever finds out first", () => {
  intake.take(PEER, press(A));
  intake.take(PEER, { type: "held" });
  intake.take(PEER, { type: "clipboardBarrier", serial: 1 });
  intake.take(PEER, press(0x62));
  intake.take(PEER, press(0x62, false));
  intake.take(PEER, press(A, false));
  vi.advanceTimersByTime(449);
  expect([presses(), lateClipboards]).toEqual([["key 38 down"], 0]);
  vi.advanceTimersByTime(51);
  expect([presses(), lateClipboards]).toEqual([["key 200 down", "key 200 up", "key 38 up"], 1]);
});
