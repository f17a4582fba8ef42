// Finds, within a fraction of a second, that WebRTC's pictures arrive but can't be decoded, so that a whole one can be asked for: the
// browser itself asks after three seconds. Runs only while the picture moves; asks for statistics only when it has just stopped.
// The decision is `Freeze`, PURE. From the peer's statistics, to `client.ts`.

import type { ReceiveCounters } from "./stats.ts";

/** How often it is looked whether frames still come, ms. Reading the element's counter costs next to nothing. */
const LOOK_MS = 120;
/** A lost packet is asked for and comes again within a round trip: that is waited for, ms, at least so long. */
const REPAIR_MS = 150;
/** A picture that stands for so long, ms, with nothing missing, is one that does not change. */
const STILL_MS = 300;
/** What was asked for and has not come in this time, ms, is the business of others. */
const GIVE_UP_MS = 5000;

type Counters = Pick<
  ReceiveCounters,
  "packetsReceived" | "nacks" | "framesReceived" | "framesDecoded" | "framesDropped" | "roundTripMs"
>;

/** Told of the counters from time to time while no new frame is shown. */
export class Freeze {
  #stand: { readonly sinceMs: number; readonly counters: Counters } | undefined;
  #asked = false;

  /**
   * `ask` for a whole picture, once until one is decoded; `wait`, to be told again soon; `still`: nothing is missing. Chromium counts a
   * frame as received only when it could decode it; so what tells of a hole is that packets come, no frame does, and it goes on
   * asking for packets that it misses.
   */
  judge(counters: Counters, nowMs: number): "ask" | "wait" | "still" {
    const stand = this.#stand;
    if (stand === undefined || stand.counters.framesDecoded !== counters.framesDecoded) {
      this.#stand = { sinceMs: nowMs, counters };
      this.#asked = false;
      return "wait";
    }
    const forMs = nowMs - stand.sinceMs;
    const { packetsReceived, nacks } = stand.counters;
    const hole = counters.packetsReceived > packetsReceived && counters.nacks > nacks;
    const stuck = counters.framesReceived > counters.framesDecoded + counters.framesDropped;
    if (!hole && !stuck) return forMs < STILL_MS ? "wait" : "still";
    if (forMs > GIVE_UP_MS) return "still";
    if (this.#asked || forMs < Math.max(REPAIR_MS, 1.5 * counters.roundTripMs)) return "wait";
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
    let counters: ReceiveCounters | undefined;
    try {
      counters = await this.#parts.counters();
    } catch {
      // Of a peer that is gone.
    } finally {
      this.#reading = false;
    }
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
