// Somebody who was there before, while others misbehave: a desktop with a window on it and a page that shows it. `unharmed()` is what
// every test of hostile input ends with.

import { expect } from "vitest";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { until } from "../harness/until.ts";
import type { Colour, EventWindow } from "../harness/x-screen.ts";
import { Desktop, type DesktopOptions } from "./desktop.ts";

/** What `/health` tells those who may come in: how often what happened, by reason. */
export interface HealthCounts {
  readonly http: Readonly<Record<string, number>>;
  readonly refused: Readonly<Record<string, number>>;
  readonly ended: Readonly<Record<string, number>>;
  readonly ignored: Readonly<Record<string, number>>;
  readonly vnc?: Readonly<Record<string, number>>;
}

export class Bystander {
  readonly desktop: Desktop;
  readonly page: DesktopPage;
  readonly #window: EventWindow;
  readonly #pid: number;
  #turn = 0;

  private constructor(desktop: Desktop, page: DesktopPage, window: EventWindow) {
    this.desktop = desktop;
    this.page = page;
    this.#window = window;
    this.#pid = desktop.agent.pid;
  }

  static async watch(options: DesktopOptions = {}): Promise<Bystander> {
    const desktop = await Desktop.open({ ...options, env: { EGLANTINE_MAX_VIEWERS: "64", ...options.env } });
    try {
      const window = await desktop.screen.openWindow(0, 0, 1000, 700, [60, 60, 60]);
      return new Bystander(desktop, await desktop.connect(), window);
    } catch (error) {
      await desktop.close();
      throw error;
    }
  }

  /** The same agent serves, the session goes on, what changes is seen, nobody's key is stuck. */
  async unharmed(): Promise<void> {
    expect(this.desktop.agent.pid).toBe(this.#pid);
    expect(this.desktop.agentIsAlive()).toBe(true);
    expect(await this.page.state()).toBe("connected");
    await this.seesChange();
    expect(await this.desktop.screen.heldKeys()).toEqual([]);
  }

  async seesChange(): Promise<void> {
    const colour: Colour = this.#turn++ % 2 === 0 ? [200, 40, 120] : [40, 180, 60];
    await this.#window.paint(colour, 100, 100, 300, 300);
    await this.page.waitForPixel(250, 250, colour, 25);
  }

  async counts(): Promise<HealthCounts> {
    return (await (await fetch(`${this.desktop.url}health`)).json()) as HealthCounts;
  }

  /** Waits until something was counted once more than `before`. */
  async counted(kind: keyof HealthCounts, reason: string, before: HealthCounts): Promise<void> {
    const more = async () => ((await this.counts())[kind]?.[reason] ?? 0) > (before[kind]?.[reason] ?? 0);
    await until(`${kind} ${reason} is counted`, more).catch(async (error: unknown) => {
      throw new Error(`${String(error)}: ${JSON.stringify(await this.counts())}`);
    });
  }

  close(): Promise<void> {
    return this.desktop.close();
  }
}
