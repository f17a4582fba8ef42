// Takes the stream into the page's video element: the last but one step of the walk "screen → photon". The element stands
// in index.html, so that a picture can be shown before any of the interface is loaded. From `connection.ts`; what it
// shows is measured by `present.ts`.

export interface ReceiveSink {
  /** The first picture of the stream given last is on the screen. */
  onFirstPicture(): void;
  /** The picture has this size from now on. */
  onSize(widthPx: number, heightPx: number): void;
}

export class VideoReceiver {
  readonly element: HTMLVideoElement;
  readonly #sink: ReceiveSink;
  readonly #ended = new AbortController();
  #awaited: MediaStream | undefined;

  constructor(element: HTMLVideoElement, sink: ReceiveSink) {
    this.element = element;
    this.#sink = sink;
    const options = { signal: this.#ended.signal };
    element.addEventListener("resize", () => this.#tellSize(), options);
    // A hidden page presents no frame but decodes them: whichever comes first.
    element.addEventListener("loadeddata", () => this.#seen(this.#awaited), options);
  }

  show(stream: MediaStream): void {
    this.#awaited = stream;
    this.element.srcObject = stream;
    this.element.requestVideoFrameCallback(() => this.#seen(stream));
    // Fails when the stream is replaced before it plays, and in browsers that want a click first; `autoplay` and the
    // next click try again.
    this.element.play().catch((error: unknown) => console.debug("play", error));
  }

  /** Paints what is on the screen now, dimmed, into `canvas`. False when there is nothing. */
  keepLast(canvas: HTMLCanvasElement): boolean {
    const { videoWidth, videoHeight } = this.element;
    if (videoWidth === 0 || videoHeight === 0) return false;
    canvas.width = videoWidth;
    canvas.height = videoHeight;
    const context = canvas.getContext("2d");
    if (context === null) return false;
    context.drawImage(this.element, 0, 0);
    context.fillStyle = "rgb(0 0 0 / 55%)";
    context.fillRect(0, 0, videoWidth, videoHeight);
    return true;
  }

  stop(): void {
    this.#awaited = undefined;
    this.element.srcObject = null;
  }

  /** Idempotent. */
  close(): void {
    this.#ended.abort();
    this.stop();
  }

  #seen(stream: MediaStream | undefined): void {
    if (stream === undefined || stream !== this.#awaited) return;
    this.#awaited = undefined;
    this.#tellSize();
    this.#sink.onFirstPicture();
  }

  #tellSize(): void {
    const { videoWidth, videoHeight } = this.element;
    if (videoWidth > 0 && videoHeight > 0) this.#sink.onSize(videoWidth, videoHeight);
  }
}
