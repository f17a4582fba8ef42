// Sound over WebRTC as the browser itself plays it: the peer's audio track in an element of its own. For browsers that do not hand out its
// packets, and for pages that get no WebCodecs; others play it sooner (`frame-player.ts`). Not in the picture's element: what is in one
// stream is played in step, and the picture would wait for its sound. From `connection/peers.ts` by way of `sound.ts`.

import type { Player, PlayerSink, SinkSelectable } from "./player.ts";

export class TrackPlayer implements Player {
  readonly #element: HTMLAudioElement & SinkSelectable = new Audio();
  readonly #sink: PlayerSink;
  #closed = false;

  constructor(sink: PlayerSink) {
    this.#sink = sink;
    this.#element.autoplay = true;
  }

  /** The stream of the peer in use; each peer has another one. */
  show(stream: MediaStream): void {
    this.#element.srcObject = stream;
    void this.resume();
  }

  setVolume(volume: number): void {
    this.#element.volume = volume;
  }

  async setDevice(device: string): Promise<void> {
    await this.#element.setSinkId?.(device);
  }

  async resume(): Promise<void> {
    if (this.#element.srcObject === null || this.#closed) return;
    try {
      await this.#element.play();
      this.#sink.onBlocked(false);
    } catch (error) {
      // Another stream has taken its place otherwise.
      if (error instanceof DOMException && error.name === "NotAllowedError") this.#sink.onBlocked(true);
    }
  }

  stop(): void {
    this.#element.srcObject = null;
  }

  close(): void {
    this.#closed = true;
    this.stop();
  }
}
