// Capture and encoding for one viewer: owns a stream of the add-on and falls back when its encoder breaks. From
// `native.ts`, to the viewer's session (a VideoSink) and from there to `transport/`.

import type { Log } from "../log.ts";
import { loadNativeAddon, type NativeAddon, type NativeMessage, type NativeStream } from "./native.ts";
import { candidatesFor, type Refusal, type Selection, select } from "./select.ts";
import type { VideoSource } from "./sources/source.ts";
import type { VideoOptions, VideoPipeline, VideoSink } from "./types.ts";

/** None of the encoders can be had; the message says why for each. */
export class NoEncoderError extends Error {
  override readonly name = "NoEncoderError";
  readonly reason = "no-encoder";
}

/**
 * Starts capture and encoding for one viewer.
 * @throws UnknownEncoderError for a name that is none
 * @throws NoEncoderError when no encoder can be had
 * @throws NativeAddonError when the add-on is missing
 */
export function createVideoPipeline(options: VideoOptions, sink: VideoSink, log: Log): VideoPipeline {
  return new NativePipeline(options, sink, log, loadNativeAddon());
}

class NativePipeline implements VideoPipeline {
  readonly #sink: VideoSink;
  readonly #log: Log;
  readonly #addon: NativeAddon;
  readonly #name: string;
  readonly #refusals: Refusal[] = [];
  readonly #stream: NativeStream;
  readonly #ended: Promise<void>;
  #candidates: readonly VideoSource[];
  #selection: Selection;
  #told: Selection | undefined;
  #closed = false;

  constructor(options: VideoOptions, sink: VideoSink, log: Log, addon: NativeAddon) {
    this.#sink = sink;
    this.#log = log;
    this.#addon = addon;
    this.#name = options.encoder;
    this.#candidates = candidatesFor(options.encoder);
    const selection = this.#select();
    if (!selection) throw new NoEncoderError(this.#refused());
    this.#selection = selection;
    let onClosed = (): void => undefined;
    this.#ended = new Promise((resolve) => {
      onClosed = resolve;
    });
    this.#stream = new addon.Stream(
      {
        display: options.display,
        encoder: selection.source.native,
        framesPerSecond: options.framesPerSecond,
        bitrateBps: options.bitrateBps,
      },
      (message) => this.#onMessage(message),
      onClosed,
    );
  }

  setBitrateBps(bitrateBps: number): void {
    if (!this.#closed) this.#stream.setBitrateBps(bitrateBps);
  }

  setFramesPerSecond(framesPerSecond: number): void {
    if (!this.#closed) this.#stream.setFramesPerSecond(framesPerSecond);
  }

  requestKeyframe(): void {
    if (!this.#closed) this.#stream.requestKeyframe();
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#stream.close();
    }
    return this.#ended;
  }

  #select(): Selection | undefined {
    const selection = select(this.#name, this.#candidates, this.#addon, this.#refusals);
    if (!selection) return undefined;
    this.#candidates = this.#candidates.slice(this.#candidates.indexOf(selection.source) + 1);
    return selection;
  }

  #refused(): string {
    return this.#refusals.map((refusal) => `${refusal.name}: ${refusal.reason}`).join("; ");
  }

  #onMessage(message: NativeMessage): void {
    if (this.#closed) return;
    switch (message.kind) {
      case "unit": {
        const { damageUs, grabUs, convertUs, encodeUs } = message;
        this.#sink.onAccessUnit({
          data: message.data,
          codec: this.#selection.source.codec,
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
        this.#onFailed(message.reason);
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
    if (this.#told === this.#selection) return;
    this.#told = this.#selection;
    this.#log.info({ ...this.#selection.choice }, "encoder taken");
    this.#sink.onEncoder(this.#selection.choice);
  }

  #onFailed(reason: string): void {
    const { name } = this.#selection.source;
    this.#log.warn({ encoder: name, reason }, "encoder failed");
    this.#refusals.push({ name, reason });
    const next = this.#select();
    if (!next) {
      this.#log.error({ reason: this.#refused() }, "no encoder is left");
      return;
    }
    this.#selection = next;
    this.#stream.setEncoder(next.source.native);
  }
}
