// The socket path's picture on the page's canvas: the page's side of the Worker that decodes and draws (`decode/worker.ts`).
// From `connection.ts` by way of `surface.ts`, which shows the canvas or not.

import type { SocketVideo } from "../connection/socket-channels.ts";
import type { HeadStart } from "../head-start.ts";
import type { DecodeTotals, FromDecoder, ToDecoder } from "../decode/messages.ts";

export interface SocketPictureSink {
  /** This frame is drawn: what the canvas shows from its next composition on. */
  onDrawn(frame: number, widthPx: number, heightPx: number, arrivedMs: number, drawnMs: number): void;
  /** Nothing more can be shown before a keyframe. */
  onUndecodable(why: string): void;
  /** This browser decodes none of it. */
  onUseless(why: string): void;
}

/** Since the page began; `decoded` and `decodeMs` as of the last frame drawn. */
export interface SocketTotals extends Omit<DecodeTotals, "finished"> {
  readonly bytes: number;
}

const NOTHING: DecodeTotals = { finished: 0, decoded: 0, decodeMs: 0, decoder: "" };

export class SocketPicture {
  #canvas: HTMLCanvasElement;
  readonly #headStart: HeadStart;
  readonly #sink: SocketPictureSink;
  #worker: Worker | undefined;
  #totals = NOTHING;
  #sent = 0;
  #bytes = 0;
  #size = { widthPx: 0, heightPx: 0 };

  constructor(canvas: HTMLCanvasElement, headStart: HeadStart, sink: SocketPictureSink) {
    this.#canvas = canvas;
    this.#headStart = headStart;
    this.#sink = sink;
  }

  /** Pictures that wait for the decoder. */
  get queued(): number {
    return this.#sent - this.#totals.finished;
  }

  get totals(): SocketTotals {
    const { decoded, decodeMs, decoder } = this.#totals;
    return { decoded, decodeMs, decoder, bytes: this.#bytes };
  }

  /** Of what was drawn last; zeros before. */
  get size(): { readonly widthPx: number; readonly heightPx: number } {
    return this.#size;
  }

  /** Gives the Worker its canvas, so that it is ready when the first picture is there. Idempotent; it lives as long as the page. */
  prepare(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const { worker, trouble } = this.#headStart.decoder();
    worker.addEventListener("message", ({ data }: MessageEvent<FromDecoder>) => this.#take(data));
    void trouble.then((why) => this.#sink.onUseless(why));
    this.#worker = worker;
    this.#handOver();
    return worker;
  }

  /** Where the picture is; another element after each `clear`. */
  get canvas(): HTMLCanvasElement {
    return this.#canvas;
  }

  /**
   * Nothing is on the canvas any more. A new one takes its place: what the Worker draws shows a moment later than it says, and
   * until then the old one would show what it held, in front of a newer picture.
   */
  clear(): void {
    if (this.#worker === undefined) return;
    const blank = this.#canvas.cloneNode() as HTMLCanvasElement;
    this.#canvas.replaceWith(blank);
    this.#canvas = blank;
    this.#handOver();
  }

  /** Hands the bytes over; they are gone here afterwards. */
  take(part: SocketVideo, bytes: ArrayBuffer): void {
    this.#bytes += part.data.byteLength;
    if (part.last) this.#sent += 1;
    this.prepare();
    this.#post(bytes, [bytes]);
  }

  /** The next picture begins another stream. */
  restart(): void {
    if (this.#worker !== undefined) this.#post({ type: "restart" });
  }

  /** Idempotent. */
  close(): void {
    this.#worker?.terminate();
  }

  #handOver(): void {
    const canvas = this.#canvas.transferControlToOffscreen();
    this.#post({ type: "canvas", canvas }, [canvas]);
  }

  #post(message: ToDecoder, transfer: Transferable[] = []): void {
    this.#worker?.postMessage(message, transfer);
  }

  #take(message: FromDecoder): void {
    switch (message.type) {
      case "shown":
        this.#totals = message.totals;
        this.#size = { widthPx: message.widthPx, heightPx: message.heightPx };
        this.#sink.onDrawn(message.frame, message.widthPx, message.heightPx, message.arrivedMs, message.drawnMs);
        break;
      case "undecodable":
        this.#totals = message.totals;
        this.#sink.onUndecodable(message.why);
        break;
      case "useless":
        this.#sink.onUseless(message.why);
        break;
    }
  }
}
