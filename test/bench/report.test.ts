import { expect, test } from "vitest";
import { toMarkdown, withResults } from "./report.ts";
import type { KeyFigure, Results } from "./results.ts";
import type { SideName } from "./side.ts";
import { summarise } from "./summary.ts";

const keys = (side: SideName, samplesMs: number[]): KeyFigure => ({
  side,
  mode: "busy",
  widthPx: 1280,
  heightPx: 720,
  totalMs: summarise(samplesMs),
  samplesMs,
  stagesMs: { input: 2 },
  clockUncertaintyMs: 0.2,
});

const results: Results = {
  machine: {
    cpu: "A CPU",
    cores: 2,
    memoryGib: 8,
    system: "Debian",
    kernel: "6.1",
    node: "v24",
    chromium: "150",
    packages: { novnc: "1.3" },
  },
  startedAt: "2026-01-02T03:04:05.000Z",
  quick: false,
  partial: false,
  loadBefore: { busyPercent: 1, stealPercent: 0, loadAverage: 0 },
  loadAfter: { busyPercent: 1, stealPercent: 0, loadAverage: 0 },
  stealPercent: 0,
  figures: { "key-to-photon": [keys("eglantine", [10, 20, 30]), keys("novnc", [40, 40, 40])] },
  failures: [],
};

test("a figure stands beside the yardstick's and the aim", () => {
  const markdown = toMarkdown(results);
  expect(markdown).toContain("| 10.0 / **20.0** / 29.0 | 3 | 0 | 0.50, 0.72 |");
  expect(markdown).toContain("median ≤ 0.6: met, p95 ≤ 0.6: **missed**");
});

test("a desktop that came back too late, or not at all, has missed the aim", () => {
  const resume = (samplesMs: (number | undefined)[]) =>
    toMarkdown({
      ...results,
      figures: {
        resume: [{ path: "socket", roundTripMs: 40, totalMs: summarise(samplesMs), milestonesMs: { "sent ping": 1 } }],
      },
    });
  expect(resume([300, 400, 900])).toContain("| TCP | 40 | 300 / **400** / 900 | 3 | 0 | worst ≤ 1000: met |");
  expect(resume([300, 400, 1001])).toContain("worst ≤ 1000: **missed**");
  expect(resume([300, undefined])).toContain("| 1 | 1 | worst ≤ 1000: **missed** |");
});

test("a machine that was not quiet is named as such", () => {
  expect(toMarkdown(results)).not.toContain("not quiet");
  const loaded = { ...results, loadAfter: { busyPercent: 40, stealPercent: 0, loadAverage: 3 } };
  expect(toMarkdown(loaded)).toContain("**The machine was not quiet.**");
});

test("only what stands between the markers is written anew", () => {
  const first = withResults(undefined, results).replace("# Benchmarks", "# Benchmarks\n\nWords.");
  const second = withResults(first, { ...results, startedAt: "2027-01-01T00:00:00.000Z" });
  expect(second).toContain("Words.");
  expect(second).toContain("2027-01-01");
  expect(second).not.toContain("2026-01-02");
});

test("a document without markers is refused", () => {
  expect(() => withResults("# Benchmarks", results)).toThrow("bench:begin");
});
