// The real application: the built shell in Electron's runtime, driven by Playwright. What it keeps is in a folder of its own, as Linux has it. Used by
// electron.test.ts, where there is a runtime.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { _electron, type ElectronApplication as Driven, type Page } from "playwright-core";
import { linkPage } from "../../apps/client/src/main/start-page.ts";
import { until } from "../harness/until.ts";
import type { Answer, Bounds, NativeApplication } from "./application.ts";

const CLIENT = fileURLToPath(new URL("../../apps/client", import.meta.url));

export interface ElectronOptions {
  /** Electron's program. */
  readonly binary: string;
  /** For its windows. */
  readonly display: string;
}

export class ElectronApplication implements NativeApplication {
  readonly origin = "app://eglantine";
  readonly #options: ElectronOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), "eglantine-electron-"));
  #driven: Driven | undefined;

  constructor(options: ElectronOptions) {
    this.#options = options;
  }

  async start(): Promise<Page> {
    const { binary } = this.#options;
    this.#driven = await _electron.launch({ executablePath: binary, args: this.#argv(), env: this.#environment() });
    const page = await this.#driven.firstWindow();
    await page.waitForLoadState();
    return page;
  }

  async quit(): Promise<void> {
    const driven = this.#driven;
    this.#driven = undefined;
    if (driven === undefined) return;
    const ended = once(driven.process(), "exit");
    await driven.evaluate(({ app }) => setImmediate(() => app.quit()));
    await ended;
  }

  async follow(link: string): Promise<Page> {
    const driven = this.#running();
    const code = await this.#startProcess(link);
    if (code !== 0) throw new Error(`the second process ended with ${code}`);
    const address = linkPage(link);
    await until("a window with the link", () => driven.windows().some((page) => page.url() === address));
    const page = driven.windows().find((one) => one.url() === address);
    if (page === undefined) throw new Error("the window is gone again");
    return page;
  }

  async crash(expression: string, wanted: string): Promise<void> {
    const driven = this.#running();
    const before = await driven.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      const pid = contents?.getOSProcessId();
      contents?.forcefullyCrashRenderer();
      return pid;
    });
    // Playwright takes a page for lost whose process has died: the shell is asked instead.
    await until("the page that comes in its place", () =>
      driven.evaluate(
        async ({ BrowserWindow }, { code, text, former }) => {
          const contents = BrowserWindow.getAllWindows()[0]?.webContents;
          if (contents === undefined || contents.isCrashed() || contents.getOSProcessId() === former) return false;
          return String(await contents.executeJavaScript(code)) === text;
        },
        { code: expression, text: wanted, former: before },
      ),
    );
  }

  /** In a window with the application's own preload, as if a page of ours had been led away. */
  askFromElsewhere(address: string): Promise<Answer> {
    return this.#running().evaluate(
      async ({ BrowserWindow }, { url, preload }) => {
        const window = new BrowserWindow({
          show: false,
          webPreferences: { preload, sandbox: true, contextIsolation: true },
        });
        try {
          await window.loadURL(url);
          const ask = `window.eglantine === undefined ? "no bridge" : window.eglantine.readSettings().then(() => "answered", () => "refused")`;
          return (await window.webContents.executeJavaScript(ask)) as Answer;
        } finally {
          window.destroy();
        }
      },
      { url: address, preload: join(CLIENT, "dist/preload/preload.cjs") },
    );
  }

  startAgain(): Promise<number | null> {
    return this.#startProcess();
  }

  windowCount(): Promise<number> {
    return this.#running().evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
  }

  bounds(): Promise<Bounds> {
    return this.#running().evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      if (window === undefined) throw new Error("there is no window");
      return window.getNormalBounds();
    });
  }

  move(bounds: Bounds): Promise<void> {
    return this.#running().evaluate(({ BrowserWindow }, to) => BrowserWindow.getAllWindows()[0]?.setBounds(to), bounds);
  }

  async close(): Promise<void> {
    await this.quit();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #running(): Driven {
    if (this.#driven === undefined) throw new Error("the application does not run");
    return this.#driven;
  }

  /** Chromium has no sandbox for root. */
  #argv(...more: readonly string[]): string[] {
    return [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), CLIENT, ...more];
  }

  #environment(): Record<string, string> {
    const own = { DISPLAY: this.#options.display, XDG_CONFIG_HOME: this.#folder, XDG_CACHE_HOME: this.#folder };
    const given = Object.entries(process.env).filter(
      ([name]) => !/^(WAYLAND_DISPLAY|EGLANTINE_CONNECT_.*)$/.test(name),
    );
    return { ...Object.fromEntries(given.map(([name, value]) => [name, value ?? ""])), ...own };
  }

  async #startProcess(...more: readonly string[]): Promise<number | null> {
    const child = spawn(this.#options.binary, this.#argv(...more), { env: this.#environment(), stdio: "ignore" });
    const [code] = (await once(child, "exit")) as [number | null];
    return code;
  }
}
