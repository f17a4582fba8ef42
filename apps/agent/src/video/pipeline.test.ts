// The pipeline and its encoders, with a fake of the add-on.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLog } from "../log.ts";
import { createVideoPipeline } from "./pipeline.ts";
import { FakeAddon } from "./testing/fake-addon.ts";
import { Recorder } from "./testing/recorder.ts";
import type { VideoPipeline } from "./types.ts";

let addon: FakeAddon;
let recorder: Recorder;
let pipeline: VideoPipeline;
beforeEach(() => {
  addon = new FakeAddon();
  recorder = new Recorder();
});
afterEach(() => pipeline.close());

function open(): void {
  const options = {
    display: ":1",
    encoder: "auto",
    formats: ["h264"] as const,
    chroma: "420" as const,
    framesPerSecond: 60,
    bitrateBps: 1_000_000,
  };
  pipeline = createVideoPipeline(options, recorder, createLog("silent"), addon);
}

test("without any encoder the viewer is told why of each", async () => {
  addon.refusals.set("nvenc", "no GPU").set("x264", "no memory");
  open();
  await recorder.until(() => recorder.failures.length > 0);
  expect(recorder.failures).toEqual(["no encoder can be had; nvh264enc: no GPU; x264enc: no memory"]);
});

test("an encoder that breaks is replaced, and when the last one breaks the viewer is told", async () => {
  open();
  await vi.waitFor(() => expect(addon.streams).toHaveLength(1));
  const [stream] = addon.streams;
  stream?.say({ kind: "encoder-failed", name: "nvenc", reason: "driver gone" });
  await vi.waitFor(() => expect(stream?.encoders).toEqual(["nvenc", "x264"]));
  expect(recorder.failures).toEqual([]);
  stream?.say({ kind: "encoder-failed", name: "x264", reason: "no memory" });
  await recorder.until(() => recorder.failures.length > 0);
  expect(recorder.failures).toEqual(["no encoder can be had; nvh264enc: driver gone; x264enc: no memory"]);
});

test("a stream that can't be made is told too", async () => {
  addon.unmakeable = new Error("no threads left");
  open();
  await recorder.until(() => recorder.failures.length > 0);
  expect(recorder.failures).toEqual(["no threads left"]);
});
