// A paused pipeline against a real Xvnc.

import { afterAll, beforeAll, expect, test } from "vitest";
import { createLog } from "../log.ts";
import { startXvnc, type XServer } from "../testing/xvnc.ts";
import { createVideoPipeline } from "./pipeline.ts";
import { Painter } from "./testing/painter.ts";
import { Recorder } from "./testing/recorder.ts";
import type { VideoPipeline } from "./types.ts";

let server: XServer;
let painter: Painter;
let pipeline: VideoPipeline;
let recorder: Recorder;

beforeAll(async () => {
  server = await startXvnc("", "640x480");
  painter = new Painter(server.display);
  recorder = new Recorder();
  const options = { display: server.display, encoder: "x264enc", formats: ["h264" as const], chroma: "420" as const };
  pipeline = createVideoPipeline(
    { ...options, framesPerSecond: 60, bitrateBps: 10_000_000 },
    recorder,
    createLog("silent"),
  );
  await recorder.unit((unit) => unit.keyframe);
  await recorder.silence();
});

afterAll(async () => {
  await pipeline.close();
  await painter.close();
  await server.close();
});

test("while paused nothing comes, not even a keyframe, and all that changed comes as one picture afterwards", async () => {
  pipeline.setPaused(true);
  const before = recorder.units.length;
  for (let step = 0; step < 10; step += 1) await painter.paint(`fill ${step * 20} 0 20 20 ff0000`);
  pipeline.requestKeyframe();
  await recorder.silence(200);
  expect(recorder.units).toHaveLength(before);
  const resumedUs = Number(process.hrtime.bigint() / 1000n);
  pipeline.setPaused(false);
  const next = await recorder.unit((unit) => unit.first, before);
  expect(next.keyframe).toBe(true);
  expect(next.timing.grabUs).toBeGreaterThanOrEqual(resumedUs);
  await recorder.silence();
  const more = recorder.units.slice(before + 1).filter((unit) => unit.last && !unit.refinement);
  expect(more.filter((unit) => unit.frame !== next.frame)).toEqual([]);
});
