// The RTP clock of video: 90 kHz, begun at random (RFC 3550 section 5.1), counting CLOCK_MONOTONIC. Used by `video-stream.ts`
// for pictures and by `sender.ts` for sender reports.

import { randomInt } from "node:crypto";

const CLOCK_HZ = 90_000;

export class RtpClock {
  readonly #offset = randomInt(2 ** 32);
  #last: number | undefined;

  /** Of a picture whose damage was seen then; two pictures never share one. */
  next(damageUs: number): number {
    let timestamp = this.at(damageUs);
    if (this.#last !== undefined && ((timestamp - this.#last) | 0) <= 0) timestamp = (this.#last + 1) >>> 0;
    this.#last = timestamp;
    return timestamp;
  }

  at(monotonicUs: number): number {
    return (this.#offset + (Math.floor((monotonicUs * CLOCK_HZ) / 1e6) % 2 ** 32)) >>> 0;
  }
}

/** CLOCK_MONOTONIC, µs, at a moment of `performance.now()`: both count the same clock from different zeros. */
const monotonicOffsetUs = Number(process.hrtime.bigint()) / 1000 - performance.now() * 1000;
export function monotonicUs(nowMs: number): number {
  return monotonicOffsetUs + nowMs * 1000;
}
