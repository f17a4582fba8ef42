// What each software encoder costs: the processor time of this process for a picture of a moving 1280x720 screen, capture and
// conversion included. `node apps/agent/src/video/testing/encoder-cost.ts`; its table is in BENCHMARKS.md.

import { FORMATS } from "@eglantine/protocol/formats";
import { createLog } from "../../log.ts";
import { startXvnc } from "../../testing/xvnc.ts";
import { createVideoPipeline } from "../pipeline.ts";
import { Painter } from "./painter.ts";
import { Recorder } from "./recorder.ts";

const ENCODERS = ["x264enc", "openh264enc", "vp8enc", "vp9enc", "av1enc", "svtav1enc", "x265enc"];
const BITRATE_BPS = 10_000_000;
const FRAMES = 180;

const server = await startXvnc("", "1280x720");
const painter = new Painter(server.display);
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

process.stdout.write(
  "| encoder | CPU, ms a picture | encoding, ms, median | pictures of 180 | Mbit/s |\n| --- | --- | --- | --- | --- |\n",
);
for (const encoder of ENCODERS) {
  const recorder = new Recorder();
  const pipeline = createVideoPipeline(
    { display: server.display, encoder, formats: FORMATS, chroma: "420", framesPerSecond: 60, bitrateBps: BITRATE_BPS },
    recorder,
    createLog("silent"),
  );
  await recorder.unit((unit) => unit.keyframe);
  await recorder.silence();
  const before = recorder.units.length;
  const startUs = process.cpuUsage();
  await painter.paint(`move 0 0 1280 720 ${FRAMES} 30`);
  const { user, system } = process.cpuUsage(startUs);
  const moved = recorder.units.slice(before);
  const encodeMs = median(moved.map(({ timing }) => (timing.encodeUs - timing.convertUs) / 1000));
  const megabits = (moved.reduce((sum, { data }) => sum + data.length, 0) * 8) / 1e6 / (FRAMES / 30);
  const cpuMs = (user + system) / 1000 / moved.length;
  const cells = [encoder, cpuMs.toFixed(1), encodeMs.toFixed(1), moved.length, megabits.toFixed(1)];
  process.stdout.write(`| ${cells.join(" | ")} |\n`);
  await pipeline.close();
}
await painter.close();
await server.close();
