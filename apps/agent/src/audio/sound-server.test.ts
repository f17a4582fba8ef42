import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLog } from "../log.ts";
import type { NativeCaptureOptions, NativeSound, NativeSoundMessage } from "./native.ts";
import { SoundServer } from "./sound-server.ts";
import type { SoundPacket } from "./types.ts";

class FakeCapture {
  readonly options: NativeCaptureOptions;
  readonly post: (message: NativeSoundMessage) => void;
  closed = false;

  constructor(options: NativeCaptureOptions, post: (message: NativeSoundMessage) => void) {
    this.options = options;
    this.post = post;
    captures.push(this);
  }

  counters() {
    return { wakeups: 0, packets: 0 };
  }

  close(): void {
    this.closed = true;
  }
}

class FakeMicrophone {
  readonly post: (message: NativeSoundMessage) => void;
  closed = false;

  constructor(_options: unknown, post: (message: NativeSoundMessage) => void) {
    this.post = post;
    microphones.push(this);
  }

  write(): void {}

  close(): void {
    this.closed = true;
  }
}

let captures: FakeCapture[];
let microphones: FakeMicrophone[];
let native: NativeSound | { readonly why: string };
let server: SoundServer;

beforeEach(() => {
  vi.useFakeTimers();
  captures = [];
  microphones = [];
  native = { Capture: FakeCapture, Microphone: FakeMicrophone };
  server = new SoundServer({
    server: "unix:/nowhere",
    sink: "desktop",
    microphoneSink: "mic_in",
    bitrateBps: 120_000,
    maxChannels: 8,
    lowDelay: true,
    load: () => native,
    log: createLog("silent"),
  });
});
afterEach(async () => {
  await server.close();
  vi.useRealTimers();
});

interface Ears {
  readonly packets: SoundPacket[];
  readonly states: (string | undefined)[];
  readonly stop: () => void;
}

function listen(settings: { channels?: 2 | 6; lossPercent?: number } = {}): Ears {
  const packets: SoundPacket[] = [];
  const states: (string | undefined)[] = [];
  const stop = server.listen(
    { channels: 2, lossPercent: 0, ...settings },
    { onPacket: (packet) => void packets.push(packet), onState: (why) => void states.push(why) },
  );
  return { packets, states, stop };
}

const packet = (position: number): NativeSoundMessage => ({
  kind: "packet",
  data: Uint8Array.of(1),
  position,
  begins: false,
});

describe("listeners", () => {
  it("with equal settings share one capture, which ends with the last of them", () => {
    const [one, two] = [listen(), listen()];
    expect(captures).toHaveLength(1);
    captures[0]?.post({ kind: "ready" });
    captures[0]?.post(packet(480));
    expect([one, two].map(({ packets, states }) => [packets.length, states])).toEqual([
      [1, [undefined]],
      [1, [undefined]],
    ]);
    one.stop();
    one.stop();
    expect(captures[0]?.closed).toBe(false);
    two.stop();
    expect(captures[0]?.closed).toBe(true);
  });

  it("that come later learn at once how it is", () => {
    listen();
    captures[0]?.post({ kind: "ready" });
    expect(listen().states).toEqual([undefined]);
  });

  it("with others have their own, and more channels more bitrate", () => {
    listen();
    listen({ channels: 6 });
    listen({ lossPercent: 10 });
    expect(captures.map(({ options }) => [options.channels, options.bitrateBps, options.lowDelay])).toEqual([
      [2, 120_000, true],
      [6, 240_000, true],
      // In-band repair is what the quickest coding has not.
      [2, 120_000, false],
    ]);
  });
});

describe("a sound server that goes away", () => {
  it("is looked for again, less and less often, and its listeners are told", () => {
    const { states, packets } = listen();
    captures[0]?.post({ kind: "ready" });
    captures[0]?.post({ kind: "lost", reason: "Connection terminated" });
    expect(captures[0]?.closed).toBe(true);
    captures[0]?.post(packet(480));
    expect(packets).toEqual([]);
    expect(states).toEqual([undefined, "The sound server can't be reached: Connection terminated"]);
    vi.advanceTimersByTime(500);
    captures[1]?.post({ kind: "lost", reason: "Connection terminated" });
    vi.advanceTimersByTime(999);
    expect(captures).toHaveLength(2);
    vi.advanceTimersByTime(1);
    captures[2]?.post({ kind: "ready" });
    captures[2]?.post(packet(960));
    expect(states.at(-1)).toBeUndefined();
    expect(packets).toHaveLength(1);
  });

  it("is not looked for when nobody listens any more", () => {
    const { stop } = listen();
    captures[0]?.post({ kind: "lost", reason: "gone" });
    stop();
    vi.advanceTimersByTime(60_000);
    expect(captures).toHaveLength(1);
  });
});

it("a module that does not load is said so, and tried again", () => {
  native = { why: "libpulse.so.0: cannot open shared object file" };
  const { states } = listen();
  expect(states).toEqual([]);
  vi.advanceTimersByTime(0);
  expect(states[0]).toContain("libpulse.so.0");
  native = { Capture: FakeCapture, Microphone: FakeMicrophone };
  vi.advanceTimersByTime(500);
  captures[0]?.post({ kind: "ready" });
  expect(states.at(-1)).toBeUndefined();
});

it("closing ends captures and microphones", async () => {
  listen();
  server.openMicrophone({ onState: () => undefined });
  await server.close();
  expect([captures[0]?.closed, microphones[0]?.closed]).toEqual([true, true]);
});
