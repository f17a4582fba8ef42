// Finds, within a fraction of a second, that WebRTC's pictures arrive but can't be decoded, so that a whole one can be asked for: the
// browser itself asks after three seconds. Runs only while the picture moves; asks for statistics only when it has just stopped.
// The decision is `Freeze`, PURE. From the peer's statistics, to `client.ts`.

import type { ReceiveCounters } from "./stats.ts";

/** How often it is looked whether frames still come, ms. Reading the element's counter costs next to nothing. */
const LOOK_MS = 120;
/** A lost packet is asked for and comes again within a round trip: that is waited for, ms, at least so long. */
const REPAIR_MS = 150;

type Counters = Pick<ReceiveCounters, "framesReceived" | "framesDecoded" | "framesDropped" | "roundTripMs">;

/** Told of the counters from time to time while no new frame is shown. */
export class Freeze {
  #sinceMs: number | undefined;
  #decoded = 0;
  #asked = false;

  /**
   * `ask` for a whole picture, once until one is decoded; `wait`: pictures have arrived that are not decoded; `still`: there are none.
   * A picture counts as received when all its packets are there, so what is not decoded then waits for one before it.
   */
  judge(
    { framesReceived, framesDecoded, framesDropped, roundTripMs }: Counters,
    nowMs: number,
  ): "ask" | "wait" | "still" {
    if (framesDecoded !== this.#decoded) {
      this.#decoded = framesDecoded;
      this.#asked = false;
      this.#sinceMs = undefined;
    }
    if (framesReceived <= framesDecoded + framesDropped) {
      this.#sinceMs = undefined;
      return "still";
    }
    this.#sinceMs ??= nowMs;
    if (nowMs - this.#sinceMs < Math.max(REPAIR_MS, 1.5 * roundTripMs) || this.#asked) return "wait";
    this.#asked = true;
    return "ask";
  }
}

export interface FreezeWatchParts {
  /** Grows with every frame shown. */
  readonly framesShown: () => number;
  readonly counters: () => Promise<ReceiveCounters | undefined>;
  readonly onFrozen: () => void;
}

export class FreezeWatch {
  readonly #parts: FreezeWatchParts;
  #freeze = new Freeze();
  #timer: number | undefined;
  #frames = 0;
  #reading = false;

  constructor(parts: FreezeWatchParts) {
    this.#parts = parts;
  }

  /** The picture moves. Idempotent. */
  start(): void {
    this.#timer ??= window.setInterval(() => void this.#look(), LOOK_MS);
  }

  /** Idempotent. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#freeze = new Freeze();
  }

  async #look(): Promise<void> {
    const frames = this.#parts.framesShown();
    const moves = frames !== this.#frames;
    this.#frames = frames;
    if (moves || this.#reading) return;
    this.#reading = true;
    const counters = await this.#parts.counters();
    this.#reading = false;
    if (this.#timer === undefined) return;
    const verdict = counters === undefined ? "still" : this.#freeze.judge(counters, performance.now());
    if (verdict === "ask") this.#parts.onFrozen();
    // Started again when the next frames are seen: by `meter.ts`, within a second.
    if (verdict === "still") {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }
}
