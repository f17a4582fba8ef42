// A desk behind a network: X server and pattern here, the agent in a namespace of its own, a relay between, and a page that
// looks at it as test/bench does. Used by cases.ts and network.test.ts.

import type { Page } from "playwright-core";
import { calibrate, type PageClock } from "../bench/clock.ts";
import { installHooks, installProbe } from "../bench/page-probe.ts";
import { PAPER } from "../bench/side.ts";
import { type RunningAgent, startAgent } from "../harness/agent.ts";
import type { HeadlessBrowser } from "../harness/browser.ts";
import { shownOn } from "../harness/desktop-page.ts";
import { Pattern } from "../harness/pattern.ts";
import { freePort } from "../harness/ports.ts";
import { startXvnc, type XServer } from "../harness/processes-xvnc.ts";
import { Namespace } from "./namespace.ts";
import { Relay } from "./relay.ts";

export const SIZE = { widthPx: 1280, heightPx: 720 };
const PASSWORD = "shaped";
const SELECTOR = '[data-testid="desktop"]';

export interface ShapedViewer {
  readonly page: Page;
  readonly clock: PageClock;
  close(): Promise<void>;
}

export interface ShapedDeskOptions {
  readonly env?: Readonly<Record<string, string>>;
}

export class ShapedDesk {
  readonly server: XServer;
  readonly pattern: Pattern;
  readonly network: Namespace;
  readonly relay: Relay;
  readonly agent: RunningAgent;
  readonly #close: () => Promise<void>;

  private constructor(
    parts: Pick<ShapedDesk, "server" | "pattern" | "network" | "relay" | "agent">,
    close: () => Promise<void>,
  ) {
    ({
      server: this.server,
      pattern: this.pattern,
      network: this.network,
      relay: this.relay,
      agent: this.agent,
    } = parts);
    this.#close = close;
  }

  static async open({ env }: ShapedDeskOptions = {}): Promise<ShapedDesk> {
    const ends: (() => Promise<void> | void)[] = [];
    const close = async () => {
      for (const end of ends.splice(0).reverse()) await end();
    };
    try {
      const server = await startXvnc(SIZE.widthPx, SIZE.heightPx);
      ends.push(() => server.close());
      const pattern = await Pattern.start(server.display);
      ends.push(() => pattern.close());
      await pattern.show("still");
      const network = Namespace.open();
      ends.push(() => network.close());
      const port = await freePort();
      const relay = await Relay.open({ port, agentAddress: network.address, sourceAddress: network.relayAddress });
      ends.push(() => relay.close());
      const agent = await startAgent({
        display: server.display,
        host: network.address,
        port,
        within: (argv) => network.command(argv),
        env: {
          ENABLE_BASIC_AUTH: "true",
          BASIC_AUTH_PASSWORD: PASSWORD,
          EGLANTINE_PUBLIC_ADDRESS: "127.0.0.1",
          ...env,
        },
      });
      ends.push(() => agent.close());
      return new ShapedDesk({ server, pattern, network, relay, agent }, close);
    } catch (error) {
      await close();
      throw error;
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.agent.port}/`;
  }

  /** A page that is connected and shows the desk. */
  async view(browser: HeadlessBrowser, path: "webrtc" | "socket"): Promise<ShapedViewer> {
    await this.pattern.show("still");
    const page = await browser.page(SIZE.widthPx, SIZE.heightPx);
    const close = () => page.context().close();
    try {
      await page.addInitScript(installHooks, { selector: SELECTOR, ...PAPER });
      await page.goto(`${this.url}?resize=false`);
      await page.getByTestId("connect-password").fill(PASSWORD);
      await page.getByTestId("connect-submit").click();
      await page.locator(`[data-state="connected"] [data-path="${path}"]`).waitFor({ timeout: 15_000 });
      await page.waitForFunction(() => window.bench.milestones["seen"] !== undefined, undefined, { timeout: 15_000 });
      await page.evaluate(installProbe, SELECTOR);
      return { page, clock: await calibrate(page), close };
    } catch (error) {
      const shown = await shownOn(page);
      await close();
      throw new Error(`no picture through the shaped network, the page shows: ${shown}\n${this.agent.log()}`, {
        cause: error,
      });
    }
  }

  close(): Promise<void> {
    return this.#close();
  }
}
