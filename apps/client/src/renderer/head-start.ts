// What takes the browser long and needs nothing of the page: begun by `main.ts` while the rest of the page is still on its way.
// The WebSocket to the agent that served the page goes to `connection/attempt.ts`, what the browser decodes too; the Worker of the
// socket path to `video/socket-picture.ts`. Each is made when it is asked for where nothing was begun.

import { CONTROL_SUBPROTOCOL } from "@eglantine/protocol/channels";
import { decodableFormats, type MediaFormats } from "./connection/formats.ts";

/** The Worker that decodes, and why it did not start or broke off, where that happens. */
export interface DecodeWorker {
  readonly worker: Worker;
  readonly trouble: Promise<string>;
}

export class HeadStart {
  #ahead: { readonly url: string; readonly socket: WebSocket } | undefined;
  #formats: Promise<MediaFormats> | undefined;
  #decoder: DecodeWorker | undefined;

  /** The page will connect there by itself. */
  begin(socketUrl: string): void {
    this.#open(socketUrl);
    if (typeof VideoDecoder !== "undefined") this.#decoder = startDecoder();
    void this.formats();
  }

  /** The connection there may be dead: its successor begins. `onOpen`: the agent can be reached. */
  renew(socketUrl: string, onOpen: () => void): void {
    this.#ahead?.socket.close(1000);
    this.#open(socketUrl).addEventListener("open", onOpen);
  }

  /** It lives, or it does not. A successor that is not open yet may have begun before there was a network: another one is sooner. */
  settle(alive: boolean): void {
    const ahead = this.#ahead;
    if (ahead === undefined || (!alive && ahead.socket.readyState === WebSocket.OPEN)) return;
    this.#ahead = undefined;
    ahead.socket.close(1000);
  }

  /** The one that was begun, if it is to this address and was not taken yet. Throws what the constructor of WebSocket throws. */
  socket(url: string): WebSocket {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead?.url === url && ahead.socket.readyState <= WebSocket.OPEN) return ahead.socket;
    ahead?.socket.close(1000);
    return openSocket(url);
  }

  /** Asked once: a browser does not learn. */
  formats(): Promise<MediaFormats> {
    this.#formats ??= decodableFormats();
    return this.#formats;
  }

  /** The one that was begun, if it was not taken yet: a canvas can be given away once. */
  decoder(): DecodeWorker {
    const decoder = this.#decoder ?? startDecoder();
    this.#decoder = undefined;
    return decoder;
  }

  #open(url: string): WebSocket {
    const socket = openSocket(url);
    this.#ahead = { url, socket };
    // An agent that speaks before it was greeted refuses: whoever takes the socket is to hear that, from one of its own.
    socket.addEventListener("message", () => this.#close(socket), { once: true });
    return socket;
  }

  #close(socket: WebSocket): void {
    if (this.#ahead?.socket === socket) socket.close(1000);
  }
}

function openSocket(url: string): WebSocket {
  const socket = new WebSocket(url, CONTROL_SUBPROTOCOL);
  socket.binaryType = "arraybuffer";
  return socket;
}

function startDecoder(): DecodeWorker {
  const worker = new Worker(new URL("./decode/worker.ts", import.meta.url), { type: "module" });
  const trouble = new Promise<string>((resolve) => {
    worker.addEventListener("error", ({ message }) => resolve(message || "the decoder did not start"));
  });
  return { worker, trouble };
}
