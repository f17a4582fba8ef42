import { expect, it } from "vitest";
import { RoundTripClock } from "./clock.ts";
import { keepFrameTimes, keyToPhotonMs, measure, readCounters, type ReceiveCounters } from "./stats.ts";

const BEFORE: ReceiveCounters = {
  atMs: 1000,
  framesReceived: 0,
  framesDropped: 0,
  framesDecoded: 100,
  bytesReceived: 10_000,
  packetsReceived: 200,
  packetsLost: 1,
  nacks: 0,
  jitterBufferDelayS: 1,
  jitterBufferFrames: 100,
  decodeTimeS: 0.5,
  roundTripMs: 4,
  decoder: "FFmpeg",
  route: "UDP",
};

it("turns the growth of counters into figures of one second", () => {
  const after = {
    ...BEFORE,
    atMs: 2000,
    framesDecoded: 160,
    bytesReceived: 135_000,
    packetsReceived: 299,
    packetsLost: 2,
    jitterBufferDelayS: 1.3,
    jitterBufferFrames: 160,
    decodeTimeS: 0.62,
  };
  const measured = measure(BEFORE, after);
  expect(measured.framesPerSecond).toBe(60);
  expect(measured.bitrateBps).toBe(1_000_000);
  expect(measured.jitterBufferMs).toBeCloseTo(5);
  expect(measured.decodeMs).toBeCloseTo(2);
  expect(measured.lossFraction).toBeCloseTo(0.01);
});

it("gives no negative and no infinite figure when nothing came or counters start anew", () => {
  const measured = measure(BEFORE, { ...BEFORE, framesDecoded: 0, bytesReceived: 0, packetsLost: 0 });
  for (const figure of Object.values(measured)) {
    if (typeof figure === "number") expect(figure >= 0 && Number.isFinite(figure)).toBe(true);
  }
});

it("keeps the times per frame of a desktop that has become still", () => {
  const moving = measure(BEFORE, { ...BEFORE, atMs: 2000, framesDecoded: 110, decodeTimeS: 0.55 });
  const still = measure(BEFORE, { ...BEFORE, atMs: 2000 }, moving);
  expect(still.framesPerSecond).toBe(0);
  expect(still.decodeMs).toBeCloseTo(5);
  const agent = { framesPerSecond: 60, grabMs: 1, convertMs: 2, encodeMs: 3, sendMs: 4 };
  const quiet = { framesPerSecond: 0, grabMs: 0, convertMs: 0, encodeMs: 0, sendMs: 0 };
  expect(keepFrameTimes(quiet, agent)).toEqual({ ...agent, framesPerSecond: 0 });
  expect(keepFrameTimes({ ...agent, encodeMs: 9 }, agent).encodeMs).toBe(9);
});

it("finds the video and the path in use among a report's entries", () => {
  const counters = readCounters([
    { type: "candidate-pair", id: "a", currentRoundTripTime: 0.5 },
    { type: "candidate-pair", id: "b", currentRoundTripTime: 0.002 },
    { type: "transport", selectedCandidatePairId: "b" },
    { type: "inbound-rtp", kind: "video", timestamp: 5, framesDecoded: 7, decoderImplementation: "libvpx" },
  ]);
  expect(counters).toMatchObject({ atMs: 5, framesDecoded: 7, roundTripMs: 2, decoder: "libvpx", packetsLost: 0 });
});

it("reads nothing from a report without video", () => {
  expect(readCounters([{ type: "transport" }])).toBeUndefined();
});

it("adds the estimate from key to photon up from its parts", () => {
  const estimate = keyToPhotonMs({
    inputRoundTripMs: 2,
    agent: { grabMs: 1, convertMs: 1, encodeMs: 5, sendMs: 1 },
    video: { roundTripMs: 2, jitterBufferMs: 1, decodeMs: 3 },
    refreshMs: 16,
  });
  expect(estimate).toBe(1 + 8 + 1 + 1 + 3 + 8);
});

it("takes the median of the last round trips, and ignores answers it did not ask for", () => {
  const clock = new RoundTripClock();
  clock.pong(99, 0);
  expect(clock.roundTripMs).toBeUndefined();
  for (const tripMs of [5, 100, 7]) clock.pong(clock.ping(1000), 1000 + tripMs);
  expect(clock.roundTripMs).toBe(7);
});
