import { expect, test } from "vitest";
import { Tail } from "./tail.ts";

const RTT_MS = 20;
const arrived = (sequence: number) => ({ sequence, sentMs: 0, sizeBytes: 1200, arrivedMs: 1 });
const lost = (sequence: number) => ({ sequence, sentMs: 0, sizeBytes: 1200, arrivedMs: Number.NaN });

/** Moments at which the tail acts, each action being a packet sent, over two minutes. */
function actions(tail: Tail, firstSequence: number): { atMs: number; kind: string }[] {
  const done: { atMs: number; kind: string }[] = [];
  for (let nowMs = 0; nowMs < 120_000; nowMs += 10) {
    const kind = tail.probe(RTT_MS, nowMs);
    if (kind === "none") continue;
    done.push({ atMs: nowMs, kind });
    tail.sent(firstSequence + done.length, nowMs);
  }
  return done;
}

test("a last packet that nobody confirms is sent again, each time later, and not for ever", () => {
  const tail = new Tail();
  tail.sent(0, 0);
  tail.reported([arrived(0)]);
  tail.sent(1, 0);
  const done = actions(tail, 1);
  expect(done.map(({ kind }) => kind)).toEqual(Array.from({ length: 6 }, () => "last-packet"));
  expect(done[0]?.atMs).toBe(390);
  const gapsMs = done.slice(1).map(({ atMs }, index) => atMs - (done[index]?.atMs ?? 0));
  expect(gapsMs).toEqual([780, 1560, 3120, 6240, 12_480]);
});

test("a viewer of whom nothing was heard gets keyframes instead", () => {
  const tail = new Tail();
  tail.sent(0, 0);
  expect(actions(tail, 0).map(({ kind }) => kind)).toEqual(Array.from({ length: 6 }, () => "keyframe"));
});

test("a confirmed last packet is not sent again", () => {
  const tail = new Tail();
  tail.sent(0, 0);
  tail.sent(1, 1);
  tail.reported([lost(0), arrived(1)]);
  expect(tail.probe(RTT_MS, 10_000)).toBe("none");
});

test("a request out of silence is passed over when all has arrived, and followed when it is repeated at once", () => {
  const tail = new Tail();
  tail.keyframe();
  tail.sent(0, 0);
  tail.reported([arrived(0)]);
  expect(tail.believes(3000)).toBe(false);
  expect(tail.believes(6000)).toBe(false);
  expect(tail.believes(6200)).toBe(true);
});

test("a request soon after a frame is followed", () => {
  const tail = new Tail();
  tail.sent(0, 0);
  tail.reported([arrived(0)]);
  expect(tail.believes(200)).toBe(true);
});

test("a request out of silence is followed while something is missing, until the next keyframe", () => {
  const tail = new Tail();
  tail.sent(0, 0);
  tail.sent(1, 0);
  tail.reported([lost(0), arrived(1)]);
  expect(tail.believes(3000)).toBe(true);
  tail.keyframe();
  tail.sent(2, 3000);
  expect(tail.believes(6000)).toBe(true);
  tail.reported([arrived(2)]);
  expect(tail.believes(6000)).toBe(false);
});
