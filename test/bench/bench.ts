// `pnpm bench`: takes the figures one after the other, prints them and keeps them in test/output/bench.json; with
// --write they become BENCHMARKS.md. The figures are in the files beside this one and in latency/; report.ts tells them.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { HeadlessBrowser } from "../harness/browser.ts";
import { OUTPUT } from "../harness/pattern.ts";
import { KEY_MODES, type KeyLatency, type KeyMode, measureKeys, stageMedians } from "../latency/key-to-photon.ts";
import { measureSound } from "../latency/sound-and-picture.ts";
import { measureSoundLoss } from "../latency/sound-loss.ts";
import { CASES } from "../network/cases.ts";
import { measureNetwork } from "../network/measure.ts";
import { measureTwoViewers } from "../network/two-viewers.ts";
import { measureFirstPicture } from "./first-picture.ts";
import { measureIdle } from "./idle.ts";
import { cpuTimes, describeMachine, isQuiet, type Load, loadBetween, measureLoad } from "./machine.ts";
import { measureMoving } from "./moving.ts";
import { toText, wasQuiet, withResults } from "./report.ts";
import type { Figures, KeyFigure, Results } from "./results.ts";
import { measureResume } from "./resume.ts";
import { selfCheck } from "./self-check.ts";
import { openDesk, SIDES, type SideName, view } from "./side.ts";
import { measureStill } from "./still.ts";
import { summarise } from "./summary.ts";
import { messageOf } from "../../apps/client/src/shared/message-of.ts";

const HELP = `pnpm bench [options]
  --quick        few samples, 1280x720 only
  --only NAME    one of: self-check, key-to-photon, moving, idle, still, first-picture, resume, network,
                 two-viewers, sound, sound-loss (may be repeated)
  --side NAME    eglantine or novnc alone
  --mode NAME    of key-to-photon: flip, patch, busy alone; of moving: move, quarter alone; of network: cases
                 with this in their name
  --size HEIGHT  720 or 1080 alone
  --resume       goes on with the last run, of the same code: measures what it has no figures of, or what --only names
  --as-built     installs and builds nothing first
  --write        writes BENCHMARKS.md; refused when the machine was not quiet or the run is quick or partial
  --force        writes it nevertheless, and says so there
  --report       measures nothing: tells (and with --write, writes) the last run again
`;

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
    side: { type: "string" },
    mode: { type: "string" },
    size: { type: "string" },
    write: { type: "boolean", default: false },
    resume: { type: "boolean", default: false },
    "as-built": { type: "boolean", default: false },
    force: { type: "boolean", default: false },
    report: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const LAST_RUN = join(OUTPUT, "bench.json");

type FigureName = keyof Figures;
type Size = { readonly widthPx: number; readonly heightPx: number };
const ALL_SIZES: readonly Size[] = [
  { widthPx: 1280, heightPx: 720 },
  { widthPx: 1920, heightPx: 1080 },
];
const HD: Size = { widthPx: 1280, heightPx: 720 };

const COUNTS = options.quick
  ? {
      rounds: 1,
      keysPerRound: 15,
      movingSeconds: 4,
      idleSeconds: 5,
      loads: 4,
      resumes: 3,
      selfCheck: 10,
      beeps: 8,
      toneSeconds: 15,
    }
  : {
      rounds: 3,
      keysPerRound: 20,
      movingSeconds: 15,
      idleSeconds: 20,
      loads: 15,
      resumes: 10,
      selfCheck: 40,
      beeps: 30,
      toneSeconds: 60,
    };
const sides = SIDES.filter((side) => options.side === undefined || options.side === side);
const sizes = ALL_SIZES.filter(({ heightPx }) =>
  options.size === undefined ? !options.quick || heightPx === 720 : String(heightPx) === options.size,
);
const MEASURES: { readonly [Name in FigureName]: (browser: HeadlessBrowser) => Promise<NonNullable<Figures[Name]>> } = {
  "key-to-photon": measureAllKeys,
  moving: async (browser) => {
    const modes = (["move", "quarter"] as const).filter((mode) => options.mode === undefined || options.mode === mode);
    return each(sizes, (size) =>
      each(modes, (mode) =>
        each(sides, (side) =>
          attempt(`moving ${mode} ${side}`, () => measureMoving(side, browser, mode, size, COUNTS.movingSeconds)),
        ),
      ),
    );
  },
  idle: (browser) =>
    each(sizes, (size) =>
      each(sides, (side) => attempt(`idle ${side}`, () => measureIdle(side, browser, size, COUNTS.idleSeconds))),
    ),
  still: (browser) =>
    each(sizes, (size) => each(sides, (side) => attempt(`still ${side}`, () => measureStill(side, browser, size)))),
  "first-picture": (browser) =>
    each(sides, (side) => attempt(`first picture ${side}`, () => measureFirstPicture(side, browser, HD, COUNTS.loads))),
  resume: (browser) =>
    each(["webrtc", "socket"] as const, (path) =>
      each([0, 40], (roundTripMs) =>
        attempt(`resume, ${path}, ${roundTripMs} ms`, () => measureResume(browser, path, roundTripMs, COUNTS.resumes)),
      ),
    ),
  network: (browser) =>
    each(networkRuns(), ({ which, path, controlled }) =>
      attempt(`${which.name}, ${path}${controlled ? "" : ", fixed rate"}`, () =>
        measureNetwork(browser, which, path, controlled),
      ),
    ),
  "two-viewers": (browser) =>
    attempt("two viewers", () => measureTwoViewers(browser, COUNTS.movingSeconds)).then((all) => [...all]),
  // With a browser of its own, which plays to a sound server.
  sound: () =>
    each(["webrtc", "socket"] as const, (path) => attempt(`sound, ${path}`, () => measureSound(path, COUNTS.beeps))),
  "sound-loss": () =>
    each([0, 0.02], (share) =>
      attempt(`sound, ${share * 100} % lost`, () => measureSoundLoss(share, COUNTS.toneSeconds)),
    ),
  "self-check": (browser) => selfCheck(browser, sides, COUNTS.selfCheck),
};

const failures: string[] = [];

/** Every case over its paths, and once more over the first at a fixed rate, for comparison. */
function networkRuns() {
  const cases = CASES.filter(({ name }) => options.mode === undefined || name.includes(options.mode));
  return cases.flatMap((which) => [
    ...which.paths.map((path) => ({ which, path, controlled: true })),
    ...which.paths.slice(0, options.quick ? 0 : 1).map((path) => ({ which, path, controlled: false })),
  ]);
}

/** One after the other, results in one flat list. */
async function each<Item, Result>(
  items: readonly Item[],
  measure: (item: Item) => Promise<readonly Result[]>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(...(await measure(item)));
  return results;
}

/** A figure that can't be taken is told and does not end the run. */
async function attempt<Result>(
  what: string,
  measure: () => Promise<Result | readonly Result[]>,
): Promise<readonly Result[]> {
  process.stdout.write(`… ${what}\n`);
  try {
    return [await measure()].flat() as Result[];
  } catch (error) {
    process.stdout.write(`${what}: ${error instanceof Error ? error.stack : String(error)}\n`);
    failures.push(`${what}: ${messageOf(error).split("\n")[0]}`);
    return [];
  }
}

/** In rounds that alternate between the sides, so that a drift of the machine meets both. */
async function measureAllKeys(browser: HeadlessBrowser): Promise<KeyFigure[]> {
  const modes = KEY_MODES.filter((mode) => options.mode === undefined || options.mode === mode);
  const taken = new Map<
    string,
    { side: SideName; mode: KeyMode; size: Size; all: KeyLatency[]; uncertaintyMs: number }
  >();
  for (const size of sizes) {
    for (let round = 0; round < COUNTS.rounds; round += 1) {
      for (const side of sides) {
        await attempt(`keys ${size.heightPx}p ${side}, round ${round + 1} of ${COUNTS.rounds}`, async () => {
          const desk = await openDesk(side, size.widthPx, size.heightPx);
          try {
            const viewer = await view(desk, browser);
            for (const mode of modes) {
              const key = `${size.heightPx} ${mode} ${side}`;
              const entry = taken.get(key) ?? { side, mode, size, all: [], uncertaintyMs: 0 };
              taken.set(key, entry);
              entry.all.push(...(await measureKeys(desk, viewer, mode, COUNTS.keysPerRound)));
              entry.uncertaintyMs = Math.max(entry.uncertaintyMs, viewer.clock.uncertaintyMs);
            }
            await viewer.close();
          } finally {
            await desk.close();
          }
          return [];
        });
      }
    }
  }
  const order = (figure: KeyFigure) => figure.heightPx * 10 + KEY_MODES.indexOf(figure.mode);
  return [...taken.values()]
    .map(({ side, mode, size, all, uncertaintyMs }) => ({
      side,
      mode,
      ...size,
      totalMs: summarise(all.map(({ totalMs }) => totalMs)),
      samplesMs: all.map(({ totalMs }) => totalMs ?? null),
      stagesMs: stageMedians(all),
      clockUncertaintyMs: uncertaintyMs,
    }))
    .sort((a, b) => order(a) - order(b));
}

async function main(): Promise<number> {
  const names = Object.keys(MEASURES) as FigureName[];
  const wanted = names.filter((name) => options.only === undefined || options.only.includes(name));
  if (options.help || wanted.length !== (options.only?.length ?? names.length)) {
    process.stdout.write(HELP);
    return options.help ? 0 : 1;
  }
  const results = options.report ? lastRun() : await measure(wanted);
  process.stdout.write(`\n${toText(results)}\n`);
  if (!options.write) return results.failures.length === 0 ? 0 : 1;
  if (!options.force && (results.quick || results.partial || !wasQuiet(results))) {
    process.stdout.write(
      "\nBENCHMARKS.md takes a full run on a quiet machine alone; --report --write --force overrides.\n",
    );
    return 1;
  }
  const path = fileURLToPath(new URL("../../BENCHMARKS.md", import.meta.url));
  writeFileSync(path, withResults(existsSync(path) ? readFileSync(path, "utf8") : undefined, results));
  return results.failures.length === 0 ? 0 : 1;
}

async function measure(wanted: readonly FigureName[]): Promise<Results> {
  const earlier = options.resume ? lastRun() : undefined;
  const loadBefore = busier(earlier?.loadBefore, await measureLoad(3));
  if (!isQuiet(loadBefore)) {
    process.stdout.write(
      `WARNING: this machine is not quiet (${loadBefore.busyPercent.toFixed(0)} % busy, ${loadBefore.stealPercent.toFixed(1)} % stolen): every figure will be too high.\n`,
    );
  }
  const before = cpuTimes();
  const startedAt = earlier?.startedAt ?? new Date().toISOString();
  const browser = await HeadlessBrowser.start();
  const machine = describeMachine(browser.version());
  let figures: Figures = earlier?.figures ?? {};
  const narrow =
    earlier?.narrow === true || [options.side, options.mode, options.size].some((choice) => choice !== undefined);
  /** Kept after each figure: a run that is cut goes on with --resume. */
  const keep = (loadAfter: Load): Results => {
    const isWhole = Object.keys(MEASURES).every((name) => name in figures);
    const results: Results = {
      machine,
      startedAt,
      quick: options.quick || earlier?.quick === true,
      partial: !isWhole || narrow,
      narrow,
      loadBefore,
      loadAfter,
      stealPercent: Math.max(earlier?.stealPercent ?? 0, loadBetween(before, cpuTimes()).stealPercent),
      figures,
      failures: [...(earlier?.failures ?? []), ...failures],
    };
    mkdirSync(OUTPUT, { recursive: true });
    writeFileSync(LAST_RUN, `${JSON.stringify(results, numbersAsText, 2)}\n`);
    return results;
  };
  try {
    for (const name of wanted) {
      if (options.only === undefined && name in figures) continue;
      figures = { ...figures, ...(await take(name, browser)) };
      keep(loadBefore);
    }
  } finally {
    await browser.close();
  }
  return keep(busier(earlier?.loadAfter, await measureLoad(3)));
}

const busier = (one: Load | undefined, two: Load): Load =>
  one === undefined || two.busyPercent >= one.busyPercent ? two : one;

/** JSON has no infinity, and a lossless picture has a PSNR of nothing less; nor has it what nothing gives: a delay without frames. */
const numbersAsText = (_: string, value: unknown) =>
  typeof value === "number" && !Number.isFinite(value) ? String(value) : value;

function lastRun(): Results {
  return JSON.parse(readFileSync(LAST_RUN, "utf8"), (_, value: unknown) =>
    value === "Infinity" || value === "NaN" ? Number(value) : value,
  ) as Results;
}

/** @returns the one figure by its name, or nothing when it could not be taken. */
async function take(name: FigureName, browser: HeadlessBrowser): Promise<Figures> {
  const [figure] = await attempt<Figures>(name, async () => ({ [name]: await MEASURES[name](browser) }));
  return figure ?? {};
}

// What was started is ended by harness/processes.ts on exit, the browser by Playwright.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
process.exitCode = await main();
