// The microphone over the socket: its samples (`playout/recorder-worklet.ts`) are coded by WebCodecs and go out as the protocol's
// `microphone`. Built by `microphone.ts` while the picture does not take WebRTC.

import recorderWorklet from "../playout/recorder-worklet.ts?worker&url";
import { messageOf } from "../../shared/message-of.ts";

export interface MicrophoneCoderSink {
  /** The next packet; `sequence` counts them, wrapping. */
  onPacket(sequence: number, data: Uint8Array<ArrayBuffer>): void;
  onUseless(why: string): void;
}

const SAMPLE_HZ = 48_000;
const BITRATE_BPS = 40_000;

export function canCodeMicrophone(): boolean {
  return typeof AudioEncoder !== "undefined" && typeof AudioWorkletNode !== "undefined";
}

export class MicrophoneCoder {
  readonly #sink: MicrophoneCoderSink;
  readonly #context = new AudioContext({ sampleRate: SAMPLE_HZ, latencyHint: "interactive" });
  readonly #encoder: AudioEncoder;
  #sequence = 0;
  #samples = 0;
  #closed = false;

  constructor(track: MediaStreamTrack, sink: MicrophoneCoderSink) {
    this.#sink = sink;
    this.#encoder = new AudioEncoder({
      output: (chunk) => {
        const data = new Uint8Array(chunk.byteLength);
        chunk.copyTo(data);
        if (this.#closed) return;
        sink.onPacket(this.#sequence, data);
        this.#sequence = (this.#sequence + 1) & 0xffff;
      },
      error: (error) => sink.onUseless(error.message),
    });
    void this.#start(track);
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#encoder.state !== "closed") this.#encoder.close();
    void this.#context.close();
  }

  async #start(track: MediaStreamTrack): Promise<void> {
    try {
      this.#encoder.configure({
        codec: "opus",
        sampleRate: SAMPLE_HZ,
        numberOfChannels: 1,
        bitrate: BITRATE_BPS,
        opus: { application: "voip", frameDuration: 20_000, format: "opus" },
      } as AudioEncoderConfig);
      await this.#context.audioWorklet.addModule(recorderWorklet);
      if (this.#closed) return;
      const node = new AudioWorkletNode(this.#context, "recorder", { numberOfOutputs: 0, channelCount: 1 });
      node.port.addEventListener("message", ({ data }: MessageEvent<Float32Array<ArrayBuffer>>) => this.#take(data));
      node.port.start();
      this.#context.createMediaStreamSource(new MediaStream([track])).connect(node);
    } catch (error) {
      this.#sink.onUseless(messageOf(error));
    }
  }

  #take(samples: Float32Array<ArrayBuffer>): void {
    if (this.#closed || this.#encoder.state !== "configured") return;
    const sound = new AudioData({
      format: "f32-planar",
      sampleRate: SAMPLE_HZ,
      numberOfFrames: samples.length,
      numberOfChannels: 1,
      timestamp: Math.round((this.#samples * 1e6) / SAMPLE_HZ),
      data: samples,
    });
    this.#samples += samples.length;
    this.#encoder.encode(sound);
    sound.close();
  }
}
