// A fake of the native add-on's contract (`native.ts`): a test says which encoders can be had and when one breaks.

import type { NativeAddon, NativeCounters, NativeEncoder, NativeMessage, NativeStreamOptions } from "../native.ts";

export class FakeAddon implements NativeAddon {
  readonly Stream: NativeAddon["Stream"];
  readonly streams: FakeStream[] = [];
  /** Why each encoder can't be had; one that is not here can be. */
  readonly refusals = new Map<NativeEncoder, string>();
  /** What making a stream throws. */
  unmakeable: Error | undefined;

  constructor() {
    const opened = (stream: FakeStream): void => {
      if (this.unmakeable !== undefined) throw this.unmakeable;
      this.streams.push(stream);
    };
    this.Stream = class extends FakeStream {
      constructor(...given: ConstructorParameters<typeof FakeStream>) {
        super(...given);
        opened(this);
      }
    };
  }

  async probeEncoder(name: NativeEncoder): Promise<string | undefined> {
    return this.refusals.get(name);
  }

  readonly UinputDevice: NativeAddon["UinputDevice"] = class {
    write(): boolean {
      return true;
    }
    close(): void {}
  };

  dropZeroTieBreakers(): number {
    return 0;
  }

  setTimerSlack(): number {
    return 0;
  }
}

/** Says what a test lets it say. */
export class FakeStream {
  readonly say: (message: NativeMessage) => void;
  /** What it was told to take; " 444" behind the name where that was wished. */
  readonly encoders: string[];
  readonly close: () => void;

  constructor(options: NativeStreamOptions, onMessage: (message: NativeMessage) => void, onClosed: () => void) {
    this.encoders = [];
    this.setEncoder(options.encoder, options.chroma444);
    this.say = onMessage;
    this.close = onClosed;
  }

  setEncoder(name: NativeEncoder, chroma444: boolean): void {
    this.encoders.push(chroma444 ? `${name} 444` : name);
  }

  counters(): NativeCounters {
    return { wakeups: 0, grabs: 0, grabbedPx: 0, pictures: 0 };
  }

  setBitrateBps(): void {}
  readonly scales: number[] = [];

  setScale(scale: number): void {
    this.scales.push(scale);
  }
  setRegion(): void {}
  setFramesPerSecond(): void {}
  requestKeyframe(): void {}
  setPaused(): void {}
}
