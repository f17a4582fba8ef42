// The door to the sound's native module, and the only file that loads it: not before somebody wants to hear something. Its
// shapes are those of native/audio_addon.cc; what comes out of it goes to `sound-server.ts`.

import { createRequire } from "node:module";
import { messageOf } from "../errors.ts";
import { nativeFile } from "../native-file.ts";

export type NativeSoundMessage =
  /** The stream stands. */
  | { readonly kind: "ready" }
  /** It does not, or not any more. Once. */
  | { readonly kind: "lost"; readonly reason: string }
  | { readonly kind: "packet"; readonly data: Uint8Array; readonly position: number; readonly begins: boolean };

export interface NativeCaptureOptions {
  /** As in PULSE_SERVER. */
  readonly server: string;
  readonly sink: string;
  readonly channels: number;
  readonly bitrateBps: number;
  readonly lowDelay: boolean;
  readonly lossPercent: number;
}

/** A thread that reads a sink's monitor and codes it. */
export interface NativeCapture {
  /** Since start. */
  counters(): { readonly wakeups: number; readonly packets: number };
  /** Nothing comes afterwards but what is on its way. Idempotent. */
  close(): void;
}

/** A thread that decodes packets and plays them into a sink. */
export interface NativeMicrophone {
  write(packet: Uint8Array, lost: number): void;
  close(): void;
}

export interface NativeSound {
  readonly Capture: new (
    options: NativeCaptureOptions,
    onMessage: (message: NativeSoundMessage) => void,
  ) => NativeCapture;
  readonly Microphone: new (
    options: { readonly server: string; readonly sink: string },
    onMessage: (message: NativeSoundMessage) => void,
  ) => NativeMicrophone;
}

let loaded: NativeSound | undefined;

/** The module, or why it can't be had. One that does not load is tried again: its libraries may have been installed since. */
export function loadNativeSound(): NativeSound | { readonly why: string } {
  if (loaded !== undefined) return loaded;
  const path = nativeFile("eglantine-audio.node");
  if (path === undefined) return { why: "the sound's native module is not built" };
  try {
    loaded = createRequire(import.meta.url)(path) as NativeSound;
  } catch (error) {
    return { why: `the sound's native module does not load: ${messageOf(error)}` };
  }
  return loaded;
}
