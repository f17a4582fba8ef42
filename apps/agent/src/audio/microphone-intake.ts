// What comes of one viewer's microphone, over whichever path: checked, put in order, and handed to the sound server. Nothing is
// connected before the user has turned it on, and nothing stays so when nothing comes. Owned by `viewer-sound.ts`.

import { ProtocolError } from "@eglantine/protocol/field";
import { LIMITS } from "@eglantine/protocol/limits";
import { RateError, RateGate } from "../session/rate.ts";
import { opusDurationMs } from "./opus-packet.ts";
import type { MicrophoneLine, Sound } from "./types.ts";

/** Of the packets of one path: their numbers say nothing about those of another. */
export type MicrophoneSource = number;

export interface MicrophonePacket {
  /** Counts packets, wrapping at 2^16. */
  readonly sequence: number;
  readonly data: Uint8Array;
}

/** A viewer that is turned on and sends nothing: its stream at the sound server is closed after so long. */
const REST_MS = 3000;
/** Longer gaps are pauses. */
const MOST_LOST = 50;
/** It is counted over so long: after a stall of the network, seconds of it come at once. */
const SPAN_MS = 10_000;
/** So long a time holds no more than this of sound, ms. */
const MOST_MS = 2 * SPAN_MS;

export class MicrophoneIntake {
  readonly #sound: Sound;
  readonly #onState: (why: string | undefined) => void;
  readonly #nowMs: () => number;
  readonly #packets = new RateGate((LIMITS.microphonePerSecond * SPAN_MS) / 1000, SPAN_MS);
  #line: MicrophoneLine | undefined;
  #on = false;
  #everOn = false;
  #source: MicrophoneSource | undefined;
  #sequence = 0;
  #soundMs = 0;
  #soundSinceMs = Number.NEGATIVE_INFINITY;
  #restTimer: NodeJS.Timeout | undefined;

  constructor(sound: Sound, nowMs: () => number, onState: (why: string | undefined) => void) {
    this.#sound = sound;
    this.#nowMs = nowMs;
    this.#onState = onState;
  }

  get on(): boolean {
    return this.#on;
  }

  turn(on: boolean): void {
    this.#on = on;
    this.#everOn ||= on;
    if (!on) this.#rest();
  }

  /** Throws ProtocolError or RateError, and nothing else. */
  take(source: MicrophoneSource, { sequence, data }: MicrophonePacket): void {
    if (!this.#everOn) throw new ProtocolError("microphone: a packet of one that was never turned on");
    const nowMs = this.#nowMs();
    if (!this.#packets.pass(nowMs)) throw new RateError("microphone");
    const durationMs = opusDurationMs(data);
    if (nowMs - this.#soundSinceMs >= SPAN_MS) {
      this.#soundSinceMs = nowMs;
      this.#soundMs = 0;
    }
    this.#soundMs += durationMs;
    if (this.#soundMs > MOST_MS) throw new RateError("microphone: more sound than time");
    // What was on its way when it was turned off.
    if (!this.#on) return;
    let lost = 0;
    if (source === this.#source) {
      const step = (sequence - this.#sequence) & 0xffff;
      // An older one: its place has been filled.
      if (step === 0 || step >= 0x8000) return;
      lost = step - 1 > MOST_LOST ? 0 : step - 1;
    }
    this.#source = source;
    this.#sequence = sequence;
    this.#line ??= this.#sound.openMicrophone({ onState: this.#onState });
    this.#line.write(data, lost);
    clearTimeout(this.#restTimer);
    this.#restTimer = setTimeout(() => this.#rest(), REST_MS);
  }

  close(): void {
    this.#on = false;
    this.#rest();
  }

  #rest(): void {
    clearTimeout(this.#restTimer);
    this.#line?.close();
    this.#line = undefined;
    this.#source = undefined;
  }
}
