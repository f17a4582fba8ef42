// The control channel: one WebSocket, JSON messages of the protocol's `control.ts`, both ways, and the socket path's binary
// frames between them (`socket-channels.ts`). From the network to `attempt.ts`; parsing is `agent-control.ts`'s.

import type { AgentControl, ViewerControl } from "@eglantine/protocol/control";
import { ProtocolError } from "@eglantine/protocol/field";
import { parseAgentFrame } from "./agent-control.ts";

export interface ControlSink {
  onOpen(): void;
  onMessage(message: AgentControl): void;
  /** Throws ProtocolError for what is none of `socket.ts`. */
  onBinary(frame: ArrayBuffer): void;
  /** The agent sent what no agent of this protocol sends. */
  onNonsense(error: ProtocolError): void;
  /** The socket is closed, or never opened. Once; not after `close()`. */
  onClosed(detail: string): void;
}

export class ControlSocket {
  readonly #sink: ControlSink;
  readonly #socket: WebSocket | undefined;
  #closed = false;

  /** `open`: to a WebSocket that is opening, or open already; may throw as its constructor does. */
  constructor(open: () => WebSocket, sink: ControlSink) {
    this.#sink = sink;
    try {
      this.#socket = open();
    } catch (error) {
      // A page that came over https may not open ws:, and says so by throwing.
      if (!(error instanceof DOMException)) throw error;
      queueMicrotask(() => this.#end(error.message));
      return;
    }
    const opened = (): void => {
      if (!this.#closed) sink.onOpen();
    };
    if (this.#socket.readyState === WebSocket.OPEN) queueMicrotask(opened);
    else this.#socket.addEventListener("open", opened);
    this.#socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => this.#take(data));
    this.#socket.addEventListener("close", ({ code, reason }) => {
      this.#end(reason === "" ? `WebSocket closed (${code})` : `WebSocket closed (${code}): ${reason}`);
    });
  }

  /** Sends at once; dropped when the socket is not open. */
  send(message: ViewerControl): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** A binary frame. False: dropped, since the socket is not open. */
  sendBinary(frame: Uint8Array<ArrayBuffer>): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(frame);
    return true;
  }

  /** Bytes that wait to be sent. */
  get backlogBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Idempotent. What was sent before still goes out. */
  close(): void {
    this.#closed = true;
    this.#socket?.close(1000);
  }

  #take(data: unknown): void {
    if (this.#closed) return;
    try {
      if (typeof data === "string") this.#sink.onMessage(parseAgentFrame(data));
      else this.#sink.onBinary(data as ArrayBuffer);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#sink.onNonsense(error);
    }
  }

  #end(detail: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#sink.onClosed(detail);
  }
}
