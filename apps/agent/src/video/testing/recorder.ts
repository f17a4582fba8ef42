// A video sink that keeps all it is told and lets a test wait for it.

import type { AccessUnit, EncoderChoice, VideoSink } from "../types.ts";

export interface ReceivedUnit extends AccessUnit {
  /** When JavaScript had it, µs of CLOCK_MONOTONIC. */
  readonly receivedUs: number;
}

/** A whole picture, its parts joined. */
export interface ReceivedPicture extends ReceivedUnit {
  readonly parts: readonly ReceivedUnit[];
}

export class Recorder implements VideoSink {
  /** Whole pictures. */
  readonly units: ReceivedPicture[] = [];
  /** What does not follow: a part of no picture, a picture within another. */
  readonly faults: string[] = [];
  readonly #parts: ReceivedUnit[] = [];
  readonly sizes: string[] = [];
  readonly encoders: EncoderChoice[] = [];
  readonly cards: (string | undefined)[] = [];
  readonly failures: string[] = [];
  #waiting: (() => void)[] = [];

  onAccessUnit(unit: AccessUnit): void {
    const begun = this.#parts[0];
    if (unit.first !== (begun === undefined) || (begun && begun.frame !== unit.frame)) {
      this.faults.push(`picture ${unit.frame}, first ${unit.first}, came while ${begun?.frame ?? "none"} was open`);
    }
    this.#parts.push({ ...unit, receivedUs: nowUs() });
    if (unit.last) {
      const parts = this.#parts.splice(0);
      const data = parts.length === 1 ? unit.data : Buffer.concat(parts.map((part) => part.data));
      this.units.push({ ...unit, first: true, data, receivedUs: nowUs(), parts });
    }
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
  async unit(fits: (unit: ReceivedPicture) => boolean, from = 0): Promise<ReceivedPicture> {
    let found: ReceivedPicture | undefined;
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
