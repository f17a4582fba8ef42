// One viewer's sound: listens to the desktop for it as it wants and its network allows, and takes its microphone in. From
// `sound-server.ts`; packets go to `session/paths.ts`, which knows the way. Owned by `session/session.ts`.

import type { AgentControl, ViewerControl } from "@eglantine/protocol/control";
import { ProtocolError } from "@eglantine/protocol/field";
import { LIMITS } from "@eglantine/protocol/limits";
import { MicrophoneIntake, type MicrophonePacket, type MicrophoneSource } from "./microphone-intake.ts";
import { PACKET_SAMPLES, SAMPLES_PER_SECOND, type Sound, type SoundPacket, type SoundSettings } from "./types.ts";

export type SoundWish = Omit<Extract<ViewerControl, { type: "audio" }>, "type">;
type SoundFacts = Omit<Extract<AgentControl, { type: "audio" }>, "type">;

/** What the operator allows. */
export interface SoundPolicy {
  /** The desktop's sound, or why there is none. */
  readonly sound: Sound | { readonly why: string };
  /** Why viewers may have no microphone; undefined: they may. */
  readonly noMicrophone: string | undefined;
}

/** How a lost packet is made good on the way in use. */
export interface SoundRepair {
  /** Of all packets lately, 0 to 1. */
  readonly lossFraction: number;
  /** Packets carry the ones before them (RFC 2198) when some are lost. */
  readonly redundant: boolean;
}

export interface ViewerSoundOptions {
  readonly policy: SoundPolicy;
  readonly viewOnly: boolean;
  /** As its hello said; undefined: it knows of no sound. */
  readonly wish: SoundWish | undefined;
  readonly send: (message: AgentControl) => void;
  readonly deliver: (packet: SoundPacket, wish: SoundWish) => void;
  readonly repair: () => SoundRepair;
  readonly nowMs: () => number;
}

/** The network is looked at after so many packets. */
const LOOK_PACKETS = SAMPLES_PER_SECOND / PACKET_SAMPLES;
/** Steps of what is lost, percent: few, so that viewers share encoders. */
const LOSS_STEPS = [0, 5, 10, 20] as const;
const MOST_LOSS = 20;
const CALM_LOOKS = 10;
/** Where packets carry others, in-band repair only helps against bursts: from here on. */
const REDUNDANT_ENOUGH = 0.1;

export class ViewerSound {
  readonly #options: ViewerSoundOptions;
  readonly #microphone: MicrophoneIntake | undefined;
  readonly #noMicrophone: string | undefined;
  #wish: SoundWish | undefined;
  #settings: SoundSettings | undefined;
  #stop: (() => void) | undefined;
  /** Settings that are to follow, and how to stop them: they do with their first packet, so that no sound is missing. */
  #next: { readonly settings: SoundSettings; stop: () => void; why: string | undefined } | undefined;
  #lossPercent = 0;
  /** Looks in a row that found less loss. */
  #calmLooks = 0;
  #sincePackets = 0;
  #position = Number.NEGATIVE_INFINITY;
  #soundWhy: string | undefined;
  #microphoneWhy: string | undefined;
  #told = "";
  #closed = false;

  constructor(options: ViewerSoundOptions) {
    const { policy, viewOnly, wish, nowMs } = options;
    this.#options = options;
    const { sound } = policy;
    this.#noMicrophone = viewOnly
      ? "You may watch and hear this desktop, and not speak to it."
      : "why" in sound
        ? sound.why
        : policy.noMicrophone;
    if (this.#noMicrophone === undefined && !("why" in sound)) {
      this.#microphone = new MicrophoneIntake(sound, nowMs, (why) => {
        this.#microphoneWhy = why;
        this.#tell();
      });
    }
    if ("why" in sound) this.#soundWhy = sound.why;
    this.#wish = wish;
    if (wish !== undefined) this.wish(wish);
  }

  /** Throws ProtocolError where the hello spoke of no sound. */
  wish(wish: SoundWish): void {
    if (this.#wish === undefined) throw new ProtocolError("audio: the hello spoke of none");
    if (this.#closed) return;
    this.#wish = wish;
    this.#review();
    this.#tell();
  }

  /** Throws ProtocolError where the hello spoke of no sound. Answered in any case. */
  turnMicrophone(on: boolean): void {
    if (this.#wish === undefined) throw new ProtocolError("microphone: the hello spoke of no sound");
    if (this.#closed) return;
    this.#microphone?.turn(on);
    this.#microphoneWhy = undefined;
    this.#told = "";
    this.#tell();
  }

  /** Throws ProtocolError or RateError, and nothing else. */
  takeMicrophone(source: MicrophoneSource, packet: MicrophonePacket): void {
    if (this.#microphone === undefined) throw new ProtocolError(`microphone: ${this.#noMicrophone ?? "refused"}`);
    this.#microphone.take(source, packet);
  }

  close(): void {
    this.#closed = true;
    this.#microphone?.close();
    this.#dropNext();
    this.#stop?.();
    this.#stop = undefined;
  }

  /** Listens as is wanted now, or not at all. */
  #review(): void {
    const { sound } = this.#options.policy;
    if (this.#wish === undefined || "why" in sound) return;
    const { on, channels } = this.#wish;
    if (!on) {
      this.#dropNext();
      this.#stop?.();
      this.#stop = undefined;
      this.#settings = undefined;
      return;
    }
    const settings = {
      channels: channels < sound.maxChannels ? channels : sound.maxChannels,
      lossPercent: this.#lossPercent,
    };
    if (same(settings, this.#next?.settings ?? this.#settings)) return;
    this.#dropNext();
    if (same(settings, this.#settings)) return;
    const next = { settings, stop: () => undefined as void, why: undefined };
    this.#next = next;
    next.stop = sound.listen(settings, {
      onPacket: (packet) => this.#onPacket(settings, packet),
      onState: (why) => this.#onState(settings, why),
    });
    // Nothing is heard that could be missing.
    if (this.#settings === undefined) this.#takeNext();
  }

  #onPacket(settings: SoundSettings, packet: SoundPacket): void {
    if (this.#closed || this.#wish === undefined) return;
    if (settings === this.#next?.settings) this.#takeNext();
    if (settings !== this.#settings || packet.position <= this.#position) return;
    this.#position = packet.position;
    this.#options.deliver(packet, this.#wish);
    this.#sincePackets += 1;
    if (this.#sincePackets >= LOOK_PACKETS) this.#look();
  }

  #onState(settings: SoundSettings, why: string | undefined): void {
    if (this.#closed) return;
    if (settings === this.#next?.settings) this.#next.why = why;
    if (settings !== this.#settings) return;
    this.#soundWhy = why;
    this.#tell();
  }

  /** The packets of `next` from now on. */
  #takeNext(): void {
    const next = this.#next;
    if (next === undefined) return;
    this.#next = undefined;
    this.#stop?.();
    this.#stop = () => next.stop();
    this.#settings = next.settings;
    this.#soundWhy = next.why;
    this.#tell();
  }

  #dropNext(): void {
    this.#next?.stop();
    this.#next = undefined;
  }

  /** What is lost on the way decides over in-band repair. */
  #look(): void {
    this.#sincePackets = 0;
    const { lossFraction, redundant } = this.#options.repair();
    const percent = redundant && lossFraction < REDUNDANT_ENOUGH ? 0 : lossFraction * 100;
    const step = LOSS_STEPS.find((most) => percent <= most) ?? MOST_LOSS;
    this.#calmLooks = step < this.#lossPercent ? this.#calmLooks + 1 : 0;
    // Up at once, down slowly.
    if (step <= this.#lossPercent && this.#calmLooks < CALM_LOOKS) return;
    this.#calmLooks = 0;
    this.#lossPercent = step;
    this.#review();
  }

  #tell(): void {
    if (this.#closed || this.#wish === undefined) return;
    const why = this.#noMicrophone ?? this.#microphoneWhy;
    const facts: SoundFacts = {
      sound: this.#soundWhy === undefined,
      why: (this.#soundWhy ?? "").slice(0, LIMITS.textChars),
      channels: this.#settings?.channels ?? this.#wish.channels,
      microphone: why !== undefined ? "refused" : this.#microphone?.on === true ? "on" : "off",
      microphoneWhy: (why ?? "").slice(0, LIMITS.textChars),
    };
    const told = JSON.stringify(facts);
    if (told === this.#told) return;
    this.#told = told;
    this.#options.send({ type: "audio", ...facts });
  }
}

function same(a: SoundSettings, b: SoundSettings | undefined): boolean {
  return a.channels === b?.channels && a.lossPercent === b.lossPercent;
}
