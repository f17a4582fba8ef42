// Rate → picture: what bitrate, frame rate, size and colour resolution the encoder is to work at, for what the network
// carries and the content needs. Pure. Told of every picture and asked a few times a second by `session/steering.ts`.
// The bitrate gives way first, always. When the bits no longer suffice for a picture of that kind, the preset's ladder
// says whether frame rate or size is next.

import { capBps, capExhausted, capHolds, createDataCap, type DataCap, setCap, spendCap } from "./data-cap.ts";

export type SteerPreset = "balanced" | "games" | "text" | "metered";

export interface SteerLimits {
  readonly preset: SteerPreset;
  readonly framesPerSecond: number;
  readonly chroma: "auto" | "420" | "444";
  readonly maxBps: number;
  /** Bytes an hour; `undefined`: no cap. */
  readonly capBytesPerHour: number | undefined;
  /** Viewer and the encoder in use can both do 4:4:4. */
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
  /** Frames a second that this machine codes at most, at the present size, allowed or not; infinite: not known. */
  readonly paceFramesPerSecond: number;
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
  /** No picture until the cap has room for one: they can't be made as small as it is. */
  readonly held: boolean;
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
 * Bits per changed pixel under which a picture is no longer what the preset is for. Estimates, not measured: text needs its
 * edges, games would rather move.
 */
const LEAST_BITS: Readonly<Record<SteerPreset, number>> = { games: 0.035, text: 0.12, balanced: 0.06, metered: 0.045 };
/** However little changes, a picture costs this share of a whole one: headers, blocks around the change. */
const LEAST_CHANGED = 0.02;
/** Less than this share of the bitrate used: the content needs no more, no rung is left. */
const USED_SHARE = 0.6;
/** Less than this on a better rung, which takes more: it has enough there too. Below USED_SHARE, or it would come back down. */
const UNUSED_SHARE = 0.5;
/** A rung down after so long; two or more at once when the bits are short by half. */
const DOWN_MS = 500;
/** Before the size changes too, in one step: its IDR comes when there is least room for one. */
const DOWN_SCALE_MS = 2000;
/** A rung up after so long with this much to spare; more where the size changes, which costs an IDR. */
const UP_MS = 3000;
const UP_SPARE = 1.25;
const UP_SCALE_MS = 8000;
const UP_SCALE_SPARE = 1.5;
/**
 * Back to where it was before the bits became short, in one step, when most of that rate is there again. Forgotten after a
 * while. One return in so long: a rate that swings is climbed after slowly.
 */
const RETURN_MS = 500;
const RETURN_SHARE = 0.8;
const RETURN_WITHIN_MS = 60_000;
const RETURN_AGAIN_MS = 20_000;
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

interface Before {
  readonly rung: number;
  readonly bps: number;
  readonly leftMs: number;
}

export interface SteerState {
  limits: SteerLimits;
  cap: DataCap | undefined;
  /** Averages that forget within about a second. */
  changed: number;
  usedBps: number;
  /** What the processor manages or may, at the present size. */
  paceFramesPerSecond: number;
  pixels: number;
  /** Not yet in the averages. */
  bytes: number;
  pictures: number;
  changedSum: number;
  steppedMs: number | undefined;
  rung: number;
  /** Since when the bits are short of this rung, short of any, or suffice for the one above. */
  shortSinceMs: number | undefined;
  narrowSinceMs: number | undefined;
  ampleSinceMs: number | undefined;
  /** The rate with which this rung sufficed last. */
  sufficedBps: number;
  /** Where it was before it went down. */
  before: Before | undefined;
  backSinceMs: number | undefined;
  returnedMs: number;
  chroma: "420" | "444";
  chromaSinceMs: number;
  chromaWantedSinceMs: number | undefined;
  held: boolean;
}

export function createSteer(limits: SteerLimits): SteerState {
  return {
    limits,
    cap: limits.capBytesPerHour === undefined ? undefined : createDataCap(limits.capBytesPerHour),
    changed: 0,
    usedBps: 0,
    paceFramesPerSecond: Number.POSITIVE_INFINITY,
    pixels: 0,
    bytes: 0,
    pictures: 0,
    changedSum: 0,
    steppedMs: undefined,
    rung: 0,
    shortSinceMs: undefined,
    narrowSinceMs: undefined,
    ampleSinceMs: undefined,
    sufficedBps: 0,
    before: undefined,
    backSinceMs: undefined,
    returnedMs: Number.NEGATIVE_INFINITY,
    chroma: limits.chroma === "444" && limits.has444 ? "444" : "420",
    chromaSinceMs: Number.NEGATIVE_INFINITY,
    chromaWantedSinceMs: undefined,
    held: false,
  };
}

/** Other limits. What is spent of a cap stays spent under another one. */
export function setSteerLimits(state: SteerState, limits: SteerLimits): void {
  if (limits.preset !== state.limits.preset) {
    state.rung = 0;
    state.shortSinceMs = undefined;
    state.narrowSinceMs = undefined;
    state.ampleSinceMs = undefined;
    state.before = undefined;
    state.backSinceMs = undefined;
  }
  if (limits.capBytesPerHour !== undefined) {
    if (state.cap === undefined) state.cap = createDataCap(limits.capBytesPerHour);
    else setCap(state.cap, limits.capBytesPerHour);
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
  state.held = false;
  // One that was lifted is kept for when it comes back.
  if (state.cap !== undefined && limits.capBytesPerHour !== undefined) {
    spendCap(state.cap, input.spentBytes);
    const leftBps = capBps(state.cap, nowMs);
    if (leftBps < bitrateBps) {
      cap = capExhausted(state.cap) ? "out" : "low";
      bitrateBps = leftBps;
      state.held = capHolds(state.cap);
    }
  }
  state.paceFramesPerSecond = Math.min(input.paceFramesPerSecond, input.cpuFramesPerSecond);
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
    held: state.held,
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
  state.bytes = 0;
  state.pictures = 0;
  state.changedSum = 0;
}

/**
 * Bits a second that content of this kind needs on a rung. Frames that the processor does not manage need none: a slow machine
 * is not a narrow path.
 */
function needBps(state: SteerState, index: number): number {
  const { preset, framesPerSecond } = state.limits;
  const ladder = LADDERS[preset];
  const step = ladder[index];
  if (step === undefined) return Number.POSITIVE_INFINITY;
  const scale = ladder[state.rung]?.scale ?? 1;
  const pace = Math.max(1, state.paceFramesPerSecond * (scale / step.scale) ** 2);
  const changedPixels = state.pixels * step.scale ** 2 * Math.max(LEAST_CHANGED, state.changed);
  return changedPixels * Math.min(framesPerSecond, step.framesPerSecond, pace) * LEAST_BITS[preset];
}

function climb(state: SteerState, bitrateBps: number, nowMs: number): void {
  const short = state.usedBps > USED_SHARE * bitrateBps && needBps(state, state.rung) > bitrateBps;
  if (short) {
    state.ampleSinceMs = undefined;
    state.backSinceMs = undefined;
    goDown(state, bitrateBps, nowMs);
    return;
  }
  state.shortSinceMs = undefined;
  state.narrowSinceMs = undefined;
  state.sufficedBps = bitrateBps;
  if (state.rung > 0 && !goBack(state, bitrateBps, nowMs)) goUp(state, bitrateBps, nowMs);
}

function goDown(state: SteerState, bitrateBps: number, nowMs: number): void {
  state.shortSinceMs ??= nowMs;
  state.narrowSinceMs ??= nowMs;
  if (nowMs - state.shortSinceMs < DOWN_MS) return;
  const ladder = LADDERS[state.limits.preset];
  const from = state.rung;
  const scale = ladder[from]?.scale;
  const hereBps = needBps(state, from);
  const mayResize = nowMs - state.narrowSinceMs >= DOWN_SCALE_MS;
  // Once the size changes, then to one that is enough: one IDR, not two.
  const enoughBps = mayResize ? bitrateBps : 2 * bitrateBps;
  let to = from;
  for (let index = from + 1; index < ladder.length; index += 1) {
    if (!mayResize && ladder[index]?.scale !== scale) break;
    const needs = needBps(state, index);
    // A rung that needs as much (its frame rate is above the wanted one) is none.
    if (needs < hereBps) to = index;
    if (needs < hereBps && needs <= enoughBps) break;
  }
  if (to === from) return;
  state.shortSinceMs = nowMs;
  if (state.before === undefined || nowMs - state.before.leftMs > RETURN_WITHIN_MS) {
    state.before = { rung: from, bps: state.sufficedBps, leftMs: nowMs };
  }
  state.rung = to;
  if (ladder[to]?.scale !== scale) state.narrowSinceMs = nowMs;
}

/** True while it waits for that. */
function goBack(state: SteerState, bitrateBps: number, nowMs: number): boolean {
  const { before } = state;
  const back =
    before !== undefined &&
    before.rung < state.rung &&
    nowMs - before.leftMs <= RETURN_WITHIN_MS &&
    nowMs - state.returnedMs >= RETURN_AGAIN_MS &&
    bitrateBps >= RETURN_SHARE * before.bps &&
    needBps(state, before.rung) <= bitrateBps;
  if (!back) {
    state.backSinceMs = undefined;
    return false;
  }
  state.backSinceMs ??= nowMs;
  if (nowMs - state.backSinceMs < RETURN_MS) return true;
  state.rung = before.rung;
  state.returnedMs = nowMs;
  state.before = undefined;
  state.backSinceMs = undefined;
  state.ampleSinceMs = undefined;
  return true;
}

function goUp(state: SteerState, bitrateBps: number, nowMs: number): void {
  const ladder = LADDERS[state.limits.preset];
  const resizes = ladder[state.rung - 1]?.scale !== ladder[state.rung]?.scale;
  const needs = needBps(state, state.rung - 1);
  const more = needs / Math.max(1, needBps(state, state.rung));
  const ample =
    needs * (resizes ? UP_SCALE_SPARE : UP_SPARE) <= bitrateBps || state.usedBps * more < UNUSED_SHARE * bitrateBps;
  if (!ample) {
    state.ampleSinceMs = undefined;
    return;
  }
  state.ampleSinceMs ??= nowMs;
  if (nowMs - state.ampleSinceMs < (resizes ? UP_SCALE_MS : UP_MS)) return;
  state.rung -= 1;
  state.ampleSinceMs = undefined;
  if (state.before !== undefined && state.rung <= state.before.rung) state.before = undefined;
}

/** Nothing would come of asking again before the next picture or rate. */
export function settled(state: SteerState): boolean {
  return (
    !state.held &&
    state.rung === 0 &&
    state.shortSinceMs === undefined &&
    state.chromaWantedSinceMs === undefined &&
    state.changed < STILL_CHANGED / 2
  );
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
