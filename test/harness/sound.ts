// Sound servers of one's own: the session's (image/rootfs/…/services/sound) without the session, as the desktop's or as the viewer's, what
// plays into them, and what can be heard there. Used by e2e/ and bench/.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ChildProcess, spawn } from "node:child_process";
import { monotonicUs, Process } from "./processes.ts";

const SHARE = fileURLToPath(new URL("../../image/rootfs/usr/share/eglantine", import.meta.url));
const PIPEWIRE = fileURLToPath(new URL("pipewire.sh", import.meta.url));
export const SAMPLE_HZ = 48_000;

export class SoundServer {
  /** As PULSE_SERVER. */
  readonly address: string;
  readonly #process: Process;
  readonly #folder: string;

  private constructor(process: Process, folder: string, socket: string) {
    this.#process = process;
    this.#folder = folder;
    this.address = `unix:${join(folder, socket)}`;
  }

  /** `channels`: of the sink "desktop". Resolves when it takes clients. */
  static async start(channels = 2): Promise<SoundServer> {
    const folder = mkdtempSync(join(tmpdir(), "eglantine-sound-"));
    const process = new Process([join(SHARE, "services/sound/run")], {
      descriptor3: true,
      env: { EGLANTINE_RUN_DIR: folder, EGLANTINE_SHARE: SHARE, EGLANTINE_AUDIO_CHANNELS: String(channels) },
    });
    return new SoundServer(process, folder, "sound/native").#started(/^$/);
  }

  /** PipeWire, as many machines have it in place of PulseAudio, with sinks and a source of the same names. */
  static async pipeWire(): Promise<SoundServer> {
    const folder = mkdtempSync(join(tmpdir(), "eglantine-pipewire-"));
    const process = new Process(["sh", PIPEWIRE], {
      env: { XDG_RUNTIME_DIR: folder, HOME: folder, PULSE_SERVER: `unix:${join(folder, "pulse/native")}` },
    });
    return new SoundServer(process, folder, "pulse/native").#started(/^ready$/);
  }

  async #started(line: RegExp): Promise<SoundServer> {
    try {
      await this.#process.line(line);
    } catch (error) {
      await this.close();
      throw error;
    }
    return this;
  }

  get pid(): number {
    return this.#process.pid;
  }

  log(): string {
    return this.#process.log();
  }

  async close(): Promise<void> {
    await this.#process.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export interface Tone {
  /** By channel: left, right, …; 0: silence. */
  readonly hz: readonly number[];
  /** Of full scale. */
  readonly level?: number;
}

/** A program that plays a tone into a sink until it is closed. */
export class Player {
  readonly #child: ChildProcess;
  #closed = false;

  private constructor(child: ChildProcess, tone: Tone) {
    this.#child = child;
    const { hz, level = 0.5 } = tone;
    const { stdin } = child;
    let at = 0;
    const write = (): void => {
      let takesMore = true;
      while (takesMore && !this.#closed) {
        takesMore = stdin?.write(pcm(hz, level, at, SAMPLE_HZ / 10)) === true;
        at += SAMPLE_HZ / 10;
      }
    };
    stdin?.on("drain", write);
    stdin?.on("error", () => undefined);
    write();
  }

  static start(server: string, tone: Tone, sink = "desktop"): Player {
    return new Player(pacat(server, tone.hz.length, sink), tone);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await ended(this.#child);
  }
}

/** Plays these samples once; resolves when the last has been played. */
export async function playOnce(server: string, samples: Buffer, channels = 2, sink = "desktop"): Promise<void> {
  const child = pacat(server, channels, sink);
  child.stdin?.end(samples);
  await new Promise((resolve) => child.once("exit", resolve));
}

/** Signed 16 bits, interleaved: a sine a channel. */
export function pcm(hz: readonly number[], level: number, from: number, samples: number): Buffer {
  const buffer = Buffer.alloc(samples * hz.length * 2);
  for (let index = 0; index < samples; index++) {
    for (const [channel, frequency] of hz.entries()) {
      const value = frequency === 0 ? 0 : level * Math.sin((2 * Math.PI * frequency * (from + index)) / SAMPLE_HZ);
      buffer.writeInt16LE(Math.round(value * 32_767), (index * hz.length + channel) * 2);
    }
  }
  return buffer;
}

/** What is heard at a source: the last seconds of it, by channel, and when. */
export class Recorder {
  readonly #child: ChildProcess;
  readonly #channels: number;
  readonly #keepSamples: number;
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** Bytes that came before the first piece that is kept. */
  #before = 0;
  /** When the first sample was heard at the latest: the least of all estimates, CLOCK_MONOTONIC. */
  #startUs = Number.POSITIVE_INFINITY;

  private constructor(child: ChildProcess, channels: number, keepSeconds: number) {
    this.#child = child;
    this.#channels = channels;
    this.#keepSamples = keepSeconds * SAMPLE_HZ;
    child.stdout?.on("data", (piece: Buffer) => this.#take(piece));
  }

  /** Resolves with its first sample. */
  static async start(
    server: string,
    { source = "desktop.monitor", channels = 2, keepSeconds = 120 } = {},
  ): Promise<Recorder> {
    const child = spawn("parec", ["-d", source, ...format(channels), "--latency-msec=5"], {
      env: { ...process.env, PULSE_SERVER: server },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const recorder = new Recorder(child, channels, keepSeconds);
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once("data", () => resolve());
      child.once("exit", (code) => reject(new Error(`parec ended (${code})`)));
    });
    return recorder;
  }

  /** Samples of one channel heard since, -1 to 1. `fromSample`: counted from the beginning. */
  samples(channel = 0, fromSample = 0): Float32Array {
    const all = Buffer.concat(this.#pieces);
    const frame = this.#channels * 2;
    const skip = Math.max(0, fromSample - this.#before / frame);
    const count = Math.max(0, Math.floor(all.length / frame) - skip);
    const result = new Float32Array(count);
    for (let index = 0; index < count; index++) {
      result[index] = all.readInt16LE((skip + index) * frame + channel * 2) / 32_768;
    }
    return result;
  }

  /** Samples heard up to now. */
  get position(): number {
    return Math.floor((this.#before + this.#bytes) / (this.#channels * 2));
  }

  /** When this sample was heard, CLOCK_MONOTONIC. */
  timeUs(position: number): number {
    return this.#startUs + (position * 1e6) / SAMPLE_HZ;
  }

  /** The next second or so. */
  async next(seconds: number): Promise<readonly Float32Array[]> {
    const from = this.position;
    const until = from + seconds * SAMPLE_HZ;
    while (this.position < until) await new Promise((resolve) => this.#child.stdout?.once("data", resolve));
    return Array.from({ length: this.#channels }, (_, channel) => this.samples(channel, from));
  }

  async close(): Promise<void> {
    await ended(this.#child);
  }

  #take(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    this.#startUs = Math.min(this.#startUs, monotonicUs() - (this.position * 1e6) / SAMPLE_HZ);
    const keepBytes = this.#keepSamples * this.#channels * 2;
    while (this.#bytes - (this.#pieces[0]?.length ?? 0) > keepBytes) {
      const gone = this.#pieces.shift()?.length ?? 0;
      this.#bytes -= gone;
      this.#before += gone;
    }
  }
}

/** Level of this frequency in the samples, as the amplitude of its sine (Goertzel). */
export function levelAt(samples: Float32Array, hz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / SAMPLE_HZ);
  let [one, two] = [0, 0];
  for (const sample of samples) [one, two] = [sample + coefficient * one - two, one];
  const power = one * one + two * two - coefficient * one * two;
  return (2 * Math.sqrt(Math.max(0, power))) / samples.length;
}

/** The frequency that is loudest between these, to `step`. */
export function loudestHz(samples: Float32Array, fromHz: number, toHz: number, step = 1): number {
  let best = { hz: 0, level: 0 };
  for (let hz = fromHz; hz <= toHz; hz += step) {
    const level = levelAt(samples, hz);
    if (level > best.level) best = { hz, level };
  }
  return best.hz;
}

/** The order in which browsers and this file take channels. */
const PLACES: Readonly<Record<number, string>> = {
  6: "front-left,front-right,front-center,lfe,rear-left,rear-right",
  8: "front-left,front-right,front-center,lfe,rear-left,rear-right,side-left,side-right",
};

function format(channels: number): string[] {
  const places = PLACES[channels];
  const map = places === undefined ? [] : [`--channel-map=${places}`];
  return ["--raw", "--format=s16le", `--rate=${SAMPLE_HZ}`, `--channels=${channels}`, ...map];
}

function pacat(server: string, channels: number, sink: string): ChildProcess {
  return spawn("pacat", ["-d", sink, ...format(channels), "--latency-msec=400"], {
    env: { ...process.env, PULSE_SERVER: server },
    stdio: ["pipe", "ignore", "inherit"],
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await over;
}
