// Whether what was played is heard, and what was said is recorded, at a sound server of `sound.ts`: within a minute, in one piece, for a busy
// machine spoils much between. Used by e2e/.

import type { DesktopPage } from "./desktop-page.ts";
import { levelAt, loudestHz, pcm, playOnce, type Recorder, SAMPLE_HZ } from "./sound.ts";
import { until } from "./until.ts";

/** This much in one piece is enough. */
const PIECE_SAMPLES = 0.15 * SAMPLE_HZ;
/** How far `playout.ts` may be off in pitch while it evens out two clocks, and a little. */
const PITCH = 0.01;
/** Noise suppression would take a steady tone for a noise. */
const SYLLABLES = [500, 620, 760] as const;

/** Waits until a piece is heard with just these tones, Hz, left and right. */
export async function hearsTones(recorder: Recorder, [left, right]: [number, number], level = 0.5): Promise<void> {
  let seen = "";
  const isRight = (piece: Float32Array, own: number, other: number): boolean => {
    const hz = loudestHz(piece, own - 40, own + 40);
    seen += ` ${hz} Hz at ${levelAt(piece, hz).toFixed(3)}`;
    return (
      Math.abs(hz - own) <= PITCH * own &&
      Math.abs(levelAt(piece, hz) - level) < 0.1 * level &&
      (own === other || levelAt(piece, other) < 0.02 * level)
    );
  };
  try {
    await until(
      `${left} and ${right} Hz`,
      async () => {
        const [one = new Float32Array(0), two = new Float32Array(0)] = await recorder.next(0.5);
        seen = "";
        for (let at = 0; at + PIECE_SAMPLES <= one.length; at += PIECE_SAMPLES / 3) {
          const [onLeft, onRight] = [one, two].map((samples) => samples.subarray(at, at + PIECE_SAMPLES));
          if (onLeft === undefined || onRight === undefined) continue;
          if (isRight(onLeft, left, right) && isRight(onRight, right, left)) return true;
        }
        return false;
      },
      { limitMs: 60_000 },
    );
  } catch (error) {
    throw new Error(`heard${seen}`, { cause: error });
  }
}

/** Packets of sound that have come over WebRTC. */
export const soundPackets = (of: DesktopPage) => of.count("inbound-rtp", "packetsReceived", "audio");

/** Until no packet of sound has come for a second. */
export async function silence(of: DesktopPage): Promise<void> {
  let before = -1;
  await until(
    "silence",
    async () => {
      const now = await soundPackets(of);
      const same = now === before;
      before = now;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return same;
    },
    { limitMs: 30_000 },
  );
}

/** Somebody who says three syllables into the microphone of this sound server, over and over. */
export class Speaker {
  readonly #ended = new AbortController();
  #said: Promise<void> = Promise.resolve();

  static start(server: string): Speaker {
    const speaker = new Speaker();
    speaker.#said = speaker.#speak(server);
    return speaker;
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await this.#said;
  }

  async #speak(server: string): Promise<void> {
    for (let turn = 0; !this.#ended.signal.aborted; turn++) {
      const hz = SYLLABLES[turn % SYLLABLES.length] ?? 0;
      const syllable = pcm([hz], 0.5, 0, SAMPLE_HZ / 4);
      await playOnce(server, Buffer.concat([syllable, Buffer.alloc(SAMPLE_HZ / 2)]), 1, "mic_in");
    }
  }
}

/** Every syllable is found in what programs record, within half a minute. */
export async function hearsSpeech(recorder: Recorder): Promise<void> {
  const found = new Set<number>();
  let loudest = 0;
  try {
    await until(
      "the syllables",
      async () => {
        const [samples = new Float32Array(0)] = await recorder.next(0.1);
        const hz = SYLLABLES.find((one) => Math.abs(loudestHz(samples, 300, 1000, 2) - one) <= 10);
        if (hz === undefined) return false;
        loudest = Math.max(loudest, levelAt(samples, hz));
        if (levelAt(samples, hz) > 0.05) found.add(hz);
        return found.size === SYLLABLES.length;
      },
      { limitMs: 30_000 },
    );
  } catch (error) {
    throw new Error(`heard ${[...found].join(", ")} Hz, at most at ${loudest}`, { cause: error });
  }
}
