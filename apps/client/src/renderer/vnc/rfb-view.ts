// The X server's own picture, keyboard and clipboard over RFB, drawn into the page by noVNC: the only file that knows it. Loaded by
// `vnc-path.ts` when it is wanted, as a chunk of its own.

import { VNC_SUBPROTOCOL, VNC_TICKET_PREFIX } from "@eglantine/protocol/channels";
import RFB from "@novnc/novnc";
import type { Scale } from "../video/place.ts";

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
  onClosed(why: string): void;
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
    let said = "";
    socket.addEventListener("close", ({ code, reason }) => {
      said = reason === "" ? `The connection to noVNC broke (${code}).` : reason;
      if (!this.#over) sink.onBreaking();
    });
    const end = (why: string): void => {
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
      end("The X server's RFB socket asks for a password, which the agent does not have.");
      this.#rfb.disconnect();
    });
    this.#rfb.addEventListener("disconnect", () =>
      end(said === "" ? "The X server's answer was not understood." : said),
    );
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

  /** Paints what is on the screen now, dimmed, into `canvas`. False when there is nothing. */
  keepLast(canvas: HTMLCanvasElement): boolean {
    const shown = this.#target.querySelector("canvas");
    if (!this.#open || shown === null || shown.width === 0 || shown.height === 0) return false;
    canvas.width = shown.width;
    canvas.height = shown.height;
    const context = canvas.getContext("2d");
    if (context === null) return false;
    context.drawImage(shown, 0, 0);
    context.fillStyle = "rgb(0 0 0 / 55%)";
    context.fillRect(0, 0, canvas.width, canvas.height);
    return true;
  }

  /** Idempotent. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#rfb.disconnect();
  }
}
