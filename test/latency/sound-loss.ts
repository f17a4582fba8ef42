// What is left of the sound where packets are lost: a tone plays for a minute, and what the viewer's loudspeaker plays is looked through for
// holes. The figures go to sound-table.ts.

import { Player, Recorder, SAMPLE_HZ } from "../harness/sound.ts";
import { pause } from "./key-to-photon.ts";
import { SoundDesk } from "./sound-desk.ts";

export interface SoundLossFigure {
  /** Of all packets in both directions, at random. */
  readonly lossShare: number;
  readonly seconds: number;
  readonly lostPackets: number;
  /** Pieces of 5 ms with less than half of the tone's level; those in a row are one. */
  readonly dropouts: number;
  readonly dropoutMs: number;
  readonly longestDropoutMs: number;
}

const HZ = 440;
const LEVEL = 0.5;
const PIECE_SAMPLES = SAMPLE_HZ / 200;
const LEAST_LEVEL = LEVEL / Math.SQRT2 / 2;
/** The browser's jitter buffer begins wide, and the agent learns of the loss. */
const SETTLE_MS = 15_000;

export async function measureSoundLoss(lossShare: number, seconds: number): Promise<SoundLossFigure> {
  const desk = await SoundDesk.open("webrtc", { relayed: true });
  const heard = await Recorder.start(desk.ears.address, { keepSeconds: seconds + 60 });
  const player = Player.start(desk.source.address, { hz: [HZ, HZ], level: LEVEL });
  try {
    const { link } = desk;
    if (link === undefined) throw new Error("no link");
    link.loses = () => Math.random() < lossShare;
    await pause(SETTLE_MS);
    const from = heard.position;
    const lostBefore = link.lostPackets;
    await pause(seconds * 1000);
    const samples = heard.samples(0, from).subarray(0, seconds * SAMPLE_HZ);
    return { lossShare, seconds, lostPackets: link.lostPackets - lostBefore, ...holes(samples) };
  } finally {
    await player.close();
    await heard.close();
    await desk.close();
  }
}

function holes(samples: Float32Array): Pick<SoundLossFigure, "dropouts" | "dropoutMs" | "longestDropoutMs"> {
  let [dropouts, pieces, longest, row] = [0, 0, 0, 0];
  for (let at = 0; at + PIECE_SAMPLES <= samples.length; at += PIECE_SAMPLES) {
    let power = 0;
    for (const sample of samples.subarray(at, at + PIECE_SAMPLES)) power += sample * sample;
    if (Math.sqrt(power / PIECE_SAMPLES) >= LEAST_LEVEL) {
      row = 0;
      continue;
    }
    if (row === 0) dropouts += 1;
    row += 1;
    pieces += 1;
    longest = Math.max(longest, row);
  }
  const pieceMs = (PIECE_SAMPLES * 1000) / SAMPLE_HZ;
  return { dropouts, dropoutMs: pieces * pieceMs, longestDropoutMs: longest * pieceMs };
}
