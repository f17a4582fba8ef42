// Puts the parts of a picture together and keeps from the decoder what it can't decode. PURE but for its state. From
// `worker.ts`, to `decoder.ts`.

import { type Codec, CODECS } from "@eglantine/protocol/formats";
import type { SocketMedia } from "@eglantine/protocol/socket";

export type VideoPart = Extract<SocketMedia, { type: "video" }>;

/** A whole coded picture. */
export interface CodedPicture extends Pick<VideoPart, "frame" | "keyframe" | "widthPx" | "heightPx" | "data"> {
  readonly codec: Codec;
  /** Epoch milliseconds of its last part. */
  readonly arrivedMs: number;
}

export class Assembler {
  #parts: VideoPart[] = [];

  /** Takes the next part; gives the picture that it ends. A picture whose first part is missing is none. */
  take(part: VideoPart, nowMs: number): CodedPicture | undefined {
    if (part.first) this.#parts = [];
    else if (this.#parts[0]?.frame !== part.frame) return undefined;
    this.#parts.push(part);
    if (!part.last) return undefined;
    const parts = this.#parts;
    this.#parts = [];
    const { frame, keyframe, widthPx, heightPx } = part;
    const codec = CODECS[part.codec] ?? "h264";
    return { frame, codec, keyframe, widthPx, heightPx, data: joined(parts), arrivedMs: nowMs };
  }

  reset(): void {
    this.#parts = [];
  }
}

function joined(parts: readonly VideoPart[]): Uint8Array {
  const only = parts[0];
  if (parts.length === 1 && only !== undefined) return only.data;
  const whole = new Uint8Array(parts.reduce((sum, { data }) => sum + data.byteLength, 0));
  let at = 0;
  for (const { data } of parts) {
    whole.set(data, at);
    at += data.byteLength;
  }
  return whole;
}

/**
 * `decode` it; `skip` it; `ask`: skip it and ask for a keyframe; `restart`: a keyframe while others wait, so give those up and
 * decode it at once.
 */
export type Verdict = "decode" | "skip" | "ask" | "restart";

/** A keyframe that finds more than this waiting does not wait for them. */
const QUEUE_BEFORE_KEYFRAME = 4;
/** More than this before the decoder: it will not catch up, so what waits is given up for a new keyframe. */
const QUEUE_MAX = 24;

/** Decides over each whole picture. */
export class Gate {
  /** Nothing is decodable before the next keyframe. */
  #closed = true;
  /** A keyframe was asked for, and has not come. */
  #asked = false;

  /** `queued`: pictures that wait for the decoder. */
  judge(keyframe: boolean, queued: number): Verdict {
    if (keyframe) {
      this.#closed = false;
      this.#asked = false;
      return queued > QUEUE_BEFORE_KEYFRAME ? "restart" : "decode";
    }
    if (!this.#closed && queued <= QUEUE_MAX) return "decode";
    return this.fail() ? "ask" : "skip";
  }

  /** Nothing can be decoded before a keyframe. True when that has to be asked for: once until one comes. */
  fail(): boolean {
    this.#closed = true;
    const first = !this.#asked;
    this.#asked = true;
    return first;
  }

  /** Another stream begins. */
  restart(): void {
    this.#closed = true;
    this.#asked = false;
  }
}
