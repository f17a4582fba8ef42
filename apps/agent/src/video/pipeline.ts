// Capture and encoding for one viewer: owns a stream of the add-on and falls back when its encoder breaks. From
// `native.ts`, to the viewer's session (a VideoSink) and from there to `transport/`.

import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { loadNativeAddon, type NativeAddon, type NativeMessage, type NativeStream } from "./native.ts";
import { candidatesFor, type Refusal, type Selection, select } from "./select.ts";
import type { VideoSource } from "./sources/source.ts";
import type { VideoOptions, VideoPipeline, VideoSink } from "./types.ts";

/**
 * Starts capture and encoding for one viewer. The encoders are probed first, on another thread: nothing here waits.
 * @throws UnknownEncoderError for a name that is none
 * @throws NativeAddonError when the add-on is missing
 */
export function createVideoPipeline(
  options: VideoOptions,
  sink: VideoSink,
  log: Log,
  addon: NativeAddon = loadNativeAddon(),
): VideoPipeline {
  return new NativePipeline(options, sink, log, addon);
}

class NativePipeline implements VideoPipeline {
  readonly #sink: VideoSink;
  readonly #log: Log;
  readonly #addon: NativeAddon;
  readonly #name: string;
  readonly #display: string;
  readonly #refusals: Refusal[] = [];
  readonly #started: Promise<void>;
  #keyframeRequested = false;
  #paused = false;
  #framesPerSecond: number;
  #bitrateBps: number;
  #scale = 1;
  #candidates: readonly VideoSource[];
  #selection: Selection | undefined;
  #told: Selection | undefined;
  #stream: NativeStream | undefined;
  #ended: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(options: VideoOptions, sink: VideoSink, log: Log, addon: NativeAddon) {
    this.#sink = sink;
    this.#log = log;
    this.#addon = addon;
    this.#name = options.encoder;
    this.#display = options.display;
    this.#framesPerSecond = options.framesPerSecond;
    this.#bitrateBps = options.bitrateBps;
    this.#candidates = candidatesFor(options.encoder);
    this.#started = this.#start().catch((error: unknown) => this.#fail(messageOf(error)));
  }

  setBitrateBps(bitrateBps: number): void {
    this.#bitrateBps = bitrateBps;
    this.#stream?.setBitrateBps(bitrateBps);
  }

  setFramesPerSecond(framesPerSecond: number): void {
    this.#framesPerSecond = framesPerSecond;
    this.#stream?.setFramesPerSecond(framesPerSecond);
  }

  setScale(scale: number): void {
    this.#scale = scale;
    this.#stream?.setScale(scale);
  }

  setEncoder(): void {
    // Comes with more than one codec.
  }

  requestKeyframe(): void {
    // Before the stream there is nothing to ask: its first access unit is an IDR.
    if (this.#keyframeRequested) return;
    this.#keyframeRequested = this.#stream !== undefined;
    this.#stream?.requestKeyframe();
  }

  setPaused(paused: boolean): void {
    if (this.#paused === paused) return;
    this.#paused = paused;
    this.#stream?.setPaused(paused);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#started;
    this.#stream?.close();
    await this.#ended;
  }

  async #start(): Promise<void> {
    this.#selection = await this.#select();
    if (this.#closed || !this.#selection) return;
    let onClosed = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      onClosed = resolve;
    });
    this.#stream = new this.#addon.Stream(
      {
        display: this.#display,
        encoder: this.#selection.source.native,
        chroma444: false,
        scale: this.#scale,
        framesPerSecond: this.#framesPerSecond,
        bitrateBps: this.#bitrateBps,
      },
      (message) => this.#onMessage(message),
      onClosed,
    );
    this.#ended = ended;
    if (this.#paused) this.#stream.setPaused(true);
  }

  /** Takes the next candidate that can be had. */
  async #select(): Promise<Selection | undefined> {
    const selection = await select(this.#name, this.#candidates, this.#addon, this.#refusals);
    if (!selection) {
      const refused = this.#refusals.map(({ name, reason }) => `${name}: ${reason}`);
      this.#fail(["no encoder can be had", ...refused].join("; "));
      return undefined;
    }
    this.#candidates = this.#candidates.slice(this.#candidates.indexOf(selection.source) + 1);
    return selection;
  }

  #onMessage(message: NativeMessage): void {
    const selection = this.#selection;
    if (this.#closed || !selection) return;
    switch (message.kind) {
      case "unit": {
        const { damageUs, grabUs, convertUs, encodeUs } = message;
        if (message.keyframe) this.#keyframeRequested = false;
        this.#sink.onAccessUnit({
          data: message.data,
          codec: selection.source.codec,
          chroma: message.chroma,
          first: message.first,
          last: message.last,
          changed: message.changed,
          keyframe: message.keyframe,
          frame: message.frame,
          refinement: message.refinement,
          widthPx: message.widthPx,
          heightPx: message.heightPx,
          timing: { damageUs, grabUs, convertUs, encodeUs },
        });
        return;
      }
      case "size":
        this.#log.info({ widthPx: message.widthPx, heightPx: message.heightPx }, "picture size");
        this.#sink.onSize(message.widthPx, message.heightPx);
        return;
      case "encoder-opened":
        this.#onOpened();
        return;
      case "encoder-failed":
        this.#replace(selection.source.name, message.reason).catch((error: unknown) => this.#fail(messageOf(error)));
        return;
      case "card":
        this.#log.error({ reason: message.reason }, "screen can't be captured, a card is shown");
        this.#sink.onCard(message.reason);
        return;
      case "card-gone":
        this.#log.info("screen is captured again");
        this.#sink.onCard(undefined);
        return;
    }
  }

  #onOpened(): void {
    // A new size opens the same encoder anew: nothing to tell.
    if (!this.#selection || this.#told === this.#selection) return;
    this.#told = this.#selection;
    this.#log.info({ ...this.#selection.choice }, "encoder taken");
    this.#sink.onEncoder(this.#selection.choice);
  }

  #fail(reason: string): void {
    if (this.#closed) return;
    this.#log.error({ reason }, "no more pictures");
    this.#sink.onFailed(reason);
  }

  async #replace(name: string, reason: string): Promise<void> {
    this.#log.warn({ encoder: name, reason }, "encoder failed");
    this.#refusals.push({ name, reason });
    this.#selection = await this.#select();
    if (this.#selection && !this.#closed) this.#stream?.setEncoder(this.#selection.source.native, false);
  }
}
