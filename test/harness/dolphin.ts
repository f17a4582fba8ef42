// A real file manager on an X display: KDE's Dolphin, with a window manager and a bus of its own, showing one folder.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { until } from "./until.ts";
import type { XScreen, XWindow } from "./x-screen.ts";

export interface DolphinOptions {
  readonly display: string;
  readonly screen: XScreen;
  /** For its settings. */
  readonly home: string;
  readonly folder: string;
}

export class Dolphin {
  readonly #child: ChildProcess;
  readonly window: XWindow;

  private constructor(child: ChildProcess, window: XWindow) {
    this.#child = child;
    this.window = window;
  }

  static async start({ display, screen, home, folder }: DolphinOptions): Promise<Dolphin> {
    const runtime = join(home, "runtime");
    mkdirSync(runtime, { recursive: true, mode: 0o700 });
    // KWin gives a window the keyboard when it is clicked. The bus ends with Dolphin, and KWin with the bus's group.
    const script = 'kwin_x11 & dolphin --new-window "$1"; kill $!';
    const child = spawn("dbus-run-session", ["--", "sh", "-c", script, "sh", folder], {
      detached: true,
      stdio: "ignore",
      env: {
        ...process.env,
        DISPLAY: display,
        HOME: home,
        XDG_CONFIG_HOME: join(home, "config"),
        XDG_CACHE_HOME: join(home, "cache"),
        XDG_DATA_HOME: join(home, "data"),
        XDG_RUNTIME_DIR: runtime,
        LC_ALL: "C.UTF-8",
      },
    });
    const find = async () =>
      (await screen.windows()).find(({ name, widthPx }) => /dolphin/i.test(name) && widthPx > 300);
    await until("Dolphin's window", async () => (await find()) !== undefined || child.exitCode !== null, {
      limitMs: 60_000,
    });
    const window = await find();
    if (window === undefined) throw new Error(`Dolphin ended with ${child.exitCode}`);
    return new Dolphin(child, window);
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.pid === undefined) return;
    const ended = once(this.#child, "exit");
    // Its group: bus, window manager, Dolphin.
    process.kill(-this.#child.pid, "SIGTERM");
    await ended;
  }
}
