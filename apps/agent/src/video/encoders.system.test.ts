// Every encoder that works in the processor, against a real Xvnc: what it makes of text and motion, decoded by ffmpeg. What
// needs a GPU is in nvenc.system.test.ts; what Chromium makes of it, in test/e2e.

import { FORMATS } from "@eglantine/protocol/formats";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createLog } from "../log.ts";
import { startXvnc, type XServer } from "../testing/xvnc.ts";
import { loadNativeAddon } from "./native.ts";
import { createVideoPipeline } from "./pipeline.ts";
import { offers } from "./select.ts";
import { Painter } from "./testing/painter.ts";
import { decodeLast, psnrDb, screenPlanes } from "./testing/picture.ts";
import { nowUs, Recorder } from "./testing/recorder.ts";
import type { EncoderWish, VideoPipeline } from "./types.ts";

/** Odd sides: the picture is a pixel smaller than the screen. */
const GEOMETRY = "801x603";
const [WIDTH_PX, HEIGHT_PX] = [800, 602];
/** Looks at bits or sharpness in time: a machine that is busy with other things may spoil it once. */
const MAY_BE_DISTURBED = { retry: 3 };
/** `leastDb`: of text once it stands still. */
const ENCODERS = [
  { name: "x264enc", codec: "h264", leastDb: 45 },
  { name: "openh264enc", codec: "h264", leastDb: 45 },
  { name: "vp8enc", codec: "vp8", leastDb: 45 },
  { name: "vp9enc", codec: "vp9", leastDb: 45 },
  { name: "av1enc", codec: "av1", leastDb: 45 },
  { name: "svtav1enc", codec: "av1", leastDb: 45 },
  { name: "x265enc", codec: "h265", leastDb: 45 },
] as const;

let server: XServer;
let painter: Painter;
let recorder: Recorder;
let pipeline: VideoPipeline;

beforeAll(async () => {
  server = await startXvnc("", GEOMETRY);
  painter = new Painter(server.display);
});

afterAll(async () => {
  await painter.close();
  await server.close();
});

afterEach(() => pipeline.close());

const wish = (encoder: string, more: Partial<EncoderWish> = {}): EncoderWish => ({
  encoder,
  formats: FORMATS,
  chroma: "420",
  ...more,
});

/** Starts a pipeline and waits until the picture is as sharp as it gets. */
async function start(asked: EncoderWish, bitrateBps = 16_000_000): Promise<void> {
  recorder = new Recorder();
  pipeline = createVideoPipeline(
    { display: server.display, framesPerSecond: 60, bitrateBps, ...asked },
    recorder,
    createLog("silent"),
  );
  await recorder.unit((unit) => unit.keyframe);
  await recorder.silence();
}

/** The last picture of these beside the screen. */
function sharpnessDb(units: Recorder["units"]): { y: number; u: number; v: number } {
  const screen = screenPlanes(server.display, WIDTH_PX, HEIGHT_PX, units.at(-1)?.chroma);
  const picture = decodeLast(units);
  return { y: psnrDb(picture.y, screen.y), u: psnrDb(picture.u, screen.u), v: psnrDb(picture.v, screen.v) };
}

const bitsPerSecond = (units: readonly { data: Uint8Array }[], us: number): number =>
  (units.reduce((sum, unit) => sum + unit.data.length, 0) * 8e6) / us;

describe.each(ENCODERS)("$name", ({ name, codec, leastDb }) => {
  test("begins with a keyframe and makes text sharp, in its true colours", MAY_BE_DISTURBED, async () => {
    await painter.paint("text 1");
    await start(wish(name));
    expect(recorder.encoders).toMatchObject([{ name, codec, fallback: false }]);
    expect(recorder.units[0]).toMatchObject({
      frame: 1,
      keyframe: true,
      codec,
      widthPx: WIDTH_PX,
      heightPx: HEIGHT_PX,
    });
    const before = recorder.units.length;
    const startUs = nowUs();
    await painter.paint("text 2");
    await recorder.unit(() => true, before);
    await recorder.silence();
    const second = recorder.units.filter((unit) => unit.receivedUs < startUs + 1_000_000);
    expect(sharpnessDb(second).y).toBeGreaterThan(40);
    const { y, u, v } = sharpnessDb(recorder.units);
    expect(y).toBeGreaterThan(leastDb);
    expect(Math.min(u, v)).toBeGreaterThan(leastDb - 5);
    expect(recorder.units.filter((unit) => unit.keyframe)).toHaveLength(1);
    expect(recorder.failures).toEqual([]);
  });

  test("a keyframe comes when it is asked for, and all that is needed with it", MAY_BE_DISTURBED, async () => {
    await painter.paint("text 3");
    await start(wish(name));
    const before = recorder.units.length;
    pipeline.requestKeyframe();
    await recorder.unit((unit) => unit.keyframe, before);
    await painter.paint("fill 100 100 64 64 ff0000");
    await recorder.silence();
    // A slow machine may have been at a refinement when it was asked.
    const after = recorder.units.slice(recorder.units.findIndex((unit, at) => at >= before && unit.keyframe));
    expect(after.filter((unit) => unit.keyframe)).toHaveLength(1);
    expect(sharpnessDb(after).y).toBeGreaterThan(leastDb - 3);
  });

  test("a new bitrate takes hold while the screen moves, without a keyframe", MAY_BE_DISTURBED, async () => {
    await painter.paint("fill 0 0 801 603 808080");
    await start(wish(name), 4_000_000);
    const motion = async (frames: number): Promise<number> => {
      const before = recorder.units.length;
      const startUs = nowUs();
      await painter.paint(`move 0 0 800 600 ${frames} 30`);
      const moved = recorder.units.slice(before);
      expect(moved.some((unit) => unit.keyframe)).toBe(false);
      return bitsPerSecond(moved, nowUs() - startUs);
    };
    await motion(15);
    const fastBps = await motion(45);
    pipeline.setBitrateBps(500_000);
    await motion(30);
    const slowBps = await motion(60);
    expect(fastBps).toBeLessThan(5_200_000);
    expect(slowBps).toBeLessThan(650_000);
    expect(fastBps).toBeGreaterThan(1.3 * slowBps);
  });

  test("patches one after the other leave no trace of what was there before", async () => {
    await painter.paint("text 4");
    await start(wish(name));
    await painter.paint("move 203 101 331 207 45 60");
    await painter.paint("stripes 200");
    await recorder.silence();
    expect(sharpnessDb(recorder.units).y).toBeGreaterThan(leastDb - 3);
  });

  test("another size is another keyframe, and every picture of it is of that size", async () => {
    await painter.paint("text 5");
    await start(wish(name));
    const before = recorder.units.length;
    pipeline.setScale(0.5);
    const smaller = await recorder.unit((unit) => unit.widthPx < WIDTH_PX, before);
    await recorder.silence();
    expect(smaller.keyframe).toBe(true);
    const after = recorder.units.slice(recorder.units.indexOf(smaller));
    const picture = decodeLast(after);
    expect([picture.widthPx, picture.heightPx]).toEqual([smaller.widthPx, smaller.heightPx]);
    pipeline.setScale(0);
    const least = await recorder.unit((unit) => unit.widthPx < smaller.widthPx, before);
    expect(least).toMatchObject({ keyframe: true, codec, heightPx: 64 });
    expect(recorder.encoders).toHaveLength(1);
  });
});

test("encoder, codec and chroma change while the stream runs, each with a keyframe and nothing lost", async () => {
  await painter.paint("text 6");
  await start(wish("x264enc"), 12_000_000);
  pipeline.setFramesPerSecond(30);
  const moving = painter.paint("move 100 100 320 180 240 60");
  const steps = [
    wish("vp9enc"),
    wish("av1enc"),
    wish("x265enc"),
    wish("x264enc", { chroma: "444" }),
    wish("vp8enc"),
    wish("x264enc"),
  ];
  for (const step of steps) {
    const before = recorder.encoders.length;
    pipeline.setEncoder(step);
    await recorder.until(() => recorder.encoders.length > before);
    await recorder.until(() => recorder.units.at(-1)?.codec === recorder.encoders.at(-1)?.codec);
  }
  await moving;
  await recorder.silence();
  expect(recorder.encoders.map(({ name, chroma }) => `${name} ${chroma}`)).toEqual([
    "x264enc 420",
    "vp9enc 420",
    "av1enc 420",
    "x265enc 420",
    "x264enc 444",
    "vp8enc 420",
    "x264enc 420",
  ]);
  const { units } = recorder;
  const begins = units.filter((unit, i) => unit.codec !== units[i - 1]?.codec || unit.chroma !== units[i - 1]?.chroma);
  expect(begins.map(({ codec, chroma }) => `${codec} ${chroma}`)).toEqual([
    "h264 420",
    "vp9 420",
    "av1 420",
    "h265 420",
    "h264 444",
    "vp8 420",
    "h264 420",
  ]);
  expect(begins.every((unit) => unit.keyframe)).toBe(true);
  // Each encoder's pictures decode by themselves, and the settings hold over all of them.
  begins.forEach((begin, i) => {
    const to = begins[i + 1] === undefined ? units.length : units.indexOf(begins[i + 1] ?? begin);
    expect(decodeLast(units.slice(units.indexOf(begin), to)).widthPx).toBe(WIDTH_PX);
  });
  const last = units.findLastIndex((unit) => begins.includes(unit));
  expect(sharpnessDb(units.slice(last)).y).toBeGreaterThan(45);
  expect(recorder.units.map(({ frame }) => frame)).toEqual(units.map((_, i) => i + 1));
  expect(recorder.failures).toEqual([]);
});

test("an encoder that a wish names and the machine lacks leaves the one in use, and says so", async () => {
  await start(wish("vp9enc"));
  pipeline.setEncoder(wish("rav1enc", { formats: ["vp9", "av1"] }));
  await recorder.until(() => recorder.encoders.length > 1);
  expect(recorder.encoders[1]).toMatchObject({ name: "vp9enc", fallback: true });
  expect(recorder.encoders[1]?.why).toContain("rav1enc: rav1e gives out a picture only when");
});

test("the software encoders are offered, and of the others why not", async () => {
  await start(wish("x264enc"));
  const found = await offers(loadNativeAddon());
  for (const { name } of ENCODERS) expect(found.find((offer) => offer.name === name)).toMatchObject({ usable: true });
  expect(found.find(({ name }) => name === "x264enc")?.chroma444).toBe(true);
  for (const offer of found) expect(offer.why).not.toBe("");
});
