// The two that are measured, behind one contract: a desk is an X server, the pattern on it and what streams it; a
// viewer is a page that shows it. Every figure of bench/ and latency/ is taken through these, ours and the yardstick's
// in the same way.

import { SOCKET_MEDIA } from "@eglantine/protocol/socket";
import type { Page, WebSocketRoute } from "playwright-core";
import { startAgent } from "../harness/agent.ts";
import type { HeadlessBrowser } from "../harness/browser.ts";
import { noteComplaints } from "../harness/complaints.ts";
import { Pattern } from "../harness/pattern.ts";
import { processTree } from "../harness/processes.ts";
import { startXvnc, type XServer } from "../harness/processes-xvnc.ts";
import { startNoVnc } from "../harness/yardstick.ts";
import { calibrate, type PageClock } from "./clock.ts";
import { installHooks, installProbe } from "./page-probe.ts";

export type SideName = "eglantine" | "novnc";
export const SIDES: readonly SideName[] = ["eglantine", "novnc"];

export interface Desk {
  readonly side: SideName;
  readonly pageUrl: string;
  readonly server: XServer;
  readonly pattern: Pattern;
  /** What streams it: the agent, or websockify and its children (whose encoder is the X server itself). */
  streamerPids(): number[];
  log(): string;
  close(): Promise<void>;
}

export interface Viewer {
  readonly page: Page;
  readonly clock: PageClock;
  close(): Promise<void>;
}

interface SideDefinition {
  readonly selector: string;
  readonly path: string;
  readonly isConnected: () => boolean;
  start(
    server: XServer,
    env: Readonly<Record<string, string>>,
  ): Promise<{ url: string; pid: number; log(): string; close(): Promise<void> }>;
}

const DEFINITIONS: Record<SideName, SideDefinition> = {
  eglantine: {
    selector: '[data-testid="desktop"]',
    path: "/?resize=false",
    // The first picture comes over TCP; what is measured is WebRTC.
    isConnected: () =>
      document.documentElement.dataset["state"] === "connected" &&
      document.querySelector('[data-path="webrtc"]') !== null,
    start: (server, env) => startAgent({ display: server.display, env }),
  },
  novnc: {
    selector: "#noVNC_container canvas",
    path: "/vnc.html?autoconnect=true",
    isConnected: () => document.documentElement.classList.contains("noVNC_connected"),
    start: startNoVnc,
  },
};

/** A pixel that is near white in the mode "still", in which every viewer connects. */
export const PAPER = { xPx: 4, yPx: 33 };

export async function openDesk(
  side: SideName,
  widthPx: number,
  heightPx: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Desk> {
  const parts: { close(): Promise<void> }[] = [];
  const close = async () => {
    for (const part of parts.splice(0).reverse()) await part.close();
  };
  try {
    const server = await startXvnc(widthPx, heightPx);
    parts.push(server);
    const pattern = await Pattern.start(server.display);
    parts.push(pattern);
    await pattern.show("still");
    const definition = DEFINITIONS[side];
    const streamer = await definition.start(server, env);
    parts.push(streamer);
    return {
      side,
      pageUrl: `${streamer.url}${definition.path}`,
      server,
      pattern,
      streamerPids: () => processTree([streamer.pid]),
      log: () => streamer.log(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A new page with the hooks in it, not yet on the desk. */
export async function openPage(desk: Desk, browser: HeadlessBrowser): Promise<Page> {
  const page = await browser.page(desk.server.widthPx, desk.server.heightPx);
  const { selector } = DEFINITIONS[desk.side];
  await page.addInitScript(installHooks, { selector, ...PAPER, pictureType: SOCKET_MEDIA.video.type });
  return page;
}

/** Resolves when the page is connected and shows the desk's picture. */
export async function view(
  desk: Desk,
  browser: HeadlessBrowser,
  onWebSocket?: (route: WebSocketRoute) => void,
): Promise<Viewer> {
  await desk.pattern.show("still");
  const page = await openPage(desk, browser);
  if (onWebSocket !== undefined) await page.routeWebSocket(/\/ws(\?|$)/, onWebSocket);
  const errors: string[] = [];
  noteComplaints(page, errors);
  const close = () => page.context().close();
  try {
    await page.goto(desk.pageUrl);
    const { isConnected, selector } = DEFINITIONS[desk.side];
    await page.waitForFunction(isConnected, undefined, { timeout: 15_000 });
    await page.waitForFunction(() => window.bench.milestones["seen"] !== undefined, undefined, { timeout: 15_000 });
    await page.evaluate(installProbe, selector);
    return { page, clock: await calibrate(page), close };
  } catch (error) {
    await close();
    throw new Error(`${desk.side} shows no picture: ${errors.join("; ")}\n${desk.log()}`, { cause: error });
  }
}
