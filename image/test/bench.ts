// `node image/test/bench.ts [--build]`: how large the targets are, how long a build takes (--build, without any cache), how soon a container has a
// picture, and what it takes while nobody watches; and the same of Debian's Xvnc, noVNC and Plasma (yardstick/). Prints a table for
// BENCHMARKS.md. For a quiet machine: two sides in turns, so that its drift meets both.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { HeadlessBrowser } from "../../test/harness/browser.ts";
import { cpuMs } from "../../test/harness/processes.ts";
import { until } from "../../test/harness/until.ts";
import type { Container } from "./container.ts";
import { Engine } from "./engine.ts";

const { values } = parseArgs({
  options: {
    build: { type: "boolean", default: false },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "30" },
  },
});
const ROUNDS = Number(values.rounds);
const IDLE_SECONDS = Number(values.seconds);
const SIZE = { widthPx: 1280, heightPx: 720 };
const PASSWORD = "bench";
const YARDSTICK = fileURLToPath(new URL("yardstick", import.meta.url));

interface Side {
  readonly name: string;
  readonly image: string;
  readonly path: string;
  readonly selector: string;
  /** Inside the container; published under the number that the harness chose. */
  readonly ownPort: boolean;
}

interface Start {
  /** From `docker run` to a page that shows anything of the desktop, and to one that shows its wallpaper and panel. */
  readonly pictureMs: number;
  readonly desktopMs: number;
  readonly memoryMb: number;
  readonly cpuPercent: number;
  readonly processes: number;
}

/** Runs in the page: distinct colours of a small copy of what the element shows; 0: no picture, 1: a single colour. */
function coloursOf(selector: string): number {
  const elements = [...document.querySelectorAll<HTMLVideoElement | HTMLCanvasElement>(selector)];
  const counts = elements.map((element) => {
    const width = element instanceof HTMLVideoElement ? element.videoWidth : element.width;
    if (width === 0) return 0;
    const copy = new OffscreenCanvas(64, 36);
    const context = copy.getContext("2d");
    if (context === null) return 0;
    context.drawImage(element, 0, 0, 64, 36);
    const data = new Uint32Array(context.getImageData(0, 0, 64, 36).data.buffer);
    return data.every((pixel) => pixel === 0) ? 0 : new Set(data).size;
  });
  return Math.max(0, ...counts);
}

async function start(engine: Engine, browser: HeadlessBrowser, side: Side): Promise<Start> {
  const env = { SIZEW: String(SIZE.widthPx), SIZEH: String(SIZE.heightPx), BASIC_AUTH_PASSWORD: PASSWORD };
  const container = await engine.run({ image: side.image, env, flags: ["--shm-size", "256m"], publish: side.ownPort });
  const context = await browser.context(SIZE.widthPx, SIZE.heightPx, {
    httpCredentials: { username: "user", password: PASSWORD },
  });
  try {
    const page = await context.newPage();
    const origin = side.ownPort
      ? container.url
      : `http://${await container.inspect<string>(".NetworkSettings.IPAddress")}:8080/`;
    const colours = await untilShown(page, `${origin}${side.path}`, side.selector);
    const pictureMs = performance.now() - container.startedMs;
    if (colours < 100)
      await until("wallpaper and panel", async () => (await page.evaluate(coloursOf, side.selector)) >= 100, {
        limitMs: 90_000,
      });
    const desktopMs = performance.now() - container.startedMs;
    await context.close();
    return { pictureMs, desktopMs, ...(await idle(engine, container)) };
  } finally {
    await context.close();
    await container.close();
  }
}

/** Opens the page again until the server is there, then waits for a picture. */
async function untilShown(page: Page, url: string, selector: string): Promise<number> {
  let colours = 0;
  await until(
    `a page at ${url}`,
    () =>
      page.goto(url).then(
        (response) => response?.ok() === true,
        () => false,
      ),
    { limitMs: 60_000, everyMs: 50 },
  );
  await signIn(page);
  await until("a picture", async () => (colours = await page.evaluate(coloursOf, selector)) > 0, {
    limitMs: 60_000,
    everyMs: 50,
  });
  return colours;
}

async function signIn(page: Page): Promise<void> {
  const password = page.getByTestId("connect-password");
  if ((await page.locator("#noVNC_container, #screen").count()) > 0) return;
  await page.getByTestId("connect-form").waitFor();
  await page.getByTestId("connect-user").fill("user");
  await password.fill(PASSWORD);
  await page.getByTestId("connect-submit").click();
}

/** Proportional set size: what a process has, and its share of what several have. 0 for one that has gone. */
function pssBytes(pid: number): number {
  try {
    return Number(/^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0) * 1024;
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return 0;
    throw error;
  }
}

/** What all processes of the container take, when nothing has changed for a while and nobody watches. */
async function idle(
  engine: Engine,
  container: Container,
): Promise<Pick<Start, "memoryMb" | "cpuPercent" | "processes">> {
  const usage = async () => {
    const pids = (await engine.docker("top", container.id, "-eo", "pid")).split("\n").slice(1).map(Number);
    return { pids, cpuMs: cpuMs(pids), atMs: performance.now() };
  };
  type Usage = Awaited<ReturnType<typeof usage>>;
  const percent = (from: Usage, to: Usage) => ((to.cpuMs - from.cpuMs) / (to.atMs - from.atMs)) * 100;
  // What every desktop does at its start is over when it has taken little for five seconds.
  let last = await usage();
  const isQuiet = async () => {
    const before = last;
    last = await usage();
    return percent(before, last) < 10;
  };
  await until("quiet", isQuiet, { limitMs: 120_000, everyMs: 5000 });
  const before = await usage();
  await delay(IDLE_SECONDS * 1000);
  const after = await usage();
  const memoryMb = after.pids.reduce((sum, pid) => sum + pssBytes(pid), 0) / 1e6;
  return { memoryMb, cpuPercent: percent(before, after), processes: after.pids.length };
}

const median = (all: readonly number[]): number =>
  [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
const row = (...cells: readonly (string | number)[]) => console.log(`| ${cells.join(" | ")} |`);

const engine = await Engine.open();
if (engine === undefined) process.exit(1);
const browser = await HeadlessBrowser.start();
try {
  const sizes: [string, number, number][] = [];
  const images = new Map<string, string>();
  const measured = async (name: string, build: () => Promise<string>) => {
    const startedMs = performance.now();
    const id = await build();
    images.set(name, id);
    sizes.push([name, await engine.sizeBytes(id), performance.now() - startedMs]);
  };
  await engine.base();
  for (const target of values.build ? (["headless", "desktop", "full"] as const) : (["headless", "desktop"] as const))
    await measured(target, () => engine.image(target, { noCache: values.build }));
  await measured("Xvnc + noVNC + Plasma", () =>
    engine.build("eglantine:yardstick", [], {
      file: `${YARDSTICK}/Dockerfile`,
      context: YARDSTICK,
      noCache: values.build,
      args: { BASE_IMAGE: "debian:trixie-slim" },
    }),
  );
  console.log("");
  row("image", "size, MB", ...(values.build ? ["built in, s"] : []));
  row("---", "---", ...(values.build ? ["---"] : []));
  for (const [name, bytes, ms] of sizes)
    row(name, Math.round(bytes / 1e6), ...(values.build ? [Math.round(ms / 1000)] : []));

  const sides: Side[] = [
    {
      name: "Eglantine",
      image: images.get("desktop") ?? "",
      path: "?resize=false",
      selector: '[data-testid="surface"] video, [data-testid="surface"] canvas',
      ownPort: true,
    },
    {
      name: "Xvnc + noVNC + Plasma",
      image: images.get("Xvnc + noVNC + Plasma") ?? "",
      path: "vnc.html?autoconnect=true",
      selector: "#noVNC_container canvas",
      ownPort: false,
    },
  ];
  const starts = new Map<string, Start[]>(sides.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1)
    for (const side of sides) starts.get(side.name)?.push(await start(engine, browser, side));
  console.log("");
  row("", "first picture, s", "wallpaper and panel, s", "idle: memory, MB", "CPU, % of a core", "processes");
  row("---", "---", "---", "---", "---", "---");
  for (const [name, all] of starts) {
    const of = (key: keyof Start, digits: number, scale = 1) =>
      `**${(median(all.map((one) => one[key])) * scale).toFixed(digits)}** (${all.map((one) => (one[key] * scale).toFixed(digits)).join(", ")})`;
    row(
      name,
      of("pictureMs", 1, 0.001),
      of("desktopMs", 1, 0.001),
      of("memoryMb", 0),
      of("cpuPercent", 1),
      of("processes", 0),
    );
  }
} finally {
  await browser.close();
  await engine.close();
}
