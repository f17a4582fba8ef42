// The door to the native add-on, and the only file that loads it. Its shapes are those of native/addon.cc; what comes
// out of it goes to `pipeline.ts`.

import { createRequire } from "node:module";
import { nativeFile, nativePlaces } from "../native-file.ts";
import type { Region } from "./types.ts";

/** A name of native/encoders.h. */
export type NativeEncoder = string;

export type NativeMessage =
  | {
      readonly kind: "unit";
      readonly data: Uint8Array;
      readonly keyframe: boolean;
      readonly first: boolean;
      readonly last: boolean;
      readonly chroma: "420" | "444";
      readonly changed: number;
      readonly frame: number;
      readonly refinement: boolean;
      readonly widthPx: number;
      readonly heightPx: number;
      readonly damageUs: number;
      readonly grabUs: number;
      readonly convertUs: number;
      readonly encodeUs: number;
    }
  | { readonly kind: "size"; readonly widthPx: number; readonly heightPx: number }
  | {
      readonly kind: "encoder-opened" | "encoder-failed";
      readonly name: NativeEncoder;
      readonly chroma: "420" | "444";
      readonly reason: string;
    }
  | { readonly kind: "card"; readonly reason: string }
  | { readonly kind: "card-gone" };

export interface NativeStreamOptions {
  readonly display: string;
  readonly encoder: NativeEncoder;
  readonly chroma444: boolean;
  /** Of each side of the coded picture to the screen's, above 0 to 1; 1 without it. */
  readonly scale?: number;
  /** Of the screen; all of it without one. */
  readonly region?: Region | undefined;
  readonly framesPerSecond: number;
  readonly bitrateBps: number;
}

/** What a stream has done since its start. */
export interface NativeCounters {
  readonly wakeups: number;
  readonly grabs: number;
  readonly grabbedPx: number;
  readonly pictures: number;
}

/** A thread that captures and codes. After `encoder-failed` it waits for `setEncoder`. */
export interface NativeStream {
  setBitrateBps(bitrateBps: number): void;
  setFramesPerSecond(framesPerSecond: number): void;
  /** Takes hold with an IDR. */
  setScale(scale: number): void;
  setRegion(region: Region | undefined): void;
  /** Also the same one with another chroma. Takes hold with an IDR. */
  setEncoder(name: NativeEncoder, chroma444: boolean): void;
  requestKeyframe(): void;
  setPaused(paused: boolean): void;
  counters(): NativeCounters;
  /** Returns at once; `onClosed` is called when the thread has ended. */
  close(): void;
}

/** A gamepad or tablet of the kernel; see `linux/uinput.ts`, `linux/uinput-tablet.ts`. Making one throws what the system said. */
export interface NativeUinputDevice {
  /** Triples of type, code and value. False: the kernel took not all of them. */
  write(triples: Int32Array): boolean;
  /** Unplugs it. Idempotent. */
  close(): void;
}

export interface NativeDeviceDescription {
  readonly name: string;
  readonly phys: string;
  readonly bus: number;
  readonly vendor: number;
  readonly product: number;
  readonly version: number;
  readonly keys: readonly number[];
  readonly axes: readonly {
    readonly code: number;
    readonly minimum: number;
    readonly maximum: number;
    readonly fuzz: number;
    readonly flat: number;
    readonly resolution: number;
  }[];
  readonly force: readonly number[];
  /** linux/input-event-codes.h: INPUT_PROP_… */
  readonly props: readonly number[];
}

export interface NativeAddon {
  readonly UinputDevice: new (
    description: NativeDeviceDescription,
    onForce: (type: number, code: number, value: number) => void,
  ) => NativeUinputDevice;
  readonly Stream: new (
    options: NativeStreamOptions,
    onMessage: (message: NativeMessage) => void,
    onClosed: () => void,
  ) => NativeStream;
  /** Opens the encoder for a moment, on another thread; resolves to why it can't be had, or to undefined when it can. */
  probeEncoder(name: NativeEncoder, chroma444: boolean): Promise<string | undefined>;
  /** Of the calling thread, ns; 0 for the system's own. Returns the former one. */
  setTimerSlack(nanoseconds: number): number;
  /** How many sockets took the filter: see `linux/check-filter.ts`. */
  dropZeroTieBreakers(udpPort: number): number;
}

/** The add-on is not there or does not load; the message says where it was looked for. */
export class NativeAddonError extends Error {
  override readonly name = "NativeAddonError";
}

let loaded: NativeAddon | undefined;

const FILE = "eglantine.node";

export function loadNativeAddon(): NativeAddon {
  if (loaded) return loaded;
  const path = nativeFile(FILE);
  if (!path) {
    throw new NativeAddonError(`the native add-on is not built; it was looked for at ${nativePlaces(FILE).join(", ")}`);
  }
  try {
    loaded = createRequire(import.meta.url)(path) as NativeAddon;
  } catch (error) {
    throw new NativeAddonError(`the native add-on ${path} does not load: ${String(error)}`, { cause: error });
  }
  return loaded;
}
