// Story: when client and agent are of two generations, each says so in a sentence instead of failing in some odd way.

import { CONTROL_SUBPROTOCOL } from "@eglantine/protocol/channels";
import { parseAgentControl } from "@eglantine/protocol/control";
import { REASONS } from "@eglantine/protocol/reasons";
import { mismatchSentence, PROTOCOL_VERSION } from "@eglantine/protocol/version";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { DesktopPage } from "../harness/desktop-page.ts";
import { Desktop } from "./desktop.ts";

let desktop: Desktop;

beforeAll(async () => {
  desktop = await Desktop.open();
});
afterAll(() => desktop?.close());

/** Every frame of the agent until it closes the connection. */
function greet(hello: object): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const frames: string[] = [];
    const socket = new WebSocket(`${desktop.url.replace("http", "ws")}ws`, CONTROL_SUBPROTOCOL);
    socket.on("error", reject);
    socket.on("open", () => socket.send(JSON.stringify({ type: "hello", ...hello })));
    socket.on("message", (data: Buffer) => frames.push(data.toString()));
    socket.on("close", () => resolve(frames));
  });
}

test.each([
  [PROTOCOL_VERSION.major + 1, { version: { major: PROTOCOL_VERSION.major + 1, minor: 0 }, client: "newer" }],
  [PROTOCOL_VERSION.major - 1, { version: { major: PROTOCOL_VERSION.major - 1, minor: 9 }, client: "older" }],
  [99, { version: { major: 99, minor: 0 }, somethingElse: [1, 2, 3] }],
])("the agent refuses a client of major %i with a sentence, whatever else its hello contains", async (_, hello) => {
  const frames = await greet(hello);
  const last = parseAgentControl(frames.at(-1) ?? "");
  expect(last).toEqual({
    type: "bye",
    reason: "version-mismatch",
    detail: mismatchSentence(PROTOCOL_VERSION, hello.version),
  });
});

test("a client of a later minor is let in", async () => {
  const viewer = await desktop.connect({
    onWebSocket: (page) => {
      const agent = page.connectToServer();
      page.onMessage((frame) => agent.send(withVersion(frame, { ...PROTOCOL_VERSION, minor: 900 })));
      agent.onMessage((frame) => page.send(withVersion(frame, { ...PROTOCOL_VERSION, minor: 900 })));
    },
  });
  expect(await viewer.state()).toBe("connected");
  await viewer.close();
});

test("the client ends with a sentence when the agent is of another major", async () => {
  const viewer = await DesktopPage.open(desktop.browser, desktop.url, {
    onWebSocket: (page) => {
      const agent = page.connectToServer();
      page.onMessage((frame) => agent.send(frame));
      agent.onMessage((frame) => page.send(withVersion(frame, { major: 7, minor: 3 })));
    },
  });
  await viewer.submit();
  const text = await viewer.ending();
  expect(text).toContain(REASONS["version-mismatch"].sentence);
  expect(text).toContain(REASONS["version-mismatch"].remedy);
  expect(text).toContain("7.3");
  await viewer.close();
});

test("the client shows the agent's sentence when the agent refuses it", async () => {
  const viewer = await DesktopPage.open(desktop.browser, desktop.url, {
    onWebSocket: (page) => {
      const agent = page.connectToServer();
      page.onMessage((frame) => agent.send(withVersion(frame, { major: 0, minor: 4 })));
      agent.onMessage((frame) => page.send(frame));
    },
  });
  await viewer.submit();
  expect(await viewer.ending()).toContain(REASONS["version-mismatch"].sentence);
  await viewer.close();
});

function withVersion(frame: string | Buffer, version: object): string | Buffer {
  if (typeof frame !== "string") return frame;
  const message = JSON.parse(frame) as { type: string };
  return message.type === "hello" ? JSON.stringify({ ...message, version }) : frame;
}
