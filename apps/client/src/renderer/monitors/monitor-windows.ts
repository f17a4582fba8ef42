// This window among those of one viewer, each of which shows a monitor of its own: the first one, which opens others, or a further one. Built by
// `client.ts`; `connection/attempt.ts` asks it what the hello is to say.

import type { AgentControl, ViewerControl } from "@eglantine/protocol/control";
import type { SessionFacts } from "../connection/connection.ts";
import type { SizePx } from "../video/place.ts";
import { FirstWindow } from "./first-window.ts";
import { FurtherWindow, type MonitorTicket } from "./further-window.ts";
import { isSameScreen, type ViewerScreen, viewerScreen } from "./viewer-screen.ts";

type Hello = Extract<ViewerControl, { type: "hello" }>;

export interface MonitorWindowsParts {
  readonly further: boolean;
  readonly facts: () => SessionFacts;
  /** Of the agent, while there is a picture. */
  readonly url: () => string | undefined;
  readonly send: (message: ViewerControl) => void;
  /** That the monitor is to have, to fit the window. */
  readonly size: () => SizePx;
}

/** Between a page's end and its beginning, when it is loaded again; not while it lives, since a tab that is copied takes all along. */
const NAME_KEY = "eglantine.window";
const NAME_BYTES = 16;

export class MonitorWindows {
  readonly further: boolean;
  readonly #parts: MonitorWindowsParts;
  readonly #name: string;
  readonly #first: FirstWindow | undefined;
  readonly #further: FurtherWindow | undefined;
  readonly #ended = new AbortController();
  #ticket: MonitorTicket | undefined;
  #told: ViewerScreen = viewerScreen();

  constructor(parts: MonitorWindowsParts) {
    this.#parts = parts;
    this.further = parts.further;
    this.#name = takeName() ?? freshName();
    window.addEventListener("pagehide", () => keepName(this.#name), { signal: this.#ended.signal });
    if (parts.further) this.#further = new FurtherWindow();
    else this.#first = new FirstWindow({ url: () => this.#urlForOthers(), ask: () => parts.send({ type: "monitor" }) });
    // Nothing tells that a window went to another screen; who moves one uses it next.
    for (const type of ["resize", "focus", "pointerdown"]) {
      window.addEventListener(type, () => this.#tellScreen(), { signal: this.#ended.signal, capture: true });
    }
  }

  /** This window or one of those that it opened. */
  get hasFocus(): boolean {
    return document.hasFocus() || this.#first?.furtherHasFocus === true;
  }

  /** Of a further window, before its first connection: where the agent is. Rejects with MonitorRefusal. */
  async prepare(): Promise<string> {
    this.#ticket = await this.#further?.ask();
    return this.#ticket?.url ?? "";
  }

  /** For one hello. Rejects with MonitorRefusal. */
  async hello(): Promise<Pick<Hello, "window" | "screen" | "monitor">> {
    this.#told = viewerScreen();
    const own = { window: this.#name, screen: this.#told };
    if (this.#further === undefined) return own;
    const ticket = this.#ticket ?? (await this.#further.ask());
    this.#ticket = undefined;
    return { ...own, monitor: { ticket: ticket.ticket, ...this.#parts.size() } };
  }

  /** With the user's click just now. False: the browser would not open a window. */
  open(): boolean {
    this.#tellScreen();
    return this.#first?.open() ?? false;
  }

  /** The agent's answer. */
  take(message: Extract<AgentControl, { type: "monitor" }>): void {
    this.#first?.answer(message);
  }

  /** The session is over. */
  rest(): void {
    this.#first?.rest();
  }

  /** Idempotent. */
  close(): void {
    this.#ended.abort();
    this.#first?.close();
    this.#further?.close();
  }

  #urlForOthers(): string | undefined {
    return this.#parts.facts().monitors === undefined ? undefined : this.#parts.url();
  }

  #tellScreen(): void {
    const { monitors } = this.#parts.facts();
    if ((monitors === undefined && !this.further) || this.#parts.url() === undefined) return;
    const now = viewerScreen();
    if (isSameScreen(now, this.#told)) return;
    this.#told = now;
    this.#parts.send({ type: "screen", ...now });
  }
}

function freshName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(NAME_BYTES)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

function takeName(): string | undefined {
  try {
    const name = sessionStorage.getItem(NAME_KEY);
    sessionStorage.removeItem(NAME_KEY);
    return name ?? undefined;
  } catch (error) {
    // A browser that keeps nothing: a reload is another window.
    console.warn("the window's name could not be kept", error);
    return undefined;
  }
}

function keepName(name: string): void {
  try {
    sessionStorage.setItem(NAME_KEY, name);
  } catch (error) {
    console.warn("the window's name could not be kept", error);
  }
}
