import { expect, test } from "vitest";
import { FakeVideo } from "../testing/fake-media.ts";
import { DeferredPipeline } from "./deferred.ts";
import type { VideoSink } from "./types.ts";

const NOBODY: VideoSink = {
  onAccessUnit: () => undefined,
  onSize: () => undefined,
  onEncoder: () => undefined,
  onCard: () => undefined,
  onFailed: () => undefined,
};

function deferred(held = false) {
  const made: FakeVideo[] = [];
  const pipeline = new DeferredPipeline(() => {
    const video = new FakeVideo(NOBODY);
    made.push(video);
    return video;
  }, held);
  return { made, pipeline };
}

test("nothing is made before it is told to go on, whatever else it is told", async () => {
  const { made, pipeline } = deferred();
  pipeline.setBitrateBps(5);
  pipeline.setPaused(true);
  pipeline.requestKeyframe();
  await pipeline.close();
  pipeline.setPaused(false);
  expect(made).toEqual([]);
});

test("one is made once, and knows the last of everything it was told before", () => {
  const { made, pipeline } = deferred();
  pipeline.setBitrateBps(5);
  pipeline.setBitrateBps(6);
  pipeline.setFramesPerSecond(30);
  pipeline.setScale(0.5);
  pipeline.setPaused(false);
  pipeline.setPaused(true);
  pipeline.setPaused(false);
  pipeline.setBitrateBps(7);
  expect(made).toHaveLength(1);
  expect(made[0]).toMatchObject({ bitratesBps: [6, 7], framesPerSecond: [30], scales: [0.5] });
});

test("it is closed with what it made", async () => {
  const { made, pipeline } = deferred();
  pipeline.setPaused(false);
  await pipeline.close();
  expect(made[0]?.closed).toBe(true);
});

test("one that is held begins when it is released, and knows what it was told before", () => {
  const { made, pipeline } = deferred(true);
  const region = { xPx: 640, yPx: 0, widthPx: 800, heightPx: 600 };
  pipeline.setPaused(false);
  pipeline.setRegion(region);
  expect(made).toEqual([]);
  pipeline.setPaused(true);
  pipeline.release();
  expect(made).toHaveLength(1);
  expect(made[0]).toMatchObject({ region, paused: true });
});
