// The application without Electron: the built page in Chromium, with the real shell behind it over the test channel. What Electron does itself is done
// here as it would do it. Used by channel.test.ts.

import type { Page } from "playwright-core";
import { linkPage } from "../../apps/client/src/main/start-page.ts";
import { ShellBench } from "../harness/shell-page.ts";
import { until } from "../harness/until.ts";
import type { Answer, Application } from "./application.ts";

/** Whom to believe is the shell's to say; Electron asks it again for each certificate that nobody signed. */
const BELIEVING = { ignoreHTTPSErrors: true };

export class ChannelApplication implements Application {
  readonly #bench: ShellBench;
  #page: Page | undefined;

  private constructor(bench: ShellBench) {
    this.#bench = bench;
  }

  static async create(): Promise<ChannelApplication> {
    return new ChannelApplication(await ShellBench.start());
  }

  get origin(): string {
    return new URL(this.#bench.channel.url).origin;
  }

  async start(): Promise<Page> {
    this.#page = await this.#bench.open("", BELIEVING);
    return this.#page;
  }

  async quit(): Promise<void> {
    await this.#page?.context().close();
    this.#page = undefined;
  }

  /** The address that the shell opens for a link. */
  async follow(link: string): Promise<Page> {
    const { search, hash } = new URL(linkPage(link));
    const page = this.#running();
    await page.goto(`${this.#bench.channel.url}${search}${hash}`);
    return page;
  }

  async crash(expression: string, wanted: string): Promise<void> {
    const page = this.#running();
    const address = page.url();
    const cdp = await page.context().newCDPSession(page);
    const crashed = page.waitForEvent("crash");
    // It never answers.
    cdp.send("Page.crash").catch(() => undefined);
    await crashed;
    await this.quit();
    // The same address, as the shell loads it again.
    const next = await this.#bench.open(address.slice(this.#bench.channel.url.length), BELIEVING);
    this.#page = next;
    await until(`${expression} to be ${wanted}`, async () => String(await next.evaluate(expression)) === wanted);
  }

  async askFromElsewhere(address: string): Promise<Answer> {
    const page = this.#running();
    const stranger = await page.context().newPage();
    try {
      await stranger.goto(address);
      return await stranger.evaluate(
        async (bridge) => {
          const socket = new WebSocket(bridge);
          const said = await new Promise<string>((resolve, reject) => {
            socket.addEventListener("error", () => reject(new Error("the shell is not there")));
            socket.addEventListener("open", () =>
              socket.send(JSON.stringify({ call: 1, name: "readSettings", parameters: [] })),
            );
            socket.addEventListener("message", ({ data }: MessageEvent<string>) => resolve(data));
          });
          socket.close();
          return "error" in (JSON.parse(said) as object) ? "refused" : "answered";
        },
        `${this.#bench.channel.url.replace(/^http/, "ws")}bridge`,
      );
    } finally {
      await stranger.close();
    }
  }

  /** What it has kept. The same Chromium tells the next story. */
  async forget(): Promise<void> {
    await this.quit();
    const { desktops } = this.#bench.parts;
    for (const { id } of await desktops.list()) await desktops.remove(id);
  }

  async close(): Promise<void> {
    await this.quit();
    await this.#bench.close();
  }

  #running(): Page {
    if (this.#page === undefined) throw new Error("the application does not run");
    return this.#page;
  }
}
