import { feedbackCodec } from "@eglantine/protocol/feedback";
import { ProtocolError } from "@eglantine/protocol/field";
import { type InputMessage, inputCodec } from "@eglantine/protocol/input";
import { LIMITS } from "@eglantine/protocol/limits";
import { socketViewerCodec } from "@eglantine/protocol/socket";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Injector } from "../input/injector.ts";
import { FAKE_KEYBOARD, FakePort } from "../testing/fake-desktop.ts";
import { FakeViewerPads } from "../testing/fake-pads.ts";
import { Dispatch } from "./dispatch.ts";
import { InputIntake } from "./input-intake.ts";
import { RateError } from "./rate.ts";

const clock = { nowMs: 0 };
let port: FakePort;
let feedback: Uint8Array[];
let intake: InputIntake;
let actions: string[];
let pads: FakeViewerPads;
let dispatch: Dispatch;
beforeEach(() => {
  clock.nowMs = 0;
  port = new FakePort();
  feedback = [];
  actions = [];
  pads = new FakeViewerPads();
  intake = new InputIntake({
    // As the session does: what waits behind a clipboard can turn out to be malformed when it is applied.
    guard: (act) => {
      try {
        act();
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        actions.push(error.message);
      }
    },
    onLateClipboard: () => undefined,
    pads,
    input: new Injector(port, FAKE_KEYBOARD, () => ({ widthPx: 100, heightPx: 100 })).enter(),
    sendFeedback: (_, message) => feedback.push(message) > 0,
    nowMs: () => clock.nowMs,
  });
  dispatch = new Dispatch({
    intake,
    actions: {
      clipboard: ({ serial }) => void actions.push(`clipboard ${serial}`),
      clipboardRefused: ({ why }) => void actions.push(`clipboard refused: ${why}`),
      offer: ({ sdp }) => void actions.push(`offer ${sdp}`),
      candidate: ({ candidate }) => void actions.push(`candidate ${candidate}`),
      display: ({ widthPx, heightPx }) => void actions.push(`display ${widthPx}x${heightPx}`),
      keyframe: () => void actions.push("keyframe"),
      path: ({ want }) => void actions.push(`path ${want}`),
      pathLost: ({ why }) => void actions.push(`lost ${why}`),
      ack: ({ receivedBytes }) => void actions.push(`ack ${receivedBytes}`),
      notifications: ({ on }) => void actions.push(`notifications ${on}`),
      ping: ({ id }) => void actions.push(`ping ${id}`),
      vnc: () => void actions.push("vnc"),
      doctor: ({ run, measure }) => void actions.push(`doctor ${run} ${measure}`),
      video: ({ preset }) => void actions.push(`video ${preset}`),
      audio: ({ on, channels }) => void actions.push(`audio ${on} ${channels}`),
      microphone: ({ on }) => void actions.push(`microphone ${on}`),
      microphonePacket: ({ sequence, data }) => void actions.push(`spoken ${sequence} ${data.length}`),
      stats: () => void actions.push("stats"),
      bye: ({ reason }) => void actions.push(`bye ${reason}`),
    },
    nowMs: () => clock.nowMs,
  });
});
afterEach(() => {
  intake.close();
  dispatch.close();
});

const encode = (message: InputMessage) => inputCodec.encode(message);
const motion = encode({ type: "motion", sequence: 1, epoch: 0, x: 3, y: 4 });

const AXES = { leftX: 1, leftY: 2, rightX: 3, rightY: 4, leftTrigger: 5, rightTrigger: 6 };

test("gamepads are heard on the input channel, and of their sticks alone on the motion channel", () => {
  dispatch.input(1, "input", encode({ type: "padConnect", index: 7 }));
  dispatch.input(1, "motion", encode({ type: "padAxes", index: 7, sequence: 1, ...AXES }));
  dispatch.input(1, "input", encode({ type: "padAxes", index: 7, sequence: 2, ...AXES }));
  dispatch.input(1, "input", encode({ type: "padState", index: 7, sequence: 3, ...AXES, buttons: 1 }));
  dispatch.input(1, "input", encode({ type: "padDisconnect", index: 7 }));
  expect(pads.calls).toEqual(["padConnect 7", "padAxes 7", "padAxes 7", "padState 7", "padDisconnect 7"]);
  const state = encode({ type: "padState", index: 7, sequence: 4, ...AXES, buttons: 0 });
  expect(() => dispatch.input(1, "motion", state)).toThrow(ProtocolError);
  expect(port.take()).toEqual([]);
});

test("a ninth gamepad and an eighteenth button are hostile", () => {
  for (const type of [0x30, 0x31]) {
    expect(() => dispatch.input(1, "input", Uint8Array.of(type, 8))).toThrow(ProtocolError);
    expect(() => dispatch.input(1, "input", Uint8Array.of(type, 255))).toThrow(ProtocolError);
  }
  const state = encode({ type: "padState", index: 0, sequence: 4, ...AXES, buttons: 0x1ffff });
  state[state.length - 3] = 2;
  expect(() => dispatch.input(1, "input", state)).toThrow(ProtocolError);
  expect(pads.calls).toEqual([]);
});

test("a viewer that plugs gamepads in and out without end is told that it is too much", () => {
  const plug = () => dispatch.input(1, "input", encode({ type: "padConnect", index: 0 }));
  for (let time = 0; time < LIMITS.gamepadPlugsPerMinute; time++) plug();
  expect(plug).toThrow(RateError);
});

test("motion reaches the pointer from both channels", () => {
  dispatch.input(1, "motion", motion);
  dispatch.input(1, "input", encode({ type: "motion", sequence: 2, epoch: 0, x: 5, y: 6 }));
  expect(port.take()).toEqual(["to 3,4", "|", "to 5,6", "|"]);
});

test("a ping is answered at once with its id", () => {
  dispatch.input(1, "input", encode({ type: "ping", id: 77 }));
  expect(feedback.map((message) => feedbackCodec.decode(message))).toEqual([
    { type: "pong", id: 77 },
    { type: "inputAck", count: 1 },
  ]);
});

test("a viewer without a picture gets a whole one", () => {
  dispatch.control('{"type":"keyframe","why":"no-picture"}');
  expect(actions).toEqual(["keyframe"]);
});

test("a turn of the wheel that no hand makes is a protocol error", () => {
  const wheel = encode({ type: "wheel", sequence: 1, epoch: 0, x: 0, y: 0, deltaX: 0, deltaY: LIMITS.wheelUnits });
  dispatch.input(1, "input", wheel);
  // Two requests a click, the position and the end of the message.
  expect(port.take()).toHaveLength(2 * (LIMITS.wheelUnits / 120) + 2);
  new DataView(wheel.buffer).setInt16(wheel.length - 2, 0x7fff);
  expect(() => dispatch.input(1, "input", wheel)).toThrow(ProtocolError);
  expect(port.take()).toEqual([]);
});

test("keys are not taken from the lossy channel", () => {
  const key = encode({ type: "key", pressed: true, code: 30, keysym: 0 });
  expect(() => dispatch.input(1, "motion", key)).toThrow(ProtocolError);
  expect(port.take()).toEqual([]);
});

test("more input than a second holds is refused, and a second later it is taken again", () => {
  for (let count = 0; count < LIMITS.inputPerSecond; count += 1) dispatch.input(1, "motion", motion);
  expect(() => dispatch.input(1, "motion", motion)).toThrow(RateError);
  clock.nowMs += 1000;
  dispatch.input(1, "motion", motion);
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
        dispatch.input(1, channel, datagram);
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

const offer = (peer: number) => JSON.stringify({ type: "offer", peer, sdp: `v=0 ${peer}` });
const candidate = (peer: number) => JSON.stringify({ type: "candidate", peer, candidate: `c${peer}`, mid: "0" });

test("a second hello and a second offer of one peer are protocol errors", () => {
  const hello = JSON.stringify({ type: "hello", version: { major: 2, minor: 0 }, client: "x" });
  expect(() => dispatch.control(hello)).toThrow(ProtocolError);
  dispatch.control(offer(0));
  expect(() => dispatch.control(offer(0))).toThrow(ProtocolError);
  expect(actions).toEqual(["offer v=0 0"]);
});

test("candidates are taken up to their limit, anew for each peer, and those of a peer that was replaced are ignored", () => {
  dispatch.control(offer(0));
  for (let count = 0; count < LIMITS.candidates; count += 1) dispatch.control(candidate(0));
  expect(() => dispatch.control(candidate(0))).toThrow(ProtocolError);
  dispatch.control(offer(1));
  actions.length = 0;
  dispatch.control(candidate(0));
  dispatch.control(candidate(1));
  expect(actions).toEqual(["candidate c1"]);
  expect(dispatch.strayCandidates).toBe(1);
});

test("a viewer that makes one peer after the other is stopped, and may go on a minute later", () => {
  for (let peer = 0; peer < LIMITS.peersPerMinute; peer += 1) dispatch.control(offer(peer));
  expect(() => dispatch.control(offer(1000))).toThrow(RateError);
  clock.nowMs += 60_000;
  dispatch.control(offer(1001));
});

test("a binary frame of the control connection is input, motion or an acknowledgement", () => {
  dispatch.socket(socketViewerCodec.encode({ type: "motion", message: motion }));
  const key = encode({ type: "key", pressed: true, code: 30, keysym: 0 });
  dispatch.socket(socketViewerCodec.encode({ type: "input", message: key }));
  dispatch.socket(socketViewerCodec.encode({ type: "ack", frame: 1, sentMs: 0, receivedBytes: 9, queuedFrames: 0 }));
  expect(port.take()).toEqual(["to 3,4", "|", "key 38 down", "|"]);
  expect(actions).toEqual(["ack 9"]);
  expect(() => dispatch.socket(socketViewerCodec.encode({ type: "motion", message: key }))).toThrow(ProtocolError);
});

test("a packet of a microphone is one, and none is longer than Opus makes them", () => {
  dispatch.socket(socketViewerCodec.encode({ type: "microphone", sequence: 9, data: new Uint8Array(1276) }));
  expect(actions).toEqual(["spoken 9 1276"]);
  expect(() => dispatch.socket(Uint8Array.from({ length: 3 + 1277 }, (_, at) => (at === 0 ? 0x43 : 0)))).toThrow(
    ProtocolError,
  );
});

test("no binary frame gives anything but input, an acknowledgement, a microphone's packet or a ProtocolError", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .tuple(fc.constantFrom(0x40, 0x41, 0x42), fc.uint8Array({ maxLength: 60 }))
      .map(([type, rest]) => new Uint8Array([type, ...rest])),
  );
  fc.assert(
    fc.property(bytes, (frame) => {
      clock.nowMs += 1000;
      try {
        dispatch.socket(frame);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
    { numRuns: 2000 },
  );
});

test("a flood of acknowledgements is refused", () => {
  const ack = socketViewerCodec.encode({ type: "ack", frame: 1, sentMs: 0, receivedBytes: 0, queuedFrames: 0 });
  for (let count = 0; count < LIMITS.inputPerSecond; count += 1) dispatch.socket(ack);
  expect(() => dispatch.socket(ack)).toThrow(RateError);
});

test("wishes in plenty come to the newest, and none is lost", () => {
  vi.useFakeTimers();
  try {
    for (const want of ["socket", "webrtc"]) {
      for (let count = 0; count < 50; count += 1) dispatch.control(JSON.stringify({ type: "path", want }));
    }
    for (let count = 0; count < 50; count += 1) dispatch.control('{"type":"video","preset":"balanced"}');
    const done = (what: string) => actions.filter((action) => action.startsWith(what));
    expect(done("path")).toEqual(Array.from({ length: 10 }, () => "path socket"));
    expect(done("video")).toHaveLength(10);
    clock.nowMs += 1000;
    vi.advanceTimersByTime(1000);
    expect(done("path").at(-1)).toBe("path webrtc");
    expect([done("path").length, done("video").length]).toEqual([11, 11]);
    dispatch.close();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test("malformed text behind a clipboard ends nothing but its session, when it is applied", () => {
  dispatch.input(1, "input", encode({ type: "clipboardBarrier", serial: 9 }));
  dispatch.input(1, "input", encode({ type: "text", text: Uint8Array.of(0xff) }));
  expect(actions).toEqual([]);
  intake.clipboardApplied(9);
  expect(actions).toEqual(["text is not UTF-8"]);
});

test("the doctor is asked for as often as a user clicks, and no oftener", () => {
  const ask = () => dispatch.control(JSON.stringify({ type: "doctor", run: true, measure: false, clockMs: 1 }));
  for (let times = 0; times < LIMITS.doctorPerMinute; times += 1) ask();
  expect(actions).toEqual(Array.from({ length: LIMITS.doctorPerMinute }, () => "doctor true false"));
  expect(ask).toThrow(RateError);
  clock.nowMs += 61_000;
  ask();
  expect(actions).toHaveLength(LIMITS.doctorPerMinute + 1);
});

test.each([
  { run: "yes", measure: true, clockMs: 1 },
  { run: true, measure: true, clockMs: -1 },
  { run: true, measure: true, clockMs: 9e15 },
  { run: true, measure: true },
])("a wish for the doctor that is none, %o, is refused", (wish) => {
  expect(() => dispatch.control(JSON.stringify({ type: "doctor", ...wish }))).toThrow(ProtocolError);
  expect(actions).toEqual([]);
});
