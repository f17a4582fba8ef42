// The jitter buffer of the sound. PURE: samples in by timestamp, samples out by demand. It holds as much as the arrivals of the last
// seconds scatter, plays a little faster or slower towards that, which evens out two clocks that differ as well, fills what is missing
// with what was heard before, and fades wherever a sound begins, ends or is cut. Driven by `playout-worklet.ts`.

import type { PlayoutNumbers } from "./messages.ts";

export const SAMPLES_PER_MS = 48;

/** What is held at least: packets are 10 ms, and are asked for 10 ms at a time. At most, beyond which sound and picture part. */
const LEAST_MS = 22;
const MOST_MS = 300;
/** Above the scatter that was seen: half of both, and something for what was not. */
const MARGIN_MS = 14;
/** The scatter is that of so many packets, 5 s, but for the latest of them: one stall is one gap, and no longer wait for seconds. */
const DELAYS = 512;
const QUANTILE = 0.97;
const LOOK_PACKETS = 25;
/** Each time that it ran dry it holds so much more, up to that; and a little less after each so long. */
const DRY_STEP_MS = 4;
const DRY_MOST_MS = 60;
const DRY_CALM_MS = 10_000;
/** More than this above what is wanted is left out at once. */
const EXCESS_MS = 60;
/** A pitch that is off by half a percent is not heard. Reached where this much too much or too little waits; less than that is jitter. */
const RATE_MOST = 0.005;
const RATE_FULL_MS = 50;
const RATE_CALM_MS = 3;
/** What is off all the time is the two clocks' difference: learnt in about so long, and believed up to here. */
const DRIFT_MS = 10_000;
const DRIFT_MOST = 0.002;
/** What waits rises and falls with every packet and every block: its mean counts, over about so long. */
const MEAN_MS = 1000;
/** So that nothing clicks. */
const FADE_SAMPLES = 3 * SAMPLES_PER_MS;
/** After longer gaps a sound begins anew; shorter ones are filled, with what fades to nothing in this time. */
const GAP_MS = 250;
const FILL_MS = 60;
/** Timestamps come by way of whole microseconds and decoders' own reckoning. */
const ROUNDING_SAMPLES = 2 * SAMPLES_PER_MS;
/** Interpolation looks ahead. */
const AHEAD_SAMPLES = 2;
const CAPACITY = 2 ** 16;

export class Playout {
  readonly #channels: number;
  readonly #ring: readonly Float32Array[];
  /** In samples of the sender's clock: the next to be written, and, with a fraction, the next to be played. */
  #write = 0;
  #read = 0;
  #playing = false;
  #begun = false;
  /** Of what waits. */
  #meanMs = 0;
  /** How much faster than ours the sender's clock is. */
  #drift = 0;
  /** Waits since, on the player's clock, ms. */
  #waitsSinceMs = 0;
  #silentSince = 0;
  #targetMs = LEAST_MS;
  /** Arrival less timestamp of the last packets, ms. */
  readonly #delaysMs = new Float64Array(DELAYS);
  readonly #sorted = new Float64Array(DELAYS);
  #delays = 0;
  /** Held on top, and since when it has sufficed, on the player's clock. */
  #extraMs = 0;
  #calmSinceMs = 0;
  /** 0 to FADE_SAMPLES: how far it is faded in. */
  #fade = 0;
  /** Where it would have gone on, after a skip, and for how long that still sounds. */
  #skipped = 0;
  #crossing = 0;
  /** What was played last, by channel: faded out when nothing follows. */
  readonly #last: Float32Array;
  /** Samples behind a gap that are to be faded in over what fills it. */
  #bridge = 0;
  #underruns = 0;
  #skips = 0;
  #gaps = 0;

  constructor(channels: number) {
    this.#channels = channels;
    this.#ring = Array.from({ length: channels }, () => new Float32Array(CAPACITY));
    this.#last = new Float32Array(channels);
  }

  get bufferedMs(): number {
    return this.#begun ? Math.max(0, this.#write - this.#read) / SAMPLES_PER_MS : 0;
  }

  get numbers(): PlayoutNumbers {
    const [underruns, skips, gaps] = [this.#underruns, this.#skips, this.#gaps];
    return { bufferedMs: this.bufferedMs, targetMs: this.#targetMs, underruns, skips, gaps };
  }

  /** Everything that was to be played is forgotten; what sounds fades. */
  reset(): void {
    this.#begun = false;
    this.#playing = false;
    this.#delays = 0;
  }

  /** Samples that arrived at `arrivedMs`, on any clock that never stops; `nowMs`: the player's, which may. */
  push(timestamp: number, samples: readonly Float32Array[], arrivedMs: number, nowMs: number): void {
    const length = samples[0]?.length ?? 0;
    const gap = timestamp - this.#write;
    // Another clock.
    if (gap < -ROUNDING_SAMPLES) this.#delays = 0;
    if (!this.#begun || gap < -ROUNDING_SAMPLES || gap > GAP_MS * SAMPLES_PER_MS) this.#begin(timestamp, nowMs);
    else if (gap > ROUNDING_SAMPLES) {
      // What is missing is only known now: as if it had come now.
      this.#observe(this.#write / SAMPLES_PER_MS, arrivedMs);
      this.#fill(gap);
    }
    this.#observe(timestamp / SAMPLES_PER_MS, arrivedMs);
    // Nobody has asked for any in more than a second.
    if (this.#write + length - this.#read > CAPACITY - FADE_SAMPLES) this.#read = this.#write;
    let silent = true;
    for (let channel = 0; channel < this.#channels; channel += 1) {
      const from = samples[Math.min(channel, samples.length - 1)];
      const ring = this.#ring[channel];
      if (from === undefined || ring === undefined) continue;
      for (let index = 0; index < length; index += 1) {
        const sample = from[index] ?? 0;
        const place = (this.#write + index) % CAPACITY;
        const share = index < this.#bridge ? index / this.#bridge : 1;
        ring[place] = share === 1 ? sample : sample * share + (ring[place] ?? 0) * (1 - share);
        // libopus codes digital silence as nearly that.
        if (sample > 1e-4 || sample < -1e-4) silent = false;
      }
    }
    this.#write += length;
    this.#bridge = 0;
    if (!silent) this.#silentSince = this.#write;
  }

  /** Fills one block, all channels of the same length. */
  pull(into: readonly Float32Array[], nowMs: number): void {
    const length = into[0]?.length ?? 0;
    if (!this.#playing) this.#start(nowMs);
    else if (this.#extraMs > 0 && nowMs - this.#calmSinceMs > DRY_CALM_MS) {
      this.#extraMs = Math.max(0, this.#extraMs - DRY_STEP_MS / 2);
      this.#calmSinceMs = nowMs;
    }
    if (this.#playing) this.#trim();
    const rate = this.#rate(length / SAMPLES_PER_MS);
    for (let index = 0; index < length; index += 1) {
      const has = this.#playing && this.#read + AHEAD_SAMPLES < this.#write;
      if (this.#playing && !has) this.#dry(nowMs);
      this.#fade = Math.min(FADE_SAMPLES, Math.max(0, this.#fade + (has ? 1 : -1)));
      const level = this.#fade / FADE_SAMPLES;
      for (let channel = 0; channel < this.#channels; channel += 1) {
        const out = into[channel];
        if (out === undefined) continue;
        if (has) this.#last[channel] = this.#sample(channel);
        out[index] = (this.#last[channel] ?? 0) * level;
      }
      if (!has) continue;
      this.#read += rate;
      this.#skipped += rate;
      this.#crossing = Math.max(0, this.#crossing - 1);
    }
  }

  #begin(timestamp: number, nowMs: number): void {
    this.#begun = true;
    this.#playing = false;
    this.#bridge = 0;
    this.#write = timestamp;
    this.#read = timestamp;
    this.#silentSince = timestamp;
    this.#waitsSinceMs = nowMs;
  }

  /** As much as is wanted has come, or would have by now. */
  #start(nowMs: number): void {
    if (!this.#begun || this.#read + AHEAD_SAMPLES >= this.#write) return;
    const waitedMs = nowMs - this.#waitsSinceMs;
    if (this.bufferedMs < this.#targetMs && waitedMs < this.#targetMs) return;
    this.#playing = true;
    this.#meanMs = this.#targetMs;
  }

  /** The end of a sound is silence that was sent with it; anything else is missing. */
  #dry(nowMs: number): void {
    this.#playing = false;
    this.#waitsSinceMs = nowMs;
    if (this.#write - this.#silentSince >= SAMPLES_PER_MS) return;
    this.#underruns += 1;
    this.#extraMs = Math.min(DRY_MOST_MS, this.#extraMs + DRY_STEP_MS);
    this.#calmSinceMs = nowMs;
    this.#aim();
  }

  /** Far too much waits: after a stall all that was held up comes at once. */
  #trim(): void {
    if (this.bufferedMs < this.#targetMs + EXCESS_MS) return;
    this.#skips += 1;
    this.#skipped = this.#read;
    this.#crossing = FADE_SAMPLES;
    this.#read = this.#write - this.#targetMs * SAMPLES_PER_MS;
    this.#meanMs = this.#targetMs;
  }

  #rate(elapsedMs: number): number {
    this.#meanMs += (this.bufferedMs - this.#meanMs) * (elapsedMs / MEAN_MS);
    const excessMs = this.#meanMs - this.#targetMs;
    const off = Math.sign(excessMs) * Math.max(0, Math.abs(excessMs) - RATE_CALM_MS);
    const within = Math.max(-1, Math.min(1, off / RATE_FULL_MS));
    if (this.#playing) this.#drift += (RATE_MOST * within * elapsedMs) / DRIFT_MS;
    this.#drift = Math.max(-DRIFT_MOST, Math.min(DRIFT_MOST, this.#drift));
    return 1 + RATE_MOST * within + this.#drift;
  }

  #sample(channel: number): number {
    const now = this.#at(channel, this.#read);
    if (this.#crossing === 0) return now;
    const share = this.#crossing / FADE_SAMPLES;
    return now * (1 - share) + this.#at(channel, this.#skipped) * share;
  }

  /** Catmull-Rom through the four samples around the place. */
  #at(channel: number, position: number): number {
    const ring = this.#ring[channel];
    if (ring === undefined) return 0;
    const base = Math.floor(position);
    const part = position - base;
    const one = ring[base % CAPACITY] ?? 0;
    if (part === 0) return one;
    const zero = ring[(base + CAPACITY - 1) % CAPACITY] ?? 0;
    const two = ring[(base + 1) % CAPACITY] ?? 0;
    const three = ring[(base + 2) % CAPACITY] ?? 0;
    const slope = (two - zero) / 2;
    const next = (three - one) / 2;
    const cubic = 2 * (one - two) + slope + next;
    const square = 3 * (two - one) - 2 * slope - next;
    return ((cubic * part + square) * part + slope) * part + one;
  }

  /** What was heard last, backwards, so that nothing jumps, and ever softer. */
  #fill(samples: number): void {
    for (const ring of this.#ring) {
      for (let index = 0; index < samples + FADE_SAMPLES; index += 1) {
        const level = Math.max(0, 1 - index / (FILL_MS * SAMPLES_PER_MS));
        ring[(this.#write + index) % CAPACITY] = (ring[(this.#write - 1 - index + CAPACITY) % CAPACITY] ?? 0) * level;
      }
    }
    if (this.#write - this.#silentSince < SAMPLES_PER_MS) this.#gaps += 1;
    this.#write += samples;
    this.#bridge = FADE_SAMPLES;
  }

  #observe(timestampMs: number, arrivedMs: number): void {
    this.#delaysMs[this.#delays % DELAYS] = arrivedMs - timestampMs;
    this.#delays += 1;
    if (this.#delays % LOOK_PACKETS === 0 || this.#delays < LOOK_PACKETS) this.#aim();
  }

  #aim(): void {
    const count = Math.min(this.#delays, DELAYS);
    const sorted = this.#sorted.subarray(0, count);
    sorted.set(this.#delaysMs.subarray(0, count));
    sorted.sort();
    const scatterMs = (sorted[Math.floor((count - 1) * QUANTILE)] ?? 0) - (sorted[0] ?? 0);
    const leastMs = LEAST_MS + this.#extraMs;
    this.#targetMs = Math.min(MOST_MS, Math.max(leastMs, scatterMs + MARGIN_MS));
  }
}
