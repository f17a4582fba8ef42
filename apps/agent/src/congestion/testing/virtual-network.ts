// Time, chance and links of the plans: nothing sleeps, nothing is random twice. A link is one queue in front of a capacity,
// then a delay; flows share it as routers make them. Used by `media-flow.ts`, `tcp-flow.ts` and the plans.

/** Furthest that anything is planned ahead, ms; a power of two. */
const WHEEL_MS = 8192;

export class VirtualNetwork {
  nowMs = 0;
  readonly #wheel: (() => void)[][] = Array.from({ length: WHEEL_MS }, () => []);
  readonly #everyMs: (() => void)[] = [];
  #random = 1;

  /** Runs `act` at the first whole ms that is not before `atMs`. */
  at(atMs: number, act: () => void): void {
    const ms = Math.max(this.nowMs + 1, Math.ceil(atMs));
    if (ms - this.nowMs >= WHEEL_MS) throw new RangeError("too far ahead");
    this.#wheel[ms % WHEEL_MS]?.push(act);
  }

  everyMs(act: () => void): void {
    this.#everyMs.push(act);
  }

  run(durationMs: number): void {
    for (const untilMs = this.nowMs + durationMs; this.nowMs < untilMs; ) {
      this.nowMs += 1;
      const due = this.#wheel[this.nowMs % WHEEL_MS] ?? [];
      // What is planned while it runs lies at least 1 ms ahead.
      for (const act of due) act();
      due.length = 0;
      for (const act of this.#everyMs) act();
    }
  }

  /** 0–1, the same in every run (xorshift). */
  draw(): number {
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    return (this.#random >>> 0) / 2 ** 32;
  }
}

export interface LinkOptions {
  capacityBps: number;
  delayMs: number;
  /** Longest the queue may get; what does not fit is lost. */
  queueLimitMs: number;
  /** Random loss, 0–1. */
  loss: number;
  /** Every so often, for so long, nothing gets through. 0: never. */
  outageEveryMs: number;
  outageMs: number;
  /** Nothing is lost in it, all comes when it ends: a radio that repeats, a machine that stands still. */
  outageHolds: boolean;
  /** Each packet is up to this much later, as test/network/delay-line.ts makes it: in order, so that late ones hold up others. */
  jitterMs: number;
  /** Packets may overtake each other: as when they take different ways. */
  reorders: boolean;
  /** A radio that delivers so often all that has gathered. 0: each packet by itself. */
  batchMs: number;
  /** Other traffic: the delay climbs for half a second, by a random part of this, falls back and climbs again. */
  wanderMs: number;
}

export class Link {
  readonly options: LinkOptions;
  readonly #network: VirtualNetwork;
  #busyUntilMs = 0;
  #lastArrivalMs = 0;
  #wanderPeakMs = 0;
  #wanderHalf = -1;

  constructor(network: VirtualNetwork, options: Partial<LinkOptions>) {
    this.#network = network;
    this.options = {
      capacityBps: 20e6,
      delayMs: 20,
      queueLimitMs: 300,
      loss: 0,
      outageEveryMs: 0,
      outageMs: 0,
      outageHolds: false,
      jitterMs: 0,
      reorders: false,
      batchMs: 0,
      wanderMs: 0,
      ...options,
    };
  }

  get queueMs(): number {
    return Math.max(0, this.#busyUntilMs - this.#network.nowMs);
  }

  /** `extraDelayMs`: of this flow's own path in front of the link. */
  send(sizeBytes: number, extraDelayMs: number, onArrived: (atMs: number) => void, onLost: () => void): void {
    const {
      capacityBps,
      delayMs,
      queueLimitMs,
      loss,
      outageEveryMs,
      outageMs,
      jitterMs,
      reorders,
      batchMs,
      outageHolds,
    } = this.options;
    const network = this.#network;
    const { nowMs } = network;
    const { queueMs } = this;
    const out = outageEveryMs > 0 && nowMs % outageEveryMs >= outageEveryMs - outageMs;
    // Where exactly it ends is not the same for each packet: else two flows fall into step, and one of them loses all.
    const full = queueMs > 0.9 * queueLimitMs && queueMs > queueLimitMs * (0.9 + 0.1 * network.draw());
    const lost = full || (out && !outageHolds) || (loss > 0 && network.draw() < loss);
    if (lost) {
      network.at(nowMs + queueMs + delayMs + extraDelayMs, onLost);
      return;
    }
    this.#busyUntilMs = nowMs + queueMs + (sizeBytes * 8000) / capacityBps;
    let arrivesMs = this.#busyUntilMs + delayMs + this.#wander();
    if (batchMs > 0) arrivesMs = Math.ceil(arrivesMs / batchMs) * batchMs;
    if (outageHolds) arrivesMs = Math.max(arrivesMs, this.#heldUntilMs(arrivesMs));
    if (jitterMs > 0) arrivesMs += jitterMs * network.draw();
    if (!reorders) arrivesMs = Math.max(this.#lastArrivalMs, arrivesMs);
    this.#lastArrivalMs = arrivesMs;
    network.at(arrivesMs + extraDelayMs, () => onArrived(arrivesMs + extraDelayMs));
  }

  #heldUntilMs(atMs: number): number {
    const { outageEveryMs, outageMs } = this.options;
    const intoMs = atMs % outageEveryMs;
    return outageEveryMs > 0 && intoMs >= outageEveryMs - outageMs ? atMs + outageEveryMs - intoMs : atMs;
  }

  #wander(): number {
    const { wanderMs } = this.options;
    if (wanderMs === 0) return 0;
    const half = Math.floor(this.#network.nowMs / 500);
    if (half !== this.#wanderHalf) this.#wanderPeakMs = wanderMs * this.#network.draw();
    this.#wanderHalf = half;
    return (this.#wanderPeakMs * (this.#network.nowMs % 500)) / 500;
  }
}
