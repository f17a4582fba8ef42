// How far sound and picture are apart, what sound costs, and what lost packets leave of it, as tables of BENCHMARKS.md. From
// sound-and-picture.ts and sound-loss.ts, called by bench/report.ts.

import { number, type Table, verdict } from "../bench/table.ts";
import type { SoundFigure } from "./sound-and-picture.ts";
import type { SoundLossFigure } from "./sound-loss.ts";

const PATH_NAMES = { webrtc: "WebRTC", socket: "TCP" } as const;
const APART_MS = 40;

export function soundTable(figures: readonly SoundFigure[]): Table {
  return {
    title: "Sound",
    notes: [
      "A program beeps while another one plays quietly. Sound: from the desktop's sink to what Chromium plays at a PulseAudio of its own, which is 32 ms of the figure. Picture: from the drawing to the refresh of a 60 Hz screen after the first animation frame that has it. Apart: medians. CPU: percent of a core, while a tone plays / a program plays silence / nobody plays.",
    ],
    head: ["path", "sound ms", "picture ms", "sound later by", "agent CPU", "sound server CPU", "aim"],
    rows: figures.map(({ path, soundMs, pictureMs, apartMs, agentPercent, serverPercent }) => [
      PATH_NAMES[path],
      `${number(soundMs.min, 0)} / **${number(soundMs.median, 0)}** / ${number(soundMs.p95, 0)}`,
      `${number(pictureMs.min, 0)} / **${number(pictureMs.median, 0)}** / ${number(pictureMs.p95, 0)}`,
      `${number(apartMs, 0)} ms`,
      costs(agentPercent),
      costs(serverPercent),
      `within ${APART_MS} ms: ${verdict(Math.abs(apartMs) <= APART_MS)}`,
    ]),
  };
}

export function soundLossTable(figures: readonly SoundLossFigure[]): Table {
  return {
    title: "Sound where packets are lost",
    notes: [
      "A tone over WebRTC, as Chromium plays it; packets of both directions are lost at random. A drop-out: 5 ms and more with less than half of the tone's level. Without loss: what the browser and the machine do by themselves.",
    ],
    head: ["lost", "seconds", "packets lost", "drop-outs", "of these the longest, ms", "share of the time"],
    rows: figures.map(({ lossShare, seconds, lostPackets, dropouts, dropoutMs, longestDropoutMs }) => [
      `${number(lossShare * 100, 0)} %`,
      number(seconds, 0),
      number(lostPackets, 0),
      `**${number(dropouts, 0)}**`,
      number(longestDropoutMs, 0),
      `${number(dropoutMs / seconds / 10, 2)} %`,
    ]),
  };
}

const costs = ({ tone, silence, nobody }: SoundFigure["agentPercent"]) =>
  [tone, silence, nobody].map((value) => number(value)).join(" / ");
