// Fingers on a viewer's page, by Chromium's debugging protocol: real touches, which come down, move, go and are taken away one by one. They
// have a clock of their own, so that how fast and how long is said by the test and not by the machine; and what is done `together` is sent
// without waiting, while the page's timers are held: none of them runs out between two of it, however busy the machine is.

import type { CDPSession, Page } from "playwright-core";
import type { DesktopPage, Point } from "./desktop-page.ts";

interface Place {
  readonly x: number;
  readonly y: number;
}

declare global {
  interface Window {
    eglantineTestTimers?: Timers;
  }
}

interface Timers {
  hold(): void;
  letGo(): void;
}

/** Runs in the page: timers can be held there. One that runs out meanwhile rings when they are let go, unless it is cleared by then. */
function holdableTimers(): void {
  if ("eglantineTestTimers" in window) return;
  const set = window.setTimeout.bind(window);
  const clear = window.clearTimeout.bind(window);
  const due = new Map<number, () => void>();
  let held = false;
  const timers: Timers = {
    hold: () => {
      held = true;
    },
    letGo: () => {
      held = false;
      for (const [id, ring] of due) {
        due.delete(id);
        ring();
      }
    },
  };
  const setHoldable = (ring: (...values: unknown[]) => void, ms?: number, ...values: unknown[]): number => {
    const id: number = set(() => (held ? due.set(id, () => ring(...values)) : ring(...values)), ms);
    return id;
  };
  const clearHoldable = (id?: number): void => {
    if (id !== undefined) due.delete(id);
    clear(id);
  };
  Object.assign(window, { setTimeout: setHoldable, clearTimeout: clearHoldable, eglantineTestTimers: timers });
}

export class Fingers {
  readonly #page: Page;
  readonly #cdp: CDPSession;
  /** Where the desktop's first pixel is on the page, and how large it is there. */
  readonly #origin: Place;
  readonly #scale: number;
  readonly #down = new Map<number, Place>();
  #nowMs = Date.now();
  #sent: Promise<unknown>[] | undefined;

  private constructor(page: Page, cdp: CDPSession, origin: Place, scale: number) {
    this.#page = page;
    this.#cdp = cdp;
    this.#origin = origin;
    this.#scale = scale;
  }

  /** On the desktop as it stands on the page now. */
  static async of(viewer: DesktopPage): Promise<Fingers> {
    const origin = await viewer.onPage(0, 0);
    const further = await viewer.onPage(100, 100);
    const { page } = viewer;
    const cdp = await page.context().newCDPSession(page);
    await page.evaluate(holdableTimers);
    return new Fingers(page, cdp, origin, (further.x - origin.x) / 100);
  }

  /** What comes next comes so much later, by its own time. */
  later(ms: number): void {
    this.#nowMs += ms;
  }

  /** All of it in one go. */
  async together(act: () => Promise<void>): Promise<void> {
    const sent: Promise<unknown>[] = [];
    await this.#timers("hold");
    this.#sent = sent;
    await act();
    this.#sent = undefined;
    await Promise.all(sent);
    await this.#timers("letGo");
  }

  #timers(act: keyof Timers): Promise<void> {
    return this.#page.evaluate((how) => window.eglantineTestTimers?.[how](), act);
  }

  /** Puts the finger there, on the desktop, or moves it there. */
  put(finger: number, point: Point): Promise<void> {
    const { x, y } = this.#placeOf(point);
    return this.putOnPage(finger, x, y);
  }

  /** CSS pixels of the window. */
  async putOnPage(finger: number, x: number, y: number): Promise<void> {
    const isDown = this.#down.has(finger);
    this.#down.set(finger, { x, y });
    await this.#dispatch(isDown ? "touchMove" : "touchStart");
  }

  /** All of them at once. */
  async putAll(places: readonly Point[]): Promise<void> {
    const isDown = this.#down.size > 0;
    for (const [finger, point] of places.entries()) this.#down.set(finger, this.#placeOf(point));
    await this.#dispatch(isDown ? "touchMove" : "touchStart");
  }

  async lift(finger: number): Promise<void> {
    this.#down.delete(finger);
    await this.#dispatch(this.#down.size === 0 ? "touchEnd" : "touchMove");
  }

  async liftAll(): Promise<void> {
    for (const finger of this.#down.keys()) await this.lift(finger);
  }

  /** The system takes them. */
  async cancel(): Promise<void> {
    this.#down.clear();
    await this.#dispatch("touchCancel");
  }

  tap(...places: readonly Point[]): Promise<void> {
    const act = async (): Promise<void> => {
      await this.putAll(places);
      this.later(40);
      await this.liftAll();
    };
    return this.#sent === undefined ? this.together(act) : act();
  }

  #placeOf({ xPx, yPx }: Point): Place {
    return { x: this.#origin.x + xPx * this.#scale, y: this.#origin.y + yPx * this.#scale };
  }

  async #dispatch(type: "touchStart" | "touchMove" | "touchEnd" | "touchCancel"): Promise<void> {
    const touchPoints = [...this.#down].map(([id, { x, y }]) => ({ id, x, y }));
    const sent = this.#cdp.send("Input.dispatchTouchEvent", { type, touchPoints, timestamp: this.#nowMs / 1000 });
    if (this.#sent === undefined) await sent;
    else this.#sent.push(sent);
  }
}
