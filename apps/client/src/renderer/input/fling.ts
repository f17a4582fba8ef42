// What two fingers threw scrolls on and comes to rest, as on a phone; and how far a finger on a touchpad takes the pointer. PURE.
// Used by `touch.ts`.

/** The speed falls to 1/e in this time, ms: iOS' "normal" deceleration, 0.998 a ms, is 500; shorter, since a detent is coarser than a pixel. */
const DECAY_MS = 325;
/** Slower than this it stands, CSS pixels a ms. */
const STANDS = 0.02;

export class Fling {
  readonly #vx: number;
  readonly #vy: number;
  readonly #fromMs: number;
  #gone = 0;

  /** Speeds in CSS pixels a ms. */
  constructor(vx: number, vy: number, fromMs: number) {
    this.#vx = vx;
    this.#vy = vy;
    this.#fromMs = fromMs;
  }

  /** The way since the last call, CSS pixels; undefined: it stands. */
  next(nowMs: number): { readonly dx: number; readonly dy: number } | undefined {
    const lastedMs = Math.max(0, nowMs - this.#fromMs);
    const left = Math.exp(-lastedMs / DECAY_MS);
    if (Math.hypot(this.#vx, this.#vy) * left < STANDS) return undefined;
    // The integral of the speed.
    const gone = DECAY_MS * (1 - left);
    const ms = gone - this.#gone;
    this.#gone = gone;
    return { dx: this.#vx * ms, dy: this.#vy * ms };
  }
}

/** Slower than this a touchpad's finger moves the pointer by its own way, CSS pixels a ms: it aims. */
const AIMING = 0.2;
/** From this speed on it goes as far as it ever does. */
const SWEEPING = 1.5;
const MOST = 3;
/** Between two events of one finger, ms: what is longer was a pause, what is shorter is how the browser bundled them. */
const STEP_MS = { least: 4, most: 50 } as const;

/** How many times its own way a finger on a touchpad takes the pointer along. */
export function trackpadGain(dx: number, dy: number, ms: number): number {
  const speed = Math.hypot(dx, dy) / Math.min(STEP_MS.most, Math.max(STEP_MS.least, ms));
  const share = Math.min(1, Math.max(0, (speed - AIMING) / (SWEEPING - AIMING)));
  return 1 + (MOST - 1) * share;
}
