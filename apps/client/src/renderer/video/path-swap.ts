// Which of the two pictures is shown: the video of WebRTC or the canvas of the socket. PURE but for its state. The agent says
// where the picture goes on, and from which frame; what is shown changes once that frame, or a later one, has come that way, so
// that nothing older is shown after something newer. Used by `surface.ts`.

export type PicturePath = "webrtc" | "socket";

export interface PathChange {
  readonly path: PicturePath;
  /** The first access unit that takes it. */
  readonly frame: number;
  /** Of that unit, where it is known and the path is WebRTC. */
  readonly rtpTimestamp?: number | undefined;
}

/**
 * Where no RTP timestamp is known, ms: how long before the agent's message its first frame may have come over WebRTC. UDP is
 * ahead of TCP by a retransmission or two.
 */
const AHEAD_MS = 500;

export class PathSwap {
  #shown: PicturePath | undefined;
  #wanted: PathChange | undefined;
  #video: { readonly rtpTimestamp: number | undefined; readonly atMs: number } | undefined;

  /** Undefined before the first picture. */
  get shown(): PicturePath | undefined {
    return this.#shown;
  }

  /** The path whose first frame is waited for. */
  get awaited(): PicturePath | undefined {
    return this.#wanted !== undefined && this.#wanted.path !== this.#shown ? this.#wanted.path : undefined;
  }

  /** True where what is shown has changed by that: the frame had come already. */
  announce(change: PathChange, nowMs: number): boolean {
    this.#wanted = change;
    const video = this.#video;
    if (change.path === "socket" || this.#shown === "webrtc" || video === undefined) return false;
    const ahead =
      change.rtpTimestamp === undefined || video.rtpTimestamp === undefined
        ? nowMs - video.atMs <= AHEAD_MS
        : notBefore(video.rtpTimestamp, change.rtpTimestamp);
    if (ahead) this.#shown = "webrtc";
    return ahead;
  }

  /** A frame is in the video element. True where the video is to be shown from now on. */
  videoPresented(rtpTimestamp: number | undefined, nowMs: number): boolean {
    this.#video = { rtpTimestamp, atMs: nowMs };
    if (this.#shown === "webrtc") return false;
    const wanted = this.#wanted;
    // The very first picture is shown whichever way it comes.
    if (this.#shown !== undefined) {
      if (wanted?.path !== "webrtc") return false;
      const { rtpTimestamp: first } = wanted;
      if (first !== undefined && rtpTimestamp !== undefined && !notBefore(rtpTimestamp, first)) return false;
    }
    this.#shown = "webrtc";
    return true;
  }

  /** A frame is on the canvas. True where the canvas is to be shown from now on. */
  canvasPresented(frame: number): boolean {
    if (this.#shown === "socket") return false;
    const wanted = this.#wanted;
    if (this.#shown !== undefined && (wanted?.path !== "socket" || frame < wanted.frame)) return false;
    this.#shown = "socket";
    return true;
  }

  /** Another session begins. */
  reset(): void {
    this.#shown = undefined;
    this.#wanted = undefined;
    this.#video = undefined;
  }
}

/** Modulo 2^32 (RFC 3550 5.1). */
function notBefore(timestamp: number, first: number): boolean {
  return ((timestamp - first) | 0) >= 0;
}
