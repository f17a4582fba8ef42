// When a connection may have died unseen, or a network may be back: this computer slept, another network came. From the shell, which hears it of the
// system, or from the browser, which tells of networks alone: there the clock has jumped. To `connection.ts`, by way of `client.ts`.

import type { Bridge } from "../../shared/bridge.ts";

export interface WakeParts {
  readonly bridge: Pick<Bridge, "on"> | undefined;
  readonly onWake: (why: string) => void;
}

/** With whoever comes back to the computer comes one of these; the clock is looked at then. */
const SIGNS = ["focus", "pointermove", "pointerdown", "keydown"] as const;
/** And so often by itself, for one who only looks, while the page is seen. */
const TICK_MS = 5000;
/** What takes this much longer was no busy machine. */
const SLEPT_MS = 4000;

export class Wake {
  readonly #onWake: (why: string) => void;
  readonly #ended = new AbortController();
  readonly #off: (() => void) | undefined;
  readonly #isTold: boolean;
  #watches = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** When the clock was looked at by itself. */
  #lookedMs = 0;

  constructor({ bridge, onWake }: WakeParts) {
    this.#onWake = onWake;
    const { signal } = this.#ended;
    window.addEventListener("online", () => onWake("the network is back"), { signal });
    navigator.connection?.addEventListener("change", () => onWake("the network changed"), { signal });
    this.#off = bridge?.on("resumed", () => onWake("the computer woke up"));
    this.#isTold = bridge !== undefined;
    if (this.#isTold) return;
    for (const sign of SIGNS)
      window.addEventListener(sign, () => this.#look(), { signal, capture: true, passive: true });
    document.addEventListener("visibilitychange", () => this.#seen(), { signal });
  }

  /** Whether there is a desktop that may be lost. Nothing runs without one. */
  watch(watches: boolean): void {
    if (watches === this.#watches) return;
    this.#watches = watches;
    this.#renew();
  }

  /** Idempotent. */
  close(): void {
    this.#ended.abort();
    this.#off?.();
    this.watch(false);
  }

  /** Nothing runs in a page that is not seen. One that is seen again after long may have lost its desktop meanwhile. */
  #seen(): void {
    if (!document.hidden) this.#look();
    this.#renew();
  }

  #renew(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (!this.#watches || this.#isTold || document.hidden) return;
    this.#lookedMs = Date.now();
    this.#timer = setInterval(() => {
      this.#look();
      this.#lookedMs = Date.now();
    }, TICK_MS);
  }

  #look(): void {
    const nowMs = Date.now();
    if (!this.#watches || nowMs - this.#lookedMs <= TICK_MS + SLEPT_MS) return;
    this.#lookedMs = nowMs;
    this.#onWake("the computer woke up");
  }
}
