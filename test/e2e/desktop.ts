// What most stories need: an Xvnc, the built agent on it, Chromium, and a look at the X server from its own side.
// `close()` ends them all in reverse order; the viewers that `connect` opened are closed with the browser.

import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { type RunningAgent, startAgent } from "../harness/agent.ts";
import { HeadlessBrowser } from "../harness/browser.ts";
import { DesktopPage, type DesktopPageOptions } from "../harness/desktop-page.ts";
import { freePort } from "../harness/ports.ts";
import { isAlive } from "../harness/processes.ts";
import { startXvnc, type XServer } from "../harness/processes-xvnc.ts";
import { XScreen } from "../harness/x-screen.ts";
import { messageOf } from "../../apps/client/src/shared/message-of.ts";

export interface DesktopOptions {
  readonly widthPx?: number;
  readonly heightPx?: number;
  /** For the agent; without it the door is open (ENABLE_BASIC_AUTH=false). */
  readonly env?: Readonly<Record<string, string>>;
  /** The agent knows the X server's RFB socket, as in a session: noVNC is to be had. */
  readonly rfb?: boolean;
  /** For Chromium, beside the usual ones. */
  readonly browserFlags?: readonly string[];
  /** The desktop's sound server, as PULSE_SERVER, and the one that the browser plays to and records from. */
  readonly sound?: { readonly desktop: string; readonly viewer: string };
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

  /** On a display and a port that are free. */
  static async open(options: DesktopOptions = {}): Promise<Desktop> {
    const ends: (() => Promise<void>)[] = [];
    try {
      const xServer = await serverOf(options);
      ends.push(() => xServer.close());
      const screen = await XScreen.open(xServer.display);
      ends.push(() => screen.close());
      const agent = await startAgent(agentOf(options, xServer, await freePort()));
      ends.push(() => agent.close());
      const browser = await HeadlessBrowser.start(options.browserFlags, options.sound?.viewer);
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
    return this.#parts.xServer.display;
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

  /** TCP and UDP, of the agent. */
  get port(): number {
    return this.agent.port;
  }

  /** On which the X server speaks RFB. */
  get rfbSocket(): string {
    return this.#parts.xServer.rfbSocket;
  }

  agentIsAlive(): boolean {
    return isAlive(this.agent.pid);
  }

  /** Opens the page and connects; resolves with the first picture. */
  connect(options: DesktopPageOptions = {}): Promise<DesktopPage> {
    return this.connectTo(this.url, options);
  }

  /** The same by way of another address, which leads to the agent. */
  async connectTo(url: string, options: DesktopPageOptions = {}): Promise<DesktopPage> {
    try {
      return await DesktopPage.connect(this.browser, url, options);
    } catch (error) {
      throw new Error(`${messageOf(error)}\nthe agent:\n${this.agent.log()}`, {
        cause: error,
      });
    }
  }

  /** Ends the agent and starts another one on the same display and port. */
  async restartAgent(): Promise<void> {
    await this.agent.close();
    this.#parts.agent = await startAgent(agentOf(this.#options, this.#parts.xServer, this.port));
  }

  /** How long a key is down before the X server repeats it; xset takes up to 10 s. */
  repeatKeysAfter(delayMs: number): void {
    const done = spawnSync("xset", ["-display", this.display, "r", "rate", String(delayMs), "25"], {
      encoding: "utf8",
    });
    // It ends with 0 whatever it says.
    if (done.status !== 0 || done.stderr !== "") throw new Error(`xset: ${done.error?.message ?? done.stderr}`);
  }

  async killXServer(): Promise<void> {
    process.kill(this.#parts.xServer.pid, "SIGKILL");
    await this.#parts.xServer.close();
    const number = this.display.slice(1);
    for (const leftOver of [`/tmp/.X${number}-lock`, `/tmp/.X11-unix/X${number}`]) {
      rmSync(leftOver, { force: true });
    }
  }

  /** Another X server in the killed one's place, on its display. */
  async startXServer(): Promise<void> {
    this.#parts.xServer = await serverOf(this.#options, this.display);
    this.#parts.screen = await XScreen.open(this.display);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.agent.close();
    await this.screen.close();
    await this.#parts.xServer.close();
  }
}

const serverOf = ({ widthPx = 1000, heightPx = 700 }: DesktopOptions, display?: string): Promise<XServer> =>
  startXvnc(widthPx, heightPx, display);

const agentOf = ({ env, rfb, sound }: DesktopOptions, { display, rfbSocket }: XServer, port: number) => ({
  display,
  port,
  env: {
    ...(rfb === true ? { EGLANTINE_RFB_SOCKET: rfbSocket } : {}),
    ...(sound === undefined ? {} : { PULSE_SERVER: sound.desktop, EGLANTINE_AUDIO_SINK: "desktop" }),
    ...env,
  },
});
