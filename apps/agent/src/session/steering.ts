// One viewer's picture settings: its own wish within the operator's limits, and what `congestion/steer.ts` makes of them for
// the rate that the path carries. From the control message `video`, the transport's target and the access units; to
// `video/pipeline.ts`, to the transport's limits and back to the viewer.

import type { AgentControl, ViewerControl } from "@eglantine/protocol/control";
import type { ChromaWish, Format, Preset } from "@eglantine/protocol/formats";
import { LIMITS } from "@eglantine/protocol/limits";
import {
  addPicture,
  createSteer,
  setSteerLimits,
  settled,
  steer,
  type Steered,
  type SteerLimits,
  type SteerState,
} from "../congestion/steer.ts";
import type { RateLimits } from "../congestion/types.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { AccessUnit, EncoderChoice, VideoPipeline } from "../video/types.ts";
import type { CpuShare } from "./cpu-budget.ts";

/** What the operator set: the default of each setting, and the bound of those that cost something. */
export interface VideoDefaults {
  /** A name of WEBRTC_ENCODER. */
  readonly encoder: string;
  readonly chroma: ChromaWish;
  readonly preset: Preset;
  readonly framesPerSecond: number;
  readonly minBps: number;
  readonly startBps: number;
  readonly maxBps: number;
  readonly capBytesPerHour: number | undefined;
}

export type VideoWish = Omit<Extract<ViewerControl, { type: "video" }>, "type">;

export interface SteeringOptions {
  readonly video: VideoPipeline;
  readonly defaults: VideoDefaults;
  /** What the viewer decodes on the path in use. */
  readonly formats: readonly Format[];
  readonly cpu: CpuShare;
  readonly nowMs: () => number;
  readonly log: Log;
  readonly send: (message: AgentControl) => void;
  /** The bounds of the rate are others now: the transport is to be told. */
  readonly onLimits: (limits: RateLimits) => void;
  /** What is allowed of the picture now; for the numbers. */
  readonly onSteered: (scale: number, framesPerSecond: number) => void;
  /** No picture may be taken (true), or they may again. */
  readonly onHeld: (held: boolean) => void;
  /** Everything that was sent to the viewer since it came, bytes: the data cap counts it. */
  readonly sentBytes: () => number;
}

const STEP_MS = 250;
/** Nothing came for so long, and nothing is about to be decided: the clock stops. */
const QUIET_MS = 2000;
/** Smallest change of the bitrate that the encoder hears of at once; others wait for the next step. */
const FALL_SHARE = 0.97;
/** Names of the encoders that work in the processor; the others cost it next to nothing. */
const SOFTWARE = /^(x26[45]|vp[89]|openh264|svtav1|av1|rav1)enc$/;
/** A notice about the data cap comes at most this often. */
const NOTICE_MS = 600_000;

export class Steering {
  readonly #options: SteeringOptions;
  readonly #state: SteerState;
  #formats: readonly Format[];
  #settings: VideoDefaults;
  #steered: Steered;
  #applied: { encoder: string; chroma: "420" | "444"; formats: readonly Format[] };
  #targetBps: number;
  #spentBytes: number;
  #software = true;
  /** The encoder in use can code 4:4:4. */
  #codes444 = false;
  /** Of the desktop; 0: not known yet. */
  #pixels = 0;
  /** Of the pictures since the last step. */
  #pictures = 0;
  #pictureMs = 0;
  #cpuFramesPerSecond = Number.POSITIVE_INFINITY;
  #paceFramesPerSecond = Number.POSITIVE_INFINITY;
  #steppedMs: number;
  #busyMs: number;
  #noticed: { cap: Steered["cap"]; atMs: number } = { cap: "none", atMs: Number.NEGATIVE_INFINITY };
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** The pipeline was opened with `defaults` and at `defaults.startBps`. */
  constructor(options: SteeringOptions) {
    this.#options = options;
    this.#formats = options.formats;
    this.#settings = options.defaults;
    this.#targetBps = options.defaults.startBps;
    this.#state = createSteer(this.#limits());
    this.#steppedMs = this.#busyMs = options.nowMs();
    this.#spentBytes = options.sentBytes();
    this.#steered = {
      bitrateBps: options.defaults.startBps,
      framesPerSecond: options.defaults.framesPerSecond,
      scale: 1,
      chroma: "420",
      cap: "none",
      held: false,
    };
    this.#applied = { encoder: options.defaults.encoder, chroma: "420", formats: options.formats };
    this.#tell();
    this.step();
  }

  /** The viewer's wish as a whole: what it leaves out is the operator's setting again. */
  wish(wish: VideoWish): void {
    if (this.#closed) return;
    const before = this.#settings;
    this.#settings = within(this.#options.defaults, wish);
    const { minBps, startBps, maxBps } = this.#settings;
    if (minBps !== before.minBps || startBps !== before.startBps || maxBps !== before.maxBps) {
      this.#options.onLimits({ minBps, startBps, maxBps });
    }
    this.#tell();
    this.#changed();
  }

  /** What the path carries, bit/s for the encoder. */
  target(bps: number): void {
    if (bps === this.#targetBps) return;
    const fell = bps < FALL_SHARE * this.#targetBps;
    this.#targetBps = bps;
    if (fell) this.step();
    this.#wake();
  }

  /** Of the desktop. */
  size(widthPx: number, heightPx: number): void {
    this.#pixels = widthPx * heightPx;
  }

  /** Every access unit, whether it is sent or not. */
  unit(unit: AccessUnit): void {
    addPicture(this.#state, {
      bytes: unit.data.length,
      changed: unit.changed,
      // Not by the scale that was asked for last: units of the one before still come.
      pixels: this.#pixels > 0 ? this.#pixels : unit.widthPx * unit.heightPx,
      refinement: unit.refinement || !unit.last,
    });
    if (unit.last) {
      this.#pictures += 1;
      // From when the pixels were there: before that it waits for its turn, which costs the processor nothing.
      this.#pictureMs += Math.max(0, unit.timing.encodeUs - unit.timing.grabUs) / 1000;
    }
    this.#busyMs = this.#options.nowMs();
    this.#wake();
  }

  /** Another encoder took over. */
  encoder(choice: EncoderChoice): void {
    this.#software = SOFTWARE.test(choice.name);
    if (choice.chroma444 === this.#codes444) return;
    this.#codes444 = choice.chroma444;
    this.#changed();
  }

  /** The viewer decodes these on the path that the picture takes now. */
  formats(formats: readonly Format[]): void {
    this.#formats = formats;
    this.#changed();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#options.cpu.leave();
  }

  /** Decides anew. By a clock of its own while there is something to decide; tests call it. */
  step(): void {
    if (this.#closed) return;
    const nowMs = this.#options.nowMs();
    const cpuFramesPerSecond = this.#useCpu(nowMs);
    const sentBytes = this.#options.sentBytes();
    const steered = steer(
      this.#state,
      {
        targetBps: this.#targetBps,
        cpuFramesPerSecond,
        paceFramesPerSecond: this.#paceFramesPerSecond,
        spentBytes: Math.max(0, sentBytes - this.#spentBytes),
      },
      nowMs,
    );
    this.#spentBytes = sentBytes;
    this.#apply(steered);
    this.#notice(steered.cap, nowMs);
    if (nowMs - this.#busyMs >= QUIET_MS && settled(this.#state)) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #wake(): void {
    if (this.#closed) return;
    this.#timer ??= setInterval(() => this.step(), STEP_MS);
  }

  #changed(): void {
    setSteerLimits(this.#state, this.#limits());
    this.#wake();
    this.step();
  }

  #useCpu(nowMs: number): number {
    const elapsedMs = nowMs - this.#steppedMs;
    if (elapsedMs < STEP_MS / 2) return this.#cpuFramesPerSecond;
    const pictureMs = this.#pictures > 0 ? this.#pictureMs / this.#pictures : 0;
    if (pictureMs > 0) this.#paceFramesPerSecond = 1000 / pictureMs;
    this.#cpuFramesPerSecond = this.#options.cpu.report({
      pictureMs: this.#software ? pictureMs : 0,
      framesPerSecond: (this.#pictures * 1000) / elapsedMs,
      wantedFramesPerSecond: this.#settings.framesPerSecond,
    });
    this.#steppedMs = nowMs;
    this.#pictures = 0;
    this.#pictureMs = 0;
    return this.#cpuFramesPerSecond;
  }

  #apply(next: Steered): void {
    const { video, onSteered, onHeld } = this.#options;
    const before = this.#steered;
    this.#steered = next;
    if (next.bitrateBps !== before.bitrateBps) video.setBitrateBps(next.bitrateBps);
    if (next.framesPerSecond !== before.framesPerSecond) video.setFramesPerSecond(next.framesPerSecond);
    if (next.scale !== before.scale) video.setScale(next.scale);
    onSteered(next.scale, next.framesPerSecond);
    if (next.held !== before.held) onHeld(next.held);
    const { encoder } = this.#settings;
    const applied = this.#applied;
    if (encoder === applied.encoder && next.chroma === applied.chroma && sameFormats(this.#formats, applied.formats)) {
      return;
    }
    this.#applied = { encoder, chroma: next.chroma, formats: this.#formats };
    try {
      video.setEncoder(this.#applied);
    } catch (error) {
      const text = `The encoder stays as it is: ${messageOf(error)}.`.slice(0, LIMITS.textChars);
      this.#options.send({ type: "notice", level: "warning", text });
    }
  }

  #limits(): SteerLimits {
    const { preset, framesPerSecond, chroma, maxBps, capBytesPerHour } = this.#settings;
    return {
      preset,
      framesPerSecond,
      chroma,
      maxBps,
      capBytesPerHour,
      // Who asks for it gets another encoder for it; by itself no other one is taken.
      has444: this.#formats.includes("h264-444") && (chroma === "444" || this.#codes444),
    };
  }

  #tell(): void {
    const { capBytesPerHour, ...settings } = this.#settings;
    this.#options.send({
      type: "video",
      ...settings,
      ...(capBytesPerHour === undefined ? {} : { capBytesPerHour }),
    });
  }

  #notice(cap: Steered["cap"], nowMs: number): void {
    const worse = cap === "out" ? this.#noticed.cap !== "out" : cap === "low" && this.#noticed.cap === "none";
    if (cap === "none" || (!worse && nowMs - this.#noticed.atMs < NOTICE_MS)) {
      if (nowMs - this.#noticed.atMs >= NOTICE_MS) this.#noticed = { cap, atMs: Number.NEGATIVE_INFINITY };
      return;
    }
    if (!worse) return;
    this.#noticed = { cap, atMs: nowMs };
    const megabytes = Math.round((this.#settings.capBytesPerHour ?? 0) / 1e6);
    const text =
      cap === "out"
        ? `The data cap of ${megabytes} MB an hour is used up: the picture is slow until more is free.`
        : `The data cap of ${megabytes} MB an hour is near: the picture takes less from now on.`;
    this.#options.log.info({ megabytes, cap }, "data cap");
    this.#options.send({ type: "notice", level: cap === "out" ? "warning" : "info", text });
  }
}

/** A viewer may ask for less than the operator allows, never for more. */
function within(defaults: VideoDefaults, wish: VideoWish): VideoDefaults {
  const maxBps = Math.min(wish.maxBps ?? defaults.maxBps, defaults.maxBps);
  const startBps = Math.min(wish.startBps ?? defaults.startBps, maxBps);
  // A least rate above where others begin would be congestion control switched off by the viewer.
  const minBps = Math.min(wish.minBps ?? defaults.minBps, Math.max(defaults.minBps, defaults.startBps), startBps);
  const caps = [wish.capBytesPerHour, defaults.capBytesPerHour].filter((cap) => cap !== undefined);
  return {
    encoder: wish.encoder ?? defaults.encoder,
    chroma: wish.chroma ?? defaults.chroma,
    preset: wish.preset ?? defaults.preset,
    framesPerSecond: Math.min(wish.framesPerSecond ?? defaults.framesPerSecond, defaults.framesPerSecond),
    minBps,
    startBps,
    maxBps,
    capBytesPerHour: caps.length === 0 ? undefined : Math.min(...caps),
  };
}

function sameFormats(a: readonly Format[], b: readonly Format[]): boolean {
  return a.length === b.length && a.every((format, index) => format === b[index]);
}
