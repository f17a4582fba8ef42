// Rate → picture: what bitrate, frame rate, size and colour resolution the encoder is to work at, for what the network
// carries and the content needs. Pure. Told of every picture and asked a few times a second by `session/steering.ts`.
// The bitrate gives way first, always. When the bits no longer suffice for a picture of that kind, the preset's ladder
// says whether frame rate or size is next.

import { capBps, capExhausted, createDataCap, type DataCap, spendCap } from "./data-cap.ts";

export type SteerPreset = "balanced" | "games" | "text" | "metered";

export interface SteerLimits {
  readonly preset: SteerPreset;
  readonly framesPerSecond: number;
  readonly chroma: "auto" | "420" | "444";
  readonly maxBps: number;
  /** Bytes an hour; `undefined`: no cap. */
  readonly capBytesPerHour: number | undefined;
  /** Viewer and encoder can both do 4:4:4. */
  readonly has444: boolean;
}

export interface SteerPicture {
  readonly bytes: number;
  /** Share of the picture that changed, 0 to 1. */
  readonly changed: number;
  /** Of the whole desktop, not of the coded picture. */
  readonly pixels: number;
  /** It only makes a still picture sharper: says nothing about motion. */
  readonly refinement: boolean;
}

export interface SteerInput {
  /** What the network carries, bit/s, for the encoder alone. */
  readonly targetBps: number;
  /** Frames a second that the processor share allows; infinite: no limit. */
  readonly cpuFramesPerSecond: number;
  /** Bytes that the cap counts, since the last call. */
  readonly spentBytes: number;
}

export interface Steered {
  readonly bitrateBps: number;
  readonly framesPerSecond: number;
  /** Of each side of the picture, above 0 to 1. */
  readonly scale: number;
  readonly chroma: "420" | "444";
  /** The data cap, not the network, decides: `low` while there is some left, `out` when it only trickles. */
  readonly cap: "none" | "low" | "out";
}

/** One rung: a share of the frame rate, and a scale. */
interface Rung {
  readonly framesPerSecond: number;
  readonly scale: number;
}

const rung = (framesPerSecond: number, scale: number): Rung => ({ framesPerSecond, scale });

/** Best rung first. Frame rates are upper bounds; what lies above the wanted one is that one. */
const LADDERS: Readonly<Record<SteerPreset, readonly Rung[]>> = {
  games: [rung(240, 1), rung(240, 0.75), rung(240, 0.5), rung(30, 0.5), rung(20, 0.5), rung(10, 0.5)],
  text: [rung(240, 1), rung(30, 1), rung(20, 1), rung(15, 1), rung(10, 1), rung(5, 1), rung(2, 1)],
  balanced: [
    rung(240, 1),
    rung(40, 1),
    rung(30, 1),
    rung(30, 0.75),
    rung(24, 0.75),
    rung(24, 0.5),
    rung(15, 0.5),
    rung(8, 0.5),
  ],
  metered: [
    rung(30, 1),
    rung(24, 1),
    rung(15, 1),
    rung(15, 0.75),
    rung(10, 0.75),
    rung(10, 0.5),
    rung(5, 0.5),
    rung(2, 0.5),
    rung(1, 0.5),
  ],
};

/**
 * Bits per changed pixel under which a picture is no longer what the preset is for. Measured by eye and PSNR with x264 at
 * superfast: moving pictures hold about 32 dB at 0.05, text stays legible at 0.15.
 */
const LEAST_BITS: Readonly<Record<SteerPreset, number>> = { games: 0.035, text: 0.12, balanced: 0.06, metered: 0.045 };
/** However little changes, a picture costs this share of a whole one: headers, blocks around the change. */
const LEAST_CHANGED = 0.02;
/** Less than this share of the bitrate used: the content needs no more, no rung is left. */
const USED_SHARE = 0.6;
/** Less than this: it would not need more on a better rung either. */
const UNUSED_SHARE = 0.3;
/** A rung down after so long; two or more at once when the bits are short by half. */
const DOWN_MS = 500;
/** A rung up after so long with this much to spare; more where the size changes, which costs an IDR. */
const UP_MS = 3000;
const UP_SPARE = 1.25;
const UP_SCALE_MS = 8000;
const UP_SCALE_SPARE = 1.5;
/** Time constant of the averages, ms. */
const AVERAGE_MS = 1000;

/** 4:4:4 comes at this rate, for content of which so little changes; goes below that one, or when so much does. */
const FULL_CHROMA_BPS: Readonly<Record<SteerPreset, number>> = {
  games: Number.POSITIVE_INFINITY,
  text: 4e6,
  balanced: 6e6,
  metered: Number.POSITIVE_INFINITY,
};
const HALF_CHROMA_SHARE = 0.6;
const STILL_CHANGED = 0.15;
const MOVING_CHANGED = 0.45;
/** How long it must be so, and how long a choice stands: each change costs an IDR. */
const FULL_CHROMA_MS = 5000;
const HALF_CHROMA_MS = 3000;
const CHROMA_STANDS_MS = 20_000;

export interface SteerState {
  limits: SteerLimits;
  cap: DataCap | undefined;
  /** Averages that forget within about a second. */
  changed: number;
  usedBps: number;
  picturesPerSecond: number;
  pixels: number;
  /** Not yet in the averages. */
  bytes: number;
  pictures: number;
  changedSum: number;
  steppedMs: number | undefined;
  rung: number;
  /** Since when the bits are short of this rung, or suffice for the one above. */
  shortSinceMs: number | undefined;
  ampleSinceMs: number | undefined;
  chroma: "420" | "444";
  chromaSinceMs: number;
  chromaWantedSinceMs: number | undefined;
}

export function createSteer(limits: SteerLimits): SteerState {
  return {
    limits,
    cap: limits.capBytesPerHour === undefined ? undefined : createDataCap(limits.capBytesPerHour),
    changed: 0,
    usedBps: 0,
    picturesPerSecond: 0,
    pixels: 0,
    bytes: 0,
    pictures: 0,
    changedSum: 0,
    steppedMs: undefined,
    rung: 0,
    shortSinceMs: undefined,
    ampleSinceMs: undefined,
    chroma: limits.chroma === "444" && limits.has444 ? "444" : "420",
    chromaSinceMs: Number.NEGATIVE_INFINITY,
    chromaWantedSinceMs: undefined,
  };
}

/** Other limits. What is spent of a cap stays spent as long as the cap is the same. */
export function setSteerLimits(state: SteerState, limits: SteerLimits): void {
  if (limits.preset !== state.limits.preset) {
    state.rung = 0;
    state.shortSinceMs = undefined;
    state.ampleSinceMs = undefined;
  }
  if (limits.capBytesPerHour !== state.cap?.capBytes) {
    state.cap = limits.capBytesPerHour === undefined ? undefined : createDataCap(limits.capBytesPerHour);
  }
  state.limits = limits;
}

export function addPicture(state: SteerState, picture: SteerPicture): void {
  state.bytes += picture.bytes;
  if (picture.pixels > 0) state.pixels = picture.pixels;
  if (picture.refinement) return;
  state.pictures += 1;
  state.changedSum += Math.min(1, Math.max(0, picture.changed));
}

export function steer(state: SteerState, input: SteerInput, nowMs: number): Steered {
  const { limits } = state;
  average(state, nowMs);
  let bitrateBps = Math.min(input.targetBps, limits.maxBps);
  let cap: Steered["cap"] = "none";
  if (state.cap !== undefined) {
    spendCap(state.cap, input.spentBytes);
    const leftBps = capBps(state.cap, nowMs);
    if (leftBps < bitrateBps) {
      cap = capExhausted(state.cap) ? "out" : "low";
      bitrateBps = leftBps;
    }
  }
  climb(state, bitrateBps, nowMs);
  chooseChroma(state, bitrateBps, nowMs);
  const { framesPerSecond, scale } = LADDERS[limits.preset][state.rung] ?? rung(limits.framesPerSecond, 1);
  return {
    bitrateBps: Math.round(bitrateBps),
    framesPerSecond: Math.max(
      1,
      Math.floor(Math.min(limits.framesPerSecond, framesPerSecond, input.cpuFramesPerSecond)),
    ),
    scale,
    chroma: state.chroma,
    cap,
  };
}

function average(state: SteerState, nowMs: number): void {
  const elapsedMs = nowMs - (state.steppedMs ?? nowMs);
  if (state.steppedMs !== undefined && elapsedMs <= 0) return;
  state.steppedMs = nowMs;
  if (elapsedMs === 0) return;
  const fresh = 1 - Math.exp(-elapsedMs / AVERAGE_MS);
  const changed = state.pictures === 0 ? 0 : state.changedSum / state.pictures;
  state.changed += fresh * (changed - state.changed);
  state.usedBps += fresh * ((state.bytes * 8000) / elapsedMs - state.usedBps);
  state.picturesPerSecond += fresh * ((state.pictures * 1000) / elapsedMs - state.picturesPerSecond);
  state.bytes = 0;
  state.pictures = 0;
  state.changedSum = 0;
}

/** Bits a second that content of this kind needs on a rung. */
function needBps(state: SteerState, index: number): number {
  const { preset, framesPerSecond } = state.limits;
  const step = LADDERS[preset][index];
  if (step === undefined) return Number.POSITIVE_INFINITY;
  const changedPixels = state.pixels * step.scale ** 2 * Math.max(LEAST_CHANGED, state.changed);
  return changedPixels * Math.min(framesPerSecond, step.framesPerSecond) * LEAST_BITS[preset];
}

function climb(state: SteerState, bitrateBps: number, nowMs: number): void {
  const ladder = LADDERS[state.limits.preset];
  const short = state.usedBps > USED_SHARE * bitrateBps && needBps(state, state.rung) > bitrateBps;
  if (short && state.rung < ladder.length - 1) {
    state.ampleSinceMs = undefined;
    state.shortSinceMs ??= nowMs;
    if (nowMs - state.shortSinceMs < DOWN_MS) return;
    state.shortSinceMs = nowMs;
    const hereBps = needBps(state, state.rung);
    // A rung that needs as much (its frame rate is above the wanted one) is none.
    do state.rung += 1;
    while (
      state.rung < ladder.length - 1 &&
      (needBps(state, state.rung) === hereBps || needBps(state, state.rung) > 2 * bitrateBps)
    );
    return;
  }
  state.shortSinceMs = undefined;
  if (state.rung === 0) return;
  const resizes = ladder[state.rung - 1]?.scale !== ladder[state.rung]?.scale;
  const ample =
    needBps(state, state.rung - 1) * (resizes ? UP_SCALE_SPARE : UP_SPARE) <= bitrateBps ||
    state.usedBps < UNUSED_SHARE * bitrateBps;
  if (!ample) {
    state.ampleSinceMs = undefined;
    return;
  }
  state.ampleSinceMs ??= nowMs;
  if (nowMs - state.ampleSinceMs < (resizes ? UP_SCALE_MS : UP_MS)) return;
  state.rung -= 1;
  state.ampleSinceMs = undefined;
}

function chooseChroma(state: SteerState, bitrateBps: number, nowMs: number): void {
  const { chroma, has444, preset } = state.limits;
  if (chroma !== "auto" || !has444) {
    setChroma(state, chroma === "444" && has444 ? "444" : "420", nowMs);
    return;
  }
  const fullBps = FULL_CHROMA_BPS[preset];
  const still = state.changed < STILL_CHANGED && bitrateBps >= fullBps && state.rung === 0;
  const moving = state.changed > MOVING_CHANGED || bitrateBps < HALF_CHROMA_SHARE * fullBps;
  const wanted = state.chroma === "420" ? still : moving;
  if (!wanted) {
    state.chromaWantedSinceMs = undefined;
    return;
  }
  state.chromaWantedSinceMs ??= nowMs;
  const afterMs = state.chroma === "420" ? FULL_CHROMA_MS : HALF_CHROMA_MS;
  if (nowMs - state.chromaWantedSinceMs < afterMs || nowMs - state.chromaSinceMs < CHROMA_STANDS_MS) return;
  setChroma(state, state.chroma === "420" ? "444" : "420", nowMs);
}

function setChroma(state: SteerState, chroma: "420" | "444", nowMs: number): void {
  if (chroma === state.chroma) return;
  state.chroma = chroma;
  state.chromaSinceMs = nowMs;
  state.chromaWantedSinceMs = undefined;
}
