// What the playout worklet is told and tells. Samples come from `decode/sound-worker.ts` by a channel of its own, the rest from
// `audio/frame-player.ts`; numbers go back there.

/** 10 ms or so of decoded sound, 48 kHz, one array a channel. Transferred. */
export interface Samples {
  readonly type: "samples";
  /** 48 kHz clock of the first one, counting on without wrapping. */
  readonly timestamp: number;
  readonly channels: readonly Float32Array<ArrayBuffer>[];
  /** Epoch milliseconds. */
  readonly arrivedMs: number;
}

/** `Port`: a MessagePort, which the worklet's own library does not know. */
export type ToPlayout<Port = unknown> =
  | Samples
  /** Where samples come in. */
  | { readonly type: "port"; readonly port: Port }
  | { readonly type: "reset" };

/** Told twice a second while something plays. */
export interface PlayoutNumbers {
  /** What waits, and what is aimed at, ms. */
  readonly bufferedMs: number;
  readonly targetMs: number;
  /** Since the beginning: how often it ran dry in mid-sound, how often something was left out, and how often something was missing. */
  readonly underruns: number;
  readonly skips: number;
  readonly gaps: number;
}
