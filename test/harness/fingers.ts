// Fingers on a viewer's page, by Chromium's debugging protocol: real touches, which come down, move, go and are taken away one by one. They
// have a clock of their own, so that how fast and how long is said by the test and not by the machine.

import type { CDPSession } from "playwright-core";
import type { DesktopPage, Point } from "./desktop-page.ts";

export class Fingers {
  readonly #viewer: DesktopPage;
  readonly #cdp: CDPSession;
  readonly #down = new Map<number, { x: number; y: number }>();
  #nowMs = Date.now();

  private constructor(viewer: DesktopPage, cdp: CDPSession) {
    this.#viewer = viewer;
    this.#cdp = cdp;
  }

  static async of(viewer: DesktopPage): Promise<Fingers> {
    return new Fingers(viewer, await viewer.page.context().newCDPSession(viewer.page));
  }

  /** What comes next comes so much later, by its own time. */
  later(ms: number): void {
    this.#nowMs += ms;
  }

  /** Puts the finger there, on the desktop, or moves it there. */
  async put(finger: number, { xPx, yPx }: Point): Promise<void> {
    const isDown = this.#down.has(finger);
    this.#down.set(finger, await this.#viewer.onPage(xPx, yPx));
    await this.#dispatch(isDown ? "touchMove" : "touchStart");
  }

  /** All of them at once. */
  async putAll(places: readonly Point[]): Promise<void> {
    const isDown = this.#down.size > 0;
    for (const [finger, { xPx, yPx }] of places.entries()) this.#down.set(finger, await this.#viewer.onPage(xPx, yPx));
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

  async tap(...places: readonly Point[]): Promise<void> {
    await this.putAll(places);
    this.later(40);
    await this.liftAll();
  }

  async #dispatch(type: "touchStart" | "touchMove" | "touchEnd" | "touchCancel"): Promise<void> {
    const touchPoints = [...this.#down].map(([id, { x, y }]) => ({ id, x, y }));
    await this.#cdp.send("Input.dispatchTouchEvent", { type, touchPoints, timestamp: this.#nowMs / 1000 });
  }
}
