// The agent's numbers for one viewer, once a second: access units and the transport's counters in, control `stats` out.
// Pure. Fed by `session.ts`.

import type { AgentControl } from "@eglantine/protocol/control";
import type { TransportCounters } from "../transport/types.ts";
import type { AccessUnit } from "../video/types.ts";

type Stats = Extract<AgentControl, { type: "stats" }>;

export class Measure {
  #frames = 0;
  readonly #grabUs: number[] = [];
  readonly #convertUs: number[] = [];
  readonly #encodeUs: number[] = [];
  #lastMs: number;
  #lastBytes = 0;
  #lastRetransmitted = 0;
  #keyframes = 0;
  #scale = 1;
  #framesPerSecondLimit = 0;
  #quiet = false;

  constructor(nowMs: number) {
    this.#lastMs = nowMs;
  }

  /** What the steering allows now; told with the next numbers. */
  limit(scale: number, framesPerSecond: number): void {
    this.#scale = scale;
    this.#framesPerSecondLimit = framesPerSecond;
  }

  /** Numbers are taken again, after a time in which nobody asked. */
  resume({ sentBytes, retransmittedPackets }: TransportCounters, nowMs: number): void {
    this.#lastMs = nowMs;
    this.#lastBytes = sentBytes;
    this.#lastRetransmitted = retransmittedPackets;
  }

  add({ timing, keyframe, last }: AccessUnit): void {
    if (!last) return;
    this.#frames += 1;
    if (keyframe) this.#keyframes += 1;
    this.#grabUs.push(timing.grabUs - timing.damageUs);
    this.#convertUs.push(timing.convertUs - timing.grabUs);
    this.#encodeUs.push(timing.encodeUs - timing.convertUs);
  }

  /** Since the last call; undefined when nothing has happened and that has been said already. */
  take(counters: TransportCounters, nowMs: number): Stats | undefined {
    const seconds = Math.max(0.001, (nowMs - this.#lastMs) / 1000);
    const bytes = counters.sentBytes - this.#lastBytes;
    const quiet = this.#frames === 0;
    const stats: Stats = {
      type: "stats",
      framesPerSecond: this.#frames / seconds,
      bitrateBps: Math.max(0, (bytes * 8) / seconds),
      targetBps: counters.targetBps,
      grabMs: medianMs(this.#grabUs),
      convertMs: medianMs(this.#convertUs),
      encodeMs: medianMs(this.#encodeUs),
      sendMs: quiet ? 0 : Math.max(0, counters.sendMs),
      retransmittedPackets: Math.max(0, counters.retransmittedPackets - this.#lastRetransmitted),
      queueMs: counters.queueMs,
      lossFraction: counters.lossFraction,
      fecFraction: counters.fecFraction,
      keyframes: this.#keyframes,
      scale: this.#scale,
      framesPerSecondLimit: this.#framesPerSecondLimit,
    };
    const repeated = quiet && this.#quiet;
    this.#quiet = quiet;
    this.#lastMs = nowMs;
    this.#lastBytes = counters.sentBytes;
    this.#lastRetransmitted = counters.retransmittedPackets;
    this.#frames = 0;
    this.#keyframes = 0;
    for (const values of [this.#grabUs, this.#convertUs, this.#encodeUs]) values.length = 0;
    return repeated ? undefined : stats;
  }
}

function medianMs(valuesUs: number[]): number {
  if (valuesUs.length === 0) return 0;
  valuesUs.sort((a, b) => a - b);
  return Math.max(0, valuesUs[valuesUs.length >> 1] ?? 0) / 1000;
}
