// Transport-wide sequence numbers: remembers when each packet left and how large it was, and turns the viewer's
// feedback into a result per packet. Between `sender.ts`, which stamps packets, and `congestion/controller.ts`.

import type { PacketResult } from "../congestion/types.ts";
import { ARRIVAL_WRAP_MS, type TransportFeedback } from "./rtcp.ts";

/** Packets remembered; a power of two. At 100 Mbit/s about a second. */
const SLOTS = 8192;

/**
 * The way of one packet can't take this much longer or shorter than that of the one before: a lie, or a clock that was set. libwebrtc's
 * clock stands still while the machine sleeps, so that the next message is measured by this one.
 */
const ABSURD_MS = 60_000;

const UNUSED = 0;
const IN_FLIGHT = 1;
const LOST = 2;
const ARRIVED = 3;

export class SentPackets {
  readonly #sequence = new Float64Array(SLOTS).fill(-1);
  readonly #sentMs = new Float64Array(SLOTS);
  readonly #sizeBytes = new Int32Array(SLOTS);
  readonly #state = new Uint8Array(SLOTS);
  readonly #probeId = new Float64Array(SLOTS).fill(Number.NaN);
  #next = 0;
  /** Unwrapped, of the last message. */
  #arrivedMs: number | undefined;
  /** From leaving to arriving, each on its own clock, of the last packet that was told of. */
  #wayMs: number | undefined;

  /** Sequence number of the next packet, unwrapped; its low 16 bits go into the header. */
  get next(): number {
    return this.#next;
  }

  /** Whether the viewer has told that this packet arrived. */
  arrived(sequence: number): boolean {
    const slot = sequence & (SLOTS - 1);
    return this.#sequence[slot] === sequence && this.#state[slot] === ARRIVED;
  }

  /** A packet leaves under the number `next`. `sizeBytes`: on the wire. `probeId`: of the cluster whose padding it is. */
  add(sizeBytes: number, nowMs: number, probeId = Number.NaN): void {
    const slot = this.#next & (SLOTS - 1);
    this.#sequence[slot] = this.#next;
    this.#sentMs[slot] = nowMs;
    this.#sizeBytes[slot] = sizeBytes;
    this.#state[slot] = IN_FLIGHT;
    this.#probeId[slot] = probeId;
    this.#next += 1;
  }

  /**
   * Results that are news, in order of sequence. Packets that were never sent, are forgotten, or were reported before
   * give none; one that was reported lost and arrived after all gives a second one. A message that cannot be true, since it
   * acknowledges what has yet to be sent or tells impossible times, gives none at all.
   */
  read(feedback: TransportFeedback): PacketResult[] {
    const results: PacketResult[] = [];
    const offsetMs = this.#unwrapMs(feedback.arrivalMs);
    if (!this.#plausible(feedback, offsetMs)) return results;
    const base = this.#baseOf(feedback);
    for (let index = 0; index < feedback.arrivalMs.length; index += 1) {
      const sequence = base + index;
      const slot = sequence & (SLOTS - 1);
      if (sequence < 0 || this.#sequence[slot] !== sequence) continue;
      const state = this.#state[slot] ?? UNUSED;
      const arrivedMs = feedback.arrivalMs[index] ?? Number.NaN;
      const arrived = !Number.isNaN(arrivedMs);
      if (state === ARRIVED || (state === LOST && !arrived)) continue;
      this.#state[slot] = arrived ? ARRIVED : LOST;
      const probeId = this.#probeId[slot] as number;
      results.push({
        sequence,
        sentMs: this.#sentMs[slot] ?? 0,
        sizeBytes: this.#sizeBytes[slot] ?? 0,
        arrivedMs: arrivedMs + offsetMs,
        probeId: Number.isNaN(probeId) ? undefined : probeId,
      });
    }
    return results;
  }

  /** The unwrapped number nearest to the last sent one that has these low 16 bits, and not above it. */
  #baseOf({ baseSequence }: TransportFeedback): number {
    return this.#next - 1 - ((this.#next - 1 - baseSequence) & 0xffff);
  }

  #plausible(feedback: TransportFeedback, offsetMs: number): boolean {
    const base = this.#baseOf(feedback);
    let plausible = true;
    for (const [index, atMs] of feedback.arrivalMs.entries()) {
      if (Number.isNaN(atMs)) continue;
      const sequence = base + index;
      if (sequence >= this.#next) return false;
      const slot = sequence & (SLOTS - 1);
      if (sequence < 0 || this.#sequence[slot] !== sequence) continue;
      const wayMs = atMs + offsetMs - (this.#sentMs[slot] ?? 0);
      if (Math.abs(wayMs - (this.#wayMs ?? wayMs)) > ABSURD_MS) plausible = false;
      this.#wayMs = wayMs;
    }
    return plausible;
  }

  /** What to add to the times of one message, so that they lie next to those of the one before. */
  #unwrapMs(arrivalMs: Float64Array): number {
    const first = arrivalMs.find((atMs) => !Number.isNaN(atMs));
    if (first === undefined) return 0;
    const offsetMs = Math.round(((this.#arrivedMs ?? first) - first) / ARRIVAL_WRAP_MS) * ARRIVAL_WRAP_MS;
    this.#arrivedMs = first + offsetMs;
    return offsetMs;
  }
}
