// How long access units take from being handed in to their last packet's being handed to the socket. Kept by `sender.ts` for
// the viewer's statistics.

/** Of the last so many milliseconds. */
const WINDOW_MS = 1000;

export class SendTimes {
  /** Units whose last packet is still queued: when they came in, and the index behind that packet. */
  readonly #pending: { receivedMs: number; endIndex: number }[] = [];
  readonly #done: { atMs: number; tookMs: number }[] = [];

  received(receivedMs: number, endIndex: number): void {
    this.#pending.push({ receivedMs, endIndex });
  }

  /** All packets below `sendIndex` have left. */
  left(sendIndex: number): void {
    while (this.#pending[0] !== undefined && this.#pending[0].endIndex <= sendIndex) {
      const { receivedMs } = this.#pending[0];
      const doneMs = performance.now();
      this.#pending.shift();
      this.#done.push({ atMs: doneMs, tookMs: doneMs - receivedMs });
      while ((this.#done[0]?.atMs ?? doneMs) < doneMs - WINDOW_MS) this.#done.shift();
    }
  }

  drop(): void {
    this.#pending.length = 0;
  }

  medianMs(nowMs: number): number {
    const recent = this.#done.filter(({ atMs }) => atMs >= nowMs - WINDOW_MS).map(({ tookMs }) => tookMs);
    recent.sort((a, b) => a - b);
    return recent[recent.length >> 1] ?? 0;
  }
}
