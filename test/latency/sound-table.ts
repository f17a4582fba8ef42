// How far sound and picture are apart, and what sound costs, as a table of BENCHMARKS.md. From sound-and-picture.ts, called by
// bench/report.ts.

import { number, type Table, verdict } from "../bench/table.ts";
import type { SoundFigure } from "./sound-and-picture.ts";

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

const costs = ({ tone, silence, nobody }: SoundFigure["agentPercent"]) =>
  [tone, silence, nobody].map((value) => number(value)).join(" / ");
