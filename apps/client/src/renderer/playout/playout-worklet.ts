// The AudioWorklet that plays the sound: decoded samples in, sound out. All that it does is in `playout.ts`. From
// `decode/sound-worker.ts`, by a port that `audio/frame-player.ts` hands over.

import type { PlayoutNumbers, Samples, ToPlayout } from "./messages.ts";
import { Playout } from "./playout.ts";

interface Port {
  addEventListener(type: "message", listener: (event: { readonly data: ToPlayout<Port> }) => void): void;
  start(): void;
  postMessage(message: PlayoutNumbers, transfer: readonly ArrayBuffer[]): void;
}

/** Of AudioWorkletGlobalScope (https://www.w3.org/TR/webaudio/), which TypeScript's library leaves out. */
declare const currentTime: number;
declare class AudioWorkletProcessor {
  readonly port: Port;
}
declare function registerProcessor(name: string, processor: typeof AudioWorkletProcessor): void;

const TELL_EVERY_S = 0.5;

class PlayoutProcessor extends AudioWorkletProcessor {
  #playout: Playout | undefined;
  #channels = 0;
  #toldS = 0;

  constructor() {
    super();
    this.#listen(this.port);
  }

  process(_inputs: unknown, outputs: readonly (readonly Float32Array[])[]): boolean {
    const output = outputs[0] ?? [];
    if (this.#playout === undefined) return true;
    this.#playout.pull(output, currentTime * 1000);
    if (currentTime - this.#toldS >= TELL_EVERY_S) {
      this.#toldS = currentTime;
      this.port.postMessage(this.#playout.numbers, []);
    }
    return true;
  }

  #listen(port: Port): void {
    port.addEventListener("message", ({ data }) => {
      if (data.type === "port") this.#listen(data.port);
      else if (data.type === "reset") this.#playout?.reset();
      else this.#take(data);
    });
    port.start();
  }

  #take({ channels, timestamp, arrivedMs }: Samples): void {
    if (this.#playout === undefined || channels.length !== this.#channels) {
      this.#channels = channels.length;
      this.#playout = new Playout(channels.length);
    }
    this.#playout.push(timestamp, channels, arrivedMs, currentTime * 1000);
  }
}

registerProcessor("playout", PlayoutProcessor);
