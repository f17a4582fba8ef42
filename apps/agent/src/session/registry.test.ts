// Registry and session together, with fakes of the desktop and of the media.

import type { AgentControl } from "@eglantine/protocol/control";
import { feedbackCodec } from "@eglantine/protocol/feedback";
import { inputCodec } from "@eglantine/protocol/input";
import type { Reason } from "@eglantine/protocol/reasons";
import { socketViewerCodec } from "@eglantine/protocol/socket";
import { GAMEPADS_SINCE_MINOR, PROTOCOL_VERSION } from "@eglantine/protocol/version";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Files } from "../files/files.ts";
import { createLog } from "../log.ts";
import { LIMITS } from "@eglantine/protocol/limits";
import type { EncoderOffer } from "../video/types.ts";
import { FakeDesktop } from "../testing/fake-desktop.ts";
import { fakeClipboard, NO_TRANSFERS } from "../testing/fake-selection.ts";
import { accessUnit, FakeTransport, FakeVideo } from "../testing/fake-media.ts";
import { FakePadBackend, fakeGamepads } from "../testing/fake-pads.ts";
import { lookOf } from "../x11/cursor.ts";
import { Monitors } from "./monitors.ts";
import { Registry, type RegistryOptions } from "./registry.ts";
import type { ControlLine, Session } from "./session.ts";
import type { NotificationAccess, RfbAccess } from "./types.ts";

class Line implements ControlLine {
  readonly sent: AgentControl[] = [];
  readonly binary: { head: Uint8Array; data: Uint8Array | undefined }[] = [];
  bufferedBytes = 0;
  ended: { reason: Reason; detail: string | undefined } | undefined;

  send(message: AgentControl): void {
    if (this.ended === undefined) this.sent.push(message);
  }

  sendBinary(head: Uint8Array, data?: Uint8Array): void {
    this.binary.push({ head, data });
  }

  end(reason: Reason, detail?: string): void {
    this.ended ??= { reason, detail };
  }

  last(type: AgentControl["type"]): AgentControl | undefined {
    return this.sent.findLast((message) => message.type === type);
  }
}

const HELLO = { type: "hello" as const, version: PROTOCOL_VERSION, client: "test" };
const AUDIO = { on: true, socket: false, channels: 2 as const };
const OFFERS: readonly EncoderOffer[] = [
  { name: "x264enc", codec: "h264", chroma444: true, usable: true, why: "the CPU encodes" },
  { name: "vah264enc", codec: "h264", chroma444: false, usable: false, why: "no GPU, ".repeat(1000) },
];

let desktop: FakeDesktop;
let padBackend: FakePadBackend;
let videos: FakeVideo[];
let transports: FakeTransport[];
let clock: { nowMs: number };

function registryOf(maxViewers = 2, resize = true, rfb?: RfbAccess, more: Partial<RegistryOptions> = {}): Registry {
  return new Registry({
    clipboard: fakeClipboard(),
    files: new Files({ ways: "off", folder: "/nowhere", home: "/", log: createLog("silent") }),
    transfers: NO_TRANSFERS,
    ...(rfb === undefined ? {} : { rfb }),
    paths: ["webrtc"],
    sound: { sound: { why: "none here" }, noMicrophone: undefined },
    desktop,
    gamepads: fakeGamepads(padBackend),
    openVideo: (sink) => {
      const video = new FakeVideo(sink);
      videos.push(video);
      return video;
    },
    openTransport: (sink) => {
      const transport = new FakeTransport(sink);
      transports.push(transport);
      return transport;
    },
    offerEncoders: () => Promise.resolve(OFFERS),
    videoDefaults: {
      encoder: "auto",
      chroma: "auto",
      preset: "balanced",
      framesPerSecond: 60,
      minBps: 300e3,
      startBps: 8e6,
      maxBps: 16e6,
      capBytesPerHour: undefined,
    },
    cores: 4,
    maxViewers,
    monitors: new Monitors({ desktop, log: createLog("silent") }),
    maxMonitors: 3,
    resize,
    agent: "eglantine-agent test",
    iceServers: () => [],
    nowMs: () => clock.nowMs,
    log: createLog("silent"),
    ...more,
  });
}

/** A viewer that offers WebRTC right behind its hello. */
function admit(registry: Registry, viewOnly = false, sdp = "v=0") {
  const line = new Line();
  const session = registry.admit(line, HELLO, "10.0.0.1", { viewOnly }) as Session;
  session.onControl(JSON.stringify({ type: "offer", peer: 0, sdp }));
  const video = videos.at(-1) as FakeVideo;
  const transport = transports.at(-1) as FakeTransport;
  return { line, session, video, transport };
}

beforeEach(() => {
  vi.useFakeTimers();
  desktop = new FakeDesktop();
  padBackend = new FakePadBackend();
  videos = [];
  transports = [];
  clock = { nowMs: 0 };
});
afterEach(() => {
  vi.useRealTimers();
});

test("a viewer gets hello and the desktop's size, and its encoder starts before any offer", () => {
  const { line, video } = admit(registryOf());
  expect(line.sent.map(({ type }) => type)).toEqual(["hello", "display", "gamepads", "video"]);
  expect(line.last("hello")).toMatchObject({ version: PROTOCOL_VERSION, resize: true });
  expect(video.closed).toBe(false);
});

test("a full desktop refuses, and has room again when a viewer leaves", () => {
  const registry = registryOf(1);
  const first = admit(registry);
  const line = new Line();
  expect(registry.admit(line, HELLO, "10.0.0.2", { viewOnly: false })).toBeUndefined();
  expect(line.ended?.reason).toBe("too-many-viewers");
  first.session.onLineLost();
  expect(registry.viewers).toBe(0);
  expect(admit(registry).line.ended).toBeUndefined();
});

test("a viewer's gamepad rumbles over its own path, and is unplugged when it leaves", () => {
  const { line, session, transport } = admit(registryOf());
  transport.sink.onConnected();
  transport.sink.onMessage("input", inputCodec.encode({ type: "padConnect", index: 3 }));
  expect(line.last("gamepads")).toMatchObject({ tier: "interposer", pads: [{ index: 3, player: 1 }] });
  padBackend.forces.get(0)?.(1, { kind: "upload", id: 0, strong: 7, weak: 8 });
  padBackend.forces.get(0)?.(1, { kind: "play", id: 0, times: 1 });
  const rumble = transport.feedback
    .map((bytes) => feedbackCodec.decode(bytes))
    .find(({ type }) => type === "padRumble");
  expect(rumble).toMatchObject({ index: 3, strong: 7, weak: 8 });
  session.onLineLost();
  expect(padBackend.done).toEqual(["plug 0", "unplug 0"]);
});

test("a viewer that may only watch, and one that knows no gamepads, hear nothing of them and plug none in", () => {
  const registry = registryOf(3);
  const watcher = admit(registry, true);
  const line = new Line();
  const old = { ...HELLO, version: { ...PROTOCOL_VERSION, minor: GAMEPADS_SINCE_MINOR - 1 } };
  const elder = registry.admit(line, old, "10.0.0.2", { viewOnly: false }) as Session;
  elder.onControl(JSON.stringify({ type: "offer", peer: 0, sdp: "v=0" }));
  for (const transport of transports) {
    transport.sink.onConnected();
    transport.sink.onMessage("input", inputCodec.encode({ type: "padConnect", index: 0 }));
  }
  expect([line.last("gamepads"), watcher.line.last("gamepads")]).toEqual([undefined, undefined]);
  expect(padBackend.done).toEqual([]);
});

test("an offer is answered", async () => {
  const { line } = admit(registryOf());
  await expect.poll(() => line.last("answer")).toEqual({ type: "answer", peer: 0, sdp: "v=0 answer" });
});

test("an offer that is no SDP ends this session and no other", async () => {
  const registry = registryOf();
  const other = admit(registry);
  const { line, transport, video } = admit(registry, false, "nonsense");
  await expect.poll(() => line.ended?.reason).toBe("protocol-error");
  expect([transport.closed, video.closed]).toEqual([true, true]);
  expect(other.line.ended).toBeUndefined();
  expect(registry.ends.get("protocol-error")).toBe(1);
});

test("hostile bytes on a channel end the session with protocol-error", () => {
  const { line, transport } = admit(registryOf());
  transport.sink.onMessage("input", new Uint8Array([0xff, 1, 2]));
  expect(line.ended?.reason).toBe("protocol-error");
  transport.sink.onMessage("input", new Uint8Array([0xff, 1, 2]));
  expect(desktop.left).toBe(1);
});

test("when the path stands, a keyframe is asked for and the pointer's shape sent", () => {
  const shape = lookOf(
    { width: 1, height: 1, xhot: 0, yhot: 0, cursorSerial: 1, cursorImage: Buffer.from([0, 0, 0, 255]) },
    7,
  );
  desktop.look = shape;
  const { transport, video } = admit(registryOf());
  expect(video.keyframes).toBe(0);
  transport.sink.onConnected();
  expect(video.keyframes).toBe(1);
  expect(transport.feedback.map((message) => feedbackCodec.decode(message))).toMatchObject([
    { type: "cursorShape", serial: 7 },
  ]);
  for (const watcher of desktop.cursorWatchers) {
    watcher({ kind: "hidden" });
    watcher(shape);
  }
  expect(transport.feedback.slice(1).map((message) => feedbackCodec.decode(message))).toEqual([
    { type: "cursorHidden" },
    { type: "cursorUse", serial: 7 },
  ]);
});

test("a pointer's shape that was dropped on its way is sent again when it is next in use", () => {
  const cursorImage = Buffer.from([0, 0, 0, 255]);
  desktop.look = lookOf({ width: 1, height: 1, xhot: 0, yhot: 0, cursorSerial: 1, cursorImage }, 7);
  const { transport } = admit(registryOf());
  transport.takesFeedback = false;
  transport.sink.onConnected();
  transport.takesFeedback = true;
  for (const watcher of desktop.cursorWatchers) watcher(desktop.look);
  expect(transport.feedback.map((message) => feedbackCodec.decode(message))).toMatchObject([
    { type: "cursorShape", serial: 7 },
  ]);
});

test("pictures, keyframe requests and the rate go their ways", () => {
  const { transport, video } = admit(registryOf());
  transport.sink.onConnected();
  video.sink.onAccessUnit(accessUnit(1));
  transport.sink.onKeyframeNeeded();
  transport.sink.onTargetBps(2_000_000);
  expect(transport.sent).toHaveLength(1);
  // One for the path, one that was asked for.
  expect(video.keyframes).toBe(2);
  expect(video.bitratesBps).toEqual([2_000_000]);
});

test("a slow viewer's rate is its own: the encoder of a fast one hears nothing of it", () => {
  const registry = registryOf();
  const [slow, fast] = [admit(registry), admit(registry)];
  for (const { transport } of [slow, fast]) transport.sink.onConnected();
  fast.transport.sink.onTargetBps(16_000_000);
  slow.transport.sink.onTargetBps(400_000);
  for (let step = 0; step < 40; step += 1) {
    for (const { video } of [slow, fast]) {
      const unit = { ...accessUnit(step + 2), data: new Uint8Array(10_000), widthPx: 1920, heightPx: 1080 };
      video.sink.onAccessUnit(unit);
    }
    clock.nowMs += 100;
    vi.advanceTimersByTime(100);
  }
  expect(slow.video.bitratesBps.at(-1)).toBe(400_000);
  expect(slow.video.framesPerSecond.at(-1)).toBeLessThan(60);
  expect(fast.video.bitratesBps.at(-1)).toBe(16_000_000);
  expect(fast.video.framesPerSecond).toEqual([]);
  expect(fast.video.scales).toEqual([]);
});

test("input reaches the desktop, and all is let go when the channels are lost and when the viewer leaves", () => {
  const { session, transport } = admit(registryOf());
  transport.sink.onMessage("input", inputCodec.encode({ type: "key", pressed: true, code: 30, keysym: 0 }));
  expect(desktop.applied).toHaveLength(1);
  transport.sink.onInputLost();
  expect(desktop.released).toBe(1);
  session.onLineLost();
  expect(desktop.left).toBe(1);
});

test("a resize is answered with the size, and a failing one with a sentence", async () => {
  const { line, session } = admit(registryOf());
  session.onControl(JSON.stringify({ type: "display", widthPx: 800, heightPx: 600 }));
  await expect.poll(() => line.last("display")).toMatchObject({ widthPx: 800, heightPx: 600 });
  desktop.onResize = () => {
    throw new Error("the X server refused 900x700");
  };
  session.onControl(JSON.stringify({ type: "display", widthPx: 900, heightPx: 700 }));
  await expect.poll(() => line.last("notice")).toMatchObject({ level: "warning", text: /900x700/ });
  expect(line.ended).toBeUndefined();
});

test("with resizing off the desktop keeps its size and says which", async () => {
  const { line, session } = admit(registryOf(1, false));
  session.onControl(JSON.stringify({ type: "display", widthPx: 800, heightPx: 600 }));
  await expect.poll(() => line.sent.filter(({ type }) => type === "display")).toHaveLength(2);
  expect(line.last("display")).toMatchObject({ widthPx: 640, heightPx: 480 });
});

test("a size that another viewer chose is told to all", () => {
  const registry = registryOf();
  const [one, two] = [admit(registry), admit(registry)];
  desktop.setSize({ widthPx: 1000, heightPx: 500 });
  for (const { line } of [one, two]) expect(line.last("display")).toMatchObject({ widthPx: 1000, heightPx: 500 });
});

test("numbers come once a second while something moves, once more when it stops, then no more", () => {
  const { line, transport, video } = admit(registryOf());
  transport.sink.onConnected();
  const second = () => {
    clock.nowMs += 1000;
    vi.advanceTimersByTime(1000);
    return line.sent.filter(({ type }) => type === "stats").length;
  };
  for (let frame = 1; frame <= 30; frame += 1) video.sink.onAccessUnit(accessUnit(frame));
  transport.numbers = { ...transport.numbers, sentBytes: 125_000, sendMs: 2 };
  expect(second()).toBe(1);
  expect(line.last("stats")).toMatchObject({
    framesPerSecond: 30,
    bitrateBps: 1_000_000,
    grabMs: 1,
    convertMs: 2,
    encodeMs: 3,
    sendMs: 2,
  });
  expect(second()).toBe(2);
  expect([second(), second()]).toEqual([2, 2]);
});

test("without a viewer there is no timer", () => {
  const { session, transport } = admit(registryOf());
  transport.sink.onConnected();
  expect(vi.getTimerCount()).toBeGreaterThan(0);
  session.onLineLost();
  expect(vi.getTimerCount()).toBe(0);
});

test("a viewer that never gets media gives its place back", () => {
  const { line } = admit(registryOf());
  vi.advanceTimersByTime(30_000);
  expect(line.ended?.reason).toBe("media-failed");
});

test("a failed transport ends the session with its reason", () => {
  const { line, transport, video } = admit(registryOf());
  transport.sink.onFailed("no-common-codec", "only VP8");
  expect(line.ended).toEqual({ reason: "no-common-codec", detail: "only VP8" });
  expect(video.closed).toBe(true);
});

test("a viewer to whom no encoder is left is told why, and its session ends", () => {
  const { line, transport, video } = admit(registryOf());
  video.sink.onFailed("no encoder can be had; x264enc: no memory");
  expect(line.ended).toEqual({ reason: "media-failed", detail: "no encoder can be had; x264enc: no memory" });
  expect([transport.closed, video.closed]).toEqual([true, true]);
});

test("a card in place of the desktop is said in a notice, and its end too", () => {
  const { line, video } = admit(registryOf());
  video.sink.onCard("The X server is gone.");
  video.sink.onCard(undefined);
  expect(line.sent.filter(({ type }) => type === "notice").map((notice) => "level" in notice && notice.level)).toEqual([
    "warning",
    "info",
  ]);
});

test("closing says so to every viewer and gives everything back", async () => {
  const registry = registryOf();
  const both = [admit(registry), admit(registry)];
  await registry.close();
  for (const { line, transport, video } of both) {
    expect(line.ended?.reason).toBe("agent-closing");
    expect([transport.closed, video.closed]).toEqual([true, true]);
  }
  expect(registry.full).toBe(true);
  expect(desktop.left).toBe(2);
});

test("a viewer that may only watch moves nothing, types nothing, resizes nothing, and sees the picture", async () => {
  const { line, session, transport, video } = admit(registryOf(), true);
  expect(line.last("hello")).toMatchObject({ viewOnly: true, resize: false });
  transport.sink.onConnected();
  transport.sink.onMessage("input", inputCodec.encode({ type: "key", pressed: true, code: 30, keysym: 0x61 }));
  transport.sink.onMessage("motion", inputCodec.encode({ type: "motion", sequence: 1, epoch: 0, x: 5, y: 5 }));
  session.onControl('{"type":"display","widthPx":800,"heightPx":600}');
  session.end("viewer-left");
  expect(desktop.applied).toEqual([]);
  expect(desktop.left).toBe(0);
  expect(desktop.size).toEqual({ widthPx: 640, heightPx: 480 });
  expect(video.closed).toBe(true);
});

test("a ticket to noVNC is asked for by the session and goes with it; its role is the session's", () => {
  const asked: unknown[] = [];
  const rfb = {
    ticket: (session: string, viewOnly: boolean) => {
      asked.push({ session, viewOnly });
      return `ticket ${asked.length}`;
    },
    endSession: (session: string) => void asked.push({ ended: session }),
  };
  const { line, session } = admit(registryOf(2, true, rfb, { paths: ["webrtc", "vnc"] }), true);
  session.onControl('{"type":"vnc"}');
  expect(line.last("vnc")).toEqual({ type: "vnc", ticket: "ticket 1", viewOnly: true });
  session.end("viewer-left");
  const { session: id } = line.last("hello") as { session: string };
  expect(asked).toEqual([{ session: id, viewOnly: true }, { ended: id }]);
});

test("a ticket that nobody uses keeps no place, nor does an RFB connection that has ended", () => {
  const opened: ((open: boolean) => void)[] = [];
  const rfb = {
    ticket: (_session: string, _viewOnly: boolean, onOpen: (open: boolean) => void) => `ticket ${opened.push(onOpen)}`,
    endSession: () => undefined,
  };
  const registry = registryOf(2, true, rfb, { paths: ["webrtc", "vnc"] });
  const [unused, used] = [admit(registry), admit(registry)];
  for (const { session } of [unused, used]) session.onControl('{"type":"vnc"}');
  opened[1]?.(true);
  vi.advanceTimersByTime(30_000);
  expect(unused.line.ended?.reason).toBe("media-failed");
  vi.advanceTimersByTime(3_600_000);
  expect(used.line.ended).toBeUndefined();
  opened[1]?.(false);
  vi.advanceTimersByTime(30_000);
  expect(used.line.ended?.reason).toBe("media-failed");
});

test("noVNC that is not among the paths is not to be had, whatever socket there is", () => {
  const rfb = { ticket: () => "ticket", endSession: () => undefined };
  const { line, session } = admit(registryOf(2, true, rfb));
  session.onControl('{"type":"vnc"}');
  expect(line.last("vnc")).toBeUndefined();
  expect(line.last("notice")).toMatchObject({ level: "warning" });
});

test("a connected viewer of a still desktop has no timer at all", () => {
  const { transport, video } = admit(registryOf());
  transport.sink.onConnected();
  video.sink.onAccessUnit(accessUnit(1));
  for (let second = 0; second < 60; second += 1) {
    clock.nowMs += 1000;
    vi.advanceTimersByTime(1000);
  }
  expect(vi.getTimerCount()).toBe(0);
  video.sink.onAccessUnit(accessUnit(2));
  expect(vi.getTimerCount()).toBeGreaterThan(0);
});

test("where there is no noVNC, who asks for it is told so", () => {
  const { line, session } = admit(registryOf());
  session.onControl('{"type":"vnc"}');
  expect(line.last("vnc")).toBeUndefined();
  expect(line.last("notice")).toMatchObject({ level: "warning" });
});

test("a viewer that has a picture learns of every encoder, in sentences that fit", async () => {
  const { line, transport, video } = admit(registryOf());
  video.sink.onAccessUnit(accessUnit(1));
  await vi.advanceTimersByTimeAsync(5000);
  expect(line.last("encoders")).toBeUndefined();
  transport.sink.onConnected();
  await vi.advanceTimersByTimeAsync(5000);
  // Probing would take the processor from the first picture.
  expect(line.last("encoders")).toBeUndefined();
  video.sink.onAccessUnit({ ...accessUnit(1), last: false });
  await vi.advanceTimersByTimeAsync(5000);
  expect(line.last("encoders")).toBeUndefined();
  video.sink.onAccessUnit({ ...accessUnit(1), first: false });
  await vi.advanceTimersByTimeAsync(900);
  expect(line.last("encoders")).toBeUndefined();
  await vi.advanceTimersByTimeAsync(200);
  expect(line.last("encoders")?.encoders).toHaveLength(2);
  const encoders = line.last("encoders")?.encoders;
  expect(encoders?.[0]).toEqual(OFFERS[0]);
  expect(encoders?.[1]?.why.length).toBe(LIMITS.textChars);
});

test("where noVNC comes first no encoder is started, and the place is kept without media", () => {
  const line = new Line();
  const session = registryOf(2, true, undefined, { paths: ["vnc", "webrtc"] }).admit(line, HELLO, "10.0.0.1", {
    viewOnly: false,
  });
  session?.onControl('{"type":"offer","peer":0,"sdp":"v=0"}');
  vi.advanceTimersByTime(120_000);
  expect(videos).toEqual([]);
  expect(transports).toEqual([]);
  expect(line.ended).toBeUndefined();
  session?.onControl('{"type":"path","want":"auto"}');
  expect(videos).toHaveLength(1);
  session?.end("viewer-left");
  expect(videos[0]?.closed).toBe(true);
});

test("a session that outlasts its TURN credentials is told others in good time, one that can't understand them is not", () => {
  let asked = 0;
  const iceServers = () => [{ urls: ["turn:turn.test:3478"], username: `user ${++asked}`, credential: "c" }];
  const registry = registryOf(2, true, undefined, { iceServers, iceServersHoldMs: 86_400_000 });
  const { line, session } = admit(registry);
  const old = new Line();
  registry.admit(old, { ...HELLO, version: { major: 2, minor: 0 } }, "10.0.0.1", { viewOnly: false });
  // Nobody shall be given up for want of media meanwhile.
  for (const transport of transports) transport.sink.onConnected();
  vi.advanceTimersByTime(43_200_000);
  expect(line.last("hello")).toMatchObject({ iceServers: [{ username: "user 1" }] });
  expect(line.last("iceServers")).toMatchObject({ iceServers: [{ username: "user 3" }] });
  vi.advanceTimersByTime(43_200_000);
  expect(line.last("iceServers")).toMatchObject({ iceServers: [{ username: "user 4" }] });
  expect(old.last("iceServers")).toBeUndefined();
  session.onLineLost();
  expect(vi.getTimerCount()).toBe(0);
});

test("a viewer of before the clipboard is told of none", () => {
  const registry = registryOf();
  const [old, now] = [new Line(), new Line()];
  registry.admit(old, { ...HELLO, version: { major: 2, minor: 1 } }, "10.0.0.1", { viewOnly: false });
  registry.admit(now, HELLO, "10.0.0.1", { viewOnly: false });
  expect(old.last("hello")).not.toHaveProperty("clipboard");
  expect(now.last("hello")).toMatchObject({ clipboard: { in: true, out: true }, transferTicket: "ticket" });
});

test("a further window is let in by a ticket, and has a monitor, an encoder and a path of its own", async () => {
  const files = new Files({ ways: "both", folder: "/nowhere", home: "/", log: createLog("silent") });
  const registry = registryOf(1, true, undefined, { files });
  const first = admit(registry);
  expect(first.line.last("hello")).toMatchObject({ monitors: 3, files: { up: true, down: true } });
  first.session.onControl(JSON.stringify({ type: "monitor" }));
  const { ticket = "" } = first.line.last("monitor") as { ticket?: string };
  const line = new Line();
  const monitor = { ticket, widthPx: 800, heightPx: 600 };
  const hello = { ...HELLO, window: "a-further-window", monitor, audio: AUDIO };
  const session = registry.admitFurther(line, hello, "10.0.0.1") as Session;
  // Not before its monitor is there.
  expect(videos).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(0);
  expect(videos).toHaveLength(2);
  expect(videos[1]?.region).toEqual({ xPx: 640, yPx: 0, widthPx: 800, heightPx: 600 });
  expect(first.video.region).toEqual({ xPx: 0, yPx: 0, widthPx: 640, heightPx: 480 });
  expect(line.last("display")).toEqual({ type: "display", widthPx: 800, heightPx: 600, monitors: 2 });
  expect(first.line.last("display")).toEqual({ type: "display", widthPx: 640, heightPx: 480, monitors: 2 });
  // One viewer, with one set of pads, sound and files.
  expect(registry.viewers).toBe(1);
  expect(line.last("hello")).not.toHaveProperty("monitors");
  expect(line.last("hello")).toMatchObject({ files: { up: false, down: false } });
  expect(line.sent.map(({ type }) => type)).not.toContain("gamepads");
  expect(line.sent.map(({ type }) => type)).not.toContain("audio");
  session.onControl(JSON.stringify({ type: "offer", peer: 0, sdp: "v=0" }));
  transports.at(-1)?.sink.onConnected();
  const at = { sequence: 1, epoch: 0, x: 10, y: -20 };
  session.onBinary(socketViewerCodec.encode({ type: "motion", message: inputCodec.encode({ type: "motion", ...at }) }));
  expect(desktop.applied.at(-1)).toMatchObject({ type: "motion", x: 650, y: -20 });
  first.session.onLineLost();
  session.end("protocol-error");
  await vi.advanceTimersByTimeAsync(0);
  expect(desktop.layouts.at(-1)).toHaveLength(1);
});

test("a monitor that can't be had ends that window with the reason, and its viewer goes on", async () => {
  const registry = registryOf(1);
  const first = admit(registry);
  desktop.onLayOut = () => {
    throw new Error("the X server will not");
  };
  first.session.onControl(JSON.stringify({ type: "monitor" }));
  const { ticket = "" } = first.line.last("monitor") as { ticket?: string };
  const line = new Line();
  const monitor = { ticket, widthPx: 800, heightPx: 600 };
  registry.admitFurther(line, { ...HELLO, window: "a-further-window", monitor }, "10.0.0.1");
  await vi.advanceTimersByTimeAsync(0);
  expect(line.ended).toEqual({ reason: "monitor-refused", detail: "the X server will not" });
  expect(videos).toHaveLength(1);
  expect(first.line.ended).toBeUndefined();
  expect(first.video.region).toBeUndefined();
});

test.each([
  ["the operator keeps the size", 2, false, {}],
  ["the operator allows one", 2, true, { maxMonitors: 1 }],
  ["there is noVNC alone", 2, true, { paths: ["vnc"] }],
] as const)("where %s, no monitors are offered, and who asks is told why", (_, maxViewers, resize, more) => {
  const line = new Line();
  const session = registryOf(maxViewers, resize, undefined, more).admit(line, HELLO, "10.0.0.1", { viewOnly: false });
  expect(line.last("hello")).not.toHaveProperty("monitors");
  session?.onControl(JSON.stringify({ type: "monitor" }));
  expect(line.last("monitor")).toEqual({ type: "monitor", why: expect.stringMatching(/\.$/) });
});

test("notifications are offered to a viewer's first window that may touch the desktop, and wanted and given up by it", () => {
  const heard: string[] = [];
  const notifications: NotificationAccess = {
    offered: (viewOnly) => !viewOnly,
    enter: (send, viewOnly) => ({
      want: (on) => {
        heard.push(`${viewOnly ? "watcher" : "viewer"} ${on}`);
        send({ type: "notification", program: "mail", title: "A letter", body: "" });
      },
      leave: () => void heard.push("left"),
    }),
  };
  const registry = registryOf(2, true, undefined, { notifications });
  const { line, session } = admit(registry);
  expect(line.sent[0]).toMatchObject({ type: "hello", notifications: true });
  session.onControl('{"type":"notifications","on":true}');
  expect(line.last("notification")).toEqual({ type: "notification", program: "mail", title: "A letter", body: "" });
  session.end("viewer-left");
  expect(heard).toEqual(["viewer true", "left"]);
  expect(admit(registry, true).line.sent[0]).not.toHaveProperty("notifications");
  expect(admit(registryOf()).line.sent[0]).not.toHaveProperty("notifications");
});

test("a viewer's ping is answered at once", () => {
  const { line, session } = admit(registryOf());
  session.onControl('{"type":"ping","id":41}');
  expect(line.last("pong")).toEqual({ type: "pong", id: 41 });
});
