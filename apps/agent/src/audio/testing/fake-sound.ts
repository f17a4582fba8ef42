// A sound server that a test plays: keeps who listens to what, and what microphones brought.

import type { MicrophoneLine, MicrophoneSink, Sound, SoundPacket, SoundSettings, SoundSink } from "../types.ts";

interface Listening {
  readonly settings: SoundSettings;
  readonly sink: SoundSink;
}

interface Speaking {
  readonly sink: MicrophoneSink;
  readonly written: { readonly packet: readonly number[]; readonly lost: number }[];
  closed: boolean;
}

export class FakeSound implements Sound {
  readonly maxChannels = 6;
  readonly listening: Listening[] = [];
  readonly microphones: Speaking[] = [];

  listen(settings: SoundSettings, sink: SoundSink): () => void {
    const one = { settings, sink };
    this.listening.push(one);
    return () => {
      const index = this.listening.indexOf(one);
      if (index >= 0) this.listening.splice(index, 1);
    };
  }

  /** To all who listen with these settings. */
  play(position: number, { channels = 2, lossPercent = 0, begins = false } = {}): void {
    const wanted = this.listening.filter(
      ({ settings }) => settings.channels === channels && settings.lossPercent === lossPercent,
    );
    for (const { settings, sink } of wanted) {
      sink.onPacket(soundPacket(position, { channels: settings.channels, begins }));
    }
  }

  openMicrophone(sink: MicrophoneSink): MicrophoneLine {
    const one: Speaking = { sink, written: [], closed: false };
    this.microphones.push(one);
    return {
      write: (packet, lost) => void one.written.push({ packet: [...packet], lost }),
      close: () => void (one.closed = true),
    };
  }
}

export function soundPacket(position: number, more: Partial<SoundPacket> = {}): SoundPacket {
  return { data: Uint8Array.of(0xf8, position & 0xff), channels: 2, position, begins: false, ...more };
}
