// Measures once a second: the browser's counters, the input channel's round trip, and, while the statistics are shown, what
// became of the frames. Results are for `ui/stats-overlay.tsx` and, as control `stats`, for the agent. A still desktop with
// no statistics shown is not measured at all: it costs one comparison a second.

import type { ViewerControl } from "@eglantine/protocol/control";
import { Store } from "../store.ts";
import { RoundTripClock } from "./clock.ts";
import { type Presented, PresentMeter } from "./present.ts";
import type { PicturePath } from "./path-swap.ts";
import type { SocketTotals } from "./socket-picture.ts";
import { measure, readCounters, type ReceiveCounters, socketCounters, type VideoMeasures } from "./stats.ts";

export interface Measures {
  /** Which way the picture came. */
  readonly path: PicturePath | undefined;
  readonly video: VideoMeasures;
  readonly presented?: Presented;
  readonly inputRoundTripMs?: number;
}

export interface MeterParts {
  readonly video: HTMLVideoElement;
  /** What is seen: grows with every frame, and which way it came. */
  readonly framesShown: () => number;
  readonly path: () => PicturePath | undefined;
  readonly stats: () => Promise<RTCStatsReport> | undefined;
  readonly socketTotals: () => SocketTotals;
  /** The picture has moved in the last second. */
  readonly onMoving: () => void;
  readonly sendPing: (id: number) => void;
  readonly report: (stats: Extract<ViewerControl, { type: "stats" }>) => void;
}

const INTERVAL_MS = 1000;

export class Meter {
  readonly measures = new Store<Measures | undefined>(undefined);
  readonly #parts: MeterParts;
  readonly #clock = new RoundTripClock();
  readonly #present: PresentMeter;
  #timer: number | undefined;
  #before: { readonly path: PicturePath | undefined; readonly counters: ReceiveCounters | undefined } | undefined;
  #framesSeen = 0;
  #watched = false;

  constructor(parts: MeterParts) {
    this.#parts = parts;
    this.#present = new PresentMeter(parts.video);
  }

  /** Someone looks at the statistics, or nobody does. */
  setWatched(watched: boolean): void {
    this.#watched = watched;
    if (watched && this.#timer !== undefined) this.#present.start();
    else this.#present.stop();
  }

  start(): void {
    this.stop();
    this.#timer = window.setInterval(() => void this.#tick(), INTERVAL_MS);
    if (this.#watched) this.#present.start();
  }

  /** A frame of the socket's is on the canvas; epoch milliseconds. */
  drawn(arrivedMs: number, drawnMs: number): void {
    if (this.#watched) this.#present.drawn(arrivedMs - performance.timeOrigin, drawnMs - performance.timeOrigin);
  }

  /** WebRTC's counters now. */
  async rtcCounters(): Promise<ReceiveCounters | undefined> {
    const report = await this.#parts.stats();
    return report === undefined ? undefined : readCounters(report.values() as Iterable<Record<string, unknown>>);
  }

  pong(id: number): void {
    this.#clock.pong(id, performance.now());
  }

  /** Idempotent. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#before = undefined;
    this.#clock.reset();
    this.#present.stop();
    this.measures.set(undefined);
  }

  async #tick(): Promise<void> {
    const frames = this.#parts.framesShown();
    const still = frames === this.#framesSeen;
    this.#framesSeen = frames;
    if (!still) this.#parts.onMoving();
    if (still && !this.#watched) {
      this.#before = undefined;
      return;
    }
    this.#parts.sendPing(this.#clock.ping(performance.now()));
    const path = this.#parts.path();
    const after =
      path === "socket"
        ? socketCounters(this.#parts.socketTotals(), this.#clock.roundTripMs ?? 0, performance.now())
        : await this.rtcCounters();
    const before = this.#before?.path === path ? this.#before?.counters : undefined;
    this.#before = { path, counters: after };
    if (after === undefined || before === undefined || this.#timer === undefined) return;
    const video = measure(before, after, this.measures.get()?.video);
    const inputRoundTripMs = this.#clock.roundTripMs;
    this.measures.set({
      path,
      video,
      ...(this.#watched ? { presented: this.#present.take() } : {}),
      ...(inputRoundTripMs === undefined ? {} : { inputRoundTripMs }),
    });
    const { framesPerSecond, bitrateBps, roundTripMs, jitterBufferMs, decodeMs, lostPackets } = video;
    this.#parts.report({
      type: "stats",
      framesPerSecond,
      bitrateBps,
      roundTripMs,
      jitterBufferMs,
      decodeMs,
      lostPackets,
    });
  }
}
