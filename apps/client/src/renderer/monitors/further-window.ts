// A further window of the desktop, for one more monitor: gets a ticket of the window that opened it, anew for each connection. Owned by
// `monitor-windows.ts`; the other end is `first-window.ts`.

import { readWindowMessage, type WindowMessage } from "./window-messages.ts";

/** There is no ticket to be had. */
export class MonitorRefusal extends Error {
  override readonly name = "MonitorRefusal";
  /** Later it may be different. */
  readonly passes: boolean;

  constructor(why: string, passes: boolean) {
    super(why);
    this.passes = passes;
  }
}

export interface MonitorTicket {
  /** Of the agent. */
  readonly url: string;
  readonly ticket: string;
}

/** Less than the agent waits for a hello. */
const ANSWER_MS = 4000;

export class FurtherWindow {
  readonly #ended = new AbortController();
  readonly #asked = new Map<number, (message: WindowMessage) => void>();
  #id = 0;

  constructor() {
    const { signal } = this.#ended;
    window.addEventListener("message", (event) => this.#take(event), { signal });
    window.addEventListener("focus", () => tellFocus(true), { signal });
    window.addEventListener("blur", () => tellFocus(false), { signal });
    window.addEventListener("pagehide", () => tellFocus(false), { signal });
    tellFocus(document.hasFocus());
  }

  /** Rejects with MonitorRefusal. */
  ask(): Promise<MonitorTicket> {
    const first: Window | null = window.opener;
    if (first === null || first.closed) {
      return Promise.reject(new MonitorRefusal("the window that this one was opened from is closed", false));
    }
    const id = (this.#id += 1);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#asked.delete(id);
        reject(new MonitorRefusal("the desktop's first window does not answer", true));
      }, ANSWER_MS);
      this.#asked.set(id, (message) => {
        clearTimeout(late);
        if (message.eglantine === "monitor-ticket") resolve({ url: message.url, ticket: message.ticket });
        else if (message.eglantine === "monitor-refused") reject(new MonitorRefusal(message.why, message.passes));
      });
      first.postMessage({ eglantine: "monitor-wanted", id } satisfies WindowMessage, location.origin);
    });
  }

  /** Idempotent. */
  close(): void {
    this.#ended.abort();
  }

  #take({ origin, source, data }: MessageEvent<unknown>): void {
    if (origin !== location.origin || source !== window.opener) return;
    const message = readWindowMessage(data);
    if (message === undefined || message.eglantine === "monitor-wanted" || message.eglantine === "window-focus") return;
    this.#asked.get(message.id)?.(message);
    this.#asked.delete(message.id);
  }
}

function tellFocus(focused: boolean): void {
  const first: Window | null = window.opener;
  first?.postMessage({ eglantine: "window-focus", focused } satisfies WindowMessage, location.origin);
}
