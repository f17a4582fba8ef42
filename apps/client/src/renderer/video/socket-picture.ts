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
/** Workers that break off one after the other without a single picture. */
const TRIES = 3;
/** Before the next one; four times as long before the one after it. */
const AGAIN_MS = 200;

export class SocketPicture {
  #canvas: HTMLCanvasElement;
  /** It is a Worker's. */
  #given = false;
  readonly #headStart: HeadStart;
  readonly #sink: SocketPictureSink;
  #worker: Worker | undefined;
  #totals = NOTHING;
  /** Of Workers that broke off. */
  #before = { decoded: 0, decodeMs: 0 };
  #failures = 0;
  #againTimer: number | undefined;
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
    const { decoded: decodedBefore, decodeMs: decodeMsBefore } = this.#before;
    return { decoded: decodedBefore + decoded, decodeMs: decodeMsBefore + decodeMs, decoder, bytes: this.#bytes };
  }

  /** Of what was drawn last; zeros before. */
  get size(): { readonly widthPx: number; readonly heightPx: number } {
    return this.#size;
  }

  /** Gives the Worker its canvas, so that it is ready when the first picture is there. Idempotent; it lives as long as the page. */
  prepare(): void {
    if (this.#worker === undefined && this.#failures === 0) this.#begin();
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
    if (this.#worker !== undefined) this.#handOver();
  }

  /** Hands the bytes over; they are gone here afterwards. */
  take(part: SocketVideo, bytes: ArrayBuffer): void {
    this.#bytes += part.data.byteLength;
    this.prepare();
    if (this.#worker !== undefined && part.last) this.#sent += 1;
    this.#post(bytes, [bytes]);
  }

  /** The next picture begins another stream. */
  restart(): void {
    if (this.#failures === TRIES) this.#failures = 0;
    this.#post({ type: "restart" });
  }

  /** Idempotent. */
  close(): void {
    clearTimeout(this.#againTimer);
    this.#worker?.terminate();
  }

  #begin(): void {
    const { worker, trouble } = this.#headStart.decoder();
    worker.addEventListener("message", ({ data }: MessageEvent<FromDecoder>) => {
      if (worker === this.#worker) this.#take(data);
    });
    void trouble.then((why) => this.#lose(worker, why));
    this.#worker = worker;
    this.#handOver();
  }

  /** The browser did not load it, or it broke off: another one takes its place, unless none of them gets anywhere. */
  #lose(worker: Worker, why: string): void {
    if (worker !== this.#worker) return;
    worker.terminate();
    this.#worker = undefined;
    const { decoded, decodeMs } = this.totals;
    this.#before = { decoded, decodeMs };
    this.#totals = NOTHING;
    this.#sent = 0;
    this.#failures += 1;
    if (this.#failures === TRIES) {
      this.#sink.onUseless(why);
      return;
    }
    this.#againTimer = window.setTimeout(
      () => {
        this.#begin();
        this.#sink.onUndecodable(why);
      },
      AGAIN_MS * 4 ** (this.#failures - 1),
    );
  }

  #handOver(): void {
    // A canvas can be given away once.
    if (this.#given) {
      const blank = this.#canvas.cloneNode() as HTMLCanvasElement;
      this.#canvas.replaceWith(blank);
      this.#canvas = blank;
    }
    this.#given = true;
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
        this.#failures = 0;
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
