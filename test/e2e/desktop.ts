// What most stories need: an Xvnc, the built agent on it, Chromium, and a look at the X server from its own side.
// `close()` ends them all in reverse order; the viewers that `connect` opened are closed with the browser.

import { rmSync } from "node:fs";
import { type RunningAgent, startAgent } from "../harness/agent.ts";
import { HeadlessBrowser } from "../harness/browser.ts";
import { DesktopPage, type DesktopPageOptions } from "../harness/desktop-page.ts";
import { startXvnc, type XServer } from "../harness/processes-xvnc.ts";
import { until } from "../harness/until.ts";
import { XScreen } from "../harness/x-screen.ts";

export interface DesktopOptions {
  /** X display number and TCP/UDP port; each story has its own. */
  readonly display: number;
  readonly port: number;
  readonly widthPx?: number;
  readonly heightPx?: number;
  /** For the agent; without it the door is open (ENABLE_BASIC_AUTH=false). */
  readonly env?: Readonly<Record<string, string>>;
}

interface Parts {
  xServer: XServer;
  screen: XScreen;
  agent: RunningAgent;
  readonly browser: HeadlessBrowser;
}

export class Desktop {
  readonly #options: DesktopOptions;
  readonly #parts: Parts;

  private constructor(options: DesktopOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
  }

  static async open(options: DesktopOptions): Promise<Desktop> {
    const ends: (() => Promise<void>)[] = [];
    try {
      const xServer = await serverOf(options);
      ends.push(() => xServer.close());
      const screen = await XScreen.open(xServer.display);
      ends.push(() => screen.close());
      const agent = await startAgent(agentOf(options));
      ends.push(() => agent.close());
      const browser = await HeadlessBrowser.start();
      return new Desktop(options, { xServer, screen, agent, browser });
    } catch (error) {
      for (const end of ends.reverse()) await end();
      throw error;
    }
  }

  get url(): string {
    return `${this.agent.url}/`;
  }

  get display(): string {
    return `:${this.#options.display}`;
  }

  get agent(): RunningAgent {
    return this.#parts.agent;
  }

  get browser(): HeadlessBrowser {
    return this.#parts.browser;
  }

  /** Of the X server that runs now. */
  get screen(): XScreen {
    return this.#parts.screen;
  }

  agentIsAlive(): boolean {
    return isAlive(this.agent.pid);
  }

  /** Opens the page and connects; resolves with the first picture. */
  connect(options: DesktopPageOptions = {}): Promise<DesktopPage> {
    return DesktopPage.connect(this.browser, this.url, options);
  }

  /** Ends the agent and starts another one on the same display and port. */
  async restartAgent(): Promise<void> {
    await this.agent.close();
    this.#parts.agent = await startAgent(agentOf(this.#options));
  }

  async killXServer(): Promise<void> {
    process.kill(this.#parts.xServer.pid, "SIGKILL");
    await this.#parts.xServer.close();
    for (const leftOver of [`/tmp/.X${this.#options.display}-lock`, `/tmp/.X11-unix/X${this.#options.display}`]) {
      rmSync(leftOver, { force: true });
    }
  }

  /** Another X server in the killed one's place. */
  async startXServer(): Promise<void> {
    this.#parts.xServer = await serverOf(this.#options);
    this.#parts.screen = await XScreen.open(this.display);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.agent.close();
    await this.screen.close();
    await this.#parts.xServer.close();
  }
}

const serverOf = ({ display, widthPx = 1000, heightPx = 700 }: DesktopOptions): Promise<XServer> =>
  startXvnc(`:${display}`, widthPx, heightPx);

const agentOf = ({ display, port, env }: DesktopOptions) => ({
  display: `:${display}`,
  port,
  ...(env === undefined ? {} : { env }),
});

/** True while the process runs (a zombie does not). */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/** Waits until `/health` gives this status; "gone" when nothing answers. */
export async function untilHealth(url: string, status: number | "gone"): Promise<void> {
  await until(`/health is ${status}`, async () => {
    const answer = await fetch(new URL("/health", url)).then(
      (response) => response.status,
      () => "gone" as const,
    );
    return answer === status;
  });
}
