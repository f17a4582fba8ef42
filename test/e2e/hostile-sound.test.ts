// Story: somebody throws rubbish at the microphone's door, over TCP and over UDP. He is passed over or closed, with a reason, and the
// viewer who was there before notices nothing. The rest of what is hostile: hostile.test.ts, hostile-media.test.ts.

import { parseAgentControl } from "@eglantine/protocol/control";
import { LIMITS } from "@eglantine/protocol/limits";
import { socketViewerCodec } from "@eglantine/protocol/socket";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { SocketViewer } from "../../apps/agent/src/testing/socket-viewer.ts";
import { OPUS_PAYLOAD_TYPE, RtpViewer } from "../../apps/agent/src/transport/testing/rtp-viewer.ts";
import { SoundServer } from "../harness/sound.ts";
import { until } from "../harness/until.ts";
import { Bystander } from "./bystander.ts";

const HEARS = { on: true, socket: true, channels: 2 };
/** 20 ms of CELT. */
const PACKET = Uint8Array.of(0xf8, 1, 2, 3);
let session: SoundServer;
let ears: SoundServer;
let bystander: Bystander;
const open: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  session = await SoundServer.start();
  ears = await SoundServer.start();
  bystander = await Bystander.watch({ sound: { desktop: session.address, viewer: ears.address } });
});
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.close();
  await bystander.unharmed();
});
afterAll(async () => {
  await bystander?.close();
  await ears?.close();
  await session?.close();
});

async function visit(hello: object = { audio: HEARS }): Promise<SocketViewer> {
  const viewer = new SocketViewer(bystander.desktop.url);
  open.push(viewer);
  await viewer.opened();
  viewer.hello(hello);
  await viewer.message("hello");
  return viewer;
}

const speak = (viewer: SocketViewer, sequence: number, data: Uint8Array = PACKET) =>
  viewer.socket.send(socketViewerCodec.encode({ type: "microphone", sequence: sequence & 0xffff, data }));

async function turnOn(viewer: SocketViewer | RtpViewer): Promise<void> {
  viewer.send({ type: "microphone", on: true });
  await until("the microphone is taken", () =>
    viewer.messages.some((message) => message.type === "audio" && message.microphone === "on"),
  );
}

/** How the agent took leave. */
async function bye(viewer: SocketViewer | RtpViewer): Promise<{ reason: string; detail: string }> {
  const { reason, detail = "" } = await viewer.message("bye");
  return { reason, detail };
}

test("a packet of a microphone that was never turned on is refused", async () => {
  const viewer = await visit();
  speak(viewer, 1);
  expect(await bye(viewer)).toEqual({ reason: "protocol-error", detail: expect.stringContaining("never turned on") });
});

test("what is no Opus is refused", async () => {
  for (const rubbish of [new Uint8Array(0), Uint8Array.of(0xfb, 0), new Uint8Array(1276).fill(0xff)]) {
    const viewer = await visit();
    await turnOn(viewer);
    speak(viewer, 1);
    speak(viewer, 2, rubbish);
    expect(await bye(viewer)).toEqual({ reason: "protocol-error", detail: expect.stringContaining("no Opus packet") });
  }
});

test("what is Opus and nothing but noise is played, and harms nobody", async () => {
  const viewer = await visit();
  await turnOn(viewer);
  let dice = 1;
  for (let sequence = 0; sequence < 100; sequence++) {
    const noise = Uint8Array.from({ length: 200 }, () => {
      dice = (Math.imul(dice, 1_103_515_245) + 12_345) >>> 0;
      return dice >>> 24;
    });
    noise[0] = [0xf8, 0x78, 0x08, 0x60][sequence % 4] ?? 0;
    speak(viewer, sequence * 7, noise);
  }
  viewer.send({ type: "microphone", on: false });
  await until("it is off", () => {
    const last = viewer.messages.findLast((message) => message.type === "audio");
    return last?.type === "audio" && last.microphone === "off";
  });
});

test("more packets than a microphone has end the session", async () => {
  const viewer = await visit();
  await turnOn(viewer);
  for (let sequence = 0; sequence <= 10 * LIMITS.microphonePerSecond; sequence++) speak(viewer, sequence);
  expect((await bye(viewer)).reason).toBe("rate-limited");
});

test("a viewer whose hello spoke of no sound may speak of none", async () => {
  for (const message of [
    { type: "audio", ...HEARS },
    { type: "microphone", on: true },
  ]) {
    const viewer = await visit({});
    viewer.send(message);
    expect(await bye(viewer)).toEqual({ reason: "protocol-error", detail: expect.stringContaining("hello") });
  }
});

test("an absurd number of channels is refused", async () => {
  const viewer = await visit();
  viewer.send({ type: "audio", ...HEARS, channels: 255 });
  expect((await bye(viewer)).reason).toBe("protocol-error");
});

test("turning it on and off without end is done a few times a second, and no more", async () => {
  const viewer = await visit();
  for (let turn = 0; turn < 60; turn++) viewer.send({ type: "microphone", on: turn % 2 === 0 });
  await until("the last one is done", () => {
    const last = viewer.messages.findLast((message) => message.type === "audio");
    return last?.type === "audio" && last.microphone === "off" && viewer.messages.length > 10;
  });
  expect(viewer.messages.filter(({ type }) => type === "audio").length).toBeLessThan(40);
});

/** RFC 3550 section 5.1. */
function rtp(sequence: number, payload: readonly number[], { first = 0x80, payloadType = OPUS_PAYLOAD_TYPE } = {}) {
  const head = [first, payloadType, (sequence >> 8) & 0xff, sequence & 0xff, 0, 0, 0, 0, 0, 0, 0, 2];
  return Uint8Array.from([...head, ...payload]);
}

async function speaker(): Promise<RtpViewer> {
  const viewer = new RtpViewer(bystander.desktop.url, { audio: true });
  open.push(viewer);
  await viewer.connect();
  return viewer;
}

/** Until it is heard: what is sent before the path stands is lost. */
async function throwSound(viewer: RtpViewer, datagram: (turn: number) => Uint8Array): Promise<void> {
  let turn = 0;
  await until("an end", async () => {
    viewer.throwSound(datagram(turn++));
    return viewer.messages.some(({ type }) => type === "bye");
  });
}

test("over UDP too: what is no Opus, and what was never turned on", async () => {
  const silent = await speaker();
  await throwSound(silent, (turn) => rtp(turn, [...PACKET]));
  expect(await bye(silent)).toMatchObject({
    reason: "protocol-error",
    detail: expect.stringContaining("never turned"),
  });
  const loud = await speaker();
  await turnOn(loud);
  await throwSound(loud, (turn) => rtp(turn, [0xfb, 0]));
  expect(await bye(loud)).toMatchObject({
    reason: "protocol-error",
    detail: expect.stringContaining("no Opus packet"),
  });
});

test("over UDP, packets that are none are counted, and too many of them are the end; other payloads are passed over", async () => {
  const viewer = await speaker();
  await turnOn(viewer);
  for (let turn = 0; turn < 20; turn++) viewer.throwSound(rtp(turn, [1, 2], { payloadType: 9 }));
  // More padding than there is packet: SRTP lets it through.
  await throwSound(viewer, (turn) => rtp(turn, [7, 200], { first: 0xa0 }));
  expect(await bye(viewer)).toMatchObject({ reason: "protocol-error", detail: expect.stringContaining("RTP") });
});

test("every message to a viewer of sound is one of the protocol's", async () => {
  const viewer = await visit();
  await turnOn(viewer);
  speak(viewer, 1);
  for (const message of viewer.messages) expect(parseAgentControl(JSON.stringify(message))).toEqual(message);
});
