import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Codec } from "@eglantine/protocol/formats";
import type { EncodedPicture } from "./testing/chromium-viewer.ts";
import { Connections } from "./testing/connections.ts";
import { payloadTypeOf, payloadTypesIn } from "./testing/lossy-path.ts";

const CODECS = ["h264", "vp8"] as const satisfies readonly Codec[];
const FEC_FRACTION = 0.25;

let connections: Connections;
const films = new Map<Codec, EncodedPicture[]>();
const filmOf = (codec: Codec): EncodedPicture[] => films.get(codec) ?? [];

beforeAll(async () => {
  connections = await Connections.start();
  for (const codec of CODECS) films.set(codec, await connections.film(90, 8e6, codec));
});

afterEach(() => connections.closeAll());

afterAll(() => connections.close());

const losses = CODECS.flatMap((codec) => [
  { codec, name: "every twentieth packet", loses: (packet: number) => packet % 20 === 0 },
  { codec, name: "three in a row of forty", loses: (packet: number) => packet % 40 < 3 },
]);

test.each(losses)("plain Chromium repairs $codec without $name from repair packets alone", async ({ codec, loses }) => {
  const path = await connections.lossyPath();
  // A rate of its own: one that falls because the machine was busy for a moment takes the repair packets' share along.
  const options = { fecFraction: FEC_FRACTION, fixed: true, maxBps: 20e6 };
  const { viewer, transport, answer, sink, play } = await connections.connect({ path, options });
  const media = payloadTypesIn(answer, codec.toUpperCase());
  const repeated = payloadTypesIn(answer, "RTX");
  /** Packets of each picture, by its timestamp. */
  const pictures = new Map<number, number>();
  let packets = 0;
  let lost = 0;
  path.loses = (datagram) => {
    const type = payloadTypeOf(datagram) ?? -1;
    if (repeated.has(type)) return true;
    if (!media.has(type)) return false;
    const timestamp = datagram.readUInt32BE(4);
    pictures.set(timestamp, (pictures.get(timestamp) ?? 0) + 1);
    if (!loses((packets += 1))) return false;
    lost += 1;
    return true;
  };
  const film = filmOf(codec);
  await play(film.slice(0, -1), codec);
  path.loses = () => false;
  await play(film.slice(-1), codec);
  const stats = await viewer.untilStat("framesDecoded", film.length);
  expect(lost).toBeGreaterThan(40);
  expect(stats.fecPacketsReceived).toBeGreaterThan(lost);
  expect(stats.keyFramesDecoded).toBe(1);
  expect(sink.all("keyframe-needed")).toEqual([]);
  // One packet for every four and one for what is left of a picture; fewer where pictures came soon enough to share one.
  const repairs = [...pictures.values()].reduce((sum, count) => sum + Math.ceil(count * FEC_FRACTION), 0);
  const { fecFraction } = transport.counters();
  expect(fecFraction).toBeGreaterThan(FEC_FRACTION / (1 + FEC_FRACTION) - 0.06);
  expect(fecFraction).toBeLessThan(repairs / (repairs + packets) + 0.06);
});

test("a retransmission that can't come in time is replaced by a keyframe", async () => {
  const path = await connections.lossyPath();
  const { viewer, answer, sink, play } = await connections.connect({ path });
  const media = payloadTypesIn(answer, "H264");
  const film = filmOf("h264");
  await play(film.slice(0, 10));
  await viewer.untilStat("framesDecoded", 10);
  // Nothing arrives for longer than anybody waits; then it does again, and the viewer asks for all that it missed,
  // which is less than the thousand packets from which on libwebrtc gives up by itself.
  path.loses = (datagram) => media.has(payloadTypeOf(datagram) ?? -1);
  await play(film.slice(10, 40));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(sink.all("keyframe-needed")).toEqual([]);
  path.loses = () => false;
  await play(film.slice(40));
  await sink.until("keyframe-needed");
  expect((await viewer.stats()).pliCount).toBe(0);
});
