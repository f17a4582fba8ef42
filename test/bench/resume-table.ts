// How soon a desktop is there again, as a table of BENCHMARKS.md. From resume.ts, called by report.ts.

import type { ResumeFigure } from "./resume.ts";
import { number, type Table, verdict } from "./table.ts";

const PATH_NAMES = { webrtc: "WebRTC", socket: "TCP" } as const;
const AIM_MS = 1000;

export function resumeTable(figures: readonly ResumeFigure[]): Table {
  return {
    title: "After sleep, or in another network",
    notes: [
      "Nothing passes any more on what is open, and nobody is told; the desktop changes. Milliseconds, min / **median** / worst, from the browser's word that the network is back to the first animation frame that shows the desktop as it is now. Round trip: what a relay adds to both paths, but for TCP's own handshake.",
      ...figures.map(
        ({ path, roundTripMs, milestonesMs }) =>
          `Milestones of ${PATH_NAMES[path]}, ${roundTripMs} ms, medians: ${Object.entries(milestonesMs)
            .map(([name, atMs]) => `${name} ${number(atMs, 0)}`)
            .join(", ")}.`,
      ),
    ],
    head: ["path that died", "round trip ms", "ms", "times", "missing", "aim"],
    rows: figures.map(({ path, roundTripMs, totalMs }) => [
      PATH_NAMES[path],
      String(roundTripMs),
      `${number(totalMs.min, 0)} / **${number(totalMs.median, 0)}** / ${number(totalMs.max, 0)}`,
      String(totalMs.count),
      String(totalMs.missing),
      `worst ≤ ${AIM_MS}: ${verdict(totalMs.max <= AIM_MS && totalMs.missing === 0)}`,
    ]),
  };
}
