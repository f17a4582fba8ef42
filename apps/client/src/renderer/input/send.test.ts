import { inputCodec, type InputMessage } from "@eglantine/protocol/input";
import { LIMITS } from "@eglantine/protocol/limits";
import { expect, it, vi } from "vitest";
import { InputSender } from "./send.ts";

function channels() {
  const sent: (readonly [string, InputMessage])[] = [];
  const state = { backlogBytes: 0, drained: () => {} };
  return {
    sent,
    state,
    sendInput: (bytes: Uint8Array) => sent.push(["input", inputCodec.decode(bytes)]) > 0,
    sendMotion: (bytes: Uint8Array) => sent.push(["motion", inputCodec.decode(bytes)]) > 0,
    sendBeat: (bytes: Uint8Array) => void sent.push(["beat", inputCodec.decode(bytes)]),
    takesText: true,
    motionBacklogBytes: () => state.backlogBytes,
    whenMotionDrained: (listener: () => void) => {
      state.drained = listener;
    },
  };
}

const motion = (sequence: number): InputMessage => ({ type: "motion", sequence, epoch: 0, x: sequence, y: 0 });
const BUTTON: InputMessage = { type: "button", sequence: 9, epoch: 0, x: 1, y: 1, button: 1, pressed: true };

it("puts motion on the motion channel and everything else on the input channel", () => {
  const out = channels();
  const sender = new InputSender();
  sender.attach(out);
  sender.send(motion(1));
  sender.send(BUTTON);
  expect(out.sent).toEqual([
    ["motion", motion(1)],
    ["input", BUTTON],
  ]);
});

it("drops motion that piles up, and sends where it came to rest", () => {
  const out = channels();
  const sender = new InputSender();
  sender.attach(out);
  out.state.backlogBytes = 10_000;
  sender.send(motion(1));
  sender.send(motion(2));
  expect(out.sent).toEqual([]);
  out.state.backlogBytes = 0;
  out.state.drained();
  out.state.drained();
  expect(out.sent).toEqual([["motion", motion(2)]]);
});

it("does not send an old motion behind a newer button", () => {
  const out = channels();
  const sender = new InputSender();
  sender.attach(out);
  out.state.backlogBytes = 10_000;
  sender.send(motion(1));
  sender.send(BUTTON);
  out.state.backlogBytes = 0;
  out.state.drained();
  expect(out.sent).toEqual([["input", BUTTON]]);
});

it("sends nothing without channels", () => {
  const sender = new InputSender();
  sender.send(BUTTON);
});

it("still sends where the pointer came to rest when a key went before", () => {
  const out = channels();
  const sender = new InputSender();
  sender.attach(out);
  out.state.backlogBytes = 10_000;
  sender.send(motion(1));
  const key: InputMessage = { type: "key", pressed: true, code: 30, keysym: 97 };
  sender.send(key);
  out.state.backlogBytes = 0;
  out.state.drained();
  expect(out.sent).toEqual([
    ["input", key],
    ["motion", motion(1)],
  ]);
});

it("holds everything but motion until it is released, and lets one message go before", () => {
  const out = channels();
  const sender = new InputSender();
  sender.attach(out);
  sender.hold();
  sender.send(BUTTON);
  sender.send(motion(10));
  sender.send({ type: "releaseAll" });
  expect(out.sent).toEqual([["motion", motion(10)]]);
  sender.release({ type: "clipboardBarrier", serial: 3 });
  expect(out.sent.slice(1)).toEqual([
    ["input", { type: "clipboardBarrier", serial: 3 }],
    ["input", BUTTON],
    ["input", { type: "releaseAll" }],
  ]);
  sender.send(BUTTON);
  expect(out.sent).toHaveLength(5);
});

it("forgets what it held when the session is another one", () => {
  const [before, after] = [channels(), channels()];
  const sender = new InputSender();
  sender.hold();
  sender.attach(before);
  sender.hold();
  sender.send(BUTTON);
  sender.attach(after);
  sender.release();
  expect([...before.sent, ...after.sent]).toEqual([]);
});

it("splits committed text between characters, and loses none", () => {
  const out = channels();
  const sender = new InputSender();
  sender.attach(out);
  const text = "日本語テキスト😀Ж".repeat(20);
  sender.sendText(text);
  const pieces = out.sent.map(([, message]) => (message.type === "text" ? new TextDecoder().decode(message.text) : ""));
  expect(pieces.length).toBeGreaterThan(1);
  expect(pieces.join("")).toBe(text);
  expect(pieces.some((piece) => piece.includes("\ufffd"))).toBe(false);
});

it("passes a mouse of 1 kHz on whole, thins what is far faster, and sends where it came to rest", () => {
  vi.useFakeTimers();
  try {
    const out = channels();
    const sender = new InputSender();
    sender.attach(out);
    for (let ms = 1; ms <= 1000; ms += 1) {
      vi.advanceTimersByTime(1);
      sender.send(motion(ms));
    }
    expect(out.sent).toHaveLength(1000);
    vi.advanceTimersByTime(1000);
    for (let count = 1001; count <= 9000; count += 1) {
      if (count % 8 === 0) vi.advanceTimersByTime(1);
      sender.send(motion(count));
    }
    vi.advanceTimersByTime(1000);
    expect(out.sent.length).toBeLessThan(1000 + LIMITS.inputPerSecond / 2);
    expect(out.sent.at(-1)).toEqual(["motion", motion(9000)]);
  } finally {
    vi.useRealTimers();
  }
});
