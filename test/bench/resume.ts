// The path dies unseen, as when a computer sleeps or goes into another network: what was open stays open and carries nothing, what is opened
// afterwards works. From the browser's word that the network is back to the first animation frame that shows the desktop as it is now. Through
// network/relay.ts, which the viewer takes for the agent; milestones are noted by page-probe.ts; figures go to resume-table.ts.

import { SOCKET_MEDIA } from "@eglantine/protocol/socket";
import type { Page } from "playwright-core";
import { startAgent } from "../harness/agent.ts";
import type { HeadlessBrowser } from "../harness/browser.ts";
import { Pattern } from "../harness/pattern.ts";
import { freePort } from "../harness/ports.ts";
import { startXvnc } from "../harness/processes-xvnc.ts";
import { pause } from "../latency/key-to-photon.ts";
import { Relay } from "../network/relay.ts";
import { installHooks } from "./page-probe.ts";
import { PAPER } from "./side.ts";
import { median, type Summary, summarise } from "./summary.ts";

export interface ResumeFigure {
  /** The one that dies. */
  readonly path: "webrtc" | "socket";
  /** That the relay adds; not to TCP's own handshake. */
  readonly roundTripMs: number;
  readonly totalMs: Summary;
  /** Medians, ms since the word, in their order. */
  readonly milestonesMs: Readonly<Record<string, number>>;
}

const SIZE = { widthPx: 1280, heightPx: 720 };
/** The viewer's own is the relay's; addresses of this machine's loopback alone. */
const AGENT = "127.0.0.2";
const RELAY = "127.0.0.3";
const TIMEOUT_MS = 10_000;
const SETTLE_MS = 1000;
const SELECTOR = '[data-testid="desktop"]';

export async function measureResume(
  browser: HeadlessBrowser,
  path: ResumeFigure["path"],
  roundTripMs: number,
  count: number,
): Promise<ResumeFigure> {
  const ends: (() => Promise<void>)[] = [];
  const keep = <Part extends { close(): Promise<void> }>(part: Part): Part => {
    ends.unshift(() => part.close());
    return part;
  };
  try {
    const server = keep(await startXvnc(SIZE.widthPx, SIZE.heightPx));
    const pattern = keep(await Pattern.start(server.display));
    const port = await freePort();
    const env = { EGLANTINE_PUBLIC_ADDRESS: "127.0.0.1", ...(path === "socket" ? { EGLANTINE_PATHS: path } : {}) };
    keep(await startAgent({ display: server.display, host: AGENT, port, env }));
    const all: (Record<string, number> | undefined)[] = [];
    for (let i = 0; i < count; i += 1) {
      // Another one each time: with the one before it the sessions end that died in it.
      const relay = await Relay.open({ port, agentAddress: AGENT, sourceAddress: RELAY });
      relay.up.delayMs = relay.down.delayMs = roundTripMs / 2;
      const page = await browser.page(SIZE.widthPx, SIZE.heightPx);
      try {
        await connect(page, pattern, path, port);
        await relay.goSilent();
        await pattern.show("still");
        // Nobody comes back while the agent still codes what changed: here it would take the page's core.
        await pause(SETTLE_MS);
        all.push(await page.evaluate(backAgain, { ...PAPER, timeoutMs: TIMEOUT_MS }));
      } finally {
        await page.context().close();
        await relay.close();
      }
    }
    const back = all.filter((one) => one !== undefined);
    const names = [...new Set(back.flatMap((one) => Object.keys(one)))];
    const medians = names.map((name): [string, number] => [
      name,
      median(back.map((one) => one[name]).filter((atMs) => atMs !== undefined)),
    ]);
    return {
      path,
      roundTripMs,
      totalMs: summarise(all.map((one) => one?.["seen"])),
      milestonesMs: Object.fromEntries(medians.sort(([, a], [, b]) => a - b)),
    };
  } finally {
    for (const end of ends) await end();
  }
}

/** Resolves when the page shows a desktop of one dark colour, by this path. */
async function connect(page: Page, pattern: Pattern, path: ResumeFigure["path"], port: number): Promise<void> {
  await pattern.show("still");
  await page.addInitScript(installHooks, { selector: SELECTOR, ...PAPER, pictureType: SOCKET_MEDIA.video.type });
  await page.goto(`http://127.0.0.1:${port}/?resize=false`);
  await page.locator(`[data-state="connected"] [data-path="${path}"]`).waitFor({ timeout: TIMEOUT_MS });
  await page.waitForFunction(() => window.bench.milestones["seen"] !== undefined, undefined, { timeout: TIMEOUT_MS });
  await pattern.show("blank");
  await page.waitForFunction(isDark, PAPER, { timeout: TIMEOUT_MS });
}

/** Runs in the page. */
function isDark({ xPx, yPx }: { readonly xPx: number; readonly yPx: number }): boolean {
  const overSocket = document.querySelector<HTMLCanvasElement>('[data-path="socket"] canvas');
  const shown = overSocket ?? document.querySelector<HTMLVideoElement>('[data-testid="desktop"]');
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  if (shown === null || context === null) return false;
  context.drawImage(shown, xPx, yPx, 1, 1, 0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return red + green + blue < 300;
}

/** Runs in the page: says that the network is back, and looks in each animation frame. Undefined: there was nothing in time. */
function backAgain(watched: {
  readonly xPx: number;
  readonly yPx: number;
  readonly timeoutMs: number;
}): Promise<Record<string, number> | undefined> {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("no canvas");
  const { milestones } = window.bench;
  for (const name of Object.keys(milestones)) delete milestones[name];
  const beganMs = performance.now();
  window.dispatchEvent(new Event("online"));
  return new Promise((resolve) => {
    const look = () => {
      const nowMs = performance.now();
      const overSocket = document.querySelector<HTMLCanvasElement>('[data-path="socket"] canvas');
      const shown = overSocket ?? document.querySelector<HTMLVideoElement>('[data-testid="desktop"]');
      const { state } = document.documentElement.dataset;
      if (state === "reconnecting") milestones["given up"] ??= nowMs;
      // What lies dimmed over it until then is the old picture.
      if (shown !== null && milestones["given up"] !== undefined && state === "connected") {
        context.drawImage(shown, watched.xPx, watched.yPx, 1, 1, 0, 0, 1, 1);
        const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
        if (red + green + blue > 600) {
          milestones["seen"] = nowMs;
          const sinceMs = Object.entries(milestones).map(([name, atMs]): [string, number] => [name, atMs - beganMs]);
          resolve(Object.fromEntries(sinceMs));
          return;
        }
      }
      if (nowMs - beganMs > watched.timeoutMs) resolve(undefined);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}
