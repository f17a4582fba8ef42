// What the page and the Worker that decodes sound say to each other. From `audio/frame-player.ts` to `sound-worker.ts`, and back.

import type { SoundChannels } from "@eglantine/protocol/formats";

/** A packet that came over the socket. `data` is transferred. */
export interface SoundPart {
  readonly type: "packet";
  /** 48 kHz clock, 32 bits. */
  readonly timestamp: number;
  readonly channels: SoundChannels;
  readonly data: Uint8Array<ArrayBuffer>;
  /** Epoch milliseconds. */
  readonly arrivedMs: number;
}

export type ToSoundWorker =
  | SoundPart
  /** Where samples go: the playout worklet's end of a channel. */
  | { readonly type: "port"; readonly port: MessagePort }
  /** What is on its way belongs to a session that is over. */
  | { readonly type: "reset" };

/** For what comes over WebRTC: with the RTCRtpScriptTransform. */
export interface SoundTransform {
  /** Of a packet that is no ordinary Opus. */
  readonly channels: SoundChannels;
}

export type FromSoundWorker =
  /** Sound comes; told a few times a second while it does. */
  | { readonly type: "heard"; readonly channels: SoundChannels }
  /** This browser decodes none of it. */
  | { readonly type: "useless"; readonly why: string };
