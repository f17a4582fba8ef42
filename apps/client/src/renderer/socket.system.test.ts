// The page in real Chromium with its picture over the control WebSocket, against `testing/agent-double.ts`: H.264 pictures coded by
// WebCodecs, decoded in the page's Worker; and the change between that path and WebRTC.

import { setTimeout } from "node:timers/promises";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { AgentDouble, AgentDoubleOptions } from "./testing/agent-double.ts";
import { PageBench } from "./testing/page-bench.ts";

let bench: PageBench;

beforeAll(async () => {
  bench = await PageBench.start(["--host-resolver-rules=MAP plain.test 127.0.0.1"]);
});
afterAll(() => bench?.close());
afterEach(() => bench.closeAll());

const startAgent = (options: Partial<AgentDoubleOptions> = {}, codec?: string): Promise<AgentDouble> =>
  bench.startAgent({ paths: ["webrtc", "socket"], ...options }, codec === undefined ? {} : { codec });

interface OpenOptions {
  readonly query?: string;
  /** The Worker that decodes is loaded once this has resolved. */
  readonly decoderAfter?: Promise<void>;
  /** So many times the Worker that decodes can't be loaded. */
  readonly deadDecoders?: number;
}

async function openPage(agent: AgentDouble, options: OpenOptions = {}): Promise<Page> {
  const { query = "", decoderAfter, deadDecoders = 0 } = options;
  const page = await bench.newPage();
  let dead = 0;
  await page.route(/\/worker-[^/]*\.js$/, async (route) => {
    await decoderAfter;
    dead += 1;
    return dead > deadDecoders ? route.continue() : route.abort();
  });
  await page.goto(agent.url + query);
  await agent.until(() => agent.control.some(({ type }) => type === "hello"));
  return page;
}

const state = (page: Page, name: string) => page.waitForSelector(`html[data-state="${name}"]`, { state: "attached" });
const path = (page: Page, name: string) => page.waitForSelector(`#surface[data-path="${name}"]`, { state: "attached" });

const keys = (agent: AgentDouble) => agent.input.filter(({ message }) => message.type === "key");

/** Runs in the page: notes the number in the picture that is seen, at each animation frame, in `seenNumbers`. */
function watchNumbers(): void {
  const seen: number[] = [];
  Object.assign(globalThis, { seenNumbers: seen });
  const copy = document.createElement("canvas");
  copy.width = 512;
  copy.height = 1;
  const context = copy.getContext("2d", { willReadFrequently: true });
  const look = (): void => {
    requestAnimationFrame(look);
    const surface = document.querySelector<HTMLElement>("#surface");
    const shown = surface?.dataset["path"];
    const video = document.querySelector<HTMLVideoElement>("#desktop");
    const canvas = document.querySelector<HTMLCanvasElement>("#socket-picture");
    if (shown === undefined || video === null || canvas === null || context === null) return;
    // Chromium's sender begins with a smaller picture than it was given.
    const scale = video.videoWidth / 1000;
    if (scale > 0) context.drawImage(video, 0, 112 * scale, 512 * scale, 1, 0, 0, 512, 1);
    if (shown === "socket") context.drawImage(canvas, 0, 112, 512, 1, 0, 0, 512, 1);
    const { data } = context.getImageData(0, 0, 512, 1);
    let number = 0;
    for (let bit = 0; bit < 16; bit++) if ((data[(bit * 32 + 16) * 4] ?? 0) > 127) number += 2 ** bit;
    if (seen.at(-1) !== number) seen.push(number);
  };
  look();
}

const seenNumbers = (page: Page) => page.evaluate(() => [...(Reflect.get(globalThis, "seenNumbers") as number[])]);

async function grows(page: Page): Promise<void> {
  const before = (await seenNumbers(page)).length;
  await expect.poll(async () => (await seenNumbers(page)).length).toBeGreaterThan(before + 5);
}

it("shows the desktop over the socket alone, acknowledges every part, and takes keys and pointer", async () => {
  const agent = await startAgent({ paths: ["socket"] });
  const page = await openPage(agent);
  agent.takePath("socket", "the agent offers no other");
  await state(page, "connected");
  await agent.until(() => agent.acks.length > 20);
  let bytes = 0;
  for (const ack of agent.acks) {
    expect(ack.receivedBytes).toBeGreaterThan(bytes);
    bytes = ack.receivedBytes;
  }
  // The Worker is up by now, and decodes as they come.
  await agent.until(() => agent.acks.length > 60 && (agent.acks.at(-1)?.queuedFrames ?? 99) < 4);
  await page.keyboard.press("a");
  await page.mouse.move(321, 123);
  await page.mouse.down();
  await page.mouse.up();
  await agent.until(() => agent.input.filter(({ message }) => message.type === "button").length === 2);
  expect(keys(agent).map(({ message }) => message)).toMatchObject([
    { pressed: true, code: 0, keysym: 0x61 },
    { pressed: false, code: 0, keysym: 0x61 },
  ]);
  expect(agent.input.every(({ path }) => path === "socket")).toBe(true);
  expect(agent.input.find(({ message }) => message.type === "button")?.message).toMatchObject({ x: 321, y: 123 });
  expect(agent.input.find(({ message }) => message.type === "motion")?.channel).toBe("motion");
});

it("shows the colours that were coded", async () => {
  const agent = await startAgent({ paths: ["socket"] });
  const page = await openPage(agent);
  agent.takePath("socket", "the agent offers no other");
  await state(page, "connected");
  const seen = await page.evaluate(() => {
    const source = document.querySelector<HTMLCanvasElement>("#socket-picture");
    const copy = document.createElement("canvas");
    copy.width = 1000;
    copy.height = 600;
    const context = copy.getContext("2d");
    if (source === null || context === null) return [];
    context.drawImage(source, 0, 0);
    return [32, 96, 160, 224, 288].map((x) => [...context.getImageData(x, 192, 1, 1).data.subarray(0, 3)]);
  });
  const wanted = [
    [0xc0, 0x39, 0x2b],
    [0x27, 0xae, 0x60],
    [0x29, 0x80, 0xb9],
    [0x80, 0x80, 0x80],
    [0xf5, 0xf5, 0xf5],
  ];
  for (const [index, colour] of wanted.entries()) {
    for (const [channel, value] of colour.entries()) {
      expect(Math.abs((seen[index]?.[channel] ?? 0) - value)).toBeLessThanOrEqual(6);
    }
  }
});

it("goes over to WebRTC and back without an older picture after a newer one, and says where it is and why", async () => {
  const agent = await startAgent();
  const page = await openPage(agent, { query: "?stats=true" });
  agent.takePath("socket", "first up");
  await state(page, "connected");
  await path(page, "socket");
  await page.evaluate(watchNumbers);
  await grows(page);
  for (let round = 0; round < 3; round++) {
    agent.takePath("webrtc", "a UDP path was found");
    await path(page, "webrtc");
    await grows(page);
    agent.takePath("socket", "UDP stopped");
    await path(page, "socket");
    await grows(page);
  }
  const numbers = await seenNumbers(page);
  expect(numbers.length).toBeGreaterThan(30);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  await expect.poll(() => page.getByTestId("stats-overlay").innerText()).toContain("TCP: UDP stopped");
  await expect.poll(() => page.getByTestId("stats-overlay").innerText()).toMatch(/\d\d \/ s/);
});

it("goes on asking for WebRTC's first picture where the socket's own is decoded after the change was announced", async () => {
  const agent = await startAgent();
  agent.holdsSignals = true;
  const decoder = Promise.withResolvers<void>();
  const page = await openPage(agent, { decoderAfter: decoder.promise });
  agent.takePath("socket", "first up");
  await agent.until(() => agent.acks.length > 0);
  agent.takePath("webrtc", "a UDP path was found");
  decoder.resolve();
  await path(page, "socket");
  const asked = () => agent.control.filter((message) => message.type === "keyframe" && message.why === "no-picture");
  const before = asked().length;
  await agent.until(() => asked().length > before + 1);
  agent.passSignals();
  await path(page, "webrtc");
});

it("asks for WebRTC's first picture when it is seen again, and not while it is hidden", async () => {
  const agent = await startAgent();
  agent.holdsSignals = true;
  const page = await openPage(agent);
  agent.takePath("socket", "first up");
  await path(page, "socket");
  const hide = (hidden: boolean) =>
    page.evaluate((value) => {
      Object.defineProperty(document, "hidden", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await hide(true);
  const asked = () => agent.control.filter((message) => message.type === "keyframe" && message.why === "no-picture");
  const before = asked().length;
  agent.takePath("webrtc", "a UDP path was found");
  // Long enough for a wait that grows to be far from its end.
  await setTimeout(5000);
  expect(asked()).toHaveLength(before);
  await hide(false);
  await expect.poll(() => asked().length, { timeout: 2500 }).toBeGreaterThan(before);
  agent.passSignals();
  await path(page, "webrtc");
});

it("keeps a key held across a change of path, and every key arrives once and in order", async () => {
  const agent = await startAgent();
  const page = await openPage(agent);
  agent.takePath("socket", "first up");
  await state(page, "connected");
  await page.keyboard.down("Shift");
  await page.keyboard.press("KeyA");
  agent.takePath("webrtc", "a UDP path was found");
  await path(page, "webrtc");
  await page.keyboard.press("KeyB");
  await agent.until(() => agent.input.some(({ path: way }) => way === "webrtc"));
  agent.takePath("socket", "UDP stopped");
  await page.keyboard.press("KeyC");
  await page.keyboard.up("Shift");
  await agent.until(() => keys(agent).length >= 8);
  expect(keys(agent).map(({ message }) => message)).toMatchObject(
    [0xffe1, 0x41, 0x41, 0x42, 0x42, 0x43, 0x43, 0xffe1].map((keysym, index) => ({
      code: keysym === 0xffe1 ? 42 : 0,
      keysym,
      pressed: [true, true, false, true, false, true, false, false][index],
    })),
  );
  expect(agent.input.some(({ message }) => message.type === "releaseAll")).toBe(false);
});

it("sends a key over the socket when WebRTC leaves it unanswered, and leaves the picture where it comes", async () => {
  const agent = await startAgent({ silentOverWebRtc: true });
  const page = await openPage(agent);
  await state(page, "connected");
  await path(page, "webrtc");
  await page.keyboard.press("k");
  await agent.until(() => keys(agent).length >= 2);
  expect(keys(agent).map(({ path: way }) => way)).toEqual(["socket", "socket"]);
  expect(agent.control.some(({ type }) => type === "pathLost")).toBe(false);
});

it("asks for a whole picture at once, and once, when one can't be decoded, and goes on with it", async () => {
  const agent = await startAgent({ paths: ["socket"] });
  const page = await openPage(agent);
  agent.takePath("socket", "the agent offers no other");
  await state(page, "connected");
  await page.evaluate(watchNumbers);
  await grows(page);
  const asked = () => agent.control.filter((message) => message.type === "keyframe" && message.why === "undecodable");
  expect(asked()).toEqual([]);
  agent.spoilNext = true;
  await agent.until(() => asked().length > 0);
  await grows(page);
  expect(asked().length).toBe(1);
});

it("starts another decoder where one did not start, and shows the desktop", async () => {
  const agent = await startAgent({ paths: ["socket"] });
  const page = await openPage(agent, { deadDecoders: 2 });
  agent.takePath("socket", "the agent offers no other");
  await state(page, "connected");
  await page.evaluate(watchNumbers);
  await grows(page);
  await agent.until(() => (agent.acks.at(-1)?.queuedFrames ?? 99) < 4);
  expect(agent.control.filter(({ type }) => type === "pathLost")).toEqual([]);
});

it("waits for WebRTC where no decoder starts, says so, and tries again with the next session", async () => {
  const agent = await startAgent();
  agent.holdsSignals = true;
  const page = await openPage(agent, { deadDecoders: 3 });
  agent.takePath("socket", "first up");
  await agent.until(() => agent.control.some((message) => message.type === "pathLost" && message.path === "socket"));
  // The word of it is behind whatever else the page decided then.
  expect(agent.control.filter(({ type }) => type === "bye")).toEqual([]);
  agent.takePath("webrtc", "the viewer can't decode what comes over TCP");
  agent.passSignals();
  await path(page, "webrtc");
  await state(page, "connected");
  agent.drop();
  await agent.until(() => agent.connections === 2);
  agent.takePath("socket", "first up");
  await path(page, "socket");
  await page.evaluate(watchNumbers);
  await grows(page);
});

it("ends with the reason where neither is to be had", async () => {
  const agent = await startAgent({ paths: ["socket"] });
  const page = await openPage(agent, { deadDecoders: 3 });
  agent.takePath("socket", "the agent offers no other");
  await state(page, "ended");
  await agent.until(() => agent.control.some(({ type }) => type === "bye"));
  expect(agent.control.find(({ type }) => type === "bye")).toMatchObject({ reason: "no-common-codec" });
});

it("makes another peer when one is lost, while the socket carries on", async () => {
  const agent = await startAgent();
  const page = await openPage(agent);
  agent.takePath("socket", "first up");
  await state(page, "connected");
  await page.evaluate(watchNumbers);
  await agent.until(() => agent.control.some((message) => message.type === "offer"));
  await path(page, "socket");
  agent.takePath("webrtc", "a UDP path was found");
  await path(page, "webrtc");
  agent.takePath("socket", "UDP stopped");
  await path(page, "socket");
  agent.dropPeer();
  await agent.until(() => agent.control.some((message) => message.type === "offer" && message.peer === 1));
  await grows(page);
  agent.takePath("webrtc", "a UDP path was found");
  await path(page, "webrtc");
  await grows(page);
  expect(await page.evaluate(() => document.documentElement.dataset["state"])).toBe("connected");
});

it("tells the agent what it decodes; nothing over the socket where the browser decodes only on secure pages", async () => {
  const agent = await startAgent();
  await openPage(agent);
  expect(agent.control[0]).toMatchObject({
    media: { webrtc: expect.arrayContaining(["h264", "vp8"]), socket: expect.arrayContaining(["h264", "vp9"]) },
  });
  const plain = await startAgent({ host: "plain.test" });
  const page = await openPage(plain);
  await state(page, "connected");
  expect(plain.control[0]).toMatchObject({ media: { socket: [] } });
});

it("dims the last picture of the socket after a drop", async () => {
  const agent = await startAgent({ paths: ["socket"] });
  const page = await openPage(agent);
  agent.takePath("socket", "the agent offers no other");
  await state(page, "connected");
  agent.options = { page: bench.folder, mute: true };
  agent.drop();
  await page.getByTestId("reconnecting").waitFor();
  const light = await page.evaluate(() => {
    const last = document.querySelector<HTMLCanvasElement>("#last");
    if (last === null || last.hidden) return -1;
    return last.getContext("2d")?.getImageData(288, 192, 1, 1).data[0];
  });
  // 45 % of f5.
  expect(light).toBeGreaterThan(95);
  expect(light).toBeLessThan(125);
});

it.each([
  ["vp8", "vp8"],
  ["vp9", "vp09.00.31.08"],
  ["av1", "av01.0.05M.08"],
] as const)("decodes %s too", async (codec, string) => {
  const agent = await startAgent({ paths: ["socket"], codec }, string);
  const page = await openPage(agent, { query: "?stats=true" });
  agent.takePath("socket", "the agent offers no other");
  await state(page, "connected");
  await page.evaluate(watchNumbers);
  await grows(page);
  const numbers = await seenNumbers(page);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  expect(agent.control.some(({ type }) => type === "keyframe")).toBe(false);
});

it.each([
  ["a message of no type", [0x7f, 1, 2, 3]],
  ["a picture without data", [0xc0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 64, 0, 64]],
  ["a picture that breaks off in its head", [0xc0, 0, 0]],
])("ends the session with a sentence for %s", async (_what, bytes) => {
  const agent = await startAgent({ paths: ["socket"] });
  const page = await openPage(agent);
  agent.takePath("socket", "the agent offers no other");
  await state(page, "connected");
  agent.options = { ...agent.options, refuse: "too-many-viewers" };
  agent.sendRawMedia(Uint8Array.from(bytes));
  await agent.until(() =>
    agent.control.some((message) => message.type === "bye" && message.reason === "protocol-error"),
  );
});
