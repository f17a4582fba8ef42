// One monitor of several, against a real Xvnc: a stream that shows a part of the screen, what changes elsewhere, and a part that moves.

import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startXvnc, type XServer } from "../testing/xvnc.ts";
import { type NativeViewer, openViewer } from "./testing/native-viewer.ts";
import { Painter } from "./testing/painter.ts";
import { decodeLast, psnrDb, screenPlanes } from "./testing/picture.ts";
import type { Region } from "./types.ts";

const LEFT: Region = { xPx: 0, yPx: 0, widthPx: 640, heightPx: 480 };
/** Its place is no multiple of a macroblock, and odd. */
const RIGHT: Region = { xPx: 641, yPx: 37, widthPx: 500, heightPx: 402 };
let server: XServer;
let painter: Painter;
let viewer: NativeViewer;

beforeAll(async () => {
  server = await startXvnc("", "1280x600");
  painter = new Painter(server.display);
});
afterAll(async () => {
  await painter.close();
  await server.close();
});
afterEach(() => viewer.close());

async function open(region: Region, scale = 1): Promise<void> {
  await painter.paint("text 3");
  viewer = openViewer({ display: server.display, region, scale });
  await viewer.recorder.unit((unit) => unit.keyframe);
  await viewer.recorder.silence();
}

function showsRegion({ xPx, yPx, widthPx, heightPx }: Region): void {
  const { units } = viewer.recorder;
  const picture = decodeLast(units.slice(units.findLastIndex((unit) => unit.keyframe)));
  const screen = screenPlanes(`${server.display}+${xPx},${yPx}`, widthPx, heightPx);
  expect([picture.widthPx, picture.heightPx]).toEqual([widthPx, heightPx]);
  expect(psnrDb(picture.y, screen.y)).toBeGreaterThan(45);
  expect(psnrDb(picture.u, screen.u)).toBeGreaterThan(40);
  expect(psnrDb(picture.v, screen.v)).toBeGreaterThan(40);
}

test.each([
  ["at the origin", LEFT],
  ["anywhere else", RIGHT],
])("a part %s is the picture, and what changes across its edges is seen", async (_, region) => {
  await open(region);
  expect(viewer.recorder.sizes).toEqual([`${region.widthPx}x${region.heightPx}`]);
  showsRegion(region);
  await painter.paint(`fill ${region.xPx + region.widthPx - 20} ${region.yPx + region.heightPx - 10} 60 50 ff8000`);
  await painter.paint("fill 600 20 60 60 00ff80");
  await viewer.recorder.silence();
  showsRegion(region);
});

test("what changes elsewhere is neither fetched nor coded", async () => {
  await open(RIGHT);
  const before = { ...viewer.stream.counters() };
  const units = viewer.recorder.units.length;
  for (let turn = 0; turn < 10; turn++) {
    await painter.paint(`fill ${turn * 30} 100 40 40 ${turn % 2 === 0 ? "ff0000" : "0000ff"}`);
    await painter.paint(`fill ${700 + turn * 20} 500 40 40 ${turn % 2 === 0 ? "ff0000" : "0000ff"}`);
  }
  await viewer.recorder.silence();
  const after = viewer.stream.counters();
  expect({ grabs: after.grabs, grabbedPx: after.grabbedPx, pictures: after.pictures }).toEqual({
    grabs: before.grabs,
    grabbedPx: before.grabbedPx,
    pictures: before.pictures,
  });
  expect(viewer.recorder.units).toHaveLength(units);
  await painter.paint("fill 700 100 30 30 ffff00");
  await viewer.recorder.until(() => viewer.recorder.units.length > units);
});

test("a part may move, change its size and become all of the screen while the stream runs", async () => {
  await open(LEFT);
  const moved = { ...LEFT, xPx: 300, yPx: 100 };
  viewer.stream.setRegion(moved);
  await viewer.recorder.silence();
  expect(viewer.recorder.sizes).toEqual(["640x480"]);
  showsRegion(moved);
  viewer.stream.setRegion(RIGHT);
  await viewer.recorder.silence();
  showsRegion(RIGHT);
  viewer.stream.setRegion(undefined);
  await viewer.recorder.silence();
  expect(viewer.recorder.sizes).toEqual(["640x480", "500x402", "1280x600"]);
  showsRegion({ xPx: 0, yPx: 0, widthPx: 1280, heightPx: 600 });
});

test("a part is coded smaller as well", async () => {
  await open(RIGHT, 0.5);
  expect(viewer.recorder.units.at(-1)).toMatchObject({ widthPx: 250, heightPx: 202 });
  const units = viewer.recorder.units.length;
  await painter.paint("fill 0 0 600 600 ff0000");
  await viewer.recorder.silence();
  expect(viewer.recorder.units).toHaveLength(units);
  await painter.paint("fill 1100 400 100 100 ff0000");
  await viewer.recorder.until(() => viewer.recorder.units.length > units);
});

test("a part beyond the screen shows nothing new and breaks nothing; it is seen when it is back", async () => {
  await open(RIGHT);
  for (const region of [
    { xPx: 5000, yPx: 0, widthPx: 500, heightPx: 402 },
    { xPx: -3000, yPx: -3000, widthPx: 500, heightPx: 402 },
    { xPx: 1279, yPx: 0, widthPx: 500, heightPx: 402 },
  ]) {
    viewer.stream.setRegion(region);
    await painter.paint("fill 700 100 200 200 123456");
    viewer.stream.requestKeyframe();
    await viewer.recorder.silence();
  }
  expect(viewer.recorder.cards).toEqual([]);
  viewer.stream.setRegion(RIGHT);
  await viewer.recorder.silence();
  showsRegion(RIGHT);
  // Partly on it: that much of it.
  viewer.stream.setRegion({ xPx: 1000, yPx: 100, widthPx: 500, heightPx: 400 });
  await viewer.recorder.silence();
  showsRegion({ xPx: 1000, yPx: 100, widthPx: 280, heightPx: 400 });
});
