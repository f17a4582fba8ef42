// Sends padding at a rate that the controller wants to try, so that it learns what the path carries before the picture needs
// it. PURE: `sender.ts` asks how much is due and makes the packets (`padding.ts`).

import type { ProbeCluster } from "../congestion/types.ts";

/** After a stall no more than this much is made up for at once: a burst would measure the burst. */
const MAX_CATCH_UP_MS = 5;

export class Prober {
  #cluster: ProbeCluster | undefined;
  #lastId = -1;
  #sentBytes = 0;
  #creditBytes = 0;
  #filledMs = 0;

  /** Begins with a cluster that it has not had yet. True when it did. */
  offer(cluster: ProbeCluster | undefined, nowMs: number): boolean {
    if (cluster === undefined || cluster.id <= this.#lastId) return false;
    this.#lastId = cluster.id;
    this.#cluster = cluster;
    this.#sentBytes = 0;
    this.#filledMs = nowMs;
    // The first packet opens the cluster: the rate counts from behind it.
    this.#creditBytes = 1;
    return true;
  }

  /** Of the cluster that is being sent. */
  get id(): number | undefined {
    return this.#cluster?.id;
  }

  /** Whether a packet of the cluster is to leave now. */
  due(nowMs: number): boolean {
    if (this.#cluster === undefined) return false;
    const bytesPerMs = this.#cluster.bps / 8000;
    this.#creditBytes += Math.min(nowMs - this.#filledMs, MAX_CATCH_UP_MS) * bytesPerMs;
    this.#filledMs = nowMs;
    return this.#creditBytes > 0;
  }

  sent(sizeBytes: number): void {
    if (this.#cluster === undefined) return;
    this.#sentBytes += sizeBytes;
    this.#creditBytes -= sizeBytes;
    if (this.#sentBytes >= this.#cluster.bytes) this.#cluster = undefined;
  }

  stop(): void {
    this.#cluster = undefined;
  }
}
