// The contract between the sound server and a viewer's session. `sound-server.ts` implements it with the native module
// (native/audio_addon.cc); `viewer-sound.ts` uses it, and hands packets to `transport/`.

import type { SoundChannels } from "@eglantine/protocol/formats";

/** 10 ms of what the programs play. */
export interface SoundPacket {
  /** An Opus packet. */
  readonly data: Uint8Array;
  readonly channels: SoundChannels;
  /** Of its first sample: CLOCK_MONOTONIC in steps of 1/48000 s. */
  readonly position: number;
  /** The first one after silence, or behind a gap: otherwise 480 steps after the one before. */
  readonly begins: boolean;
}

export const PACKET_SAMPLES = 480;
export const SAMPLES_PER_SECOND = 48_000;

/** What a viewer's packets are coded with; viewers with equal settings share one encoder. */
export interface SoundSettings {
  readonly channels: SoundChannels;
  /** Of the packets, how many are lost on the way: what in-band repair is for. 0: none is added. */
  readonly lossPercent: number;
}

export interface SoundSink {
  onPacket(packet: SoundPacket): void;
  /** There is sound from now on (undefined), or there is none, and why. Once it is known, and whenever it changes. */
  onState(why: string | undefined): void;
}

export interface MicrophoneSink {
  /** The desktop hears it (undefined), or can't, and why. */
  onState(why: string | undefined): void;
}

/** One viewer's microphone, as the programs record it; those of several viewers are mixed. */
export interface MicrophoneLine {
  /** The next packet that came; `lost`: how many should have come before it. */
  write(packet: Uint8Array, lost: number): void;
  close(): void;
}

export interface Sound {
  /** Of what the programs play. */
  readonly maxChannels: SoundChannels;
  /** Until the returned function is called. */
  listen(settings: SoundSettings, sink: SoundSink): () => void;
  openMicrophone(sink: MicrophoneSink): MicrophoneLine;
}
