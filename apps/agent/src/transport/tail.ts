// The end of what was sent, before the stream falls silent. PURE: asked by `sender.ts`, fed with transport-wide feedback
// (`feedback.ts`). A desktop is still most of the time, and two things follow that a camera never meets:
// a lost last packet is missed by nobody, because a viewer sees a gap only when something arrives behind it; and
// Chromium asks for a keyframe whenever three seconds brought no frame, although it has the whole picture.

import type { PacketResult } from "../congestion/types.ts";

/** Longest time between two feedback messages of libwebrtc (250 ms), and the sender's tick. */
const FEEDBACK_WAIT_MS = 350;
/** How often the last packet is sent again, each time after twice the wait. */
const MAX_PROBES = 6;
/** Silence after which a request for a keyframe may be libwebrtc's timeout (`max_wait_for_frame`, 3 s). */
const SILENT_MS = 2000;
/** A viewer in real need asks again soon (`max_wait_for_keyframe`, 200 ms), a timeout comes seconds later. */
const REPEATED_MS = 1000;

export class Tail {
  #lastSequence = -1;
  #lastSentMs = 0;
  #arrived = true;
  #anyArrived = false;
  #lostSinceKeyframe = false;
  #probes = 0;
  #ignoredMs = Number.NEGATIVE_INFINITY;

  /** Nothing is waited for: the last packet has arrived, or has been sent again often enough. */
  get settled(): boolean {
    return this.#arrived || this.#probes >= MAX_PROBES;
  }

  /** A keyframe begins: what was lost before it is of no use any more. */
  keyframe(): void {
    this.#lostSinceKeyframe = false;
  }

  /** A packet leaves under this transport-wide number. */
  sent(sequence: number, nowMs: number): void {
    this.#lastSequence = sequence;
    this.#lastSentMs = nowMs;
    if (this.#arrived) this.#probes = 0;
    this.#arrived = false;
  }

  reported(results: readonly PacketResult[]): void {
    for (const { sequence, arrivedMs } of results) {
      if (Number.isNaN(arrivedMs)) this.#lostSinceKeyframe = true;
      else this.#anyArrived = true;
      if (sequence === this.#lastSequence && !Number.isNaN(arrivedMs)) this.#arrived = true;
    }
  }

  /**
   * What is to be done now that nobody has confirmed the last packet for so long: send it again, or, to a viewer who has
   * nothing at all yet, begin anew: libwebrtc asks for nothing on a stream of which it knows retransmissions only.
   * Each answer counts as done.
   */
  probe(roundTripMs: number, nowMs: number): "none" | "last-packet" | "keyframe" {
    const waitMs = (FEEDBACK_WAIT_MS + 2 * roundTripMs) * 2 ** this.#probes;
    if (this.settled || nowMs - this.#lastSentMs < waitMs) return "none";
    this.#probes += 1;
    return this.#anyArrived ? "last-packet" : "keyframe";
  }

  /** Whether a request for a keyframe (PLI) is to be followed: not the first one out of silence when all has arrived. */
  believes(nowMs: number): boolean {
    const whole = this.#arrived && !this.#lostSinceKeyframe && nowMs - this.#lastSentMs >= SILENT_MS;
    if (!whole || nowMs - this.#ignoredMs < REPEATED_MS) return true;
    this.#ignoredMs = nowMs;
    return false;
  }
}
