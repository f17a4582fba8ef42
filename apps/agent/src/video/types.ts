// The contract between the picture and its ways out: walk "screen → photon" begins here.
// The native add-on makes access units (`native/`), `pipeline.ts` owns it and hands them to a sink, which is a
// viewer's session; from there they go to `transport/`.

export type Codec = "h264" | "h265" | "av1" | "vp8" | "vp9";

/** Moments of one frame, microseconds of CLOCK_MONOTONIC (what `process.hrtime.bigint() / 1000n` counts too). */
export interface FrameTiming {
  /** The X server's damage was read. */
  readonly damageUs: number;
  /** The damaged pixels are in our memory. */
  readonly grabUs: number;
  /** They are YUV. */
  readonly convertUs: number;
  /** They are an access unit. */
  readonly encodeUs: number;
}

/** One coded picture. */
export interface AccessUnit {
  /** H.264, H.265: Annex B byte stream, parameter sets in front of each keyframe. Others: the bare frame. */
  readonly data: Uint8Array;
  readonly codec: Codec;
  readonly keyframe: boolean;
  /** Counts from 1 within one source. */
  readonly frame: number;
  /** True for a frame that only makes a still picture sharper. */
  readonly refinement: boolean;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly timing: FrameTiming;
}

/** Which encoder was taken, and why; told to the viewer and logged. */
export interface EncoderChoice {
  /** As in WEBRTC_ENCODER: x264enc, nvh264enc, … */
  readonly name: string;
  readonly codec: Codec;
  readonly why: string;
  /** True when a better or an asked-for one could not be had. */
  readonly fallback: boolean;
}

/** Who takes the pictures of a pipeline. Called on the main thread, never after `close()` has resolved. */
export interface VideoSink {
  onAccessUnit(unit: AccessUnit): void;
  /** At start and whenever the screen changes its size. */
  onSize(widthPx: number, heightPx: number): void;
  /** At start and whenever another encoder takes over. */
  onEncoder(choice: EncoderChoice): void;
  /** The screen could not be captured and a card says so instead (`reason`), or it can be again (`undefined`). */
  onCard(reason: string | undefined): void;
  /** There is no picture and none will come: no encoder is left, and why of each. Once. */
  onFailed(reason: string): void;
}

export interface VideoOptions {
  /** X display, e.g. ":20". */
  readonly display: string;
  /** A name of WEBRTC_ENCODER, or "auto". */
  readonly encoder: string;
  readonly framesPerSecond: number;
  readonly bitrateBps: number;
}

/** Capture and encoding for one viewer. Nothing is grabbed, encoded or handed out while the screen is still. */
export interface VideoPipeline {
  /** Takes hold within a few frames, without an IDR. */
  setBitrateBps(bitrateBps: number): void;
  setFramesPerSecond(framesPerSecond: number): void;
  /** The next access unit, sent at once even if the screen is still, is an IDR. Several requests before it are one. */
  requestKeyframe(): void;
  close(): Promise<void>;
}
