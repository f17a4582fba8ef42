// One WebCodecs VideoDecoder, made anew whenever it fails or the stream changes. From `worker.ts`, frames go to `painter.ts`.
// A decoder that the browser chose and that failed is followed by its software one: drivers fail where that does not.

import { codecString } from "./codec-string.ts";
import type { CodedPicture } from "./assemble.ts";

export interface DecoderSink {
  /** The frame is the taker's to close. */
  onFrame(frame: VideoFrame, arrivedMs: number): void;
  /** Nothing more comes before the next keyframe. `useless`: this browser has failed at every try. */
  onFailed(why: string, useless: boolean): void;
}

/** Decoders that fail one after the other without a single picture. */
const TRIES = 4;

export class PictureDecoder {
  readonly #sink: DecoderSink;
  #decoder: VideoDecoder | undefined;
  #configured = "";
  #preference: HardwareAcceleration = "no-preference";
  #failures = 0;
  /** When the pictures in the decoder arrived, by frame. */
  readonly #waiting = new Map<number, number>();
  #name = "";

  constructor(sink: DecoderSink) {
    this.#sink = sink;
  }

  /** Pictures in the decoder. */
  get queued(): number {
    return this.#waiting.size;
  }

  get name(): string {
    return this.#name;
  }

  /** The first one must be a keyframe. What WebCodecs throws at is undecodable, as what it complains of later is. */
  decode(picture: CodedPicture): void {
    try {
      this.#decode(picture);
    } catch (error) {
      this.#fail(String(error));
    }
  }

  #decode(picture: CodedPicture): void {
    if (picture.keyframe && !this.#prepare(picture)) return;
    const decoder = this.#decoder;
    if (decoder === undefined) return;
    this.#waiting.set(picture.frame, picture.arrivedMs);
    decoder.decode(
      new EncodedVideoChunk({
        type: picture.keyframe ? "key" : "delta",
        // Only carried through: comes back as the frame's.
        timestamp: picture.frame,
        data: picture.data,
      }),
    );
  }

  /** Gives up what waits. Returns how many. */
  drop(): number {
    const dropped = this.#waiting.size;
    this.#waiting.clear();
    this.#configured = "";
    if (this.#decoder !== undefined && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = undefined;
    return dropped;
  }

  #prepare({ codec, data, widthPx, heightPx }: CodedPicture): boolean {
    const string = codecString(codec, data, widthPx, heightPx);
    if (string === undefined) {
      this.#fail(`a ${codec} keyframe without its parameters`);
      return false;
    }
    const wanted = `${string} ${widthPx}x${heightPx}`;
    if (this.#decoder !== undefined && this.#configured === wanted) return true;
    const decoder = this.#decoder ?? this.#open();
    this.#configured = wanted;
    this.#name = this.#preference === "prefer-software" ? `${string}, software` : string;
    decoder.configure({
      codec: string,
      codedWidth: widthPx,
      codedHeight: heightPx,
      optimizeForLatency: true,
      hardwareAcceleration: this.#preference,
      // What the agent codes, whether or not the codec says so: BT.709, limited range, of an sRGB screen.
      colorSpace: { primaries: "bt709", transfer: "iec61966-2-1", matrix: "bt709", fullRange: false },
    });
    return true;
  }

  #open(): VideoDecoder {
    const decoder = new VideoDecoder({
      output: (frame) => {
        const arrivedMs = this.#waiting.get(frame.timestamp);
        if (decoder !== this.#decoder || arrivedMs === undefined) {
          frame.close();
          return;
        }
        this.#waiting.delete(frame.timestamp);
        this.#failures = 0;
        this.#sink.onFrame(frame, arrivedMs);
      },
      error: (error) => {
        if (decoder === this.#decoder) this.#fail(error.message);
      },
    });
    this.#decoder = decoder;
    return decoder;
  }

  #fail(why: string): void {
    this.#failures += 1;
    this.#preference = "prefer-software";
    this.drop();
    this.#sink.onFailed(why, this.#failures >= TRIES);
  }
}
