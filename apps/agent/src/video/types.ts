// The contract between the picture and its ways out: walk "screen → photon" begins here.
// The native add-on makes access units (`native/`), `pipeline.ts` owns it and hands them to a sink, which is a
// viewer's session; from there they go to `transport/`.

import type { Codec, Format } from "@eglantine/protocol/formats";

export type { Codec };
export type Chroma = "420" | "444";

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

/** One coded picture or, from an encoder that works in slices, the next run of its slices: `first` and `last` say which. */
export interface AccessUnit {
  /** H.264, H.265: Annex B byte stream, parameter sets in front of each keyframe. Others: the bare frame. */
  readonly data: Uint8Array;
  readonly codec: Codec;
  readonly chroma: Chroma;
  /** The same in all parts of one picture. */
  readonly keyframe: boolean;
  /** Counts pictures from 1 within one source. */
  readonly frame: number;
  /** It begins its picture; it ends it. A whole picture does both. Parts come in order, none of another between. */
  readonly first: boolean;
  readonly last: boolean;
  /** True for a frame that only makes a still picture sharper. */
  readonly refinement: boolean;
  /** Share of the picture that has changed since the one before, 0 to 1. */
  readonly changed: number;
  /** Of the coded picture, which may be smaller than the desktop: see `setScale`. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly timing: FrameTiming;
}

/** Which encoder was taken, and why; told to the viewer and logged. */
export interface EncoderChoice {
  /** As in WEBRTC_ENCODER: x264enc, nvh264enc, … */
  readonly name: string;
  readonly codec: Codec;
  readonly chroma: Chroma;
  /** It could code 4:4:4, whether it does or not. */
  readonly chroma444: boolean;
  readonly why: string;
  /** True when a better or an asked-for one could not be had. */
  readonly fallback: boolean;
}

/** Who takes the pictures of a pipeline. Called on the main thread, never after `close()` has resolved. */
export interface VideoSink {
  onAccessUnit(unit: AccessUnit): void;
  /** Of what is shown, at start and whenever it changes. */
  onSize(widthPx: number, heightPx: number): void;
  /** At start and whenever another encoder takes over. */
  onEncoder(choice: EncoderChoice): void;
  /** The screen could not be captured and a card says so instead (`reason`), or it can be again (`undefined`). */
  onCard(reason: string | undefined): void;
  /** There is no picture and none will come: no encoder is left, and why of each. Once. */
  onFailed(reason: string): void;
}

/** An encoder of this program, and whether this machine has it. */
export interface EncoderOffer {
  readonly name: string;
  readonly codec: Codec;
  /** It can code 4:4:4. */
  readonly chroma444: boolean;
  readonly usable: boolean;
  /** Why it can't be had; its merit where it can. */
  readonly why: string;
}

/** Which encoders may be taken. A change opens another encoder only where the one in use does not fit any more. */
export interface EncoderWish {
  /** A name of WEBRTC_ENCODER, or "auto". */
  readonly encoder: string;
  /** What the viewer decodes. */
  readonly formats: readonly Format[];
  /** 4:4:4 is taken where encoder and viewer have it, else 4:2:0. */
  readonly chroma: Chroma;
}

/** A rectangle of the desktop, pixels. */
export interface Region {
  readonly xPx: number;
  readonly yPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface VideoOptions extends EncoderWish {
  /** X display, e.g. ":20". */
  readonly display: string;
  /** What of the desktop is shown, as one monitor of several; absent: all of it. */
  readonly region?: Region | undefined;
  readonly framesPerSecond: number;
  readonly bitrateBps: number;
}

/** Capture and encoding for one viewer. Nothing is grabbed, encoded or handed out while the screen is still. */
export interface VideoPipeline {
  /** Takes hold within a few frames, without an IDR. */
  setBitrateBps(bitrateBps: number): void;
  setFramesPerSecond(framesPerSecond: number): void;
  /** Codes the picture with each side this much as long, above 0 to 1. Takes hold with an IDR. */
  setScale(scale: number): void;
  /** As in VideoOptions. What changes elsewhere makes no picture. Another size takes hold with an IDR. */
  setRegion(region: Region | undefined): void;
  setEncoder(wish: EncoderWish): void;
  /** The next access unit, sent at once even if the screen is still, is an IDR. Several requests before it are one. */
  requestKeyframe(): void;
  /** While paused no picture is taken off the screen, and changes gather into the next one. What is being coded still comes. */
  setPaused(paused: boolean): void;
  close(): Promise<void>;
}
