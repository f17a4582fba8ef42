// WebRTC's stream in the page's video element, which stands in index.html, so that a picture can be shown before any of the
// interface is loaded. From `connection.ts`; `surface.ts` shows it or not, `present.ts` measures it.

export interface ReceiveSink {
  /** A frame is in the element; told only while somebody waits for one. `rtpTimestamp`: where the browser tells it. */
  onPresented(rtpTimestamp: number | undefined): void;
  /** The picture has this size from now on. */
  onSize(widthPx: number, heightPx: number): void;
}

/** Chromium ends the stream of a peer that closes with a black picture of two by two pixels: no desktop is that small. */
const BLANK_PX = 2;

export class VideoReceiver {
  readonly element: HTMLVideoElement;
  readonly #sink: ReceiveSink;
  readonly #ended = new AbortController();
  #awaiting = false;
  #handle: number | undefined;

  constructor(element: HTMLVideoElement, sink: ReceiveSink) {
    this.element = element;
    this.#sink = sink;
    const options = { signal: this.#ended.signal };
    element.addEventListener("resize", () => this.#tellSize(), options);
    // A hidden page presents no frame but decodes them: whichever comes first.
    element.addEventListener(
      "loadeddata",
      () => this.#awaiting && this.#isDesktop && sink.onPresented(undefined),
      options,
    );
  }

  show(stream: MediaStream): void {
    this.element.srcObject = stream;
    // Fails when the stream is replaced before it plays, and in browsers that want a click first; `autoplay` and the
    // next click try again.
    this.element.play().catch((error: unknown) => console.debug("play", error));
  }

  /** Whether every frame is told: nothing runs per frame while none is waited for. */
  setAwaiting(awaiting: boolean): void {
    this.#awaiting = awaiting;
    if (awaiting) this.#next();
    else if (this.#handle !== undefined) this.element.cancelVideoFrameCallback(this.#handle);
    if (!awaiting) this.#handle = undefined;
  }

  get size(): { readonly widthPx: number; readonly heightPx: number } {
    return { widthPx: this.element.videoWidth, heightPx: this.element.videoHeight };
  }

  stop(): void {
    this.element.srcObject = null;
  }

  /** Idempotent. */
  close(): void {
    this.setAwaiting(false);
    this.#ended.abort();
    this.stop();
  }

  #next(): void {
    this.#handle ??= this.element.requestVideoFrameCallback((_now, metadata) => {
      this.#handle = undefined;
      if (this.#isDesktop) this.#sink.onPresented(metadata.rtpTimestamp);
      if (this.#awaiting) this.#next();
    });
  }

  #tellSize(): void {
    const { widthPx, heightPx } = this.size;
    if (this.#isDesktop) this.#sink.onSize(widthPx, heightPx);
  }

  get #isDesktop(): boolean {
    return this.element.videoWidth > BLANK_PX && this.element.videoHeight > BLANK_PX;
  }
}
