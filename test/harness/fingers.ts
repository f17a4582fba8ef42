// Fingers on a viewer's page, by Chromium's debugging protocol: real touches, which come down, move, go and are taken away one by one. They
// have a clock of their own, so that how fast and how long is said by the test and not by the machine; and what is done `together` is sent
// without waiting, so that no timer of the page's runs out between two of it.

import type { CDPSession } from "playwright-core";
import type { DesktopPage, Point } from "./desktop-page.ts";

interface Place {
  readonly x: number;
  readonly y: number;
}

export class Fingers {
  readonly #cdp: CDPSession;
  /** Where the desktop's first pixel is on the page, and how large it is there. */
  readonly #origin: Place;
  readonly #scale: number;
  readonly #down = new Map<number, Place>();
  #nowMs = Date.now();
  #sent: Promise<unknown>[] | undefined;

  private constructor(cdp: CDPSession, origin: Place, scale: number) {
    this.#cdp = cdp;
    this.#origin = origin;
    this.#scale = scale;
  }

  /** On the desktop as it stands on the page now. */
  static async of(viewer: DesktopPage): Promise<Fingers> {
    const origin = await viewer.onPage(0, 0);
    const further = await viewer.onPage(100, 100);
    const cdp = await viewer.page.context().newCDPSession(viewer.page);
    return new Fingers(cdp, origin, (further.x - origin.x) / 100);
  }

  /** What comes next comes so much later, by its own time. */
  later(ms: number): void {
    this.#nowMs += ms;
  }

  /** All of it in one go. */
  async together(act: () => Promise<void>): Promise<void> {
    const sent: Promise<unknown>[] = [];
    this.#sent = sent;
    await act();
    this.#sent = undefined;
    await Promise.all(sent);
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
