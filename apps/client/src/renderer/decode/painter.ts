// Draws decoded frames onto the page's canvas, off the main thread: the last step of the socket path. The newest frame wins.
// From `decoder.ts` by way of `worker.ts`.

/** Frames that come closer together than this are not both seen on any usual screen (120 Hz), ms. */
const SPACING_MS = 8;

export class Painter {
  readonly #canvas: OffscreenCanvas;
  readonly #context: OffscreenCanvasRenderingContext2D;
  readonly #onDrawn: (frame: VideoFrame, arrivedMs: number) => void;
  #waiting: { readonly frame: VideoFrame; readonly arrivedMs: number } | undefined;
  #timer: number | undefined;
  #drawnMs = 0;

  constructor(canvas: OffscreenCanvas, onDrawn: (frame: VideoFrame, arrivedMs: number) => void) {
    this.#canvas = canvas;
    const context = canvas.getContext("2d", { alpha: false });
    if (context === null) throw new Error("no canvas in this Worker");
    this.#context = context;
    this.#onDrawn = onDrawn;
  }

  /** Takes the frame over. Draws it now, or together with a newer one a moment later. */
  show(frame: VideoFrame, arrivedMs: number): void {
    this.#waiting?.frame.close();
    this.#waiting = { frame, arrivedMs };
    const inMs = this.#drawnMs + SPACING_MS - performance.now();
    if (inMs <= 0) this.#draw();
    else this.#timer ??= setTimeout(() => this.#draw(), inMs);
  }

  /** What waits is not drawn any more. */
  drop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting?.frame.close();
    this.#waiting = undefined;
  }

  #draw(): void {
    const waiting = this.#waiting;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = undefined;
    if (waiting === undefined) return;
    const { frame, arrivedMs } = waiting;
    const { displayWidth, displayHeight } = frame;
    if (this.#canvas.width !== displayWidth) this.#canvas.width = displayWidth;
    if (this.#canvas.height !== displayHeight) this.#canvas.height = displayHeight;
    this.#context.drawImage(frame, 0, 0);
    this.#drawnMs = performance.now();
    this.#onDrawn(frame, arrivedMs);
    frame.close();
  }
}
