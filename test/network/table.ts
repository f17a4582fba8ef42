// The figures of the shaped networks as a table of BENCHMARKS.md. From measure.ts, called by bench/report.ts.

import { number, type Table, verdict } from "../bench/table.ts";
import { SLOW_BPS, type ViewerFigure } from "./two-viewers.ts";
import { FREEZE_MS, MAX_KBPS, type NetworkFigure, SETTLE_MS } from "./measure.ts";

const PATH_NAMES = { webrtc: "WebRTC", socket: "TCP" } as const;
const percent = (share: number) => `${(share * 100).toFixed(share < 0.01 ? 2 : 1)} %`;

export function networkTable(figures: readonly NetworkFigure[]): Table {
  return {
    title: "Through shaped networks",
    notes: [
      `Agent in a network namespace behind tbf (queue of 200 ms) and random loss by nftables; delay, jitter, bursts and cuts by a relay. 1280×720, 60 whole-screen frames a second that fill any link; the encoder may take ${MAX_KBPS / 1000} Mbit/s. Freeze: the longest time without a new picture; frozen: share of the time in gaps over ${FREEZE_MS} ms. Delay: from drawing to being seen. Used: bits on the wire of the capacity, from ${SETTLE_MS / 1000} s after each change of it. Queue: what waits in front of the link then, p95; behind the slashes half of it and the worst in the second that begins 1 s after a drop. Recovery: from a rise of capacity until 85 % of it is used over a second. Fixed rate: the same agent with its control switched off.`,
    ],
    // biome-ignore format: one row
    head: ["network", "path", "frames", "out of order", "freeze ms", "frozen", "delay ms p50 / p95 / p99", "used", "queue ms", "recovery s", "keyframes", "aim"],
    rows: figures.map((figure) => [
      figure.name,
      `${PATH_NAMES[figure.path]}${figure.controlled ? "" : ", fixed rate"}`,
      String(figure.frames),
      String(figure.disordered),
      number(figure.longestFreezeMs, 0),
      percent(figure.frozenShare),
      `${number(figure.delayMs.p50, 0)} / ${number(figure.delayMs.p95, 0)} / ${number(figure.delayMs.p99, 0)}`,
      percent(figure.utilisation),
      queue(figure),
      figure.recoveryMs === undefined ? "" : number(figure.recoveryMs / 1000),
      String(figure.keyframes),
      figure.controlled ? aims(figure) : "",
    ]),
  };
}

function queue({ queueMs, queueAfterDropMs: after }: NetworkFigure): string {
  return [queueMs, after?.p50, after?.worst]
    .filter((ms) => ms !== undefined)
    .map((ms) => number(ms))
    .join(" / ");
}

function aims(figure: NetworkFigure): string {
  const said: string[] = [];
  const { name, path, longestFreezeMs, frozenShare, queueAfterDropMs, recoveryMs, utilisation, keyframes } = figure;
  if (name.includes("→")) {
    if (name.includes("halves") && queueAfterDropMs !== undefined) {
      said.push(`no freeze > 200: ${verdict(longestFreezeMs <= FREEZE_MS)}`);
      said.push(
        `queue < 20 after 1 s: ${verdict(queueAfterDropMs.p50 < 20)}, at its worst: ${verdict(queueAfterDropMs.worst < 20)}`,
      );
    }
    if (recoveryMs !== undefined) said.push(`recovery ≤ 5 s: ${verdict(recoveryMs <= 5000)}`);
  }
  if (name.includes("loss") && path === "webrtc") {
    said.push(`frozen < 0.1 %: ${verdict(frozenShare < 0.001)}`, `no keyframe: ${verdict(keyframes === 0)}`);
  }
  if (name.includes("steady")) said.push(`used ≥ 85 %: ${verdict(utilisation >= 0.85)}`);
  return said.join(", ");
}

export function viewersTable(figures: readonly ViewerFigure[]): Table {
  const alone = figures.find(({ viewer }) => viewer === "alone");
  const share = (figure: ViewerFigure | undefined) =>
    figure === undefined ? Number.NaN : figure.framesPerSecond / figure.lookedPerSecond;
  const ratio = (figure: ViewerFigure) => share(figure) / share(alone);
  return {
    title: "Two viewers, two links",
    notes: [
      `A quarter of 1280×720 moves. The slow viewer stands behind a policer of ${SLOW_BPS / 1e6} Mbit/s; each viewer has its own encoder, rate and pacer, and both browsers share the cores with the agent.`,
    ],
    head: ["viewer", "looked/s", "seen/s", "age ms median / p95", "longest gap ms", "seen of looked, to alone", "aim"],
    rows: figures.map((figure) => [
      figure.viewer,
      number(figure.lookedPerSecond),
      number(figure.framesPerSecond),
      `${number(figure.ageMs.median)} / ${number(figure.ageMs.p95)}`,
      number(figure.longestGapMs, 0),
      figure.viewer === "beside a slow one" ? number(ratio(figure), 2) : "",
      figure.viewer === "beside a slow one" ? `≥ 0.9: ${verdict(ratio(figure) >= 0.9)}` : "",
    ]),
  };
}
