// Debian's Chromium, headless, without a GPU, driven by Playwright. Used by the benchmarks; the page's own measuring is
// bench/page-probe.ts.

import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export class HeadlessBrowser {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /**
   * A browser with a new, empty profile. `flags`: further ones of Chromium's. `soundServer`: where its loudspeaker and microphone are, as
   * PULSE_SERVER; without one it is muted.
   */
  static async start(flags: readonly string[] = [], soundServer?: string): Promise<HeadlessBrowser> {
    const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
    // Without a locale of UTF-8 it loses what is not ASCII in names of files.
    const env = { ...process.env, LC_ALL: "C.UTF-8", ...(soundServer !== undefined && { PULSE_SERVER: soundServer }) };
    const ignoreDefaultArgs = soundServer === undefined ? [] : ["--mute-audio"];
    return new HeadlessBrowser(
      await chromium.launch({ executablePath, args: [...FLAGS, ...flags], env, ignoreDefaultArgs }),
    );
  }

  version(): string {
    return this.#browser.version();
  }

  /** A profile of its own whose pages have a viewport of exactly this many device pixels. */
  context(widthPx: number, heightPx: number, options: BrowserContextOptions = {}): Promise<BrowserContext> {
    return this.#browser.newContext({
      viewport: { width: widthPx, height: heightPx },
      deviceScaleFactor: 1,
      ...options,
    });
  }

  async page(widthPx: number, heightPx: number): Promise<Page> {
    return (await this.context(widthPx, heightPx)).newPage();
  }

  /** All processes of the browser: itself, network, GPU (software), renderers; or those of one type alone. */
  async pids(type?: "renderer"): Promise<number[]> {
    const session = await this.#browser.newBrowserCDPSession();
    try {
      const { processInfo } = await session.send("SystemInfo.getProcessInfo");
      return processInfo.filter((one) => type === undefined || one.type === type).map(({ id }) => id);
    } finally {
      await session.detach();
    }
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
