import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Codec } from "@eglantine/protocol/formats";
import type { EncodedPicture } from "./testing/chromium-viewer.ts";
import { Connections } from "./testing/connections.ts";
import { film444 } from "./testing/ffmpeg-film.ts";
import { payloadTypeOf, payloadTypesIn } from "./testing/lossy-path.ts";

const CODECS = ["h264", "vp8", "vp9", "av1"] as const satisfies readonly Codec[];

let connections: Connections;
const films = new Map<Codec, EncodedPicture[]>();
const filmOf = (codec: Codec): EncodedPicture[] => films.get(codec) ?? [];

beforeAll(async () => {
  connections = await Connections.start();
  for (const codec of CODECS) films.set(codec, await connections.film(60, 4e6, codec));
});

afterEach(() => connections.closeAll());

afterAll(() => connections.close());

/** The film's ground is rgb(200, 40, 40); Chromium's encoders leave it open which conversion they used. */
function showsTheFilm(colour: readonly number[]): void {
  const [red = 0, green = 0, blue = 0] = colour;
  expect(Math.abs(red - 200) + Math.abs(green - 40) + Math.abs(blue - 40)).toBeLessThan(60);
}

test.each(CODECS)(
  "Chromium decodes every picture of %s, also with losses that retransmission repairs",
  async (codec) => {
    const path = await connections.lossyPath();
    const { viewer, transport, answer, sink, play } = await connections.connect({ path });
    expect(transport.formats).toContain(codec);
    const video = payloadTypesIn(answer, codec.toUpperCase());
    let packets = 0;
    path.loses = (datagram) => video.has(payloadTypeOf(datagram) ?? -1) && (packets += 1) > 20 && packets % 25 === 0;
    const film = filmOf(codec);
    await play(film.slice(0, -1), codec);
    path.loses = () => false;
    await play(film.slice(-1), codec);
    const stats = await viewer.untilStat("framesDecoded", film.length);
    expect(await viewer.codec()).toBe(`video/${codec.toUpperCase()}`);
    expect(packets).toBeGreaterThan(60);
    expect(stats.keyFramesDecoded).toBe(1);
    expect(stats.retransmittedPacketsReceived).toBeGreaterThan(0);
    expect(sink.all("keyframe-needed")).toEqual([]);
    showsTheFilm(await viewer.colour());
  },
);

test("Chromium decodes full-size colour under the payload type of its profile, between pictures of the other", async () => {
  const { viewer, transport, answer, sink, play } = await connections.connect();
  expect(transport.formats).toContain("h264-444");
  expect(answer).toMatch(/^a=fmtp:41 .*profile-level-id=f4001f/m);
  const full = film444(60);
  expect(full).toHaveLength(60);
  await play(filmOf("h264").slice(0, 10));
  await viewer.untilStat("framesDecoded", 10);
  await play(full, "h264", { chroma: "444" });
  expect((await viewer.untilStat("framesDecoded", 70)).codecId).toContain("f4001f");
  showsTheFilm(await viewer.colour());
  await play(filmOf("h264").slice(0, 10));
  expect((await viewer.untilStat("framesDecoded", 80)).codecId).toContain("42e01f");
  expect(sink.all("keyframe-needed")).toEqual([]);
});

test("the codec changes from one keyframe to the next, without another offer", async () => {
  const { viewer, sink, play } = await connections.connect();
  let decoded = 0;
  for (const codec of [...CODECS, "h264"] as const) {
    const film = filmOf(codec).slice(0, 15);
    await play(film, codec);
    decoded += film.length;
    await viewer.untilStat("framesDecoded", decoded);
    expect(await viewer.codec()).toBe(`video/${codec.toUpperCase()}`);
    showsTheFilm(await viewer.colour());
  }
  expect(sink.all("keyframe-needed")).toEqual([]);
});
