// Sound as its packets, over both paths: a Worker decodes them (`decode/sound-worker.ts`), an AudioWorklet evens them out and plays them
// (`playout/`). As both paths count by one clock, a change between them is not heard. Everything rests while none come. Driven by `sound.ts`.

import type { SoundChannels } from "@eglantine/protocol/formats";
import type { SocketAudio } from "../connection/socket-channels.ts";
import type { FromSoundWorker, SoundTransform, ToSoundWorker } from "../decode/sound-messages.ts";
import type { PlayoutNumbers, ToPlayout } from "../playout/messages.ts";
import { default as playoutWorklet } from "../playout/playout-worklet.ts?worker&url";
import { Store } from "../store.ts";
import type { Player, PlayerSink, SinkSelectable } from "./player.ts";
import { messageOf } from "../../shared/message-of.ts";

export interface FramePlayerSink extends PlayerSink {
  /** Nothing of it can be played here. */
  onUseless(why: string): void;
}

const SAMPLE_HZ = 48_000;
/** Without a packet for so long the browser's audio rests: an idle graph wakes it a hundred times a second. */
const REST_MS = 10_000;
/** A context that may run does so within this time. */
const BLOCKED_AFTER_MS = 300;

interface Graph {
  readonly context: AudioContext & SinkSelectable;
  readonly node: AudioWorkletNode;
  readonly gain: GainNode;
  readonly channels: SoundChannels;
}

/** WebCodecs and worklets are given to secure contexts only. */
export function canPlayFrames(): boolean {
  return typeof AudioDecoder !== "undefined" && typeof AudioWorkletNode !== "undefined";
}

/** And what comes over WebRTC too: else it is left to the browser, which plays it later. */
export function canTakeFrames(): boolean {
  return canPlayFrames() && typeof RTCRtpScriptTransform !== "undefined";
}

export class FramePlayer implements Player {
  /** Of what plays, or played last. */
  readonly numbers = new Store<PlayoutNumbers | undefined>(undefined);
  readonly #sink: FramePlayerSink;
  #worker: Worker | undefined;
  #graph: Graph | undefined;
  #building: SoundChannels | undefined;
  #volume = 1;
  #device = "";
  #restTimer: number | undefined;
  /** It was asked for, and is not running yet. */
  #resuming = false;
  #closed = false;

  constructor(sink: FramePlayerSink) {
    this.#sink = sink;
  }

  /** A packet of the socket's. */
  take({ timestamp, channels, data }: SocketAudio): void {
    if (this.#closed) return;
    const copy = new Uint8Array(data);
    const arrivedMs = performance.timeOrigin + performance.now();
    this.#post({ type: "packet", timestamp, channels: channels as SoundChannels, data: copy, arrivedMs }, [
      copy.buffer,
    ]);
  }

  /** What this receiver gets, from its first packet on; `channels`: as offered. */
  receive(receiver: RTCRtpReceiver, channels: SoundChannels): void {
    if (this.#closed) return;
    const options: SoundTransform = { channels };
    receiver.transform = new RTCRtpScriptTransform(this.#workerOf(), options);
  }

  /** Another session begins. */
  reset(): void {
    if (this.#worker !== undefined) this.#post({ type: "reset" });
  }

  setVolume(volume: number): void {
    this.#volume = volume;
    const { gain, context } = this.#graph ?? {};
    // In steps of a few milliseconds, so that nothing clicks.
    if (gain !== undefined && context !== undefined) gain.gain.setTargetAtTime(volume, context.currentTime, 0.01);
  }

  async setDevice(device: string): Promise<void> {
    this.#device = device;
    await this.#graph?.context.setSinkId?.(device);
  }

  async resume(): Promise<void> {
    const context = this.#graph?.context;
    if (context === undefined || this.#closed) return;
    this.#resuming = true;
    const running = this.#run(context);
    // Where it is not allowed the promise is kept until it is, and asked again then.
    const late = new Promise((resolve) => setTimeout(resolve, BLOCKED_AFTER_MS));
    await Promise.race([running, late]);
    if (context.state === "suspended" && this.#resuming && !this.#closed) this.#sink.onBlocked(true);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#restTimer);
    this.#worker?.terminate();
    void this.#graph?.context.close();
    this.#graph = undefined;
  }

  #workerOf(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(new URL("../decode/sound-worker.ts", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<FromSoundWorker>) => {
      if (data.type === "useless") this.#sink.onUseless(data.why);
      else this.#heard(data.channels);
    });
    worker.addEventListener("error", ({ message }) => this.#sink.onUseless(message || "its decoder did not start"));
    this.#worker = worker;
    return worker;
  }

  #post(message: ToSoundWorker, transfer: Transferable[] = []): void {
    this.#workerOf().postMessage(message, transfer);
  }

  #heard(channels: SoundChannels): void {
    if (this.#closed) return;
    clearTimeout(this.#restTimer);
    this.#restTimer = window.setTimeout(() => this.#rest(), REST_MS);
    if (this.#graph?.channels !== channels) void this.#build(channels);
    else if (this.#graph.context.state !== "running" && !this.#resuming) void this.resume();
  }

  async #run(context: AudioContext): Promise<void> {
    try {
      await context.resume();
    } catch (error) {
      // Closed meanwhile.
      console.debug("sound", error);
      return;
    }
    this.#resuming = false;
    this.#sink.onBlocked(false);
  }

  #rest(): void {
    this.#resuming = false;
    void this.#graph?.context.suspend();
  }

  async #build(channels: SoundChannels): Promise<void> {
    if (this.#building === channels) return;
    this.#building = channels;
    const former = this.#graph;
    this.#graph = undefined;
    try {
      void former?.context.close();
      const context: AudioContext & SinkSelectable = new AudioContext({
        sampleRate: SAMPLE_HZ,
        latencyHint: "interactive",
      });
      await context.audioWorklet.addModule(playoutWorklet);
      if (this.#closed) {
        void context.close();
        return;
      }
      const node = new AudioWorkletNode(context, "playout", { numberOfInputs: 0, outputChannelCount: [channels] });
      node.port.addEventListener("message", ({ data }: MessageEvent<PlayoutNumbers>) => this.numbers.set(data));
      node.port.start();
      const gain = new GainNode(context, { gain: this.#volume });
      // A device with fewer channels mixes them down.
      context.destination.channelCount = Math.min(channels, context.destination.maxChannelCount);
      node.connect(gain).connect(context.destination);
      this.#graph = { context, node, gain, channels };
      const { port1, port2 } = new MessageChannel();
      const toPlayout: ToPlayout = { type: "port", port: port2 };
      node.port.postMessage(toPlayout, [port2]);
      this.#post({ type: "port", port: port1 }, [port1]);
      if (this.#device !== "")
        await this.setDevice(this.#device).catch((error: unknown) => console.debug("speaker", error));
      void this.resume();
    } catch (error) {
      this.#sink.onUseless(messageOf(error));
    } finally {
      this.#building = undefined;
    }
  }
}
