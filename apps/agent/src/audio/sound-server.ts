// The desktop's sound: owns the connections to the sound server (PulseAudio, or PipeWire in its place), one for each kind of packets
// that somebody wants and one for each microphone. Nothing is connected while nobody listens. Built by `agent.ts`; packets go to
// `viewer-sound.ts`.

import type { SoundChannels } from "@eglantine/protocol/formats";
import type { Closable } from "../close.ts";
import type { Log } from "../log.ts";
import type { NativeCapture, NativeSound, NativeSoundMessage } from "./native.ts";
import type { MicrophoneLine, MicrophoneSink, Sound, SoundSettings, SoundSink } from "./types.ts";

export interface SoundServerOptions {
  /** As in PULSE_SERVER. */
  readonly server: string;
  /** What the programs play into. */
  readonly sink: string;
  /** Whose monitor the programs record as a microphone. */
  readonly microphoneSink: string;
  readonly bitrateBps: number;
  /** Of what programs play into. */
  readonly maxChannels: SoundChannels;
  readonly lowDelay: boolean;
  /** The native module, or why it can't be had. */
  readonly load: () => NativeSound | { readonly why: string };
  readonly log: Log;
}

/** A sound server that ends is started again: it is looked for after so long, and after twice as long each time up to the last. */
const RETRY_MS = 500;
const RETRY_MOST_MS = 30_000;

/** One kind of packets, and who takes them. */
interface Shared {
  readonly settings: SoundSettings;
  readonly sinks: Set<SoundSink>;
  capture: NativeCapture | undefined;
  /** Why there is no sound; null: it is not known yet. */
  why: string | undefined | null;
  retry: NodeJS.Timeout | undefined;
  failures: number;
}

export class SoundServer implements Sound, Closable {
  readonly #options: SoundServerOptions;
  readonly #shared = new Map<string, Shared>();
  readonly #microphones = new Set<MicrophoneLine>();
  /** What was logged last: a server that stays away is no news. */
  #logged: string | undefined;

  constructor(options: SoundServerOptions) {
    this.#options = options;
  }

  get maxChannels(): SoundChannels {
    return this.#options.maxChannels;
  }

  listen(settings: SoundSettings, sink: SoundSink): () => void {
    const key = `${settings.channels} ${settings.lossPercent}`;
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      shared = { settings, sinks: new Set(), capture: undefined, why: null, retry: undefined, failures: 0 };
      this.#shared.set(key, shared);
      shared.sinks.add(sink);
      this.#open(shared);
    } else {
      shared.sinks.add(sink);
      if (shared.why !== null) sink.onState(shared.why);
    }
    const mine = shared;
    return () => {
      if (!mine.sinks.delete(sink) || mine.sinks.size > 0) return;
      this.#shared.delete(key);
      end(mine);
    };
  }

  openMicrophone(sink: MicrophoneSink): MicrophoneLine {
    const { load, server, microphoneSink, log } = this.#options;
    const native = load();
    if ("why" in native) {
      queueMicrotask(() => sink.onState(native.why));
      return { write: () => undefined, close: () => undefined };
    }
    let open = true;
    const microphone = new native.Microphone({ server, sink: microphoneSink }, (message) => {
      if (!open || message.kind === "packet") return;
      if (message.kind === "lost") log.warn({ reason: message.reason }, "a microphone can't be heard");
      sink.onState(message.kind === "ready" ? undefined : message.reason);
    });
    const line: MicrophoneLine = {
      write: (packet, lost) => microphone.write(packet, lost),
      close: () => {
        open = false;
        this.#microphones.delete(line);
        microphone.close();
      },
    };
    this.#microphones.add(line);
    return line;
  }

  async close(): Promise<void> {
    for (const shared of this.#shared.values()) end(shared);
    this.#shared.clear();
    for (const microphone of this.#microphones) microphone.close();
  }

  #open(shared: Shared): void {
    const { load, server, sink, bitrateBps } = this.#options;
    const { channels, lossPercent } = shared.settings;
    // In-band repair is what the quickest way of coding has not.
    const lowDelay = this.#options.lowDelay && lossPercent === 0;
    const native = load();
    if ("why" in native) {
      // Not within `listen`: who asked has not got its answer yet.
      shared.retry = setTimeout(() => this.#lost(shared, native.why), 0);
      return;
    }
    const options = { server, sink, channels, bitrateBps: bitrateOf(bitrateBps, channels), lowDelay, lossPercent };
    const capture: NativeCapture = new native.Capture(options, (message) => {
      if (shared.capture === capture) this.#take(shared, message);
    });
    shared.capture = capture;
  }

  #take(shared: Shared, message: NativeSoundMessage): void {
    switch (message.kind) {
      case "packet": {
        const { data, position, begins } = message;
        const packet = { data, channels: shared.settings.channels, position, begins };
        for (const sink of shared.sinks) sink.onPacket(packet);
        return;
      }
      case "ready":
        shared.failures = 0;
        this.#report("connected");
        tell(shared, undefined);
        return;
      case "lost":
        this.#lost(shared, message.reason);
    }
  }

  #lost(shared: Shared, reason: string): void {
    shared.capture?.close();
    shared.capture = undefined;
    this.#report(reason);
    shared.retry = setTimeout(
      () => this.#open(shared),
      Math.min(RETRY_MOST_MS, RETRY_MS * 2 ** Math.min(shared.failures, 10)),
    );
    shared.failures += 1;
    tell(shared, `The sound server can't be reached: ${reason}`);
  }

  #report(what: string): void {
    if (what === this.#logged) return;
    this.#logged = what;
    const { log, server, sink } = this.#options;
    if (what === "connected") log.info({ server, sink }, "sound server connected");
    else log.warn({ server, sink, reason: what }, "no sound server");
  }
}

/** Of a stereo pair; the others are quieter as a rule, and share what they have. */
function bitrateOf(stereoBps: number, channels: number): number {
  return channels === 2 ? stereoBps : Math.round((stereoBps * channels) / 3);
}

function tell(shared: Shared, why: string | undefined): void {
  if (shared.why === why) return;
  shared.why = why;
  for (const sink of shared.sinks) sink.onState(why);
}

function end(shared: Shared): void {
  clearTimeout(shared.retry);
  shared.sinks.clear();
  const { capture } = shared;
  shared.capture = undefined;
  capture?.close();
}
