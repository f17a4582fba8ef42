import { ProtocolError } from "@eglantine/protocol/field";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { EncodedPicture } from "./testing/chromium-viewer.ts";
import { Connections, type ConnectOptions } from "./testing/connections.ts";
import { payloadTypeOf, payloadTypesIn } from "./testing/lossy-path.ts";
import { RecordingSink } from "./testing/recording-sink.ts";

let connections: Connections;
let film: EncodedPicture[];
const connect = (options?: ConnectOptions) => connections.connect(options);

beforeAll(async () => {
  connections = await Connections.start();
  film = await connections.film(90, 8e6);
});

afterEach(() => connections.closeAll());

afterAll(() => connections.close());

test("Chromium shows every picture that was sent, with little jitter buffer", async () => {
  const { viewer, answer, play } = await connect();
  expect(answer).toMatch(/a=extmap:\d+ http:\/\/www\.webrtc\.org\/experiments\/rtp-hdrext\/playout-delay/);
  await play(film);
  const stats = await viewer.untilStat("framesDecoded", film.length);
  expect(stats.jitterBufferDelay / stats.jitterBufferEmittedCount).toBeLessThan(0.03);
  const [red = 0, green = 0, blue = 0] = await viewer.colour();
  // Chromium's encoder makes BT.601 of a canvas, and the agent says BT.709, which its own are: test/e2e/colour.test.ts holds those.
  expect(Math.abs(red - 200) + Math.abs(green - 40) + Math.abs(blue - 40)).toBeLessThan(60);
});

/** The fingerprint of another key. */
const withOtherKey = (sdp: string) =>
  sdp.replace(
    /(a=fingerprint:sha-256 )(..)/g,
    (_all, head: string, first: string) => `${head}${first === "00" ? "01" : "00"}`,
  );

test.each([
  ["the viewer's", withOtherKey, (answer: string) => answer],
  ["the agent's", (offer: string) => offer, withOtherKey],
])("where %s key is not the one that was signalled, nothing passes", async (_whose, offered, answered) => {
  const sink = new RecordingSink();
  const transport = connections.transport(sink, { viewerAddress: "127.0.0.1" });
  const viewer = await connections.viewer();
  const offer = await viewer.offer((candidate, mid) => transport.addCandidate(candidate, mid));
  expect(withOtherKey(offer)).not.toBe(offer);
  const answer = await transport.answer(offered(offer));
  expect(withOtherKey(answer)).not.toBe(answer);
  await viewer.accept(answered(answer));
  const [failed] = await sink.until("failed");
  expect(failed).toMatchObject({ reason: "media-failed" });
  expect(sink.all("connected")).toEqual([]);
  expect(sink.all("message")).toEqual([]);
});

test("the answer carries the loopback candidate and nothing is signalled twice", async () => {
  const { sink, answer } = await connect();
  expect(answer).toContain(`127.0.0.1 ${connections.udpPort} typ host`);
  expect(sink.all("candidate")).toEqual([]);
});

test("a candidate that the answer does not carry follows it", async () => {
  const sink = new RecordingSink();
  const transport = connections.transport(sink, { publicAddresses: ["198.51.100.1", "2001:db8::1"] });
  const viewer = await connections.viewer();
  const before = transport.answer(await viewer.offer(() => undefined)).then(() => sink.all("candidate"));
  expect(await before).toEqual([]);
  const followed = (await sink.until("candidate", 2)).map(({ candidate }) => candidate);
  expect(followed[0]).toMatch(/ 198\.51\.100\.1 \d+ typ host/);
  expect(followed[1]).toMatch(/ 2001:db8::1 \d+ typ host/);
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
  const path = await connections.lossyPath();
  const { transport, viewer, answer, play } = await connect({ path });
  const video = payloadTypesIn(answer, "H264");
  let packets = 0;
  path.loses = (datagram) => video.has(payloadTypeOf(datagram) ?? -1) && ++packets % 20 === 0;
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
  const path = await connections.lossyPath();
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
  await connections.untilPortFree();
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

test("candidates that come after the viewer has hung up, before the library has said so, are no protocol error", async () => {
  const { sink, viewer, transport } = await connect();
  await viewer.sendOn(0, [1]);
  await sink.until("message");
  await viewer.hangUp(200);
  // Nothing that the library's threads find is told meanwhile.
  for (const endMs = performance.now() + 1500; performance.now() < endMs; ) {
    transport.addCandidate("candidate:1 1 udp 2113937151 127.0.0.1 9 typ host", "0");
  }
  expect((await sink.until("failed"))[0]?.reason).toBe("media-failed");
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

test("an offer without any format of ours fails for want of a common codec", async () => {
  const sink = new RecordingSink();
  const transport = connections.transport(sink);
  const viewer = await connections.viewer();
  const offer = await viewer.offer(() => undefined);
  await expect(transport.answer(offer.replaceAll(/(VP8|VP9|H264|H265|AV1)\/90000/g, "X/90000"))).rejects.toThrow(
    ProtocolError,
  );
  expect(sink.all("failed")[0]?.reason).toBe("no-common-codec");
});

test("damaged offers are refused with a ProtocolError or answered, and never anything else", async () => {
  const viewer = await connections.viewer();
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
      const transport = connections.transport(new RecordingSink());
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
