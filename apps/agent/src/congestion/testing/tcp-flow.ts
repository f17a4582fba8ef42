// A TCP download beside the media, in virtual time: a window that Reno (RFC 5681) or CUBIC (RFC 9438) moves, and endless
// data. No bytes are kept: a hole means one reduction per round trip, as with selective acknowledgements.

import type { Link, VirtualNetwork } from "./virtual-network.ts";

const SEGMENT_BYTES = 1500;
const CUBIC_C = 0.4;
const CUBIC_BETA = 0.7;
const RENO_BETA = 0.5;
/** Receive window of a common system, segments. */
const MOST_SEGMENTS = 4000;

export interface TcpOptions {
  readonly kind: "reno" | "cubic";
  readonly startMs?: number;
  /** Ends after so many bytes; none: never. */
  readonly bytes?: number;
  readonly extraDelayMs?: number;
}

export class TcpFlow {
  deliveredBytes = 0;
  readonly #network: VirtualNetwork;
  readonly #link: Link;
  readonly #options: TcpOptions;
  #window = 10;
  #threshold = Number.POSITIVE_INFINITY;
  #inFlight = 0;
  #sentBytes = 0;
  #reducedMs = Number.NEGATIVE_INFINITY;
  #peak = 0;
  #roundTripMs = 100;

  constructor(network: VirtualNetwork, link: Link, options: TcpOptions) {
    this.#network = network;
    this.#link = link;
    this.#options = options;
    network.everyMs(() => this.#fill());
  }

  get done(): boolean {
    return this.deliveredBytes >= (this.#options.bytes ?? Number.POSITIVE_INFINITY);
  }

  #fill(): void {
    const { startMs = 0, bytes = Number.POSITIVE_INFINITY } = this.#options;
    if (this.#network.nowMs < startMs) return;
    while (this.#inFlight < Math.floor(this.#window) && this.#sentBytes < bytes) this.#send();
  }

  #send(): void {
    const sentMs = this.#network.nowMs;
    const { extraDelayMs = 0 } = this.#options;
    this.#inFlight += 1;
    this.#sentBytes += SEGMENT_BYTES;
    this.#link.send(
      SEGMENT_BYTES,
      extraDelayMs,
      (atMs) => {
        this.deliveredBytes += SEGMENT_BYTES;
        this.#network.at(atMs + this.#link.options.delayMs + extraDelayMs, () => this.#acknowledged(sentMs));
      },
      () => {
        this.#sentBytes -= SEGMENT_BYTES;
        const backMs = this.#link.options.delayMs + extraDelayMs;
        this.#network.at(this.#network.nowMs + backMs, () => this.#lost(sentMs));
      },
    );
  }

  #acknowledged(sentMs: number): void {
    const { nowMs } = this.#network;
    this.#inFlight -= 1;
    this.#roundTripMs = nowMs - sentMs;
    if (this.#window < this.#threshold) this.#window += 1;
    else if (this.#options.kind === "reno") this.#window += 1 / this.#window;
    else {
      const seconds = (nowMs + this.#roundTripMs - this.#reducedMs) / 1000;
      const kSeconds = Math.cbrt((this.#peak * (1 - CUBIC_BETA)) / CUBIC_C);
      const goal = CUBIC_C * (seconds - kSeconds) ** 3 + this.#peak;
      this.#window += goal > this.#window ? (goal - this.#window) / this.#window : 0.01 / this.#window;
    }
    this.#window = Math.min(this.#window, MOST_SEGMENTS);
  }

  #lost(sentMs: number): void {
    this.#inFlight -= 1;
    if (sentMs < this.#reducedMs) return;
    this.#reducedMs = this.#network.nowMs;
    this.#peak = this.#window;
    this.#window = Math.max(2, this.#window * (this.#options.kind === "reno" ? RENO_BETA : CUBIC_BETA));
    this.#threshold = this.#window;
  }
}
