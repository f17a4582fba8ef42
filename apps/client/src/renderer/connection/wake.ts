// When a connection may have died unseen, or a network may be back: this computer slept, another network came. From the browser, and from the shell,
// which hears it of the system; to `connection.ts`, by way of `client.ts`.

import type { Bridge } from "../../shared/bridge.ts";

export interface WakeParts {
  readonly bridge: Pick<Bridge, "on"> | undefined;
  readonly onWake: (why: string) => void;
}

/** A page that is shown is called this often; browsers tell of no sleep otherwise. */
const TICK_MS = 400;
/** What takes this much longer was no busy machine. */
const SLEPT_MS = 4000;

export class Wake {
  readonly #ended = new AbortController();
  readonly #off: (() => void) | undefined;
  readonly #timer: number;

  constructor({ bridge, onWake }: WakeParts) {
    const options = { signal: this.#ended.signal };
    window.addEventListener("online", () => onWake("the network is back"), options);
    navigator.connection?.addEventListener("change", () => onWake("the network changed"), options);
    this.#off = bridge?.on("resumed", () => onWake("the computer woke up"));
    let lastMs = Date.now();
    this.#timer = window.setInterval(() => {
      const nowMs = Date.now();
      const slept = nowMs - lastMs > TICK_MS + SLEPT_MS;
      lastMs = nowMs;
      // Hidden pages are called once a minute.
      if (slept && !document.hidden) onWake("the computer woke up");
    }, TICK_MS);
  }

  /** Idempotent. */
  close(): void {
    this.#ended.abort();
    this.#off?.();
    clearInterval(this.#timer);
  }
}
