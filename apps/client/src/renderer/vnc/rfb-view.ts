// The X server's own picture, keyboard and clipboard over RFB, drawn into the page by noVNC: the only file that knows it. Loaded by
// `vnc-path.ts` when it is wanted, as a chunk of its own.

import { VNC_SUBPROTOCOL, VNC_TICKET_PREFIX } from "@eglantine/protocol/channels";
import RFB from "@novnc/novnc";
import { said, type Sentence } from "../messages/said.ts";
import type { Scale } from "../video/place.ts";
import type { ShownPicture } from "../video/still.ts";

export interface RfbViewOptions {
  /** Empty; filled while it lives. */
  readonly target: HTMLElement;
  readonly url: string;
  readonly ticket: string;
  /** Nothing is sent that the agent would drop. */
  readonly viewOnly: boolean;
  readonly scale: Scale;
}

export interface RfbViewSink {
  /** The X server has said what its picture is; the picture itself follows at once. */
  onOpen(): void;
  /** It breaks off: the last moment that its picture can be kept. */
  onBreaking(): void;
  /** Text that was copied on the desktop. */
  onText(text: string): void;
  /** It is over, and why, as the agent said it. Once; not after `close()`. */
  onClosed(why: Sentence): void;
}

export class RfbView {
  readonly #rfb: RFB;
  readonly #target: HTMLElement;
  #over = false;
  #open = false;

  /** Throws where the page may not open this address at all. */
  constructor({ target, url, ticket, viewOnly, scale }: RfbViewOptions, sink: RfbViewSink) {
    this.#target = target;
    const socket = new WebSocket(url, [VNC_SUBPROTOCOL, VNC_TICKET_PREFIX + ticket]);
    let told: Sentence | undefined;
    socket.addEventListener("close", ({ code, reason }) => {
      told = reason === "" ? said("notices", "vnc-broke", { code: String(code) }) : reason;
      if (!this.#over) sink.onBreaking();
    });
    const end = (why: Sentence): void => {
      if (this.#over) return;
      this.#over = true;
      sink.onClosed(why);
    };
    // Its own listeners on the socket come after ours, so that the reason is known when it says that it is over.
    this.#rfb = new RFB(target, socket, { shared: true });
    this.#rfb.viewOnly = viewOnly;
    this.#rfb.scaleViewport = scale === "fit";
    // The desktop's size is the control connection's: in device pixels, and the same way on every path.
    this.#rfb.resizeSession = false;
    this.#rfb.background = "#000";
    this.#rfb.addEventListener("connect", () => {
      if (this.#over) return;
      this.#open = true;
      sink.onOpen();
    });
    this.#rfb.addEventListener("clipboard", ({ detail }) => sink.onText(detail.text));
    this.#rfb.addEventListener("credentialsrequired", () => {
      end(said("notices", "vnc-password"));
      this.#rfb.disconnect();
    });
    this.#rfb.addEventListener("disconnect", () => end(told ?? said("notices", "vnc-not-understood")));
  }

  setScale(scale: Scale): void {
    this.#rfb.scaleViewport = scale === "fit";
  }

  /** Offers text to the desktop's clipboard. */
  paste(text: string): void {
    this.#rfb.clipboardPasteFrom(text);
  }

  focus(): void {
    this.#rfb.focus({ preventScroll: true });
  }

  /** What is on the screen now. */
  get shown(): ShownPicture | undefined {
    const canvas = this.#target.querySelector("canvas");
    if (!this.#open || canvas === null || canvas.width === 0 || canvas.height === 0) return undefined;
    return { source: canvas, widthPx: canvas.width, heightPx: canvas.height };
  }

  /** Idempotent. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#rfb.disconnect();
  }
}
