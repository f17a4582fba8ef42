// What a pad's motors do now, from the effects that programs have uploaded and play. Pure. Fed by `gamepads.ts` with what comes from
// `linux/`; the rules are those of Linux' ff-memless.c, which drives real pads.

import type { Force } from "./pad-types.ts";

export interface Levels {
  /** 0 … 65535, of the low-frequency and the high-frequency motor. */
  readonly strong: number;
  readonly weak: number;
}

interface Effect {
  strong: number;
  weak: number;
  /** 0: until it is stopped. */
  lengthMs: number;
  delayMs: number;
  playing: { readonly sinceMs: number; readonly times: number } | undefined;
}

interface Owner {
  gain: number;
  readonly effects: Map<number, Effect>;
}

const FULL = 0xffff;
/** linux/input.h: as many as a program may upload to one pad. More are not kept. */
const EFFECTS_MAX = 16;

export class Rumble {
  readonly #owners = new Map<number, Owner>();

  take(owner: number, force: Force, nowMs: number): void {
    if (force.kind === "gone") {
      this.#owners.delete(owner);
      return;
    }
    const own = this.#owners.get(owner) ?? { gain: FULL, effects: new Map<number, Effect>() };
    this.#owners.set(owner, own);
    if (force.kind === "gain") {
      own.gain = Math.max(0, Math.min(FULL, force.gain));
      return;
    }
    if (force.id < 0 || force.id >= EFFECTS_MAX) return;
    const effect = own.effects.get(force.id) ?? { ...REST, lengthMs: 0, delayMs: 0, playing: undefined };
    own.effects.set(force.id, effect);
    switch (force.kind) {
      case "upload":
        effect.strong = force.strong;
        effect.weak = force.weak;
        break;
      case "replay":
        effect.lengthMs = force.lengthMs;
        effect.delayMs = force.delayMs;
        break;
      case "play":
        effect.playing = force.times > 0 ? { sinceMs: nowMs, times: force.times } : undefined;
        break;
      case "erase":
        own.effects.delete(force.id);
        break;
    }
  }

  /** Effects at the same time add up. */
  levels(nowMs: number): Levels {
    let [strong, weak] = [0, 0];
    for (const { gain, effects } of this.#owners.values()) {
      for (const effect of effects.values()) {
        if (!isOn(effect, nowMs)) continue;
        strong += (effect.strong * gain) / FULL;
        weak += (effect.weak * gain) / FULL;
      }
    }
    return { strong: Math.min(FULL, Math.round(strong)), weak: Math.min(FULL, Math.round(weak)) };
  }

  /** When the levels change by themselves; undefined: not before something is taken. */
  nextChangeMs(nowMs: number): number | undefined {
    let next: number | undefined;
    for (const { effects } of this.#owners.values()) {
      for (const effect of effects.values()) {
        const atMs = turnOf(effect, nowMs);
        if (atMs !== undefined && (next === undefined || atMs < next)) next = atMs;
      }
    }
    return next;
  }
}

const REST = { strong: 0, weak: 0 };

/** Each time it is silent for the delay and on for the length. */
function isOn({ playing, lengthMs, delayMs }: Effect, nowMs: number): boolean {
  if (playing === undefined) return false;
  const sinceMs = nowMs - playing.sinceMs;
  if (lengthMs === 0) return sinceMs >= delayMs;
  const cycleMs = delayMs + lengthMs;
  return sinceMs < cycleMs * playing.times && sinceMs % cycleMs >= delayMs;
}

function turnOf({ playing, lengthMs, delayMs }: Effect, nowMs: number): number | undefined {
  if (playing === undefined) return undefined;
  const { sinceMs, times } = playing;
  const passedMs = nowMs - sinceMs;
  if (lengthMs === 0) return passedMs < delayMs ? sinceMs + delayMs : undefined;
  const cycleMs = delayMs + lengthMs;
  if (passedMs >= cycleMs * times) return undefined;
  const cycle = Math.floor(passedMs / cycleMs);
  return sinceMs + cycle * cycleMs + (passedMs % cycleMs < delayMs ? delayMs : cycleMs);
}
