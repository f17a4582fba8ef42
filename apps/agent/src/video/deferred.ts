// A pipeline that is not there until it is needed: of a viewer that begins with noVNC and may never want a coded picture, or of a
// window whose monitor is not there yet. What is asked of it before is kept and told to the real one. Made by `session/session.ts`.

import type { EncoderWish, Region, VideoPipeline } from "./types.ts";

export class DeferredPipeline implements VideoPipeline {
  readonly #open: () => VideoPipeline;
  #real: VideoPipeline | undefined;
  #closed = false;
  #bitrateBps: number | undefined;
  #framesPerSecond: number | undefined;
  #scale: number | undefined;
  #region: Region | undefined;
  #wish: EncoderWish | undefined;
  /** There is nothing to be shown yet. */
  #held: boolean;
  #paused = false;

  /** `held`: it begins with `release`, and not when it is told to go on. */
  constructor(open: () => VideoPipeline, held = false) {
    this.#open = open;
    this.#held = held;
  }

  /** Of one that is held. */
  release(): void {
    this.#held = false;
    this.#begin();
  }

  setBitrateBps(bitrateBps: number): void {
    this.#bitrateBps = bitrateBps;
    this.#real?.setBitrateBps(bitrateBps);
  }

  setFramesPerSecond(framesPerSecond: number): void {
    this.#framesPerSecond = framesPerSecond;
    this.#real?.setFramesPerSecond(framesPerSecond);
  }

  setScale(scale: number): void {
    this.#scale = scale;
    this.#real?.setScale(scale);
  }

  setRegion(region: Region | undefined): void {
    this.#region = region;
    this.#real?.setRegion(region);
  }

  setEncoder(wish: EncoderWish): void {
    this.#wish = wish;
    this.#real?.setEncoder(wish);
  }

  /** The first access unit of one that is not there is an IDR by itself. */
  requestKeyframe(): void {
    this.#real?.requestKeyframe();
  }

  /** It begins when it is first told to go on. */
  setPaused(paused: boolean): void {
    this.#paused = paused;
    if (!paused) this.#begin();
    this.#real?.setPaused(paused);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#real?.close();
  }

  #begin(): void {
    if (this.#real !== undefined || this.#closed || this.#held) return;
    const real = this.#open();
    this.#real = real;
    if (this.#bitrateBps !== undefined) real.setBitrateBps(this.#bitrateBps);
    if (this.#framesPerSecond !== undefined) real.setFramesPerSecond(this.#framesPerSecond);
    if (this.#scale !== undefined) real.setScale(this.#scale);
    if (this.#region !== undefined) real.setRegion(this.#region);
    if (this.#wish !== undefined) real.setEncoder(this.#wish);
    if (this.#paused) real.setPaused(true);
  }
}
