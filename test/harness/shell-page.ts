// The desktop application's page without Electron: the built page in Chromium, with the real shell behind it (`renderer/testing/shell-channel.ts`). Used by the
// tests of each screen. `examine` looks at one at three sizes, light and dark: that it fits, that nothing is cut off, what axe-core says, and a picture, which
// stays in test/output/screens to be looked at. Pictures are not compared: fonts differ from machine to machine.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { PNG } from "pngjs";
import { type Parts, buildParts, type Surroundings } from "../../apps/client/src/main/parts.ts";
import { AgentDouble, type AgentDoubleOptions } from "../../apps/client/src/renderer/testing/agent-double.ts";
import { ASKPASS } from "../../apps/client/src/main/ssh/testing/sshd.ts";
import { builtPage } from "../../apps/client/src/renderer/testing/built-page.ts";
import {
  clipboardDouble,
  SafeStorageDouble,
  systemDouble,
} from "../../apps/client/src/renderer/testing/electron-double.ts";
import { startDesktop } from "../../apps/client/src/renderer/testing/page-bench.ts";
import { ShellChannel } from "../../apps/client/src/renderer/testing/shell-channel.ts";
import { pageBridge } from "../../apps/client/src/renderer/testing/shell-wire.ts";
import { BRIDGE, EVENTS } from "../../apps/client/src/shared/bridge.ts";
import { noteComplaints } from "./complaints.ts";

const MANIFESTS = fileURLToPath(new URL("../../image/kubernetes", import.meta.url));
const PICTURES = fileURLToPath(new URL("../output/screens", import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const SIZES = {
  wide: { width: 1440, height: 900 },
  middle: { width: 900, height: 700 },
  narrow: { width: 420, height: 800 },
} as const;
const SCHEMES = ["light", "dark"] as const;
/** Fewer colours than that is a page with nothing on it: text alone has more, by its edges. */
const COLOURS_MIN = 24;

export class ShellBench {
  readonly channel: ShellChannel;
  /** What pages threw or wrote as errors, but for what Chromium says itself of connections. */
  readonly complaints: string[] = [];
  readonly #browser: Browser;
  readonly #folders: readonly string[];
  readonly #agents: AgentDouble[] = [];

  private constructor(browser: Browser, channel: ShellChannel, folders: readonly string[]) {
    this.#browser = browser;
    this.channel = channel;
    this.#folders = folders;
  }

  /** `surroundings`: what is to be else than usual. */
  static async start(surroundings: Partial<Surroundings> = {}): Promise<ShellBench> {
    const page = await builtPage();
    const folder = mkdtempSync(join(tmpdir(), "eglantine-shell-"));
    const usual = {
      folder,
      temporary: join(folder, "copied"),
      platform: "linux",
      env: {},
      home: folder,
      manifests: MANIFESTS,
      clipboard: clipboardDouble(),
      showFolder: () => Promise.resolve(),
      ...systemDouble(),
      safeStorage: new SafeStorageDouble(),
      ssh: { ssh: "ssh", environment: process.env, askpassProgram: ASKPASS },
    } as const;
    const channel = await ShellChannel.start({
      page,
      parts: (emit) => buildParts({ ...usual, emit, ...surroundings }),
    });
    await channel.parts.begin();
    const args = ["--no-sandbox", "--disable-gpu"];
    const browser = await chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args });
    return new ShellBench(browser, channel, [page, folder]);
  }

  /** The application's own, for this user. */
  get folder(): string {
    return this.#folders[1] ?? "";
  }

  get parts(): Parts {
    return this.channel.parts;
  }

  /** A window of the application, with a profile of its own. `path`: behind the page's address, `#/launch`. */
  async open(path = "", options: { locale?: string; ignoreHTTPSErrors?: boolean } = {}): Promise<Page> {
    const usual = { viewport: SIZES.wide, reducedMotion: "reduce", locale: "en-GB" } as const;
    const context = await this.#browser.newContext({ ...usual, ...options });
    const names = { names: Object.keys(BRIDGE), events: Object.keys(EVENTS), platform: "linux" };
    await context.addInitScript(pageBridge, names);
    const page = await context.newPage();
    noteComplaints(page, this.complaints, /net::ERR_/);
    await page.goto(`${this.channel.url}${path}`);
    return page;
  }

  /** An agent that the application can connect to, with a desktop behind it. */
  async startAgent(options: Partial<AgentDoubleOptions> = {}): Promise<AgentDouble> {
    const agent = await AgentDouble.start({ page: this.#folders[0] ?? "", ...options });
    this.#agents.push(agent);
    await startDesktop(this.#browser, agent);
    return agent;
  }

  /** As `examinePage`. */
  examine(page: Page, name: string): Promise<readonly string[]> {
    return examinePage(page, name);
  }

  /** Rejects when a page or an answer has failed meanwhile. */
  async close(): Promise<void> {
    await this.#browser.close();
    for (const agent of this.#agents) await agent.close();
    await this.channel.close();
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
    const faults = [...this.complaints, ...this.channel.faults.map(String)];
    if (faults.length > 0) throw new Error(`the page or the shell complained:\n${faults.join("\n")}`);
  }
}

/** What is wrong with the screen as it stands there, in words; nothing, if nothing is. The page's size and scheme are changed. */
export async function examinePage(page: Page, name: string): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const found = [...(await cutOff(page)), ...(await picture(page, name, size, colorScheme))];
      // Colours are the same at each size.
      if (colorScheme === "light" || size === "wide") found.push(...(await axe(page)));
      wrong.push(...found.map((one) => `${name}, ${size}, ${colorScheme}: ${one}`));
    }
  }
  await page.setViewportSize(SIZES.wide);
  return wrong;
}

/** A rule and where it is broken, one a line. */
async function axe(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    (Reflect.get(globalThis, "axe") as { run(options: object): Promise<AxeResults> }).run({
      resultTypes: ["violations"],
    }),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary ?? ""}`),
  );
}

/** What does not fit: a page that scrolls sideways, something beyond its edges, text that ends without an ellipsis. */
function cutOff(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const wrong: string[] = [];
    const nameOf = (element: Element) => {
      const text = (element.textContent ?? "").trim().slice(0, 40);
      return `<${element.localName}${element.id === "" ? "" : ` #${element.id}`}> "${text}"`;
    };
    const width = document.documentElement.clientWidth;
    for (const element of document.querySelectorAll("#ui *")) {
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      if (box.width <= 1 || box.height <= 1 || style.visibility === "hidden") continue;
      const isReachable = element.closest("[data-scrolls-sideways]") !== null;
      if (!isReachable && (box.left < -1 || box.right > width + 1))
        wrong.push(`${nameOf(element)} stands beyond the edge`);
      if (!(element instanceof HTMLElement)) continue;
      const hasText = [...element.childNodes].some((node) => node instanceof Text && node.data.trim() !== "");
      const isWider = element.scrollWidth > element.clientWidth + 1 && style.display !== "inline";
      if (!isWider) continue;
      if (style.overflowX === "auto" || style.overflowX === "scroll") {
        if (element.dataset["scrollsSideways"] === undefined) wrong.push(`${nameOf(element)} scrolls sideways`);
      } else if (hasText && style.textOverflow !== "ellipsis") wrong.push(`${nameOf(element)} is cut off`);
    }
    return wrong;
  });
}

async function picture(page: Page, name: string, size: string, scheme: string): Promise<readonly string[]> {
  const bytes = await page.screenshot();
  mkdirSync(PICTURES, { recursive: true });
  writeFileSync(join(PICTURES, `${name}-${size}-${scheme}.png`), bytes);
  const { data } = PNG.sync.read(bytes);
  const colours = new Set<number>();
  for (let at = 0; at < data.length; at += 4) colours.add(data.readUInt32LE(at));
  return colours.size < COLOURS_MIN ? [`nothing is to be seen: ${colours.size} colours`] : [];
}
