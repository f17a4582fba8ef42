// Tells the results of a run: as text for the terminal and as the generated part of BENCHMARKS.md, both from the same
// tables. Called by bench.ts.

import { STAGES, type Stage } from "../latency/key-to-photon.ts";
import { soundLossTable, soundTable } from "../latency/sound-table.ts";
import { isQuiet } from "./machine.ts";
import type { Figures, KeyFigure, Results } from "./results.ts";
import { resumeTable } from "./resume-table.ts";
import type { Quality } from "./quality.ts";
import type { SideName } from "./side.ts";
import type { Summary } from "./summary.ts";
import { number, type Table, verdict } from "./table.ts";
import { networkTable, viewersTable } from "../network/table.ts";

const NAMES: Record<SideName, string> = { eglantine: "Eglantine", novnc: "TigerVNC + noVNC" };
const MODE_NAMES = {
  flip: "whole screen flips",
  patch: "64×64 patch, quiet",
  busy: "64×64 patch, a quarter moves",
  move: "whole screen",
  quarter: "a quarter",
} as const;

const spread = ({ min, median, p95 }: Summary) => `${number(min)} / **${number(median)}** / ${number(p95)}`;
const size = ({ widthPx, heightPx }: { widthPx: number; heightPx: number }) => `${widthPx}×${heightPx}`;

function keyTable(figures: readonly KeyFigure[]): Table {
  return {
    title: "Key to photon",
    notes: [
      "Milliseconds, min / **median** / p95, from the browser's stamp of a trusted key event to the first animation frame whose picture has the answer. No sample is discarded; those without an answer within 2 s are counted as missing.",
    ],
    head: ["size", "picture", "", "ms", "samples", "missing", "median, p95 of the yardstick's", "aim"],
    rows: figures.map((figure) => {
      const yardstick = figures.find(
        ({ side, mode, heightPx }) => side === "novnc" && mode === figure.mode && heightPx === figure.heightPx,
      );
      const ratios =
        figure.side === "novnc" || yardstick === undefined
          ? undefined
          : {
              median: figure.totalMs.median / yardstick.totalMs.median,
              p95: figure.totalMs.p95 / yardstick.totalMs.p95,
            };
      return [
        size(figure),
        MODE_NAMES[figure.mode],
        NAMES[figure.side],
        spread(figure.totalMs),
        String(figure.totalMs.count),
        String(figure.totalMs.missing),
        ratios === undefined ? "" : `${number(ratios.median, 2)}, ${number(ratios.p95, 2)}`,
        ratios === undefined ? "" : keyVerdict(figure, ratios),
      ];
    }),
  };
}

function keyVerdict({ mode, heightPx }: KeyFigure, ratios: { median: number; p95: number }): string {
  if (heightPx > 720) return `≤ 1: ${verdict(ratios.median <= 1)}`;
  if (mode !== "busy") return `median ≤ 0.8: ${verdict(ratios.median <= 0.8)}`;
  return `median ≤ 0.6: ${verdict(ratios.median <= 0.6)}, p95 ≤ 0.6: ${verdict(ratios.p95 <= 0.6)}`;
}

function stageTable(figures: readonly KeyFigure[]): Table {
  const used = (Object.keys(STAGES) as Stage[]).filter((stage) => figures.some(({ stagesMs }) => stage in stagesMs));
  return {
    title: "Where the time goes",
    notes: [
      "Median milliseconds of each stage. The agent's own stages are medians of its once-a-second statistics, all others are of each key; medians don't add up exactly.",
    ],
    head: ["stage", ...figures.map((figure) => `${NAMES[figure.side]}, ${figure.mode}, ${figure.heightPx}p`)],
    rows: used.map((stage) => [STAGES[stage], ...figures.map(({ stagesMs }) => number(stagesMs[stage]))]),
  };
}

function movingTable(figures: NonNullable<Figures["moving"]>): Table {
  return {
    title: "Moving picture",
    notes: [
      "60 frames a second are drawn, each with a machine-readable counter at its top and bottom, in five parts at different moments between two animation frames (both clocks run at 60 Hz and would keep their phase). Looked: animation frames of the page, more can't be seen. Age: from drawing to the first animation frame that shows it, median / p95 ms. CPU: ms per distinct frame seen; for the yardstick the X server encodes, websockify forwards.",
    ],
    // biome-ignore format: one row
    head: ["size", "moves", "", "drawn/s", "looked/s", "seen/s", "torn", "longest gap ms", "age ms", "agent or websockify ms", "X server ms", "browser ms", "Mbit/s", "aim"],
    rows: figures.map((figure) => [
      size(figure),
      MODE_NAMES[figure.mode],
      NAMES[figure.side],
      number(figure.drawn / figure.seconds),
      number(figure.looked / figure.seconds),
      `**${number(figure.distinct / figure.seconds)}**`,
      String(figure.torn),
      number(figure.longestGapMs, 0),
      `**${number(figure.ageMs.median)}** / ${number(figure.ageMs.p95)}`,
      `**${number(figure.cost.streamerMs)}**`,
      number(figure.cost.xServerMs),
      number(figure.cost.browserMs),
      figure.bitsPerSecond === undefined ? "–" : number(figure.bitsPerSecond / 1e6),
      figure.side === "novnc" ? "" : movingVerdict(figure),
    ]),
  };
}

function movingVerdict(figure: NonNullable<Figures["moving"]>[number]): string {
  const limitMs = figure.heightPx > 720 ? 8 : 3.5;
  const verdicts = [`CPU ≤ ${limitMs}: ${verdict(figure.cost.streamerMs <= limitMs)}`];
  if (figure.heightPx <= 720) verdicts.push(`60 seen: ${verdict(figure.distinct / figure.seconds >= 59.5)}`);
  if (figure.mode === "move") verdicts.push(`age ≤ 17: ${verdict(figure.ageMs.median <= 17)}`);
  return verdicts.join(", ");
}

function idleTable(figures: NonNullable<Figures["idle"]>): Table {
  return {
    title: "Still desktop",
    notes: ["Percent of one core, and video packets that the browser received, after the last refinement."],
    head: [
      "size",
      "",
      "seconds",
      "agent or websockify %",
      "X server %",
      "browser %",
      "video packets",
      "keyframes asked for",
      "aim",
    ],
    rows: figures.map((figure) => [
      size(figure),
      NAMES[figure.side],
      String(figure.seconds),
      `**${number(figure.streamerPercent, 2)}**`,
      number(figure.xServerPercent, 2),
      number(figure.browserPercent, 2),
      String(figure.videoPackets ?? "–"),
      String(figure.keyframeRequests ?? "–"),
      figure.side === "novnc"
        ? ""
        : `< 0.2 %: ${verdict(figure.streamerPercent < 0.2)}, no packets: ${verdict(figure.videoPackets === 0)}`,
    ]),
  };
}

function stillTable(figures: NonNullable<Figures["still"]>): Table {
  const quality = ({ redDb, greenDb, blueDb, lumaDb, ssim }: Quality, codedLumaDb: number | undefined) => [
    ...[redDb, greenDb, blueDb, lumaDb].map((decibels) => number(decibels)),
    codedLumaDb === undefined ? "–" : `**${number(codedLumaDb)}**`,
    number(ssim, 4),
  ];
  const ideals = figures.filter(({ heightPx }, index) => figures.findIndex((f) => f.heightPx === heightPx) === index);
  return {
    title: "Sharpness of a still picture",
    notes: [
      "Fine coloured text after full-screen motion, against the X server's own pixels; PSNR in dB. Red, green, blue, luma and SSIM are of the picture as shown; the coded luma is the decoder's own plane, before colour at half the resolution (4:2:0) is added and clipped. The last rows are what 4:2:0 alone, without any coding, would leave.",
    ],
    head: ["size", "", "after ms", "red", "green", "blue", "luma", "coded luma", "SSIM", "aim"],
    rows: [
      ...figures.map((figure) => [
        size(figure),
        NAMES[figure.side],
        String(figure.afterMs),
        ...quality(figure.quality, figure.codedLumaDb),
        figure.codedLumaDb === undefined || figure.afterMs < 2000
          ? ""
          : `coded luma ≥ 45: ${verdict(figure.codedLumaDb >= 45)}`,
      ]),
      ...ideals.map((figure) => [size(figure), "4:2:0 alone", "–", ...quality(figure.subsampled, undefined), ""]),
    ],
  };
}

function firstPictureTable(figures: NonNullable<Figures["first-picture"]>): Table {
  return {
    title: "From page load to first picture",
    notes: [
      "Milliseconds from the start of the navigation, min / **median** / p95; streamer warm, nothing cached in the browser. The agent's share: answering for the page, and on the path that has the first picture sooner from the hello to that (TCP), or answering the offer and from the open connection to the first whole frame (WebRTC).",
      ...figures.map(
        ({ side, milestonesMs }) =>
          `Milestones of ${NAMES[side]}, medians: ${Object.entries(milestonesMs)
            .map(([name, atMs]) => `${name} ${number(atMs, 0)}`)
            .join(", ")}.`,
      ),
    ],
    head: ["size", "", "ms", "loads", "missing", "agent's share ms", "aim"],
    rows: figures.map((figure) => [
      size(figure),
      NAMES[figure.side],
      spread(figure.totalMs),
      String(figure.totalMs.count),
      String(figure.totalMs.missing),
      number(figure.streamerMs),
      figure.side === "novnc" ? "" : `< 300: ${verdict(figure.totalMs.median < 300)}`,
    ]),
  };
}

function selfCheckTable(check: NonNullable<Figures["self-check"]>): Table {
  const row = (name: string, summary: Summary) => [name, spread(summary), String(summary.count)];
  return {
    title: "The harness itself",
    notes: [
      "A canvas that flips inside the page is the floor of every key-to-photon figure; a delay of 50 ms that is put in must come out.",
    ],
    head: ["", "ms", "samples"],
    rows: [
      row("the page answers itself", check.floorMs),
      row("the page answers itself after 50 ms", check.delayedMs),
      ...check.paths.flatMap(({ side, plainMs, delayedMs }) => [
        row(NAMES[side], plainMs),
        row(`${NAMES[side]}, X client answers after 50 ms`, delayedMs),
      ]),
    ],
  };
}

function tablesOf(figures: Figures): Table[] {
  const keys = figures["key-to-photon"];
  const [moving, idle, still, first, check] = [
    figures.moving,
    figures.idle,
    figures.still,
    figures["first-picture"],
    figures["self-check"],
  ];
  return [
    ...(keys === undefined ? [] : [keyTable(keys), stageTable(keys)]),
    ...(moving === undefined ? [] : [movingTable(moving)]),
    ...(idle === undefined ? [] : [idleTable(idle)]),
    ...(still === undefined ? [] : [stillTable(still)]),
    ...(first === undefined ? [] : [firstPictureTable(first)]),
    ...(figures.resume === undefined ? [] : [resumeTable(figures.resume)]),
    ...(figures.network === undefined ? [] : [networkTable(figures.network)]),
    ...(figures["two-viewers"] === undefined ? [] : [viewersTable(figures["two-viewers"])]),
    ...(figures.sound === undefined ? [] : [soundTable(figures.sound)]),
    ...(figures["sound-loss"] === undefined ? [] : [soundLossTable(figures["sound-loss"])]),
    ...(check === undefined ? [] : [selfCheckTable(check)]),
  ];
}

/** The figures of any other run are too high. */
export const wasQuiet = ({ loadBefore, loadAfter }: Pick<Results, "loadBefore" | "loadAfter">): boolean =>
  isQuiet(loadBefore) && isQuiet(loadAfter);

function preamble({ machine, startedAt, quick, loadBefore, loadAfter, stealPercent, failures }: Results): string[] {
  const versions = Object.entries(machine.packages).map(([name, version]) => `${name} ${version}`);
  const load = `Before the run ${number(loadBefore.busyPercent)} % of the CPU was busy, after it ${number(loadAfter.busyPercent)} %; during it ${number(stealPercent)} % was stolen.`;
  return [
    `${startedAt.slice(0, 10)}, ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGib} GiB, ${machine.system}, Linux ${machine.kernel}; Chromium ${machine.chromium} headless without a GPU, Node ${machine.node}, ${versions.join(", ")}. Browser, agent, X server and X client share the cores.`,
    wasQuiet({ loadBefore, loadAfter }) ? load : `**The machine was not quiet.** ${load}`,
    ...(quick ? ["**A quick run: few samples.**"] : []),
    ...failures.map((failure) => `**Not measured:** ${failure}`),
  ];
}

/** GitHub-flavoured Markdown, as it stands in BENCHMARKS.md between the markers. */
export function toMarkdown(results: Results): string {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const tables = tablesOf(results.figures).map(({ title, notes, head, rows }) =>
    [`### ${title}`, ...notes, [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n")].join("\n\n"),
  );
  return [...preamble(results), ...tables].join("\n\n");
}

/** The same, aligned, for a terminal. */
export function toText(results: Results): string {
  const tables = tablesOf(results.figures).map(({ title, notes, head, rows }) => {
    const plain = [head, ...rows].map((cells) => cells.map((cell) => cell.replaceAll("**", "")));
    const widths = head.map((_, column) => Math.max(...plain.map((cells) => cells[column]?.length ?? 0)));
    const lines = plain.map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
    return [`\n== ${title}`, ...notes.filter((note) => note.startsWith("Milestones")), ...lines].join("\n");
  });
  return [...preamble(results), ...tables].join("\n").replaceAll("**", "");
}

const BEGIN = "<!-- bench:begin (pnpm bench --write) -->";
const END = "<!-- bench:end -->";
const EMPTY = `# Benchmarks

\`pnpm bench --write\` measures everything below and writes it here; \`pnpm bench --help\` names the parts that run alone.

${BEGIN}
${END}
`;

/** `document` is BENCHMARKS.md, or undefined where there is none yet. Throws when its markers are gone. */
export function withResults(document: string | undefined, results: Results): string {
  const text = document ?? EMPTY;
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`BENCHMARKS.md has no "${BEGIN}" before a "${END}"`);
  return `${text.slice(0, begin + BEGIN.length)}\n\n${toMarkdown(results)}\n\n${text.slice(end)}`;
}
