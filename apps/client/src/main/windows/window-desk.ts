// The application's windows: where each opens, what is remembered of it, and what becomes of it when its page dies. Plain: `window.ts` tells what
// Electron's windows do and does what is said here. Places are worked out by `place.ts`, kept by `places.ts`.

import { CrashBudget } from "./crash-budget.ts";
import { type Display, displayOf, freeDisplays, type Placement, placeWindow, type Rect } from "./place.ts";
import type { Places } from "./places.ts";

/** Of Electron's BrowserWindow and its contents. */
export interface ShellWindow {
  /** As the bridge names it. */
  readonly id: number;
  /** Of the page that it shows, or is about to. */
  url(): string;
  /** Where it is when it is neither maximized nor full. */
  normalBounds(): Rect;
  isMaximized(): boolean;
  load(url: string): void;
}

export interface WindowPlan extends Placement {
  readonly subject: string;
  readonly monitor: number;
}

export interface WindowDeskOptions {
  readonly places: Places;
  readonly displays: () => readonly Display[];
  readonly nowMs: () => number;
  /** A window moved: it is asked where it is when it has rested for so long, ms. */
  readonly restMs?: number;
}

interface Known {
  readonly window: ShellWindow;
  readonly monitor: number;
  readonly crashes: CrashBudget;
  rest: NodeJS.Timeout | undefined;
}

const REST_MS = 500;

export class WindowDesk {
  readonly #options: WindowDeskOptions;
  readonly #known = new Map<number, Known>();
  #keeping: Promise<unknown> = Promise.resolve();

  constructor(options: WindowDeskOptions) {
    this.#options = options;
  }

  /** For a window that is about to open with this page. */
  plan(url: string): WindowPlan {
    const subject = subjectOf(url);
    const others = this.#of(subject);
    const monitor = isFurther(url) ? firstFree(others.map((other) => other.monitor)) : 0;
    const placement = placeWindow({
      displays: this.#options.displays(),
      remembered: this.#options.places.of(keyOf(subject, monitor)),
      monitor,
      others: others.map(({ window }) => window.normalBounds()),
    });
    return { ...placement, subject, monitor };
  }

  /** It is open. */
  add(window: ShellWindow, { monitor }: Pick<WindowPlan, "monitor">): void {
    this.#known.set(window.id, { window, monitor, crashes: new CrashBudget(), rest: undefined });
  }

  /** It was moved, made larger or smaller. */
  moved(id: number): void {
    const known = this.#known.get(id);
    if (known === undefined) return;
    clearTimeout(known.rest);
    known.rest = setTimeout(() => this.#remember(known), this.#options.restMs ?? REST_MS);
  }

  /** It is about to close, and still says where it is. */
  closing(id: number): void {
    const known = this.#known.get(id);
    if (known === undefined) return;
    this.#known.delete(id);
    clearTimeout(known.rest);
    this.#remember(known);
  }

  /** Its page's process is gone. The session comes back, or the page says why it does not. */
  crashed(id: number): void {
    const known = this.#known.get(id);
    if (known === undefined) return;
    const { window, crashes } = known;
    const page = new URL(window.url());
    page.searchParams.delete(CRASHED);
    if (crashes.crashed(this.#options.nowMs()) === "tell") page.searchParams.set(CRASHED, "true");
    window.load(page.href);
  }

  /** The first window that shows this desktop; undefined: none does. */
  showing(url: string): number | undefined {
    return this.#of(subjectOf(url)).find(({ monitor }) => monitor === 0)?.window.id;
  }

  /** How many screens have no window of what this one shows. */
  freeScreens(id: number): number {
    const known = this.#known.get(id);
    if (known === undefined) return 0;
    const windows = this.#of(subjectOf(known.window.url()));
    return freeDisplays(
      this.#options.displays(),
      windows.map(({ window }) => window.normalBounds()),
    );
  }

  /** What was told is kept. Idempotent. */
  async close(): Promise<void> {
    for (const id of this.#known.keys()) this.closing(id);
    await this.#keeping;
  }

  #of(subject: string): readonly Known[] {
    return [...this.#known.values()]
      .filter(({ window }) => subjectOf(window.url()) === subject)
      .sort((one, other) => one.monitor - other.monitor);
  }

  #remember({ window, monitor }: Known): void {
    const bounds = window.normalBounds();
    const display = displayOf(bounds, this.#options.displays(), undefined);
    if (display === undefined) return;
    const kept = this.#options.places.keep(keyOf(subjectOf(window.url()), monitor), {
      bounds,
      maximized: window.isMaximized(),
      display: { id: display.id, bounds: display.bounds },
    });
    // A disk that is full is no reason to end.
    this.#keeping = Promise.allSettled([this.#keeping, kept]);
  }
}

/** `renderer/page-options.ts` reads them. */
const CRASHED = "crashed";
const MONITOR = "monitor";

const isFurther = (url: string): boolean => new URL(url).searchParams.get(MONITOR) === "true";

/** What a page of ours shows: a saved desktop, one by its address, or home. */
export function subjectOf(url: string): string {
  const { searchParams } = new URL(url);
  const desktop = searchParams.get("desktop");
  if (desktop !== null) return `desktop ${desktop}`;
  const address = searchParams.get("url");
  if (address === null) return "home";
  // Without the password that may be in it: this is kept in a file.
  const agent = URL.parse(address);
  return agent === null ? "home" : `url ${agent.origin}${agent.pathname}`;
}

const keyOf = (subject: string, monitor: number): string => `${subject} ${monitor}`;

function firstFree(taken: readonly number[]): number {
  let monitor = 1;
  while (taken.includes(monitor)) monitor += 1;
  return monitor;
}
