// Capture and encoding for one viewer: owns a stream of the add-on and falls back when its encoder breaks. From
// `native.ts`, to the viewer's session (a VideoSink) and from there to `transport/`.

import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { RateGate } from "../session/rate.ts";
import { largestScale } from "./level.ts";
import { loadNativeAddon, type NativeAddon, type NativeMessage, type NativeStream } from "./native.ts";
import { type Candidate, candidatesFor, type Refusal, type Selection, select } from "./select.ts";
import type { EncoderWish, Region, VideoOptions, VideoPipeline, VideoSink } from "./types.ts";

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

/** Of the pixels that an encoder failed at: fewer are no more than this. */
const FORGIVEN_SHARE = 0.75;

class NativePipeline implements VideoPipeline {
  readonly #sink: VideoSink;
  readonly #log: Log;
  /** A viewer may change its encoder as often as it likes. */
  readonly #lines = new RateGate(1);
  readonly #addon: NativeAddon;
  readonly #display: string;
  /** Encoders that broke while they were in use, by `keyOf`. Taken again when they are asked for, or the screen is much smaller. */
  readonly #broken = new Map<string, { readonly reason: string; readonly pixels: number }>();
  /** What the stream was told to take, by `keyOf`: what it says is of one of these. */
  readonly #asked = new Map<string, Selection>();
  #keyframeRequested = false;
  #paused = false;
  #framesPerSecond: number;
  #bitrateBps: number;
  /** That was asked for. */
  #scale = 1;
  /** That the stream was told. */
  #toldScale = 1;
  #screen = { widthPx: 0, heightPx: 0 };
  #region: Region | undefined;
  #wish: EncoderWish;
  #candidates: readonly Candidate[] = [];
  #refusals: Refusal[] = [];
  /** What the stream was told last, and what it makes units with: the two differ for a moment. */
  #wanted: Selection | undefined;
  #current: Selection | undefined;
  #told: Selection["choice"] | undefined;
  /** One selection after the other. */
  #turn: Promise<void> = Promise.resolve();
  #stream: NativeStream | undefined;
  #ended: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(options: VideoOptions, sink: VideoSink, log: Log, addon: NativeAddon) {
    this.#sink = sink;
    this.#log = log;
    this.#addon = addon;
    this.#display = options.display;
    this.#framesPerSecond = options.framesPerSecond;
    this.#bitrateBps = options.bitrateBps;
    this.#region = options.region;
    this.#wish = options;
    this.setEncoder(options);
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
    this.#tellScale();
  }

  setRegion(region: Region | undefined): void {
    this.#region = region;
    this.#stream?.setRegion(region);
  }

  setEncoder(wish: EncoderWish): void {
    const refusals: Refusal[] = [];
    const candidates = candidatesFor(wish, refusals);
    this.#wish = wish;
    this.#take(async () => {
      // A later wish makes this one needless.
      if (this.#wish !== wish) return;
      this.#refusals = refusals;
      this.#candidates = candidates.filter((candidate) => this.#mayTake(candidate));
      await this.#next(false);
    });
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
    await this.#turn;
    this.#stream?.close();
    await this.#ended;
  }

  #take(turn: () => Promise<void>): void {
    this.#turn = this.#turns(this.#turn, turn).catch((error: unknown) => this.#fail(messageOf(error)));
  }

  async #turns(before: Promise<void>, turn: () => Promise<void>): Promise<void> {
    await before;
    if (!this.#closed) await turn();
  }

  #mayTake(candidate: Candidate): boolean {
    const broken = this.#broken.get(keyOf(candidate.source.native, candidate.chroma));
    if (broken === undefined || candidate.source.name === this.#wish.encoder) return true;
    this.#refusals.push({ name: candidate.source.name, reason: broken.reason });
    return false;
  }

  /** Takes the next candidate that can be had. */
  async #next(broke: boolean): Promise<void> {
    const selection = await select(this.#wish.encoder, this.#candidates, this.#addon, this.#refusals, broke);
    if (this.#closed) return;
    if (!selection) {
      const refused = this.#refusals.map(({ name, reason }) => `${name}: ${reason}`);
      this.#fail(["no encoder can be had", ...refused].join("; "));
      return;
    }
    const { source, chroma } = selection;
    const at = this.#candidates.findIndex((candidate) => candidate.source === source && candidate.chroma === chroma);
    this.#candidates = this.#candidates.slice(at + 1);
    const same = !broke && this.#wanted?.source === source && this.#wanted.chroma === chroma;
    this.#wanted = selection;
    this.#asked.set(keyOf(source.native, chroma), selection);
    if (!this.#stream) this.#start(selection);
    else if (!same) this.#stream.setEncoder(source.native, chroma === "444");
    else if (this.#current?.source === source && this.#current.chroma === chroma) this.#tell(selection);
  }

  #start({ source, chroma }: Selection): void {
    this.#toldScale = this.#scale;
    let onClosed = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      onClosed = resolve;
    });
    this.#stream = new this.#addon.Stream(
      {
        display: this.#display,
        encoder: source.native,
        scale: this.#scale,
        region: this.#region,
        chroma444: chroma === "444",
        framesPerSecond: this.#framesPerSecond,
        bitrateBps: this.#bitrateBps,
      },
      (message) => this.#onMessage(message),
      onClosed,
    );
    this.#ended = ended;
    if (this.#paused) this.#stream.setPaused(true);
  }

  #onMessage(message: NativeMessage): void {
    if (this.#closed) return;
    switch (message.kind) {
      case "unit": {
        // Units come after the word that their encoder was opened.
        if (!this.#current) return;
        const { damageUs, grabUs, convertUs, encodeUs } = message;
        if (message.keyframe) this.#keyframeRequested = false;
        this.#sink.onAccessUnit({
          data: message.data,
          codec: this.#current.source.codec,
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
        this.#screen = { widthPx: message.widthPx, heightPx: message.heightPx };
        this.#forgive(message.widthPx * message.heightPx);
        this.#tellScale();
        return;
      case "encoder-opened":
        this.#onOpened(keyOf(message.name, message.chroma));
        return;
      case "encoder-failed":
        this.#onBroken(keyOf(message.name, message.chroma), message.reason);
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

  #onOpened(key: string): void {
    const selection = this.#asked.get(key);
    if (!selection) return;
    this.#current = selection;
    this.#tellScale();
    this.#tell(selection);
  }

  /** A new size opens the same encoder anew: that is nothing to tell. */
  #tell({ choice }: Selection): void {
    if (this.#told !== undefined && JSON.stringify(this.#told) === JSON.stringify(choice)) return;
    this.#told = choice;
    if (this.#lines.pass(performance.now())) this.#log.info({ ...choice }, "encoder taken");
    this.#sink.onEncoder(choice);
  }

  #onBroken(key: string, reason: string): void {
    const broken = this.#asked.get(key);
    if (!broken) return;
    this.#log.warn({ encoder: broken.source.name, reason }, "encoder failed");
    this.#broken.set(key, { reason, pixels: this.#screen.widthPx * this.#screen.heightPx });
    this.#take(async () => {
      // Another was wished for meanwhile.
      if (!this.#wanted || keyOf(this.#wanted.source.native, this.#wanted.chroma) !== key) return;
      this.#refusals.push({ name: broken.source.name, reason });
      await this.#next(true);
    });
  }

  /** What was asked for, and no larger than the codec in use has pictures. */
  #tellScale(): void {
    const { widthPx, heightPx } = this.#screen;
    const { source } = this.#current ?? this.#wanted ?? {};
    const scale =
      source === undefined ? this.#scale : Math.min(this.#scale, largestScale(source.codec, widthPx, heightPx));
    if (scale === this.#toldScale) return;
    this.#toldScale = scale;
    this.#stream?.setScale(scale);
  }

  /** Encoders have largest pictures of their own: what failed on a much larger screen is tried again. */
  #forgive(pixels: number): void {
    const small = [...this.#broken].filter(([, broken]) => pixels <= FORGIVEN_SHARE * broken.pixels);
    for (const [key] of small) this.#broken.delete(key);
    if (small.length > 0) this.setEncoder(this.#wish);
  }

  #fail(reason: string): void {
    if (this.#closed) return;
    this.#log.error({ reason }, "no more pictures");
    this.#sink.onFailed(reason);
  }
}

const keyOf = (native: string, chroma: string): string => `${native} ${chroma}`;
