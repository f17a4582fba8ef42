// The built page, a Chromium to open it in and agents' doubles to connect it to: what the system tests of the page are set up with.

import { rm } from "node:fs/promises";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { noteComplaints } from "../../../../../test/harness/complaints.ts";
import { AgentDouble, type AgentDoubleOptions } from "./agent-double.ts";
import { builtPage } from "./built-page.ts";
import { desktopDouble, type DesktopDoubleOptions } from "./desktop-double.ts";

export class PageBench {
  /** Of the built page. */
  readonly folder: string;
  /** What the pages of `newPage` threw or wrote as errors. */
  readonly complaints: string[] = [];
  readonly #browser: Browser;
  readonly #open: { close(): Promise<void> }[] = [];

  private constructor(folder: string, browser: Browser) {
    this.folder = folder;
    this.#browser = browser;
  }

  /** `flags`: of Chromium, beside the usual ones. */
  static async start(flags: readonly string[] = []): Promise<PageBench> {
    const folder = await builtPage();
    const args = ["--no-sandbox", "--disable-gpu", ...flags];
    return new PageBench(folder, await chromium.launch({ executablePath: "/usr/bin/chromium", args }));
  }

  /** An agent that serves the page, and behind it a desktop, unless `desktop` is false. */
  async startAgent(
    options: Partial<AgentDoubleOptions> = {},
    desktop: Partial<DesktopDoubleOptions> | false = {},
  ): Promise<AgentDouble> {
    const agent = await AgentDouble.start({ page: this.folder, ...options });
    this.#open.push(agent);
    if (desktop !== false) this.#open.push(await startDesktop(this.#browser, agent, desktop));
    return agent;
  }

  async newPage(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await this.#browser.newPage({ viewport: { width: 1000, height: 600 }, ...options });
    this.#open.push(page);
    noteComplaints(page, this.complaints);
    return page;
  }

  /** Agents and pages; the browser stays. */
  async closeAll(): Promise<void> {
    for (const part of this.#open.splice(0).reverse()) await part.close();
  }

  async close(): Promise<void> {
    await this.closeAll();
    await this.#browser.close();
    await rm(this.folder, { recursive: true });
  }
}

/** The desktop behind an agent's double: a page of its own, to be closed before the agent. */
export async function startDesktop(
  browser: Browser,
  agent: AgentDouble,
  desktop: Partial<DesktopDoubleOptions> = {},
): Promise<Page> {
  const page = await browser.newPage();
  const url = new URL(agent.desktopUrl);
  url.hostname = "127.0.0.1";
  await page.goto(url.href);
  await page.evaluate(desktopDouble, { widthPx: 1000, heightPx: 600, ...desktop });
  await agent.desktopReady();
  return page;
}
