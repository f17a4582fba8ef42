import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { EncodedPicture } from "./testing/chromium-viewer.ts";
import { Connections } from "./testing/connections.ts";
import { payloadTypeOf } from "./testing/lossy-path.ts";

let connections: Connections;
let film: EncodedPicture[];

beforeAll(async () => {
  connections = await Connections.start();
  film = await connections.film(90, 4e6);
});

afterEach(() => connections.closeAll());

afterAll(() => connections.close());

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test("Chromium confirms the signs of life of a path without picture, and their absence is noticed", async () => {
  const path = await connections.lossyPath();
  const { transport, sink, viewer, play } = await connections.connect({ path });
  await play(film.slice(0, 10));
  await viewer.untilStat("framesDecoded", 10);
  transport.setActive(false);
  await pause(2500);
  expect(sink.all("alive")).toEqual([]);
  path.loses = (datagram) => payloadTypeOf(datagram) !== undefined;
  await sink.until("alive");
  path.loses = () => false;
  transport.stir();
  expect((await sink.until("alive", 2)).map(({ alive }) => alive)).toEqual([false, true]);
  // Chromium asks for keyframes while it sees no picture: nobody sends one where none is wanted.
  await pause(3500);
  expect(sink.all("keyframe-needed")).toEqual([]);
  // Nor is one asked for: the picture comes back with a keyframe.
  transport.setActive(true);
  expect(sink.all("keyframe-needed")).toEqual([]);
  await play(film.slice(0, 30));
  await viewer.untilStat("framesDecoded", 40);
});

test("a path that dies under the picture is told of while it is still dead, and that it is back", async () => {
  const path = await connections.lossyPath();
  const { sink, play } = await connections.connect({ path });
  await play(film.slice(0, 20));
  expect(sink.all("alive")).toEqual([]);
  path.loses = () => true;
  const playing = play(film.slice(20, 80));
  await sink.until("alive");
  path.loses = () => false;
  await playing;
  expect((await sink.until("alive", 2)).map(({ alive }) => alive)).toEqual([false, true]);
});
