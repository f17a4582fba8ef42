// Media over the control WebSocket: protocol `socket.ts`. Says when the next picture may be taken (`congestion/window.ts`), so that
// in ordinary congestion nothing that was coded is dropped: changes gather on the screen instead. Built and fed by
// `session/paths.ts`; the bytes leave through `server/websocket.ts`.

import { CODECS } from "@eglantine/protocol/formats";
import { LIMITS } from "@eglantine/protocol/limits";
import { ProtocolError } from "@eglantine/protocol/field";
import { socketMediaCodec, type SocketViewer } from "@eglantine/protocol/socket";
import type { ControllerOptions, RateLimits } from "../congestion/types.ts";
import {
  createWindow,
  partsAcked,
  partSent,
  setWindowLimits,
  type SocketWindow,
  windowOpen,
} from "../congestion/window.ts";
import type { AccessUnit } from "../video/types.ts";
import type { MediaPath, TransportCounters } from "./types.ts";

/** The viewer's WebSocket, as far as media needs it. */
export interface SocketLine {
  /** One binary frame: `head` and `data` behind it, which is not copied and must not change. `taken`: the network has it, or never will. */
  sendBinary(head: Uint8Array, data?: Uint8Array, taken?: () => void): void;
  /** Handed over and not taken by the network yet. */
  readonly bufferedBytes: number;
}

export interface SocketSink {
  /** Whether the next picture may be taken. At first it may. */
  onReady(ready: boolean): void;
  /** Pictures were dropped: nothing is sent before the next IDR. */
  onKeyframeNeeded(): void;
  onTargetBps(targetBps: number): void;
}

export interface SocketOptions extends ControllerOptions {
  readonly line: SocketLine;
  readonly sink: SocketSink;
  readonly nowMs: () => number;
}

export type SocketAck = Extract<SocketViewer, { type: "ack" }>;

/** A picture is acknowledged in parts of this size, so that what is in flight is known while a large one is. */
const PART_BYTES = 64 * 1024;
/** Feedback is dropped, and sent again by its sender, when so much waits for the network. */
const MAX_BUFFERED_BYTES = 4 * LIMITS.feedbackBytes;
/** Pictures that were coded before the pipeline heard that it should pause, while this thread was busy: `native/stream.cc`. */
const MOST_WAITING = 2;
const NOTHING = new Uint8Array(0);
/** The encoder hears of a rise when it is worth it, of a fall at once. */
const RISE_STEP = 1.02;
const FALL_STEP = 0.995;

interface Waiting {
  readonly unit: AccessUnit;
  readonly sinceMs: number;
}

export class SocketTransport implements MediaPath {
  readonly #line: SocketLine;
  readonly #sink: SocketSink;
  readonly #nowMs: () => number;
  readonly #window: SocketWindow;
  /** Parts of MOST_WAITING pictures at most, whole or still coming. */
  #queue: Waiting[] = [];
  readonly #sendTimes: { atMs: number; tookMs: number }[] = [];
  #ready = true;
  #active = true;
  #needsKeyframe = false;
  /** The picture whose first part has left: the rest follows it whatever the window says. */
  #begun = false;
  #announcedBps: number;
  #sentParts = 0;
  #sentBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: SocketOptions) {
    this.#line = options.line;
    this.#sink = options.sink;
    this.#nowMs = options.nowMs;
    this.#window = createWindow(options);
    this.#announcedBps = options.startBps;
    this.#tellTarget();
  }

  setLimits(limits: RateLimits): void {
    setWindowLimits(this.#window, limits);
    this.#announceTarget();
  }

  setActive(active: boolean): void {
    this.#active = active;
    this.#begun = false;
    this.#needsKeyframe = false;
    this.#queue.length = 0;
    this.#review(this.#nowMs());
    // Until now another path's may have counted.
    if (active) this.#tellTarget();
    // A path that is set aside holds nobody back.
    if (!active) this.#tell(true);
  }

  send(unit: AccessUnit): void {
    if (this.#closed || !this.#active) return;
    const nowMs = this.#nowMs();
    if (this.#begun) {
      this.#put(unit, nowMs);
    } else if (this.#mayBegin(unit)) {
      this.#queue.push({ unit, sinceMs: nowMs });
      this.#drain(nowMs);
    }
    this.#review(nowMs);
  }

  sendFeedback(message: Uint8Array): boolean {
    if (this.#closed || this.#line.bufferedBytes > MAX_BUFFERED_BYTES) return false;
    this.#line.sendBinary(socketMediaCodec.encode({ type: "feedback", message }));
    return true;
  }

  /** Throws ProtocolError for an answer to what was never sent. */
  acked({ receivedBytes, queuedFrames }: SocketAck): void {
    const nowMs = this.#nowMs();
    if (!partsAcked(this.#window, receivedBytes, queuedFrames, nowMs)) {
      throw new ProtocolError("ack: of bytes that were not sent");
    }
    this.#announceTarget();
    this.#drain(nowMs);
    this.#review(nowMs);
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  counters(): TransportCounters {
    const { targetBps, queueMs, roundTripMs } = this.#window;
    const sinceMs = this.#nowMs() - 1000;
    const recent = this.#sendTimes.filter(({ atMs }) => atMs >= sinceMs).map(({ tookMs }) => tookMs);
    recent.sort((a, b) => a - b);
    return {
      sentPackets: this.#sentParts,
      sentBytes: this.#sentBytes,
      retransmittedPackets: 0,
      lostPackets: 0,
      roundTripMs,
      targetBps,
      queueMs,
      lossFraction: 0,
      fecFraction: 0,
      ignoredFeedback: 0,
      sendMs: recent[recent.length >> 1] ?? 0,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#queue.length = 0;
  }

  /** Makes room for a picture that begins; false when it can't be decoded without one that was dropped. */
  #mayBegin(unit: AccessUnit): boolean {
    if (this.#needsKeyframe) {
      if (!unit.keyframe || !unit.first) return false;
      this.#needsKeyframe = false;
    }
    if (!unit.first) return true;
    const waiting = this.#queue.filter((one) => one.unit.first).length;
    if (waiting < MOST_WAITING && !unit.keyframe) return true;
    // Those that wait were never begun. A whole picture stands for them, another one is missing what it builds upon.
    this.#queue.length = 0;
    if (unit.keyframe) return true;
    this.#needsKeyframe = true;
    this.#sink.onKeyframeNeeded();
    return false;
  }

  #drain(nowMs: number): void {
    if (this.#queue.length === 0 || !windowOpen(this.#window, nowMs)) return;
    const waiting = this.#queue;
    this.#queue = [];
    for (const { unit, sinceMs } of waiting) this.#put(unit, sinceMs);
  }

  #put(unit: AccessUnit, sinceMs: number): void {
    const { data } = unit;
    const nowMs = this.#nowMs();
    for (let from = 0; from === 0 || from < data.length; from += PART_BYTES) {
      const first = unit.first && from === 0;
      const last = unit.last && from + PART_BYTES >= data.length;
      const part = data.length <= PART_BYTES ? data : data.subarray(from, from + PART_BYTES);
      const head = socketMediaCodec.encode({
        type: "video",
        frame: unit.frame,
        sentMs: Math.floor(nowMs) >>> 0,
        codec: CODECS.indexOf(unit.codec),
        chroma444: unit.chroma === "444",
        keyframe: unit.keyframe,
        first,
        last,
        widthPx: unit.widthPx,
        heightPx: unit.heightPx,
        data: NOTHING,
      });
      partSent(this.#window, part.length, first, last, nowMs);
      this.#line.sendBinary(head, part);
      this.#sentParts += 1;
      this.#sentBytes += part.length;
    }
    this.#begun = !unit.last;
    if (!unit.last) return;
    this.#sendTimes.push({ atMs: nowMs, tookMs: nowMs - sinceMs });
    while ((this.#sendTimes[0]?.atMs ?? nowMs) < nowMs - 1000) this.#sendTimes.shift();
  }

  /**
   * Tells when the next picture may be taken. What holds it back is answered by an ack, or ends by itself. `nowMs` is the moment of
   * the last look at the queue: were it a later one, a hold that ended between would leave a picture waiting for ever.
   */
  #review(nowMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#closed || !this.#active) return;
    const ready = this.#queue.length === 0 && windowOpen(this.#window, nowMs);
    const heldMs = this.#window.heldUntilMs - nowMs;
    if (!ready && heldMs > 0) {
      this.#timer = setTimeout(() => {
        const laterMs = this.#nowMs();
        this.#drain(laterMs);
        this.#review(laterMs);
      }, Math.ceil(heldMs));
    }
    this.#tell(ready);
  }

  #tell(ready: boolean): void {
    if (ready === this.#ready) return;
    this.#ready = ready;
    this.#sink.onReady(ready);
  }

  #announceTarget(): void {
    const { targetBps } = this.#window;
    const ratio = targetBps / this.#announcedBps;
    if (ratio > FALL_STEP && ratio < RISE_STEP) return;
    this.#tellTarget();
  }

  #tellTarget(): void {
    const { targetBps } = this.#window;
    this.#announcedBps = targetBps;
    this.#sink.onTargetBps(Math.round(targetBps));
  }
}
