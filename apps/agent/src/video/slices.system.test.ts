// Pictures in parts, against a real Xvnc: the runs of slices come in order, bracketed, and together they are the picture.

import { execFileSync } from "node:child_process";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createLog } from "../log.ts";
import { startXvnc, type XServer } from "../testing/xvnc.ts";
import { createVideoPipeline } from "./pipeline.ts";
import { firstMacroblocks } from "./testing/h264.ts";
import { Painter } from "./testing/painter.ts";
import { decodeLast, psnrDb, screenPlanes } from "./testing/picture.ts";
import { sliceOrderCheckProgram } from "./testing/programs.ts";
import { Recorder } from "./testing/recorder.ts";
import type { VideoPipeline } from "./types.ts";

let server: XServer;
let painter: Painter;
let recorder: Recorder;
let pipeline: VideoPipeline | undefined;

beforeAll(async () => {
  server = await startXvnc("", "1920x1080");
  painter = new Painter(server.display);
});

afterAll(async () => {
  await painter.close();
  await server.close();
});

afterEach(() => pipeline?.close());

async function start(): Promise<void> {
  recorder = new Recorder();
  pipeline = createVideoPipeline(
    {
      display: server.display,
      encoder: "x264enc",
      formats: ["h264"],
      chroma: "420",
      framesPerSecond: 60,
      bitrateBps: 16_000_000,
    },
    recorder,
    createLog("silent"),
  );
  await recorder.unit((unit) => unit.keyframe);
  await recorder.silence();
}

test("slices leave before their picture is complete, in the order of the byte stream", async () => {
  await painter.paint("text 1");
  await start();
  // All motion is in the upper half: the lower one is done long before it.
  await painter.paint("move 0 0 1920 540 60 60");
  await painter.paint("move 0 540 1920 540 60 60");
  await painter.paint("move 0 0 1920 1080 60 60");
  await recorder.silence();
  expect(recorder.faults).toEqual([]);
  const parted = recorder.units.filter(({ parts }) => parts.length > 1);
  expect(parted.length).toBeGreaterThan(20);
  for (const { parts, frame, keyframe, timing } of recorder.units) {
    const starts = parts.flatMap((part) => firstMacroblocks(part.data));
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    expect(starts[0]).toBe(0);
    for (const part of parts) expect(part).toMatchObject({ frame, keyframe, timing: { damageUs: timing.damageUs } });
  }
  // A part is worth a wake-up of its own when it comes well before the rest.
  const leadsUs = parted.map(({ parts }) => (parts.at(-1)?.receivedUs ?? 0) - (parts[0]?.receivedUs ?? 0));
  expect(leadsUs.toSorted((a, b) => a - b)[leadsUs.length >> 1]).toBeGreaterThan(500);
  expect(psnrDb(decodeLast(recorder.units).y, screenPlanes(server.display, 1920, 1080).y)).toBeGreaterThan(40);
});

test("a small change is one part", async () => {
  await start();
  const before = recorder.units.length;
  await painter.paint("fill 640 320 32 32 abcdef");
  const unit = await recorder.unit(() => true, before);
  expect(unit.parts).toHaveLength(1);
  expect(unit.changed).toBeCloseTo(4 / (120 * 68), 5);
});

test("in whatever order threads hand slices in, the parts are the byte stream, with one end", () => {
  expect(execFileSync(sliceOrderCheckProgram(), { encoding: "utf8" })).toBe("ok\n");
});
