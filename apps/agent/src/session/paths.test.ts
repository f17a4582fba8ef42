// The ways of one viewer, with a fake WebRTC transport and the real media path over a fake WebSocket.

import { socketMediaCodec, type SocketMedia } from "@eglantine/protocol/socket";
import type { AgentControl } from "@eglantine/protocol/control";
import type { Format, Path } from "@eglantine/protocol/formats";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { accessUnit, FakeTransport } from "../testing/fake-media.ts";
import { soundPacket } from "../audio/testing/fake-sound.ts";
import { SocketTransport } from "../transport/socket.ts";
import { SocketSound } from "../transport/socket-sound.ts";
import type { AccessUnit } from "../video/types.ts";
import { Paths, SOCKET_SOURCE } from "./paths.ts";

type Video = Extract<SocketMedia, { type: "video" }>;
type PathMessage = Extract<AgentControl, { type: "path" }>;

let peers: FakeTransport[];
let overSocket: Video[];
let told: AgentControl[];
let events: string[];
let paths: Paths;
let bytes = 0;

function open(options: { paths?: readonly Path[]; socket?: readonly Format[]; webrtc?: readonly Format[] } = {}): void {
  const line = {
    bufferedBytes: 0,
    sendBinary: (head: Uint8Array, data = new Uint8Array()) => {
      const message = socketMediaCodec.decode(Buffer.concat([head, data]));
      if (message.type === "video") overSocket.push(message);
      else events.push(message.type);
    },
  };
  paths = new Paths({
    media: { webrtc: options.webrtc ?? ["h264"], socket: options.socket ?? ["h264"] },
    paths: options.paths ?? ["webrtc", "socket", "vnc"],
    openWebRtc: (sink) => {
      const peer = new FakeTransport(sink);
      peers.push(peer);
      return peer;
    },
    openSocket: (sink) =>
      new SocketTransport({ startBps: 8e6, minBps: 300e3, maxBps: 50e6, line, sink, nowMs: () => Date.now() }),
    socketSound: new SocketSound(line),
    nowMs: () => Date.now(),
    sink: {
      send: (message) => void told.push(message),
      onConnected: () => void events.push("connected"),
      onPath: (path, formats) => void events.push(`path ${path} ${formats.join()}`),
      onPaused: (paused) => void events.push(paused ? "paused" : "resumed"),
      onKeyframeNeeded: () => void events.push("keyframe"),
      onTargetBps: (targetBps) => void events.push(`target ${targetBps}`),
      onMessage: (source, channel) => void events.push(`${channel} from ${source}`),
      onMicrophone: (source, { sequence }) => void events.push(`spoken ${sequence} from ${source}`),
      onInputLost: (source, more) => void events.push(`lost ${source} ${more}`),
      onInputBack: (source) => void events.push(`back ${source}`),
      onFailed: (reason) => void events.push(`failed ${reason}`),
    },
  });
  paths.start();
}

beforeEach(() => {
  vi.useFakeTimers();
  [peers, overSocket, told, events] = [[], [], [], []];
  bytes = 0;
});
afterEach(async () => {
  await paths.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** One picture, acknowledged at once where it takes the socket. */
function picture(keyframe: boolean, more: Partial<AccessUnit> = {}): void {
  const before = overSocket.length;
  paths.send({ ...accessUnit(keyframe ? 1 : 2), ...more });
  for (const { frame, sentMs, data } of overSocket.slice(before)) {
    bytes += data.length;
    paths.acked({ type: "ack", frame, sentMs, receivedBytes: bytes, queuedFrames: 0 });
  }
}

async function connect(peer = 0): Promise<FakeTransport> {
  await paths.offer(peer, "v=0");
  const transport = peers.at(-1) as FakeTransport;
  transport.sink.onConnected();
  return transport;
}

const take = () => events.splice(0);
const moves = () => told.filter((message): message is PathMessage => message.type === "path");
const framesOf = (transport: FakeTransport) => transport.sent.map(({ frame }) => frame);

test("the first picture takes the socket before there is any offer", () => {
  open();
  picture(true);
  expect(overSocket).toMatchObject([{ frame: 1, keyframe: true, first: true, last: true, widthPx: 640 }]);
  expect(moves()).toEqual([{ type: "path", path: "socket", why: "WebRTC is not connected yet", frame: 1 }]);
  expect(take()).toEqual(["connected"]);
});

test("once WebRTC is connected the pictures up to the next keyframe take the socket, that and all after it WebRTC", async () => {
  open();
  picture(true);
  const peer = await connect();
  expect(peer.active).toBe(false);
  expect(take()).toContain("keyframe");
  picture(false);
  picture(true);
  picture(false);
  expect(overSocket.map(({ frame }) => frame)).toEqual([1, 2]);
  expect(framesOf(peer)).toEqual([3, 4]);
  expect(peer.active).toBe(true);
  expect(moves().at(-1)).toEqual({ type: "path", path: "webrtc", why: "UDP works", frame: 3, rtpTimestamp: 4500 });
});

test("a picture in parts is never divided between two paths", async () => {
  open();
  picture(true, { last: false });
  const peer = await connect();
  picture(true, { first: false, last: true });
  picture(true, { last: false });
  picture(true, { first: false, last: true });
  expect(overSocket.map(({ frame, first, last }) => [frame, first, last])).toEqual([
    [1, true, false],
    [1, false, true],
  ]);
  expect(framesOf(peer)).toEqual([2, 2]);
});

test("when UDP dies the picture is back on the socket with the next keyframe, and goes again when it has worked for a while", async () => {
  open();
  picture(true);
  const peer = await connect();
  picture(true);
  take();
  peer.sink.onAlive(false);
  expect(take()).toEqual(["lost 1 true", "path socket h264", "keyframe", "target 8000000"]);
  picture(false);
  picture(true);
  expect(peer.active).toBe(false);
  expect(take()).toEqual(["target 8000000"]);
  expect(overSocket.map(({ frame }) => frame)).toEqual([1, 4]);
  expect(moves().at(-1)).toMatchObject({ path: "socket", why: "nothing comes back over UDP", frame: 4 });
  peer.sink.onAlive(true);
  vi.advanceTimersByTime(999);
  expect(take()).toEqual(["back 1"]);
  vi.advanceTimersByTime(1);
  expect(take()).toEqual(["path webrtc h264", "keyframe"]);
  picture(true);
  expect(framesOf(peer)).toEqual([2, 3, 5]);
});

test("through any number of changes no picture goes twice, and their numbers have no gap", async () => {
  open();
  const peer = await connect();
  let alive = true;
  for (let step = 0; step < 300; step += 1) {
    if (step % 41 === 3) peer.sink.onAlive((alive = !alive));
    if (step % 11 === 5) paths.want(step % 2 === 0 ? "socket" : "auto");
    picture(step % 3 === 0);
    vi.advanceTimersByTime(2000);
  }
  const all = [...overSocket.map(({ frame }) => frame), ...framesOf(peer)].toSorted((a, b) => a - b);
  expect(all).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
  expect(moves().length).toBeGreaterThan(10);
  expect(overSocket.length).toBeGreaterThan(10);
  expect(peer.sent.length).toBeGreaterThan(10);
});

test("the viewer's word that it lost WebRTC brings the picture back", async () => {
  open();
  await connect();
  picture(true);
  paths.lost("webrtc", "no answer for 300 ms");
  picture(true);
  expect(moves().at(-1)).toMatchObject({ path: "socket", why: "the viewer lost WebRTC: no answer for 300 ms" });
});

test("a peer that fails is left behind while the socket works, and another one may be made", async () => {
  open();
  const first = await connect();
  picture(true);
  take();
  first.sink.onFailed("media-failed", "no path");
  expect(take()).toContain("keyframe");
  expect(first.closed).toBe(true);
  picture(true);
  expect(moves().at(-1)).toMatchObject({ path: "socket", why: "WebRTC failed: no path" });
  await connect(1);
  vi.advanceTimersByTime(1000);
  picture(true);
  expect(moves().at(-1)).toMatchObject({ path: "webrtc" });
});

test("without the socket a peer that fails is the end", async () => {
  open({ socket: [] });
  const peer = await connect();
  peer.sink.onFailed("media-failed", "no path");
  expect(take()).toEqual(expect.arrayContaining(["lost 1 false", "failed media-failed"]));
  expect(peer.closed).toBe(true);
  expect(paths.standing).toBe(false);
});

test("a reason that changes while the path stays is told, once a second at most", async () => {
  open();
  picture(true);
  const peer = await connect();
  picture(true);
  peer.sink.onAlive(false);
  picture(true);
  const before = moves().length;
  peer.sink.onFailed("media-failed", "no path");
  expect(moves()).toHaveLength(before);
  vi.advanceTimersByTime(1000);
  expect(moves().slice(before)).toEqual([{ type: "path", path: "socket", why: "WebRTC failed: no path", frame: 3 }]);
  vi.advanceTimersByTime(1000);
  paths.want("socket");
  expect(moves().at(-1)).toMatchObject({ path: "socket", why: "you chose it" });
});

test("a peer that is set aside hears that there are pictures, and the one that has them does not", async () => {
  open();
  const peer = await connect();
  paths.want("socket");
  picture(true);
  expect(peer.stirred).toBe(1);
  paths.want("webrtc");
  picture(true);
  picture(false);
  expect(peer.stirred).toBe(1);
});

test("hostile bytes over WebRTC are the end, socket or not", async () => {
  open();
  (await connect()).sink.onFailed("protocol-error", "RTCP");
  expect(take()).toContain("failed protocol-error");
});

test("a new peer takes the old one's place, and nothing that the old one says counts any more", async () => {
  open();
  const first = await connect();
  picture(true);
  const answer = paths.offer(1, "v=0");
  expect(first.closed).toBe(true);
  expect(take()).toContain("lost 1 true");
  first.sink.onMessage("input", new Uint8Array(1));
  first.sink.onCandidate("candidate", "0");
  first.sink.onFailed("media-failed", "late");
  paths.addCandidate(0, "late", "0");
  paths.addCandidate(1, "mine", "0");
  expect(await answer).toBe("v=0 answer");
  expect(take().filter((event) => event.startsWith("input"))).toEqual([]);
  expect(told.some(({ type }) => type === "candidate")).toBe(false);
  expect(peers[1]?.candidates).toEqual(["mine"]);
  peers[1]?.sink.onMessage("input", new Uint8Array(1));
  expect(take()).toContain("input from 2");
});

test("an offer whose peer has been replaced meanwhile is not answered, whatever became of it", async () => {
  open();
  const [first, second] = [paths.offer(0, "nonsense"), paths.offer(1, "v=0")];
  expect(await first).toBeUndefined();
  expect(await second).toBe("v=0 answer");
});

test("an offer without any format of the hello is of no use", async () => {
  open({ webrtc: ["av1"] });
  expect(await paths.offer(0, "v=0")).toBeUndefined();
  expect(peers[0]?.closed).toBe(true);
  expect(take()).not.toContain("failed no-common-codec");
  await paths.close();
  open({ webrtc: ["av1"], socket: [] });
  expect(await paths.offer(0, "v=0")).toBeUndefined();
  expect(take()).toContain("failed no-common-codec");
});

test("where WebRTC is not offered, or the viewer takes none, an offer is not answered", async () => {
  open({ paths: ["socket"] });
  expect(await paths.offer(0, "v=0")).toBeUndefined();
  await paths.close();
  open({ webrtc: [] });
  expect(await paths.offer(0, "v=0")).toBeUndefined();
  expect(peers).toEqual([]);
});

test("a viewer of the socket alone is told why", () => {
  open({ webrtc: [] });
  expect(moves()).toMatchObject([{ path: "socket", why: "it is the only one that agent and viewer both have" }]);
});

test("a picture that the next path's decoder does not take stays where it is until one comes that it does", async () => {
  open({ socket: ["h264", "h264-444"], webrtc: ["h264"] });
  picture(true, { chroma: "444" });
  const peer = await connect();
  picture(true, { chroma: "444" });
  expect(overSocket.map(({ frame }) => frame)).toEqual([1, 2]);
  picture(true);
  expect(framesOf(peer)).toEqual([3]);
});

test("while noVNC is wanted no picture is taken, and afterwards one is", async () => {
  open();
  await connect();
  picture(true);
  take();
  paths.want("vnc");
  expect(moves().at(-1)).toMatchObject({ path: "vnc", frame: 2 });
  expect(take()).toEqual(["paused"]);
  paths.want("auto");
  expect(take()).toEqual(["path webrtc h264", "keyframe", "resumed"]);
  picture(true);
  expect(moves().at(-1)).toMatchObject({ path: "webrtc", frame: 2 });
});

test("where noVNC comes first nothing is offered a picture or an answer until the viewer wants another path", async () => {
  open({ paths: ["vnc", "webrtc", "socket"] });
  expect(told).toEqual([{ type: "path", path: "vnc", why: "it is this agent's first choice", frame: 1 }]);
  expect(await paths.offer(0, "v=0")).toBeUndefined();
  expect(peers).toEqual([]);
  expect(take()).toEqual([]);
  picture(true);
  expect(overSocket).toEqual([]);
  paths.want("auto");
  expect(take()).toEqual(["path socket h264", "connected", "keyframe", "resumed", "target 8000000"]);
  picture(true);
  expect(moves().at(-1)).toMatchObject({ path: "socket" });
  expect(await paths.offer(0, "v=0")).toBe("v=0 answer");
});

test("a full window stops pictures on the socket alone", async () => {
  open();
  paths.send({ ...accessUnit(1), data: new Uint8Array(300_000) });
  expect(take()).toContain("paused");
  const peer = await connect();
  expect(take()).toContain("resumed");
  picture(true);
  expect(peer.sent).toHaveLength(1);
});

test("the rate is that of the path in use", async () => {
  open();
  const peer = await connect();
  peer.sink.onTargetBps(3_000_000);
  take();
  picture(true);
  peer.sink.onAlive(false);
  expect(take()).not.toContain("target 3000000");
  peer.sink.onTargetBps(1_000_000);
  expect(take()).toEqual([]);
});

test("feedback takes the path in use, answers the one that was asked", async () => {
  open();
  const peer = await connect();
  expect(paths.sendFeedback(new Uint8Array([1]))).toBe(true);
  paths.answer(SOCKET_SOURCE, new Uint8Array([2]));
  expect(peer.feedback).toHaveLength(1);
  expect(take()).toContain("feedback");
});

test("sound takes the picture's way, each packet one alone, and the socket where nothing else hears it", async () => {
  open();
  const hear = { on: true, socket: true, channels: 2 } as const;
  paths.sendSound(soundPacket(480), hear);
  expect(take().filter((event) => event === "audio")).toHaveLength(1);
  picture(true);
  const peer = await connect();
  picture(true);
  take();
  paths.sendSound(soundPacket(960), hear);
  expect([peer.sounds.length, take()]).toEqual([1, []]);
  // Its offer had no audio section.
  peer.takesSound = false;
  paths.sendSound(soundPacket(1440), hear);
  expect(take()).toEqual(["audio"]);
  paths.sendSound(soundPacket(1920), { ...hear, socket: false });
  expect(take()).toEqual([]);
  peer.takesSound = true;
  peer.sink.onAlive(false);
  picture(true);
  take();
  paths.sendSound(soundPacket(2400), hear);
  expect([peer.sounds.length, take()]).toEqual([1, ["audio"]]);
});

test("while noVNC is wanted sound takes the socket", () => {
  open({ paths: ["vnc", "webrtc", "socket"] });
  paths.sendSound(soundPacket(480), { on: true, socket: true, channels: 2 });
  expect(take()).toContain("audio");
});

test("what was sent is counted over all paths and peers", async () => {
  open();
  picture(true);
  const first = await connect();
  first.numbers = { ...first.numbers, sentBytes: 1000, sentPackets: 3 };
  const second = await connect(1);
  second.numbers = { ...second.numbers, sentBytes: 500, sentPackets: 1 };
  expect(paths.sentBytes).toBe(5 + 1000 + 500);
  expect(paths.counters()).toMatchObject({ sentBytes: 5 + 1000 + 500, sentPackets: 1 + 3 + 1 });
});
