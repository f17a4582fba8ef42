// The desktop's first window: opens further ones, and asks the agent for their tickets (`control.ts`: `monitor`). Owned by
// `monitor-windows.ts`; the other end is `further-window.ts`.

import type { AgentControl } from "@eglantine/protocol/control";
import { readWindowMessage, type WindowMessage } from "./window-messages.ts";

type TicketAnswer = Omit<Extract<AgentControl, { type: "monitor" }>, "type">;

export interface FirstWindowParts {
  /** Of the agent, while it is connected and takes further monitors. */
  readonly url: () => string | undefined;
  /** Asks the agent for one ticket. */
  readonly ask: () => void;
}

/** Who asked, in the order in which the agent answers. */
interface Waiting {
  readonly window: MessageEventSource;
  readonly id: number;
}

export class FirstWindow {
  readonly #parts: FirstWindowParts;
  readonly #ended = new AbortController();
  #waiting: Waiting[] = [];
  #focused: MessageEventSource | undefined;

  constructor(parts: FirstWindowParts) {
    this.#parts = parts;
    window.addEventListener("message", (event) => this.#take(event), { signal: this.#ended.signal });
  }

  /** With the user's click just now. False: the browser would not. */
  open(): boolean {
    const url = new URL(location.href);
    url.searchParams.set("monitor", "true");
    const size = `width=${window.innerWidth},height=${window.innerHeight}`;
    return window.open(url.href, "_blank", `popup,${size}`) !== null;
  }

  /** A further window has the focus. */
  get furtherHasFocus(): boolean {
    return this.#focused !== undefined && isOpenedHere(this.#focused);
  }

  answer({ ticket, why }: TicketAnswer): void {
    const next = this.#waiting.shift();
    if (next === undefined) return;
    const url = this.#parts.url();
    if (ticket !== undefined && url !== undefined) {
      say(next, { eglantine: "monitor-ticket", id: next.id, url, ticket });
    } else {
      say(next, { eglantine: "monitor-refused", id: next.id, why: why ?? NOT_CONNECTED, passes: why === undefined });
    }
  }

  /** The session is over, and no answer comes any more. */
  rest(): void {
    for (const one of this.#waiting.splice(0)) refuse(one);
  }

  /** Idempotent. */
  close(): void {
    this.rest();
    this.#ended.abort();
  }

  #take({ origin, source, data }: MessageEvent<unknown>): void {
    if (origin !== location.origin || source === null || !isOpenedHere(source)) return;
    const message = readWindowMessage(data);
    if (message?.eglantine === "window-focus") {
      if (message.focused) this.#focused = source;
      else if (this.#focused === source) this.#focused = undefined;
    }
    if (message?.eglantine !== "monitor-wanted") return;
    const asker = { window: source, id: message.id };
    if (this.#parts.url() === undefined) refuse(asker);
    else {
      this.#waiting.push(asker);
      this.#parts.ask();
    }
  }
}

const NOT_CONNECTED = "the desktop's first window is not connected, or this desktop takes no further monitors";

function refuse(one: Waiting): void {
  say(one, { eglantine: "monitor-refused", id: one.id, why: NOT_CONNECTED, passes: true });
}

function say({ window: to }: Waiting, message: WindowMessage): void {
  to.postMessage(message, { targetOrigin: location.origin });
}

/** Also by this page before it was loaded again. */
function isOpenedHere(source: MessageEventSource): boolean {
  return "opener" in source && source.opener === window;
}
