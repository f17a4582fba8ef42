// The pipeline and its encoders, with a fake of the add-on.

import { afterEach, beforeEach, expect, test } from "vitest";
import { createLog } from "../log.ts";
import { createVideoPipeline } from "./pipeline.ts";
import type { NativeMessage } from "./native.ts";
import { FakeAddon, type FakeStream } from "./testing/fake-addon.ts";
import { Recorder } from "./testing/recorder.ts";
import type { EncoderWish, VideoPipeline } from "./types.ts";

let addon: FakeAddon;
let recorder: Recorder;
let pipeline: VideoPipeline;
beforeEach(() => {
  addon = new FakeAddon();
  recorder = new Recorder();
});
afterEach(() => pipeline.close());

/** What every viewer of these tests decodes. */
const wish = (encoder: string, more: Partial<EncoderWish> = {}): EncoderWish => ({
  encoder,
  formats: ["h264", "vp9"],
  chroma: "420",
  ...more,
});

function open(asked: EncoderWish = wish("auto", { formats: ["h264"] })): void {
  const options = { display: ":1", framesPerSecond: 60, bitrateBps: 1_000_000, ...asked };
  pipeline = createVideoPipeline(options, recorder, createLog("silent"), addon);
}

/** A machine with x264 and libvpx alone, and a stream that has opened x264. */
async function opened(): Promise<FakeStream> {
  for (const native of ["nvenc-h264", "vaapi-h264_vaapi", "vaapi-vp9_vaapi", "openh264-h264"]) {
    addon.refusals.set(native, "not here");
  }
  open(wish("auto"));
  await expect.poll(() => addon.streams).toHaveLength(1);
  const stream = addon.streams[0];
  if (!stream) throw new Error("there is no stream");
  stream.say({ kind: "encoder-opened", name: "x264", chroma: "420", reason: "" });
  return stream;
}

const unit = (frame: number, keyframe: boolean): NativeMessage => ({
  kind: "unit",
  data: new Uint8Array([frame]),
  keyframe,
  first: true,
  last: true,
  chroma: "420",
  changed: 1,
  frame,
  refinement: false,
  widthPx: 640,
  heightPx: 480,
  damageUs: 1,
  grabUs: 2,
  convertUs: 3,
  encodeUs: 4,
});

test("without any encoder the viewer is told why of each", async () => {
  addon.refusals.set("nvenc-h264", "no GPU").set("vaapi-h264_vaapi", "no device");
  addon.refusals.set("x264", "no memory").set("openh264-h264", "no library");
  open();
  await recorder.until(() => recorder.failures.length > 0);
  expect(recorder.failures).toEqual([
    "no encoder can be had; nvh264enc: no GPU; vah264enc: no device; x264enc: no memory; openh264enc: no library",
  ]);
});

test("an encoder that breaks is replaced, and when the last one breaks the viewer is told", async () => {
  addon.refusals.set("vaapi-h264_vaapi", "no device").set("openh264-h264", "no library");
  open();
  await expect.poll(() => addon.streams).toHaveLength(1);
  const [stream] = addon.streams;
  stream?.say({ kind: "encoder-failed", name: "nvenc-h264", chroma: "420", reason: "driver gone" });
  await expect.poll(() => stream?.encoders).toEqual(["nvenc-h264", "x264"]);
  expect(recorder.failures).toEqual([]);
  stream?.say({ kind: "encoder-failed", name: "x264", chroma: "420", reason: "no memory" });
  await recorder.until(() => recorder.failures.length > 0);
  expect(recorder.failures).toEqual([
    "no encoder can be had; nvh264enc: driver gone; vah264enc: no device; x264enc: no memory; openh264enc: no library",
  ]);
});

test("an encoder that failed on a large screen is taken again on a much smaller one, once", async () => {
  addon.refusals.set("vaapi-h264_vaapi", "no device").set("openh264-h264", "no library");
  open();
  await expect.poll(() => addon.streams).toHaveLength(1);
  const [stream] = addon.streams;
  stream?.say({ kind: "size", widthPx: 7680, heightPx: 4320 });
  stream?.say({ kind: "encoder-failed", name: "nvenc-h264", chroma: "420", reason: "4096 pixels at most" });
  await expect.poll(() => stream?.encoders).toEqual(["nvenc-h264", "x264"]);
  stream?.say({ kind: "encoder-opened", name: "x264", chroma: "420", reason: "" });
  stream?.say({ kind: "size", widthPx: 7600, heightPx: 4320 });
  stream?.say({ kind: "size", widthPx: 3840, heightPx: 2160 });
  stream?.say({ kind: "size", widthPx: 640, heightPx: 480 });
  await expect.poll(() => stream?.encoders).toEqual(["nvenc-h264", "x264", "nvenc-h264"]);
});

test("H.264 codes no larger pictures than its decoders take, other codecs and smaller screens whole ones", async () => {
  const stream = await opened();
  stream.say({ kind: "size", widthPx: 3840, heightPx: 2160 });
  stream.say({ kind: "size", widthPx: 5120, heightPx: 2880 });
  expect(stream.scales).toEqual([0.8]);
  pipeline.setScale(0.5);
  pipeline.setScale(0.9);
  expect(stream.scales).toEqual([0.8, 0.5, 0.8]);
  pipeline.setScale(1);
  pipeline.setEncoder(wish("vp9enc"));
  await expect.poll(() => stream.encoders).toEqual(["x264", "vpx-vp9"]);
  stream.say({ kind: "encoder-opened", name: "vpx-vp9", chroma: "420", reason: "" });
  expect(stream.scales).toEqual([0.8, 0.5, 0.8, 1]);
});

test("a stream that can't be made is told too", async () => {
  addon.unmakeable = new Error("no threads left");
  open();
  await recorder.until(() => recorder.failures.length > 0);
  expect(recorder.failures).toEqual(["no threads left"]);
});

test("a wish takes hold while the stream runs, and units bear the codec of their own encoder", async () => {
  const stream = await opened();
  pipeline.setEncoder(wish("vp9enc"));
  await expect.poll(() => stream.encoders).toEqual(["x264", "vpx-vp9"]);
  stream.say(unit(1, false));
  stream.say({ kind: "encoder-opened", name: "vpx-vp9", chroma: "420", reason: "" });
  stream.say(unit(2, true));
  expect(recorder.units.map(({ codec }) => codec)).toEqual(["h264", "vp9"]);
  expect(recorder.encoders.at(-1)).toMatchObject({ name: "vp9enc", codec: "vp9", why: "it was asked for" });
  expect(addon.streams).toHaveLength(1);
});

test("a wish that changes nothing opens nothing", async () => {
  const stream = await opened();
  pipeline.setEncoder(wish("auto"));
  pipeline.setEncoder(wish("auto", { formats: ["h264"] }));
  pipeline.setEncoder(wish("vp9enc"));
  await expect.poll(() => stream.encoders).toEqual(["x264", "vpx-vp9"]);
});

test("of several wishes at once the last one counts", async () => {
  const stream = await opened();
  pipeline.setEncoder(wish("vp9enc"));
  pipeline.setEncoder(wish("x264enc"));
  pipeline.setEncoder(wish("vp9enc"));
  await expect.poll(() => stream.encoders).toEqual(["x264", "vpx-vp9"]);
  expect(recorder.failures).toEqual([]);
});

test("4:4:4 on and off again is the same encoder opened anew", async () => {
  const stream = await opened();
  const formats = ["h264", "h264-444"] as const;
  pipeline.setEncoder(wish("auto", { formats, chroma: "444" }));
  await expect.poll(() => stream.encoders).toEqual(["x264", "x264 444"]);
  pipeline.setEncoder(wish("auto", { formats, chroma: "420" }));
  await expect.poll(() => stream.encoders).toEqual(["x264", "x264 444", "x264"]);
});

test("an encoder that was wished for and can't be opened leaves the viewer with another", async () => {
  const stream = await opened();
  pipeline.setEncoder(wish("vp9enc"));
  await expect.poll(() => stream.encoders).toEqual(["x264", "vpx-vp9"]);
  stream.say({ kind: "encoder-failed", name: "vpx-vp9", chroma: "420", reason: "no memory" });
  await expect.poll(() => stream.encoders).toEqual(["x264", "vpx-vp9", "x264"]);
  stream.say({ kind: "encoder-opened", name: "x264", chroma: "420", reason: "" });
  const why = recorder.encoders.at(-1)?.why;
  expect(why).toContain("vp9enc: no memory");
  expect(recorder.encoders.at(-1)).toMatchObject({ name: "x264enc", fallback: true });
});

test("an encoder that broke is not taken again by auto, but by its name", async () => {
  const stream = await opened();
  stream.say({ kind: "encoder-failed", name: "x264", chroma: "420", reason: "it broke" });
  await expect.poll(() => stream.encoders).toEqual(["x264", "vpx-vp9"]);
  stream.say({ kind: "encoder-opened", name: "vpx-vp9", chroma: "420", reason: "" });
  pipeline.setEncoder(wish("auto"));
  pipeline.setEncoder(wish("x264enc"));
  await expect.poll(() => stream.encoders).toEqual(["x264", "vpx-vp9", "x264"]);
});

test("an unknown name is refused at once and changes nothing", async () => {
  const stream = await opened();
  expect(() => pipeline.setEncoder(wish("vp10enc"))).toThrow(/did you mean "vp9enc"/);
  stream.say(unit(1, true));
  expect(recorder.units).toHaveLength(1);
  expect(stream.encoders).toEqual(["x264"]);
});
