import { createSocket } from "node:dgram";
import { once } from "node:events";
import { ProtocolError } from "@eglantine/protocol/field";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createLog } from "../log.ts";
import { type ChromiumViewer, type EncodedPicture, TestChromium } from "./testing/chromium-viewer.ts";
import { LossyPath, payloadTypeOf } from "./testing/lossy-path.ts";
import { RecordingSink } from "./testing/recording-sink.ts";
import type { Transport } from "./types.ts";
import { createWebRtc } from "./webrtc.ts";

const UDP_PORT = 21_001;
const RELAY_PORT = 21_002;

interface Connection {
  readonly transport: Transport;
  readonly sink: RecordingSink;
  readonly viewer: ChromiumViewer;
  readonly answer: string;
  /** Sends the next pictures of the test film, one a frame time. */
  readonly play: (pictures: readonly EncodedPicture[]) => Promise<void>;
}

let chromium: TestChromium;
let film: EncodedPicture[];
const open: { close(): Promise<void> | void }[] = [];

beforeAll(async () => {
  chromium = await TestChromium.start();
  const encoder = await chromium.viewer();
  film = await encoder.encode(90, 640, 360, 8e6);
  await encoder.close();
});

afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.close();
});

afterAll(async () => {
  await chromium.close();
});

function start(sink: RecordingSink, viewerAddress?: string, publicAddress?: string): Transport {
  const transport = createWebRtc(
    {
      host: "127.0.0.1",
      udpPort: UDP_PORT,
      iceServers: [],
      viewerAddress,
      publicAddress,
      mtuBytes: 1200,
      startBps: 10e6,
      minBps: 300e3,
      maxBps: 50e6,
      framesPerSecond: 60,
      log: createLog("silent"),
    },
    sink,
  );
  open.push(transport);
  return transport;
}

async function connect({
  path,
  offered = (sdp) => sdp,
}: {
  path?: LossyPath;
  /** What becomes of the viewer's offer on its way. */
  offered?: (sdp: string) => string;
} = {}): Promise<Connection> {
  const sink = new RecordingSink();
  const transport = start(sink, path === undefined ? "::ffff:127.0.0.1" : undefined);
  const viewer = await chromium.viewer();
  open.push(viewer);
  const offer = await viewer.offer((candidate, mid) => transport.addCandidate(candidate, mid));
  const answer = await transport.answer(offered(offer));
  await viewer.accept(path?.throughHere(answer) ?? answer);
  await sink.until("connected");
  let frame = 0;
  const play = async (pictures: readonly EncodedPicture[]): Promise<void> => {
    for (const { data, keyframe } of pictures) {
      const nowUs = Number(process.hrtime.bigint()) / 1000;
      frame += 1;
      transport.send({
        data,
        keyframe,
        codec: "h264",
        frame,
        refinement: false,
        widthPx: 640,
        heightPx: 360,
        timing: { damageUs: nowUs, grabUs: nowUs, convertUs: nowUs, encodeUs: nowUs },
      });
      await new Promise((resolve) => setTimeout(resolve, 16));
    }
  };
  return { transport, sink, viewer, answer, play };
}

async function lossyPath(): Promise<LossyPath> {
  const path = await LossyPath.open(RELAY_PORT, UDP_PORT);
  open.push(path);
  return path;
}

/** The library's own threads give the port back some milliseconds after the last peer has closed. */
async function untilFree(port: number): Promise<void> {
  for (;;) {
    const socket = createSocket("udp4").bind(port, "127.0.0.1");
    const outcome = await Promise.race([once(socket, "listening").then(() => "free"), once(socket, "error")]);
    if (outcome === "free") {
      socket.close();
      return;
    }
  }
}

test("Chromium shows every picture that was sent, with little jitter buffer", async () => {
  const { viewer, answer, play } = await connect();
  expect(answer).toMatch(/a=extmap:\d+ http:\/\/www\.webrtc\.org\/experiments\/rtp-hdrext\/playout-delay/);
  await play(film);
  const stats = await viewer.untilStat("framesDecoded", film.length);
  expect(stats.jitterBufferDelay / stats.jitterBufferEmittedCount).toBeLessThan(0.03);
  const [red = 0, green = 0, blue = 0] = await viewer.colour();
  expect(Math.abs(red - 200) + Math.abs(green - 40) + Math.abs(blue - 40)).toBeLessThan(20);
});

test("the answer carries the loopback candidate and nothing is signalled twice", async () => {
  const { sink, answer } = await connect();
  expect(answer).toContain(`127.0.0.1 ${UDP_PORT} typ host`);
  expect(sink.all("candidate")).toEqual([]);
});

test("a candidate that the answer does not carry follows it", async () => {
  const sink = new RecordingSink();
  const transport = start(sink, undefined, "192.0.2.1");
  const viewer = await chromium.viewer();
  open.push(viewer);
  const before = transport.answer(await viewer.offer(() => undefined)).then(() => sink.all("candidate"));
  expect(await before).toEqual([]);
  expect((await sink.until("candidate"))[0]?.candidate).toContain("192.0.2.1");
});

test("messages pass on all three channels, also feedback from before its channel was open", async () => {
  const { transport, sink, viewer } = await connect();
  transport.sendFeedback(Uint8Array.of(1, 2, 3));
  await viewer.sendOn(0, [9, 8]);
  await viewer.sendOn(1, [7]);
  const messages = await sink.until("message", 2);
  expect(messages).toContainEqual({ type: "message", channel: "input", data: [9, 8] });
  expect(messages).toContainEqual({ type: "message", channel: "motion", data: [7] });
  expect(await viewer.received(1)).toEqual([[1, 2, 3]]);
});

test("feedback longer than the viewer takes is dropped, and the session goes on", async () => {
  const { transport, sink, viewer } = await connect({
    offered: (sdp) => sdp.replace(/max-message-size:\d+/, "max-message-size:2"),
  });
  await viewer.sendOn(0, [1]);
  await sink.until("message");
  transport.sendFeedback(Uint8Array.of(1, 2, 3));
  transport.sendFeedback(Uint8Array.of(4));
  expect(await viewer.received(1)).toEqual([[4]]);
  expect(sink.all("failed")).toEqual([]);
});

test("a peer that has gone while its farewell is still on the way takes nothing down", async () => {
  const { transport, sink, viewer, play } = await connect();
  await play(film.slice(0, 5));
  const gone = viewer.hangUp();
  while (sink.all("failed").length === 0) {
    transport.sendFeedback(Uint8Array.of(1));
    await play(film.slice(5, 6));
  }
  await gone;
  expect(sink.all("failed").map(({ reason }) => reason)).toEqual(["media-failed"]);
});

test("lost packets are asked for and repaired by retransmission, and no picture is missing", async () => {
  const path = await lossyPath();
  const { transport, viewer, answer, play } = await connect({ path });
  const video = Number(/^a=rtpmap:(\d+) H264/m.exec(answer)?.[1]);
  let packets = 0;
  path.loses = (datagram) => payloadTypeOf(datagram) === video && ++packets % 20 === 0;
  await play(film);
  path.loses = () => false;
  await play(film.slice(-1));
  const stats = await viewer.untilStat("framesDecoded", film.length);
  expect(packets).toBeGreaterThan(200);
  expect(stats.nackCount).toBeGreaterThan(0);
  expect(stats.retransmittedPacketsReceived).toBeGreaterThanOrEqual(Math.floor(packets / 20) - 1);
  const { retransmittedPackets } = transport.counters();
  expect(retransmittedPackets).toBeLessThan(packets / 8);
});

test("a viewer that can't decode any more asks for a keyframe", async () => {
  const path = await lossyPath();
  const { sink, viewer, play } = await connect({ path });
  await play(film.slice(0, 10));
  await viewer.untilStat("framesDecoded", 10);
  expect(sink.all("keyframe-needed")).toEqual([]);
  let picture = 0;
  path.loses = (datagram) => payloadTypeOf(datagram) !== undefined && picture < 12;
  for (; picture < 60 && sink.all("keyframe-needed").length === 0; picture += 1) {
    await play(film.slice(10 + picture, 11 + picture));
  }
  await sink.until("keyframe-needed");
});

test("two viewers share the UDP port, and closing both frees it", async () => {
  const first = await connect();
  const second = await connect();
  await Promise.all([first.play(film.slice(0, 30)), second.play(film.slice(0, 30))]);
  await first.viewer.untilStat("framesDecoded", 30);
  await second.viewer.untilStat("framesDecoded", 30);
  await first.transport.close();
  await second.play(film.slice(30, 40));
  await second.viewer.untilStat("framesDecoded", 40);
  await second.transport.close();
  await untilFree(UDP_PORT);
  const third = await connect();
  await third.play(film.slice(0, 5));
  await third.viewer.untilStat("framesDecoded", 5);
});

test("a viewer that hangs up loses its input and ends the transport, each once", async () => {
  const { sink, viewer, transport } = await connect();
  await viewer.sendOn(0, [1]);
  await sink.until("message");
  await viewer.hangUp();
  await sink.until("input-lost");
  const failures = await sink.until("failed");
  expect(failures[0]?.reason).toBe("media-failed");
  await transport.close();
  await transport.close();
  expect(sink.all("input-lost")).toHaveLength(1);
  expect(sink.all("failed")).toHaveLength(1);
});

test.each([
  ["text on the input channel", "type me"],
  ["a message larger than any of the table", Array.from({ length: 65 }, () => 1)],
])("%s ends the transport as a protocol error", async (_name, message) => {
  const { sink, viewer } = await connect();
  await viewer.sendOn(0, message);
  const [failure] = await sink.until("failed");
  expect(failure?.reason).toBe("protocol-error");
  expect(sink.all("message")).toEqual([]);
});

test("an offer without H.264 fails for want of a common codec", async () => {
  const sink = new RecordingSink();
  const transport = start(sink);
  const viewer = await chromium.viewer();
  open.push(viewer);
  const offer = await viewer.offer(() => undefined);
  await expect(transport.answer(offer.replaceAll("H264", "H999"))).rejects.toThrow(ProtocolError);
  expect(sink.all("failed")[0]?.reason).toBe("no-common-codec");
});

test("damaged offers are refused with a ProtocolError or answered, and never anything else", async () => {
  const viewer = await chromium.viewer();
  open.push(viewer);
  const offer = await viewer.offer(() => undefined);
  const lines = offer.split("\r\n");
  const damage = fc.oneof(
    fc
      .record({ at: fc.nat(lines.length - 1), by: fc.string({ maxLength: 40 }) })
      .map(({ at, by }) => lines.with(at, by)),
    fc.nat(lines.length - 1).map((at) => lines.toSpliced(at, 1)),
    fc
      .record({ at: fc.nat(lines.length - 1), from: fc.nat(lines.length - 1) })
      .map(({ at, from }) => lines.with(at, lines[from] ?? "")),
    fc.nat(lines.length - 1).map((at) => lines.slice(0, at)),
  );
  await fc.assert(
    fc.asyncProperty(damage, async (damaged) => {
      const transport = start(new RecordingSink());
      try {
        expect(await transport.answer(damaged.join("\r\n"))).toContain("v=0");
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      } finally {
        await transport.close();
      }
    }),
    { numRuns: 150 },
  );
});
