// What happens to frames on this side, while someone looks at the statistics: of WebRTC's by requestVideoFrameCallback, of the
// socket's as its Worker tells. The end of the walk "screen → photon". Read by `meter.ts`.

import { median } from "./clock.ts";

export interface Presented {
  readonly framesPerSecond: number;
  /** Between two frames that were shown, ms. */
  readonly longestGapMs: number;
  /** Median from the arrival of a frame's last packet until it is on the screen, ms; undefined where not told. */
  readonly arrivalToScreenMs?: number;
}

export class PresentMeter {
  readonly #video: HTMLVideoElement;
  #handle: number | undefined;
  #sinceMs = 0;
  #shownMs: number[] = [];
  #waysMs: number[] = [];

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  start(): void {
    if (this.#handle !== undefined) return;
    this.#sinceMs = performance.now();
    this.#next();
  }

  /** A frame of the socket's was drawn. */
  drawn(arrivedMs: number, drawnMs: number): void {
    if (this.#handle === undefined) return;
    this.#shownMs.push(drawnMs);
    this.#waysMs.push(drawnMs - arrivedMs);
  }

  /** What was seen since the last call, or since the start. */
  take(): Presented {
    const nowMs = performance.now();
    const shown = this.#shownMs;
    const gaps = shown.slice(1).map((atMs, index) => atMs - (shown[index] ?? atMs));
    const way = median(this.#waysMs);
    const presented = {
      framesPerSecond: (shown.length * 1000) / Math.max(1, nowMs - this.#sinceMs),
      longestGapMs: Math.max(0, ...gaps),
      ...(way === undefined ? {} : { arrivalToScreenMs: way }),
    };
    this.#sinceMs = nowMs;
    this.#shownMs = shown.slice(-1);
    this.#waysMs = [];
    return presented;
  }

  /** Idempotent. */
  stop(): void {
    if (this.#handle !== undefined) this.#video.cancelVideoFrameCallback(this.#handle);
    this.#handle = undefined;
    this.#shownMs = [];
    this.#waysMs = [];
  }

  #next(): void {
    this.#handle = this.#video.requestVideoFrameCallback((_now, { expectedDisplayTime, receiveTime }) => {
      this.#shownMs.push(expectedDisplayTime);
      if (receiveTime !== undefined) this.#waysMs.push(expectedDisplayTime - receiveTime);
      this.#next();
    });
  }
}
