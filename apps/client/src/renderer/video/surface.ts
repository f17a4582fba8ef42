// The one thing that shows the desktop and takes pointer and keyboard: a video for WebRTC and a canvas for the socket in one
// element. Which of them is seen follows `path-swap.ts`; the change is one step. The last but one step of the walk "screen →
// photon". From `connection.ts`; measured by `present.ts`.

import type { SocketVideo } from "../connection/socket-channels.ts";
import type { HeadStart } from "../head-start.ts";
import type { SizePx } from "./place.ts";
import { type PathChange, type PicturePath, PathSwap } from "./path-swap.ts";
import { VideoReceiver } from "./receive.ts";
import { SocketPicture, type SocketTotals } from "./socket-picture.ts";
import type { ShownPicture } from "./still.ts";

export interface SurfaceParts {
  readonly surface: HTMLElement;
  readonly video: HTMLVideoElement;
  readonly canvas: HTMLCanvasElement;
  readonly headStart: HeadStart;
}

export interface SurfaceSink {
  /** The first picture of this session is on the screen. */
  onFirstPicture(path: PicturePath): void;
  /** The picture goes on over the other path, and is seen there. */
  onShown(path: PicturePath): void;
  onSize(widthPx: number, heightPx: number): void;
  /** A frame of the socket's is on the canvas; epoch milliseconds. */
  onDrawn(arrivedMs: number, drawnMs: number): void;
  /** The next picture must be whole. */
  onKeyframeNeeded(why: "no-picture" | "undecodable"): void;
  /** The socket's pictures can't be decoded here. */
  onSocketUseless(why: string): void;
}

/** A path that was announced and shows nothing for so long, ms, is asked for a whole picture; again after twice as long. */
const AWAITED_MS = 300;
const AWAITED_MOST_MS = 5000;

export class Surface {
  readonly element: HTMLElement;
  readonly video: HTMLVideoElement;
  readonly #sink: SurfaceSink;
  readonly #receiver: VideoReceiver;
  readonly #picture: SocketPicture;
  readonly #swap = new PathSwap();
  #first = true;
  #awaitedTimer: number | undefined;
  readonly #ended = new AbortController();

  constructor({ surface, video, canvas, headStart }: SurfaceParts, sink: SurfaceSink) {
    this.element = surface;
    this.video = video;
    this.#sink = sink;
    this.#receiver = new VideoReceiver(video, {
      onPresented: (rtpTimestamp) => {
        if (this.#swap.videoPresented(rtpTimestamp, performance.now())) this.#reveal("webrtc");
      },
      onSize: (widthPx, heightPx) => {
        if (this.#swap.shown === "webrtc") sink.onSize(widthPx, heightPx);
      },
    });
    this.#picture = new SocketPicture(canvas, headStart, {
      onDrawn: (frame, widthPx, heightPx, arrivedMs, drawnMs) => {
        if (this.#swap.canvasPresented(frame)) this.#reveal("socket");
        else if (this.#swap.shown === "socket") this.#tellSize(widthPx, heightPx);
        sink.onDrawn(arrivedMs, drawnMs);
      },
      onUndecodable: (why) => {
        console.debug("undecodable", why);
        sink.onKeyframeNeeded("undecodable");
      },
      onUseless: (why) => sink.onSocketUseless(why),
    });
    const { signal } = this.#ended;
    document.addEventListener(
      "visibilitychange",
      () => this.#awaitedTimer !== undefined && this.#awaitPath(AWAITED_MS),
      { signal },
    );
  }

  /** The path that is seen; undefined before the first picture of a session. */
  get path(): PicturePath | undefined {
    return this.#swap.shown;
  }

  get queuedPictures(): number {
    return this.#picture.queued;
  }

  get socketTotals(): SocketTotals {
    return this.#picture.totals;
  }

  /** Pictures shown over both paths since the page began: grows whenever the picture moves. */
  get framesShown(): number {
    return this.video.getVideoPlaybackQuality().totalVideoFrames + this.#picture.totals.decoded;
  }

  /** Another session begins; what is seen stays until its first picture. */
  begin(): void {
    this.#swap.reset();
    this.#first = true;
    this.#picture.restart();
    this.#receiver.setAwaiting(true);
    clearTimeout(this.#awaitedTimer);
  }

  /** The socket may bring the first picture. */
  prepareSocket(): void {
    this.#picture.prepare();
  }

  show(stream: MediaStream): void {
    this.#receiver.show(stream);
  }

  takePath(change: PathChange): void {
    const before = this.#swap.awaited ?? this.#swap.shown;
    // What the socket brought before is behind us: the agent begins with a whole picture.
    if (change.path === "socket" && before === "webrtc") {
      this.#picture.restart();
      // The video lies beneath: when the canvas comes to the front before its picture does, the video goes on showing.
      if (this.#swap.shown === "webrtc") this.#picture.clear();
    }
    if (this.#swap.announce(change, performance.now())) this.#reveal(change.path);
    else this.#awaitPath(AWAITED_MS);
  }

  takeSocketVideo(part: SocketVideo, bytes: ArrayBuffer): void {
    this.#picture.take(part, bytes);
  }

  /** What is on the screen now. */
  get shown(): ShownPicture | undefined {
    const onSocket = this.#swap.shown === "socket";
    const { widthPx, heightPx }: SizePx = onSocket ? this.#picture.size : this.#receiver.size;
    if (widthPx === 0 || heightPx === 0) return undefined;
    return { source: onSocket ? this.#picture.canvas : this.video, widthPx, heightPx };
  }

  stop(): void {
    clearTimeout(this.#awaitedTimer);
    this.#awaitedTimer = undefined;
    this.#receiver.setAwaiting(false);
    this.#receiver.stop();
  }

  /** Idempotent. */
  close(): void {
    this.#ended.abort();
    this.stop();
    this.#receiver.close();
    this.#picture.close();
  }

  #reveal(path: PicturePath): void {
    // The socket's first picture may be seen after the change to WebRTC was announced: that one's is waited for still.
    if (this.#swap.awaited === undefined) clearTimeout(this.#awaitedTimer);
    this.element.dataset["path"] = path;
    const { widthPx, heightPx } = path === "socket" ? this.#picture.size : this.#receiver.size;
    this.#tellSize(widthPx, heightPx);
    this.#sink.onShown(path);
    this.#receiver.setAwaiting(path !== "webrtc");
    if (!this.#first) return;
    this.#first = false;
    this.#sink.onFirstPicture(path);
  }

  #tellSize(widthPx: number, heightPx: number): void {
    if (widthPx > 0 && heightPx > 0) this.#sink.onSize(widthPx, heightPx);
  }

  /** A still desktop sends nothing more: a first picture that was lost on the way is asked for, by a hidden page when it is seen again. */
  #awaitPath(waitMs: number): void {
    clearTimeout(this.#awaitedTimer);
    // What goes over the socket arrives.
    if (this.#swap.awaited !== "webrtc") return;
    this.#awaitedTimer = window.setTimeout(() => {
      if (document.hidden) return;
      this.#sink.onKeyframeNeeded("no-picture");
      this.#awaitPath(Math.min(AWAITED_MOST_MS, waitMs * 2));
    }, waitMs);
  }
}
