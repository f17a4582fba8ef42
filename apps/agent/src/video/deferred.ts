// A pipeline that is not there until it is needed: of a viewer that begins with noVNC and may never want a coded picture. What
// is asked of it before is kept and told to the real one. Made by `session/session.ts`.

import type { EncoderWish, VideoPipeline } from "./types.ts";

export class DeferredPipeline implements VideoPipeline {
  readonly #open: () => VideoPipeline;
  #real: VideoPipeline | undefined;
  #closed = false;
  #bitrateBps: number | undefined;
  #framesPerSecond: number | undefined;
  #scale: number | undefined;
  #wish: EncoderWish | undefined;

  constructor(open: () => VideoPipeline) {
    this.#open = open;
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
    if (!paused) this.#begin();
    this.#real?.setPaused(paused);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#real?.close();
  }

  #begin(): void {
    if (this.#real !== undefined || this.#closed) return;
    const real = this.#open();
    this.#real = real;
    if (this.#bitrateBps !== undefined) real.setBitrateBps(this.#bitrateBps);
    if (this.#framesPerSecond !== undefined) real.setFramesPerSecond(this.#framesPerSecond);
    if (this.#scale !== undefined) real.setScale(this.#scale);
    if (this.#wish !== undefined) real.setEncoder(this.#wish);
  }
}
