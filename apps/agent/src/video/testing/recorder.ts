// A video sink that keeps all it is told and lets a test wait for it.

import type { AccessUnit, EncoderChoice, VideoSink } from "../types.ts";

export interface ReceivedUnit extends AccessUnit {
  /** When JavaScript had it, µs of CLOCK_MONOTONIC. */
  readonly receivedUs: number;
}

export class Recorder implements VideoSink {
  readonly units: ReceivedUnit[] = [];
  readonly sizes: string[] = [];
  readonly encoders: EncoderChoice[] = [];
  readonly cards: (string | undefined)[] = [];
  readonly failures: string[] = [];
  #waiting: (() => void)[] = [];

  onAccessUnit(unit: AccessUnit): void {
    this.units.push({ ...unit, receivedUs: nowUs() });
    this.#news();
  }

  onSize(widthPx: number, heightPx: number): void {
    this.sizes.push(`${widthPx}x${heightPx}`);
    this.#news();
  }

  onEncoder(choice: EncoderChoice): void {
    this.encoders.push(choice);
    this.#news();
  }

  onCard(reason: string | undefined): void {
    this.cards.push(reason);
    this.#news();
  }

  onFailed(reason: string): void {
    this.failures.push(reason);
    this.#news();
  }

  /** Resolves to the first of the units from `from` on that fits; waits for it if need be. */
  async unit(fits: (unit: ReceivedUnit) => boolean, from = 0): Promise<ReceivedUnit> {
    let found: ReceivedUnit | undefined;
    await this.until(() => (found = this.units.slice(from).find(fits)) !== undefined);
    if (!found) throw new Error("no unit fits");
    return found;
  }

  /** Waits for a state; looks again at whatever arrives. */
  async until(holds: () => boolean, withinMs = 15_000): Promise<void> {
    const deadlineMs = performance.now() + withinMs;
    while (!holds()) {
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) throw new Error(`did not come to hold within ${withinMs} ms: ${String(holds)}`);
      await this.#next(leftMs);
    }
  }

  /** Waits until nothing has arrived for this long: the picture is sharp and the stream is silent. */
  async silence(ms = 400): Promise<void> {
    while (await this.#next(ms)) continue;
  }

  /** True when something arrived within the time. */
  #next(withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), withinMs);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  #news(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
