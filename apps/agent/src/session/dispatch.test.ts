import { feedbackCodec } from "@eglantine/protocol/feedback";
import { ProtocolError } from "@eglantine/protocol/field";
import { type InputMessage, inputCodec } from "@eglantine/protocol/input";
import { LIMITS } from "@eglantine/protocol/limits";
import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { Injector } from "../input/injector.ts";
import { FAKE_KEYBOARD, FakePort } from "../testing/fake-desktop.ts";
import { Dispatch, RateError } from "./dispatch.ts";

const clock = { nowMs: 0 };
let port: FakePort;
let feedback: Uint8Array[];
let actions: string[];
let dispatch: Dispatch;
beforeEach(() => {
  clock.nowMs = 0;
  port = new FakePort();
  feedback = [];
  actions = [];
  dispatch = new Dispatch({
    input: new Injector(port, FAKE_KEYBOARD, () => ({ widthPx: 100, heightPx: 100 })).enter(),
    actions: {
      offer: ({ sdp }) => void actions.push(`offer ${sdp}`),
      candidate: ({ candidate }) => void actions.push(`candidate ${candidate}`),
      display: ({ widthPx, heightPx }) => void actions.push(`display ${widthPx}x${heightPx}`),
      keyframe: () => void actions.push("keyframe"),
      vnc: () => void actions.push("vnc"),
      video: ({ preset }) => void actions.push(`video ${preset}`),
      stats: () => void actions.push("stats"),
      bye: ({ reason }) => void actions.push(`bye ${reason}`),
    },
    sendFeedback: (message) => void feedback.push(message),
    nowMs: () => clock.nowMs,
  });
});

const encode = (message: InputMessage) => inputCodec.encode(message);
const motion = encode({ type: "motion", sequence: 1, epoch: 0, x: 3, y: 4 });

test("motion reaches the pointer from both channels", () => {
  dispatch.input("motion", motion);
  dispatch.input("input", encode({ type: "motion", sequence: 2, epoch: 0, x: 5, y: 6 }));
  expect(port.take()).toEqual(["to 3,4", "|", "to 5,6", "|"]);
});

test("a ping is answered at once with its id", () => {
  dispatch.input("input", encode({ type: "ping", id: 77 }));
  expect(feedback.map((message) => feedbackCodec.decode(message))).toEqual([{ type: "pong", id: 77 }]);
});

test("a viewer without a picture gets a whole one", () => {
  dispatch.control('{"type":"keyframe","why":"no-picture"}');
  expect(actions).toEqual(["keyframe"]);
});

test("a turn of the wheel that no hand makes is a protocol error", () => {
  const wheel = encode({ type: "wheel", sequence: 1, epoch: 0, x: 0, y: 0, deltaX: 0, deltaY: LIMITS.wheelUnits });
  dispatch.input("input", wheel);
  // Two requests a click, the position and the end of the message.
  expect(port.take()).toHaveLength(2 * (LIMITS.wheelUnits / 120) + 2);
  new DataView(wheel.buffer).setInt16(wheel.length - 2, 0x7fff);
  expect(() => dispatch.input("input", wheel)).toThrow(ProtocolError);
  expect(port.take()).toEqual([]);
});

test("keys are not taken from the lossy channel", () => {
  const key = encode({ type: "key", pressed: true, code: 30, keysym: 0 });
  expect(() => dispatch.input("motion", key)).toThrow(ProtocolError);
  expect(port.take()).toEqual([]);
});

test("more input than a second holds is refused, and a second later it is taken again", () => {
  for (let count = 0; count < LIMITS.inputPerSecond; count += 1) dispatch.input("motion", motion);
  expect(() => dispatch.input("motion", motion)).toThrow(RateError);
  clock.nowMs += 1000;
  dispatch.input("motion", motion);
});

test("no bytes on a binary channel give anything but input or a ProtocolError", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc
      .tuple(fc.constantFrom(1, 2, 3, 4, 5, 0x10), fc.uint8Array({ maxLength: 40 }))
      .map(([type, rest]) => new Uint8Array([type, ...rest])),
  );
  fc.assert(
    fc.property(fc.constantFrom("input" as const, "motion" as const), bytes, (channel, datagram) => {
      clock.nowMs += 1000;
      try {
        dispatch.input(channel, datagram);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
    { numRuns: 2000 },
  );
  for (const request of port.take())
    expect(request).toMatch(/^(\||(key|button) \d+ (down|up)|to \d+,\d+|by -?\d+,-?\d+)$/);
});

test("no text on the control connection gives anything but an action or a ProtocolError", () => {
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record({
        type: fc.constantFrom("hello", "offer", "candidate", "display", "stats", "bye", "__proto__"),
        sdp: fc.anything(),
        widthPx: fc.anything(),
        reason: fc.anything(),
      })
      .map((message) => JSON.stringify(message) ?? ""),
  );
  fc.assert(
    fc.property(text, (frame) => {
      try {
        dispatch.control(frame);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
    { numRuns: 2000 },
  );
});

test("a second hello and a second offer are protocol errors", () => {
  const hello = JSON.stringify({ type: "hello", version: { major: 2, minor: 0 }, client: "x" });
  expect(() => dispatch.control(hello)).toThrow(ProtocolError);
  dispatch.control(JSON.stringify({ type: "offer", peer: 0, sdp: "v=0" }));
  expect(() => dispatch.control(JSON.stringify({ type: "offer", peer: 0, sdp: "v=0" }))).toThrow(ProtocolError);
  expect(actions).toEqual(["offer v=0"]);
});

test("candidates are taken up to their limit", () => {
  const candidate = JSON.stringify({ type: "candidate", peer: 0, candidate: "c", mid: "0" });
  for (let count = 0; count < LIMITS.candidates; count += 1) dispatch.control(candidate);
  expect(() => dispatch.control(candidate)).toThrow(ProtocolError);
});
