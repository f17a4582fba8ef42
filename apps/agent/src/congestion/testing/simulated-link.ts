// One viewer on one link, and what the plans ask of it: a façade of `media-flow.ts` and `virtual-network.ts`, and the curves
// that a failed plan prints.

import type { ControllerOptions, ControllerOutput } from "../types.ts";
import { MediaFlow, type Sample, type SourceState } from "./media-flow.ts";
import { Link, type LinkOptions, VirtualNetwork } from "./virtual-network.ts";

export type { Sample } from "./media-flow.ts";

export class SimulatedLink {
  readonly network = new VirtualNetwork();
  readonly link: LinkOptions;
  readonly path: Link;
  readonly flow: MediaFlow;
  readonly source: SourceState;

  constructor(options: ControllerOptions, link: Partial<LinkOptions>, keyframeBytes = 0) {
    this.path = new Link(this.network, link);
    this.link = this.path.options;
    this.flow = new MediaFlow(this.network, options, { forward: this.path, keyframeBytes });
    this.source = this.flow.source;
  }

  get output(): ControllerOutput {
    return this.flow.output;
  }

  run(durationMs: number): readonly Sample[] {
    const from = this.flow.samples.length;
    this.network.run(durationMs);
    return this.flow.samples.slice(from);
  }

  /** A frame of this size on top; returns ms until it has left the sender. */
  burst(bytes: number): number {
    const beganMs = this.network.nowMs;
    this.flow.burst(bytes);
    do this.network.run(1);
    while (this.flow.waitingBytes > 0);
    return this.network.nowMs - beganMs;
  }

  /** Longest time without a new complete frame from `fromMs` to now. */
  longestFreezeMs(fromMs: number): number {
    return longestGapMs(this.flow.framesMs, fromMs, this.network.nowMs);
  }
}

export function longestGapMs(framesMs: readonly number[], fromMs: number, untilMs: number): number {
  let lastMs = fromMs;
  let longestMs = 0;
  for (const atMs of [...framesMs.filter((at) => at >= fromMs).sort((a, b) => a - b), untilMs]) {
    longestMs = Math.max(longestMs, atMs - lastMs);
    lastMs = atMs;
  }
  return longestMs;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export const delivered = (samples: readonly Sample[]): number => mean(samples.map(({ deliveredBps }) => deliveredBps));
export const standing = (samples: readonly Sample[]): number =>
  Math.max(...samples.map(({ standingQueueMs }) => standingQueueMs));
export const deepest = (samples: readonly Sample[]): number => Math.max(...samples.map(({ maxQueueMs }) => maxQueueMs));
export const targets = (samples: readonly Sample[]): number[] => samples.map(({ targetBps }) => targetBps);
/** When the target first reached this much; infinite: never. */
export const reachedMs = (samples: readonly Sample[], bps: number): number =>
  samples.find(({ targetBps }) => targetBps >= bps)?.atMs ?? Number.POSITIVE_INFINITY;

const COLUMN_MS = 500;
const WIDTH = 60;

/** One line per half second: target (|), delivered (=), queue of the link. */
export function curve(samples: readonly Sample[], name = ""): string {
  const most = Math.max(1, ...samples.map(({ targetBps, deliveredBps }) => Math.max(targetBps, deliveredBps)));
  const lines = [`${name} 0 … ${(most / 1e6).toFixed(1)} Mbit/s; | target, = delivered; queue least–most, frame ms`];
  for (let from = 0; from < samples.length; from += COLUMN_MS / 100) {
    const part = samples.slice(from, from + COLUMN_MS / 100);
    const first = part[0];
    if (first === undefined) break;
    const bar = Array.from({ length: WIDTH + 1 }, () => " ");
    bar.fill("=", 0, Math.round((delivered(part) / most) * WIDTH));
    bar[Math.round((mean(targets(part)) / most) * WIDTH)] = "|";
    const queue = `${standing(part).toFixed(0)}–${deepest(part).toFixed(0)}`;
    const frame = Math.max(...part.map(({ frameDelayMs }) => frameDelayMs)).toFixed(0);
    lines.push(
      `${(first.atMs / 1000).toFixed(1).padStart(6)} s ${bar.join("")} ${queue.padStart(8)} ${frame.padStart(5)}`,
    );
  }
  return lines.join("\n");
}
