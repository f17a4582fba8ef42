// The noVNC path: asks for a ticket over the control connection, loads noVNC, opens it, and opens it again when it breaks off while
// the session goes on. Built and told by `client.ts`; what it shows is `rfb-view.ts`'s.

import { said, type Sentence } from "../messages/said.ts";
import { retryDelayMs } from "../connection/reconnect.ts";
import { Store } from "../store.ts";
import type { Scale } from "../video/place.ts";
import type { RfbView } from "./rfb-view.ts";
import { ViewerClipboard } from "./viewer-clipboard.ts";
import type { ShownPicture } from "../video/still.ts";

export type VncState =
  | { readonly phase: "off" }
  /** `why` it is taken at all, for the user; `trouble` of the try before this one. */
  | { readonly phase: "opening"; readonly why: Sentence; readonly trouble?: Sentence }
  | { readonly phase: "open"; readonly why: Sentence };

export interface VncParts {
  /** Stands on the stage, over the video; hidden until there is a picture. */
  readonly target: HTMLElement;
  /** Asks the agent for a ticket. */
  readonly ask: () => void;
  /** Of the RFB WebSocket, of the agent that is connected. */
  readonly url: () => string | undefined;
  readonly viewOnly: () => boolean;
  /** A picture is there. */
  readonly onOpen: () => void;
  /** The picture breaks off: the last moment to keep it. */
  readonly onBreaking: () => void;
  /** It could not be had, and why: it is off again. */
  readonly onGivenUp: (why: Sentence) => void;
}

/** Tries to open it at all. One that was open is tried again for as long as the session lasts. */
const TRIES = 4;
/** How long ticket, code and the X server may take together, ms. */
const OPEN_MS = 10_000;

export class VncPath {
  readonly state = new Store<VncState>({ phase: "off" });
  /** What was copied on the desktop last. */
  readonly text = new Store<string>("");
  readonly #parts: VncParts;
  readonly #clipboard = new ViewerClipboard((text) => this.#view?.paste(text));
  #view: RfbView | undefined;
  #scale: Scale = "fit";
  /** Counts what was begun, so that what comes late for an older try is dropped. */
  #round = 0;
  #tries = 0;
  #wasOpen = false;
  #timer: number | undefined;

  constructor(parts: VncParts) {
    this.#parts = parts;
  }

  get on(): boolean {
    return this.state.get().phase !== "off";
  }

  /** Takes this path: `why`, as a sentence for the user. Also after the control connection was made anew. */
  open(why: Sentence): void {
    this.#release();
    this.#tries = 0;
    this.#wasOpen = false;
    this.#try(why);
  }

  /** The agent's answer to `ask`. */
  takeTicket(ticket: string): void {
    const state = this.state.get();
    const url = this.#parts.url();
    if (state.phase !== "opening" || this.#view !== undefined || url === undefined) return;
    void this.#show(url, ticket, this.#round, state.why);
  }

  setScale(scale: Scale): void {
    this.#scale = scale;
    this.#view?.setScale(scale);
  }

  focus(): void {
    this.#view?.focus();
  }

  /** Text that the user gives the desktop's clipboard. */
  paste(text: string): void {
    this.#view?.paste(text);
  }

  get shown(): ShownPicture | undefined {
    return this.#view?.shown;
  }

  /** Idempotent. */
  close(): void {
    this.#release();
    if (this.on) this.state.set({ phase: "off" });
  }

  #try(why: Sentence, trouble?: Sentence): void {
    this.#round += 1;
    this.#tries += 1;
    this.state.set({ phase: "opening", why, ...(trouble === undefined ? {} : { trouble }) });
    this.#parts.ask();
    this.#timer = window.setTimeout(() => this.#failed(why, said("notices", "vnc-silent")), OPEN_MS);
  }

  async #show(url: string, ticket: string, round: number, why: Sentence): Promise<void> {
    try {
      const { RfbView } = await import("./rfb-view.ts");
      if (round !== this.#round) return;
      const { target, viewOnly } = this.#parts;
      this.#view = new RfbView(
        { target, url, ticket, viewOnly: viewOnly(), scale: this.#scale },
        {
          onOpen: () => this.#opened(why),
          onBreaking: this.#parts.onBreaking,
          onText: (text) => {
            this.text.set(text);
            this.#clipboard.take(text);
          },
          onClosed: (trouble) => this.#failed(why, trouble),
        },
      );
    } catch (error) {
      // The chunk could not be loaded, or the page may not open the address.
      if (round === this.#round) this.#failed(why, said("notices", "vnc-not-started", { why: String(error) }));
    }
  }

  #opened(why: Sentence): void {
    clearTimeout(this.#timer);
    this.#wasOpen = true;
    this.#tries = 0;
    this.#parts.target.hidden = false;
    this.state.set({ phase: "open", why });
    if (!this.#parts.viewOnly()) this.#clipboard.start();
    this.#parts.onOpen();
  }

  #failed(why: Sentence, trouble: Sentence): void {
    this.#release();
    if (!this.#wasOpen && this.#tries >= TRIES) {
      this.state.set({ phase: "off" });
      this.#parts.onGivenUp(trouble);
      return;
    }
    this.state.set({ phase: "opening", why, trouble });
    this.#timer = window.setTimeout(() => this.#try(why, trouble), retryDelayMs(this.#tries + 1, Math.random()));
  }

  #release(): void {
    this.#round += 1;
    clearTimeout(this.#timer);
    this.#clipboard.stop();
    this.#view?.close();
    this.#view = undefined;
    this.#parts.target.hidden = true;
  }
}
