import { feedbackCodec } from "@eglantine/protocol/feedback";
import { ProtocolError } from "@eglantine/protocol/field";
import { LIMITS } from "@eglantine/protocol/limits";
import { socketMediaCodec, type SocketMedia } from "@eglantine/protocol/socket";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { accessUnit } from "../testing/fake-media.ts";
import type { AccessUnit } from "../video/types.ts";
import { SocketTransport } from "./socket.ts";

type Video = Extract<SocketMedia, { type: "video" }>;

let sent: Video[];
let events: string[];
let targets: number[];
let line: { bufferedBytes: number; sendBinary(head: Uint8Array, data?: Uint8Array): void };
let socket: SocketTransport;
let received = 0;
/** What the clock goes on with each look at it. */
let tickMs = 0;
let tickedMs = 0;

beforeEach(() => {
  vi.useFakeTimers();
  [sent, events, targets, received] = [[], [], [], 0];
  [tickMs, tickedMs] = [0, 0];
  line = {
    bufferedBytes: 0,
    sendBinary: (head, data = new Uint8Array()) => {
      const message = socketMediaCodec.decode(Buffer.concat([head, data]));
      if (message.type === "video") sent.push(message);
      else events.push(message.type);
    },
  };
  socket = new SocketTransport({
    startBps: 8e6,
    minBps: 300e3,
    maxBps: 50e6,
    line,
    nowMs: () => Date.now() + (tickedMs += tickMs),
    sink: {
      onReady: (ready) => void events.push(ready ? "ready" : "wait"),
      onKeyframeNeeded: () => void events.push("keyframe"),
      onTargetBps: (targetBps) => void targets.push(targetBps),
    },
  });
});
afterEach(async () => {
  await socket.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const unit = (frame: number, bytes: number, more: Partial<AccessUnit> = {}): AccessUnit => ({
  ...accessUnit(frame),
  data: new Uint8Array(bytes).fill(frame),
  ...more,
});
function ack(part: Video, queuedFrames = 0): void {
  received += part.data.length;
  socket.acked({ type: "ack", frame: part.frame, sentMs: part.sentMs, receivedBytes: received, queuedFrames });
}
const take = () => events.splice(0);

test("a picture goes out as it is, with what its decoder must know", () => {
  const data = new Uint8Array([0, 0, 0, 1, 0x65, 9]);
  vi.setSystemTime(2 ** 32 + 77);
  socket.send(unit(1, 0, { data, chroma: "444", widthPx: 1921, heightPx: 1080 }));
  expect(sent).toEqual([
    {
      type: "video",
      frame: 1,
      sentMs: 77,
      codec: 0,
      chroma444: true,
      keyframe: true,
      first: true,
      last: true,
      widthPx: 1921,
      heightPx: 1080,
      data,
    },
  ]);
});

test("a large one goes in parts that make it up again", () => {
  socket.send(unit(1, 150_000, { last: false }));
  socket.send(unit(1, 10, { first: false }));
  expect(sent.map(({ data, first, last }) => [data.length, first, last])).toEqual([
    [65_536, true, false],
    [65_536, false, false],
    [18_928, false, false],
    [10, false, true],
  ]);
});

test("with a full window no more pictures are asked for until enough has arrived", () => {
  socket.send(unit(1, 200_000));
  expect(take()).toEqual(["wait"]);
  vi.advanceTimersByTime(200);
  for (const part of sent) ack(part);
  expect(take()).toEqual(["ready"]);
});

test("one that was being coded waits for the window, whole", () => {
  socket.send(unit(1, 200_000));
  socket.send(unit(2, 100, { last: false }));
  socket.send(unit(2, 100, { first: false }));
  expect(sent.filter(({ frame }) => frame === 2)).toEqual([]);
  vi.advanceTimersByTime(200);
  for (const part of sent.slice()) ack(part);
  expect(sent.filter(({ frame }) => frame === 2)).toHaveLength(2);
  expect(events).not.toContain("keyframe");
});

test("two that were coded while the agent was busy wait, and no whole picture is asked for", () => {
  socket.send(unit(1, 200_000));
  for (const frame of [2, 3]) socket.send(unit(frame, 100));
  vi.advanceTimersByTime(200);
  for (const part of sent.slice()) ack(part);
  expect(sent.slice(-2).map(({ frame }) => frame)).toEqual([2, 3]);
  expect(events).not.toContain("keyframe");
});

test("when a third one comes they are dropped, and nothing is sent before a whole picture", () => {
  socket.send(unit(1, 200_000));
  for (const frame of [2, 3, 4]) socket.send(unit(frame, 100));
  expect(take().filter((event) => event === "keyframe")).toHaveLength(1);
  vi.advanceTimersByTime(200);
  for (const part of sent.slice()) ack(part);
  socket.send(unit(5, 100));
  expect(sent.at(-1)?.frame).toBe(1);
  socket.send(unit(6, 100, { keyframe: true }));
  expect(sent.at(-1)?.frame).toBe(6);
});

test("a whole picture takes the place of the one that waits", () => {
  socket.send(unit(1, 200_000));
  socket.send(unit(2, 100));
  socket.send(unit(3, 100, { keyframe: true }));
  vi.advanceTimersByTime(200);
  for (const part of sent.slice()) ack(part);
  expect(sent.at(-1)?.frame).toBe(3);
  expect(events).not.toContain("keyframe");
});

test("a picture that has begun is sent to its end", () => {
  socket.send(unit(1, 200_000, { last: false }));
  socket.send(unit(1, 200_000, { first: false }));
  expect(sent.at(-1)?.last).toBe(true);
});

test("what was never sent can't be acknowledged", () => {
  socket.send(unit(1, 100));
  const wrong = { type: "ack", frame: 1, sentMs: 0, queuedFrames: 0 } as const;
  for (const receivedBytes of [99, 101, 2 ** 31 - 1]) {
    expect(() => socket.acked({ ...wrong, receivedBytes })).toThrow(ProtocolError);
  }
});

test("a viewer whose decoder is behind gets its next picture a little later", () => {
  socket.send(unit(1, 100));
  const part = sent[0];
  if (part !== undefined) ack(part, 5);
  expect(take()).toEqual(["wait"]);
  vi.advanceTimersByTime(3 * 16);
  expect(take()).toEqual(["ready"]);
});

test("a hold that ends while an answer is worked on leaves no picture waiting", () => {
  socket.send(unit(1, 100));
  const part = sent[0];
  if (part !== undefined) ack(part, 3);
  socket.send(unit(2, 100));
  vi.advanceTimersByTime(15);
  tickMs = 0.7;
  socket.acked({ type: "ack", frame: 1, sentMs: 0, receivedBytes: received, queuedFrames: 0 });
  vi.advanceTimersByTime(1);
  expect(sent.at(-1)?.frame).toBe(2);
});

test("set aside it takes no pictures and holds nobody back", () => {
  socket.send(unit(1, 200_000));
  socket.setActive(false);
  expect(take()).toEqual(["wait", "ready"]);
  socket.send(unit(2, 100));
  expect(sent.some(({ frame }) => frame === 2)).toBe(false);
});

test("its target is told when it is made, and again when it is taken up", () => {
  expect(targets.splice(0)).toEqual([8e6]);
  socket.setActive(false);
  expect(targets).toEqual([]);
  socket.setActive(true);
  expect(targets).toEqual([8e6]);
});

test("feedback is dropped while the network takes nothing", () => {
  const message = feedbackCodec.encode({ type: "pong", id: 1 });
  expect(socket.sendFeedback(message)).toBe(true);
  line.bufferedBytes = 5 * LIMITS.feedbackBytes;
  expect(socket.sendFeedback(message)).toBe(false);
  expect(take()).toEqual(["feedback"]);
});
