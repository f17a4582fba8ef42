// A desktop that sounds, and a viewer that hears and sees it: two sound servers, an X server with one window, an agent, a browser. For the
// figures beside this file.

import type { Page } from "playwright-core";
import { startAgent } from "../harness/agent.ts";
import { HeadlessBrowser } from "../harness/browser.ts";
import { LossyLink } from "../harness/desktop-page-link.ts";
import { startXvnc } from "../harness/processes-xvnc.ts";
import { SoundServer } from "../harness/sound.ts";
import { type EventWindow, XScreen } from "../harness/x-screen.ts";

export const SIZE = { widthPx: 1280, heightPx: 720 };

export class SoundDesk {
  /** What the desktop plays into, and what the viewer's browser plays to. */
  readonly source: SoundServer;
  readonly ears: SoundServer;
  readonly window: EventWindow;
  readonly page: Page;
  readonly agentPid: number;
  /** Between the two, for UDP; undefined without one. */
  readonly link: LossyLink | undefined;
  readonly #ends: (() => Promise<void>)[];

  private constructor(parts: Omit<SoundDesk, "close">, ends: (() => Promise<void>)[]) {
    this.source = parts.source;
    this.ears = parts.ears;
    this.window = parts.window;
    this.page = parts.page;
    this.agentPid = parts.agentPid;
    this.link = parts.link;
    this.#ends = ends;
  }

  /** Resolves when the page shows the desktop over this path. `prepare`: runs in the page before the client. `relayed`: there is a `link`. */
  static async open(
    path: "webrtc" | "socket",
    { prepare, relayed = false }: { prepare?: () => void; relayed?: boolean } = {},
  ): Promise<SoundDesk> {
    const ends: (() => Promise<void>)[] = [];
    const keep = <Part extends { close(): Promise<void> }>(part: Part): Part => {
      ends.unshift(() => part.close());
      return part;
    };
    try {
      const source = keep(await SoundServer.start());
      const ears = keep(await SoundServer.start());
      const server = keep(await startXvnc(SIZE.widthPx, SIZE.heightPx));
      const screen = keep(await XScreen.open(server.display));
      const env = { PULSE_SERVER: source.address, EGLANTINE_AUDIO_SINK: "desktop", EGLANTINE_PATHS: path };
      const agent = keep(await startAgent({ display: server.display, env }));
      const browser = keep(await HeadlessBrowser.start(["--autoplay-policy=no-user-gesture-required"], ears.address));
      const link = relayed ? keep(await LossyLink.open(Number(new URL(agent.url).port))) : undefined;
      const window = await screen.openWindow(0, 0, SIZE.widthPx, SIZE.heightPx, [0, 0, 0]);
      const page = await browser.page(SIZE.widthPx, SIZE.heightPx);
      if (link !== undefined) await page.routeWebSocket(/\/ws(\?|$)/, link.route);
      if (prepare !== undefined) await page.addInitScript(prepare);
      await page.goto(`${agent.url}/?resize=false&stats=true`);
      await page.waitForFunction((wanted) => document.querySelector(`[data-path="${wanted}"]`) !== null, path);
      return new SoundDesk({ source, ears, window, page, agentPid: agent.pid, link }, ends);
    } catch (error) {
      for (const end of ends) await end();
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0)) await end();
  }
}
