import type { AgentControl } from "@eglantine/protocol/control";
import type { Format } from "@eglantine/protocol/formats";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLog } from "../log.ts";
import { accessUnit, FakeVideo } from "../testing/fake-media.ts";
import type { RateLimits } from "../congestion/types.ts";
import type { EncoderChoice, VideoSink } from "../video/types.ts";
import { CpuBudget } from "./cpu-budget.ts";
import { Steering, type SteeringOptions, type VideoDefaults } from "./steering.ts";

const DEFAULTS: VideoDefaults = {
  encoder: "auto",
  chroma: "auto",
  preset: "balanced",
  framesPerSecond: 60,
  minBps: 300e3,
  startBps: 8e6,
  maxBps: 16e6,
  capBytesPerHour: undefined,
};

let video: FakeVideo;
let sent: AgentControl[];
let limits: RateLimits[];
let nowMs: number;
let sentBytes: number;
let open: Steering[];

beforeEach(() => {
  vi.useFakeTimers();
  video = new FakeVideo({} as VideoSink);
  sent = [];
  limits = [];
  nowMs = 0;
  sentBytes = 0;
  open = [];
});
afterEach(() => {
  for (const steering of open) steering.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const X264: EncoderChoice = {
  name: "x264enc",
  codec: "h264",
  chroma: "420",
  chroma444: true,
  why: "the CPU encodes",
  fallback: false,
};

function steeringOf(
  defaults: Partial<VideoDefaults> = {},
  formats: readonly Format[] = ["h264", "h264-444"],
  more: Partial<SteeringOptions> = {},
) {
  const steering = new Steering({
    video,
    defaults: { ...DEFAULTS, ...defaults },
    formats,
    cpu: new CpuBudget(2).join(),
    nowMs: () => nowMs,
    log: createLog("silent"),
    send: (message) => sent.push(message),
    onLimits: (bounds) => limits.push(bounds),
    onSteered: () => undefined,
    onHeld: () => undefined,
    sentBytes: () => sentBytes,
    ...more,
  });
  open.push(steering);
  return steering;
}

/** Pictures at 60 a second, each `bytes` long. */
function play(steering: Steering, durationMs: number, bytes: number, changed: number): void {
  for (const untilMs = nowMs + durationMs; nowMs < untilMs; ) {
    for (let frame = 0; frame < 6; frame += 1) {
      steering.unit({ ...accessUnit(frame + 2), data: new Uint8Array(bytes), changed, widthPx: 1920, heightPx: 1080 });
      sentBytes += bytes;
    }
    nowMs += 100;
    vi.advanceTimersByTime(100);
  }
}

const inForce = () => sent.findLast((message) => message.type === "video");

test("the settings in force are told at once, and again after a wish", () => {
  const steering = steeringOf();
  expect(inForce()).toEqual({ type: "video", ...DEFAULTS, capBytesPerHour: undefined });
  steering.wish({ preset: "text", framesPerSecond: 30 });
  expect(inForce()).toMatchObject({ preset: "text", framesPerSecond: 30, maxBps: 16e6 });
  expect(video.framesPerSecond).toEqual([30]);
  steering.wish({});
  expect(inForce()).toMatchObject({ preset: "balanced", framesPerSecond: 60 });
});

test("a viewer gets less than the operator allows, never more", () => {
  const steering = steeringOf({ capBytesPerHour: 1e9 });
  steering.wish({ maxBps: 900e6, minBps: 900e6, startBps: 900e6, framesPerSecond: 240, capBytesPerHour: 5e9 });
  expect(inForce()).toMatchObject({ maxBps: 16e6, minBps: 8e6, startBps: 16e6, framesPerSecond: 60 });
  expect(inForce()).toMatchObject({ capBytesPerHour: 1e9 });
  steering.wish({ maxBps: 4e6, minBps: 100e3, capBytesPerHour: 1e8 });
  expect(inForce()).toMatchObject({ maxBps: 4e6, startBps: 4e6, minBps: 100e3, capBytesPerHour: 1e8 });
  expect(limits.at(-1)).toEqual({ minBps: 100e3, startBps: 4e6, maxBps: 4e6 });
});

test("a fall of the target reaches the encoder at once, a rise with the next step", () => {
  const steering = steeringOf();
  steering.target(3e6);
  expect(video.bitratesBps.at(-1)).toBe(3e6);
  steering.target(3.2e6);
  expect(video.bitratesBps.at(-1)).toBe(3e6);
  nowMs += 250;
  vi.advanceTimersByTime(250);
  expect(video.bitratesBps.at(-1)).toBe(3.2e6);
});

test("a narrow path in full motion lowers frame rate and size", () => {
  const steering = steeringOf();
  steering.target(1e6);
  play(steering, 6000, 2000, 1);
  expect(video.framesPerSecond.at(-1)).toBeLessThan(60);
  expect(video.scales.at(-1)).toBeLessThan(1);
});

test("a still desktop goes to 4:4:4 once, then the clock stops", () => {
  const steering = steeringOf();
  steering.encoder(X264);
  steering.target(12e6);
  play(steering, 500, 200, 0.01);
  nowMs += 2000;
  vi.advanceTimersByTime(2000);
  expect(vi.getTimerCount()).toBe(1);
  for (let step = 0; step < 400; step += 1) {
    nowMs += 250;
    vi.advanceTimersByTime(250);
  }
  expect(video.wishes).toEqual([{ encoder: "auto", chroma: "444", formats: ["h264", "h264-444"] }]);
  expect(vi.getTimerCount()).toBe(0);
  steering.unit(accessUnit(5));
  expect(vi.getTimerCount()).toBe(1);
});

test("a desktop that was never in motion has no clock after 2 s", () => {
  const steering = steeringOf({}, ["h264"]);
  play(steering, 200, 200, 0.01);
  for (let step = 0; step < 9; step += 1) {
    nowMs += 250;
    vi.advanceTimersByTime(250);
  }
  expect(vi.getTimerCount()).toBe(0);
  // A rate that changes is applied, and that is all.
  steering.target(9e6);
  expect(vi.getTimerCount()).toBe(1);
  nowMs += 250;
  vi.advanceTimersByTime(250);
  expect(video.bitratesBps.at(-1)).toBe(9e6);
  expect(vi.getTimerCount()).toBe(0);
});

test("an encoder without 4:4:4 is not left for text, unless 4:4:4 is asked for", () => {
  const steering = steeringOf();
  steering.encoder({ ...X264, name: "vah264enc", chroma444: false });
  steering.target(12e6);
  play(steering, 500, 200, 0.01);
  nowMs += 30_000;
  vi.advanceTimersByTime(30_000);
  expect(video.wishes).toEqual([]);
  steering.wish({ chroma: "444" });
  expect(video.wishes).toMatchObject([{ chroma: "444" }]);
});

test("units of the size before do not count as a larger desktop", () => {
  const steering = steeringOf();
  steering.size(1920, 1080);
  steering.target(1e6);
  play(steering, 20_000, 2000, 1);
  // The double of these never changes its size: `play` goes on with the large units.
  expect(video.framesPerSecond.at(-1)).toBe(24);
  expect(video.scales.at(-1)).toBe(0.5);
});

test("two viewers whose frames wait for their turn do not hold each other down", () => {
  const budget = new CpuBudget(2);
  const all = [budget.join(), budget.join()].map((cpu) => {
    const pipeline = new FakeVideo({} as VideoSink);
    return { pipeline, steering: steeringOf({}, ["h264"], { cpu, video: pipeline }) };
  });
  for (let step = 0; step < 40; step += 1) {
    for (const { pipeline, steering } of all) {
      const limit = pipeline.framesPerSecond.at(-1) ?? 60;
      for (let frame = 0; frame < limit / 4; frame += 1) {
        // 10 ms of work, after a wait as long as the limit makes it.
        const damageUs = -1e6 / limit;
        const timing = { damageUs, grabUs: 0, convertUs: 2000, encodeUs: 10_000 };
        steering.unit({ ...accessUnit(frame + 2), timing, data: new Uint8Array(100) });
      }
    }
    nowMs += 250;
    vi.advanceTimersByTime(250);
  }
  for (const { pipeline } of all) expect(pipeline.framesPerSecond.at(-1) ?? 60).toBe(60);
});

test("a viewer's encoder and a path's formats reach the pipeline, once each", () => {
  const steering = steeringOf({}, ["h264"]);
  steering.wish({ encoder: "vp8enc" });
  steering.wish({ encoder: "vp8enc" });
  steering.formats(["h264", "vp8"]);
  expect(video.wishes).toEqual([
    { encoder: "vp8enc", chroma: "420", formats: ["h264"] },
    { encoder: "vp8enc", chroma: "420", formats: ["h264", "vp8"] },
  ]);
});

test("an encoder that there is not is a notice", () => {
  const steering = steeringOf();
  video.setEncoder = () => {
    throw new Error("no encoder is named x");
  };
  steering.wish({ encoder: "x" });
  expect(sent.at(-1)).toMatchObject({ type: "notice", level: "warning" });
});

test("what is sent beyond a data cap, however low the rate, holds the picture until there is room, and the clock runs on", () => {
  const held: boolean[] = [];
  const steering = steeringOf({ capBytesPerHour: 22.5e6, preset: "text" }, ["h264"], { onHeld: (is) => held.push(is) });
  steering.target(16e6);
  play(steering, 6000, 10_000, 0.5);
  expect(held).toEqual([true]);
  nowMs += 600_000;
  vi.advanceTimersByTime(600_000);
  expect(held).toEqual([true, false]);
});

test("a data cap slows the picture and says so, once when near and once when used up", () => {
  const steering = steeringOf({ capBytesPerHour: 50e6, preset: "metered" });
  steering.target(16e6);
  play(steering, 60_000, 10_000, 0.5);
  const notices = sent.filter((message) => message.type === "notice");
  expect(notices.map(({ level }) => level)).toEqual(["info", "warning"]);
  expect(video.bitratesBps.at(-1)).toBeLessThan(100e3);
  expect(video.bitratesBps.at(-1)).toBeGreaterThan(0);
});
