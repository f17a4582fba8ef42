// Do the packets that a viewer asks for come by themselves? Where packets overtake each other it asks for every one that another has
// passed, three of four in a bad case, and all that would be sent again for nothing is a third of the rate. Transport-wide
// feedback tells, though later than the request. Used by `resend.ts`.

/** By then feedback has told of it: as often as libwebrtc sends it (250 ms at most), besides the round trip. */
const TOLD_MS = 250;
/** Share of one packet in the average. */
const GAIN = 1 / 32;
/** Where more come by themselves, what is asked for waits until it is asked for again. */
const USUAL_SHARE = 0.5;
/** Remembered at once; the rest tells no more. */
const MOST = 512;

export class Needless {
  readonly #asked: { readonly sequence: number; readonly atMs: number }[] = [];
  #share = 0;

  get usual(): boolean {
    return this.#share > USUAL_SHARE;
  }

  /** A packet that left under this transport-wide number is asked for, for the first time. */
  asked(sequence: number, nowMs: number): void {
    if (this.#asked.length < MOST) this.#asked.push({ sequence, atMs: nowMs });
  }

  /** `arrived`: whether feedback has told so of what left under this number. */
  judge(arrived: (sequence: number) => boolean, roundTripMs: number, nowMs: number): void {
    let told = 0;
    for (const { sequence, atMs } of this.#asked) {
      if (nowMs - atMs < TOLD_MS + roundTripMs) break;
      this.#share += ((arrived(sequence) ? 1 : 0) - this.#share) * GAIN;
      told += 1;
    }
    this.#asked.splice(0, told);
  }
}
