// Key to photon: from the browser's stamp of a trusted key event to the first animation frame in which the remote
// program's answer is in the picture. The pattern (harness/pattern.c) answers, the page probe (bench/page-probe.ts)
// sees; where the time goes is worked out from the pattern's stamps, the browser's frame metadata and the agent's
// statistics. The figures go to bench/report.ts.

import type { PageClock } from "../bench/clock.ts";
import type { KeySample } from "../bench/page-probe.ts";
import type { Desk, Viewer } from "../bench/side.ts";
import { median } from "../bench/summary.ts";
import type { KeyStamp, PatternMode } from "../harness/pattern.ts";

export type KeyMode = Extract<PatternMode, "flip" | "patch" | "busy">;
export const KEY_MODES: readonly KeyMode[] = ["flip", "patch", "busy"];

/** Of one key, ms; undefined: no answer in time. */
export interface KeyLatency {
  readonly totalMs: number | undefined;
  /** By stage, in the order of STAGES; only those that could be told. */
  readonly stages: Readonly<Partial<Record<Stage, number>>>;
}

/** The path of a key's answer. The agent's own stages are medians of its statistics, the others are of this key. */
export const STAGES = {
  input: "key event → X client has the key",
  draw: "X client draws",
  damage: "drawing → last packet, less the four below: damage, wake-ups, network",
  grab: "agent: grab",
  convert: "agent: convert",
  encode: "agent: encode",
  send: "agent: packetize, pace, send",
  buffer: "last packet → decoder, and after it: jitter buffer, queues",
  decode: "decoder",
  present: "compositor has it → animation frame sees it",
  rest: "drawing → animation frame sees it",
} as const;
export type Stage = keyof typeof STAGES;

const TIMEOUT_MS = 2000;
const SETTLE_MS = 1500;
/** Between keys: long enough for the refinement of a still picture to end; plus one random part of a few frames. */
const PAUSE_MS = 300;
const RANDOM_MS = 100;

/** A pixel inside the patch of pattern.c, and inside the whole screen. */
export function patchPixel(widthPx: number, heightPx: number): { xPx: number; yPx: number } {
  return { xPx: (Math.floor(widthPx / 4) & ~15) + 30, yPx: (Math.floor(heightPx / 4) & ~15) + 30 };
}

export async function measureKeys(desk: Desk, viewer: Viewer, mode: KeyMode, samples: number): Promise<KeyLatency[]> {
  const { page, clock } = viewer;
  const at = { ...patchPixel(desk.server.widthPx, desk.server.heightPx), timeoutMs: TIMEOUT_MS };
  await desk.pattern.show(mode);
  await pause(SETTLE_MS);
  await page.evaluate(() => window.bench.agentStats.splice(0));
  const seen: KeySample[] = [];
  for (let i = 0; i < samples; i += 1) {
    await page.evaluate(({ xPx, yPx, timeoutMs }) => window.bench.probe?.armKey(xPx, yPx, timeoutMs), at);
    await pause(PAUSE_MS + Math.random() * RANDOM_MS);
    await page.keyboard.down("a");
    const sample = await page.evaluate(() => window.bench.probe?.keySample());
    await page.keyboard.up("a");
    if (sample === undefined) throw new Error("the probe is not installed");
    seen.push(sample);
  }
  const agent = agentMedians(await page.evaluate(() => window.bench.agentStats));
  const { keys } = await desk.pattern.stamps();
  return seen.map((sample) => latencyOf(sample, keys, clock, agent));
}

const AGENT_STAGES = { grab: "grabMs", convert: "convertMs", encode: "encodeMs", send: "sendMs" } as const;
type AgentStages = Partial<Record<keyof typeof AGENT_STAGES, number>>;

function agentMedians(messages: readonly Record<string, unknown>[]): AgentStages {
  const medians: AgentStages = {};
  for (const [stage, field] of Object.entries(AGENT_STAGES) as [keyof typeof AGENT_STAGES, string][]) {
    const values = messages.map((message) => message[field]).filter((value) => typeof value === "number" && value > 0);
    if (values.length > 0) medians[stage] = median(values as number[]);
  }
  return medians;
}

function latencyOf(
  { keyMs, seenMs, frames }: KeySample,
  keys: readonly KeyStamp[],
  clock: PageClock,
  agent: AgentStages,
): KeyLatency {
  if (keyMs === undefined || seenMs === undefined) return { totalMs: undefined, stages: {} };
  const totalMs = seenMs - keyMs;
  const key = keys.find(({ receivedUs }) => {
    const atMs = clock.toPageMs(receivedUs);
    return atMs > keyMs - 1 && atMs < seenMs;
  });
  if (key === undefined) return { totalMs, stages: {} };
  const receivedMs = clock.toPageMs(key.receivedUs);
  const drawnMs = clock.toPageMs(key.drawnUs);
  const stages: Partial<Record<Stage, number>> = { input: receivedMs - keyMs, draw: drawnMs - receivedMs };
  // The picture that the compositor got last before the animation frame saw the answer brought it.
  const frame = frames.findLast(({ presentationMs }) => presentationMs < seenMs);
  if (frame?.receiveMs === undefined || frame.receiveMs < drawnMs)
    return { totalMs, stages: { ...stages, rest: seenMs - drawnMs } };
  const inAgentMs = Object.values(agent).reduce((sum, value) => sum + value, 0);
  const decodeMs = frame.decodeMs ?? 0;
  return {
    totalMs,
    stages: {
      ...stages,
      damage: frame.receiveMs - drawnMs - inAgentMs,
      ...agent,
      buffer: frame.presentationMs - frame.receiveMs - decodeMs,
      decode: decodeMs,
      present: seenMs - frame.presentationMs,
    },
  };
}

/** Median of each stage over the keys that told it. */
export function stageMedians(latencies: readonly KeyLatency[]): Partial<Record<Stage, number>> {
  const medians: Partial<Record<Stage, number>> = {};
  for (const stage of Object.keys(STAGES) as Stage[]) {
    const values = latencies.map(({ stages }) => stages[stage]).filter((value) => value !== undefined);
    if (values.length > 0) medians[stage] = median(values);
  }
  return medians;
}

/** Time must really pass here: the pause is part of what is measured, there is no state to wait for. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
