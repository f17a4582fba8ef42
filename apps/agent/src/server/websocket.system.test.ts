// The door over real sockets, in front of sessions with fakes of desktop and media: a viewer that does not read.

import type { AgentControl } from "@eglantine/protocol/control";
import { socketMediaCodec } from "@eglantine/protocol/socket";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type DoorWithFakes, openDoorWithFakes } from "../testing/door-with-fakes.ts";
import { accessUnit, type FakeVideo } from "../testing/fake-media.ts";
import { SocketViewer } from "../testing/socket-viewer.ts";

let agent: DoorWithFakes;
const viewers: SocketViewer[] = [];

beforeEach(async () => {
  agent = await openDoorWithFakes();
});
afterEach(async () => {
  for (const viewer of viewers.splice(0)) await viewer.close();
  await agent.close();
});

async function visit(): Promise<{ viewer: SocketViewer; video: FakeVideo }> {
  const viewer = new SocketViewer(agent.url);
  viewers.push(viewer);
  await viewer.opened();
  viewer.hello();
  await viewer.message("hello");
  return { viewer, video: agent.videos.at(-1) as FakeVideo };
}

const picture = (frame: number, bytes: number) => ({ ...accessUnit(frame), data: new Uint8Array(bytes).fill(frame) });

test("head and data arrive as one message, over a plain port", async () => {
  const { viewer, video } = await visit();
  video.sink.onAccessUnit(picture(1, 300_000));
  await viewer.until(() => viewer.parts.at(-1)?.last === true);
  expect(Buffer.concat(viewer.parts.map(({ data }) => data))).toEqual(Buffer.alloc(300_000, 1));
  expect(viewer.parts.map(({ first }) => first).indexOf(true)).toBe(0);
});

test("a viewer that stops reading gets no more media than its window, whatever is coded", async () => {
  const { viewer, video } = await visit();
  const other = await visit();
  viewer.socket.pause();
  for (let frame = 1; frame <= 500; frame += 1) video.sink.onAccessUnit(picture(frame, 100_000));
  expect(video.paused).toBe(true);
  other.video.sink.onAccessUnit(picture(1, 1000));
  await other.viewer.until(() => other.viewer.parts.length > 0);
  // When it reads again it gets what was on its way, and is asked for a whole picture.
  viewer.socket.resume();
  await viewer.until(() => viewer.parts.at(-1)?.last === true);
  await viewer.silence();
  expect(viewer.receivedBytes).toBeLessThan(400_000);
  expect(video.keyframes).toBeGreaterThan(0);
  expect(video.paused).toBe(false);
  expect(agent.registry.viewers).toBe(2);
});

test("one that does not read what it is told is cut off when that is too much, the others hear it all", async () => {
  const { viewer } = await visit();
  const other = await visit();
  viewer.socket.pause();
  // The kernel's buffers take megabytes before anything waits here. They may be short for one that reads, too: it is waited for.
  const before = other.viewer.messages.length;
  let sizes = 0;
  while (agent.registry.viewers === 2 && sizes < 500_000) {
    for (let count = 0; count < 2000; count += 1)
      agent.desktop.setSize({ widthPx: 640 + (sizes++ % 1000), heightPx: 480 });
    await other.viewer.until(() => other.viewer.messages.length >= before + sizes);
  }
  await expect.poll(() => agent.registry.viewers).toBe(1);
  expect(agent.registry.ends.get("not-reading")).toBe(1);
  agent.desktop.setSize({ widthPx: 4000, heightPx: 480 });
  const isLast = (message: AgentControl) => message.type === "display" && message.widthPx === 4000;
  await other.viewer.until(() => other.viewer.messages.some(isLast));
  expect(other.viewer.socket.readyState).toBe(other.viewer.socket.OPEN);
});

test("feedback that the network does not take is not piled up", async () => {
  const { viewer } = await visit();
  viewer.socket.pause();
  const message = new Uint8Array(200_000).fill(7);
  const shape = socketMediaCodec.encode({ type: "feedback", message });
  expect(shape.length).toBe(200_001);
  // All of them would be more than what may wait for a viewer.
  for (let serial = 1; serial < 300; serial += 1) {
    for (const watcher of agent.desktop.cursorWatchers) watcher({ kind: "shape", serial, message });
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(agent.registry.viewers).toBe(1);
});
