// The ways that one viewer's picture can take, and its sound beside it: owns the media path over the control
// WebSocket and the WebRTC peer, and moves the picture from one to the other at a keyframe, so that no picture goes two ways or out
// of order. Which one: `path-choice.ts`.
// Owned by `session.ts`; access units come from `video/pipeline.ts` and go to `transport/`.

import type { AgentControl } from "@eglantine/protocol/control";
import { ProtocolError } from "@eglantine/protocol/field";
import type { Format, Path } from "@eglantine/protocol/formats";
import { LIMITS } from "@eglantine/protocol/limits";
import type { MicrophonePacket } from "../audio/microphone-intake.ts";
import type { SoundPacket } from "../audio/types.ts";
import type { SoundRepair, SoundWish } from "../audio/viewer-sound.ts";
import type { Closable } from "../close.ts";
import type { RateLimits } from "../congestion/types.ts";
import type { SocketAck, SocketSink, SocketTransport } from "../transport/socket.ts";
import type { SocketSound } from "../transport/socket-sound.ts";
import type { MediaPath, Transport, TransportCounters, TransportFailure, TransportSink } from "../transport/types.ts";
import type { AccessUnit } from "../video/types.ts";
import type { InputSource } from "./input-order.ts";
import {
  choosePath,
  createPathChoice,
  type MediaPathName,
  type PathChoice,
  socketUseless,
  webRtcAlive,
  webRtcGone,
  webRtcLost,
  webRtcOpened,
  webRtcReplaced,
} from "./path-choice.ts";

/** What a viewer decodes, by path; an empty list: it does not take that path. */
export type MediaFormats = Readonly<Record<MediaPathName, readonly Format[]>>;

export interface PathsOptions {
  readonly media: MediaFormats;
  /** The agent's, the first choice first. */
  readonly paths: readonly Path[];
  readonly openWebRtc: (sink: TransportSink) => Transport;
  readonly openSocket: (sink: SocketSink) => SocketTransport;
  /** Sound over the control WebSocket; absent where neither picture nor noVNC may take the TCP port. */
  readonly socketSound?: SocketSound | undefined;
  readonly sink: PathsSink;
  readonly nowMs: () => number;
}

export interface PathsSink {
  send(message: Extract<AgentControl, { type: "candidate" | "path" }>): void;
  /** There is a path for media. Once. */
  onConnected(): void;
  /** The picture is to take this path, on which the viewer decodes these formats; a keyframe is asked for beside it. */
  onPath(path: MediaPathName, formats: readonly Format[]): void;
  /** No picture can be taken now (true), or it can again. */
  onPaused(paused: boolean): void;
  onKeyframeNeeded(): void;
  onTargetBps(targetBps: number): void;
  onMessage(source: InputSource, channel: "input" | "motion", data: Uint8Array): void;
  onMicrophone(source: InputSource, packet: MicrophonePacket): void;
  /** `more`: input may go on, by another path or by this one. */
  onInputLost(source: InputSource, more: boolean): void;
  /** It did not get lost after all. */
  onInputBack(source: InputSource): void;
  /** There is no path left. */
  onFailed(reason: TransportFailure, detail: string): void;
}

/** Of messages over the WebSocket; each WebRTC peer has a number of its own. */
export const SOCKET_SOURCE: InputSource = 0;

/** A reason that changes while the path stays is told no more often than this. */
const AGAIN_MS = 1000;

type Sums = Pick<TransportCounters, (typeof SUMS)[number]>;
const SUMS = ["sentPackets", "sentBytes", "retransmittedPackets", "lostPackets", "ignoredFeedback"] as const;

interface Peer {
  readonly peer: number;
  readonly source: InputSource;
  readonly transport: Transport;
}

/** The formats that a stream to this viewer begins with: those of the path that is there first. */
export function firstFormats(media: MediaFormats, paths: readonly Path[]): readonly Format[] {
  return paths.includes("socket") && media.socket.length > 0 ? media.socket : media.webrtc;
}

export class Paths implements Closable {
  readonly #options: PathsOptions;
  readonly #sink: PathsSink;
  readonly #choice: PathChoice;
  readonly #socket: SocketTransport | undefined;
  readonly #closing = new Set<Promise<void>>();
  #webRtc: Peer | undefined;
  #sources = SOCKET_SOURCE;
  #limits: RateLimits | undefined;
  /** Where the picture goes, and where it goes from the next keyframe on. */
  #active: Path | undefined;
  #next: MediaPathName | undefined;
  #why = "";
  /** What the viewer was told last, when, and when it is told another reason. */
  #told: Omit<Extract<AgentControl, { type: "path" }>, "why"> | undefined;
  #toldMs = Number.NEGATIVE_INFINITY;
  #tellTimer: NodeJS.Timeout | undefined;
  #frame = 0;
  #connected = false;
  #paused = false;
  #socketReady = true;
  readonly #targetsBps: Partial<Record<MediaPathName, number>> = {};
  /** Of peers that were replaced. */
  readonly #former = {
    sentPackets: 0,
    sentBytes: 0,
    retransmittedPackets: 0,
    lostPackets: 0,
    ignoredFeedback: 0,
    malformedFeedback: 0,
  };
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  constructor(options: PathsOptions) {
    const { media, paths, nowMs } = options;
    this.#options = options;
    this.#sink = options.sink;
    const order = paths.filter((path) => path !== "vnc").filter((path) => media[path].length > 0);
    this.#choice = createPathChoice(order);
    const vncFirst = paths[0] === "vnc";
    if (vncFirst) {
      this.#choice.want = "vnc";
      this.#active = "vnc";
      this.#paused = true;
      this.#why = "it is this agent's first choice";
    }
    if (!order.includes("socket")) return;
    this.#socket = options.openSocket({
      onReady: (ready) => {
        this.#socketReady = ready;
        this.#pause();
      },
      onKeyframeNeeded: () => this.#sink.onKeyframeNeeded(),
      onTargetBps: (targetBps) => this.#onTarget("socket", targetBps),
    });
    if (vncFirst) {
      this.#socket.setActive(false);
      return;
    }
    // The first access unit is an IDR whatever happens: it needs nobody to ask for it.
    const { why } = choosePath(this.#choice, nowMs());
    this.#active = "socket";
    this.#why = why;
  }

  /** The picture has a way, or is about to. */
  get standing(): boolean {
    return (this.#next ?? this.#active) !== undefined;
  }

  /** It has one of ours: not noVNC. */
  get media(): boolean {
    return this.standing && (this.#next ?? this.#active) !== "vnc";
  }

  /** Takes up the path that is there from the beginning. */
  start(): void {
    if (this.#active === "vnc") this.#announce("vnc", 1);
    if (this.#socket === undefined || this.#active !== "socket") return;
    this.#announce("socket", 1);
    this.#connect();
  }

  /**
   * Resolves to the answer, or to undefined when the viewer is told nothing: it takes no WebRTC, or has made another peer. One who
   * has noVNC needs none.
   */
  async offer(peer: number, sdp: string): Promise<string | undefined> {
    if (this.#over || this.#choice.want === "vnc" || !this.#choice.order.includes("webrtc")) return undefined;
    if (this.#webRtc !== undefined) this.#retire();
    this.#sources += 1;
    const source = this.#sources;
    const transport = this.#options.openWebRtc(this.#webRtcSink(peer, source));
    if (this.#limits !== undefined) transport.setLimits(this.#limits);
    transport.setActive(this.#socket === undefined);
    const mine: Peer = { peer, source, transport };
    this.#webRtc = mine;
    this.#review();
    try {
      const answer = await transport.answer(sdp);
      if (this.#webRtc !== mine) return undefined;
      if (this.#formatsOn("webrtc").length > 0) return answer;
      this.#onFailed("no-common-codec", "the offer has nothing of what the viewer's hello said that it decodes");
      return undefined;
    } catch (error) {
      // One that failed has said so already.
      if (this.#webRtc !== mine) return undefined;
      throw error;
    }
  }

  addCandidate(peer: number, candidate: string, mid: string): void {
    if (this.#webRtc?.peer === peer) this.#webRtc.transport.addCandidate(candidate, mid);
  }

  want(path: "auto" | Path): void {
    this.#choice.want = path;
    this.#review();
  }

  /** The viewer says that nothing reaches it over WebRTC, or that it can't decode what comes over the socket. */
  lost(path: MediaPathName, why: string): void {
    if (path === "webrtc") webRtcLost(this.#choice, why, this.#options.nowMs());
    else socketUseless(this.#choice, why);
    this.#review();
  }

  /** Throws ProtocolError for an answer to what was never sent. */
  acked(ack: SocketAck): void {
    if (this.#socket === undefined) throw new ProtocolError("ack: there is no media on this socket");
    this.#socket.acked(ack);
  }

  setLimits(limits: RateLimits): void {
    this.#limits = limits;
    this.#socket?.setLimits(limits);
    this.#webRtc?.transport.setLimits(limits);
  }

  /** The next part of a picture: numbers it, and changes the path where it may. False: no path took it. */
  send(unit: AccessUnit): boolean {
    if (this.#over) return false;
    if (unit.first) this.#frame = (this.#frame + 1) >>> 0;
    const stamped = unit.frame === this.#frame ? unit : { ...unit, frame: this.#frame };
    const next = this.#next;
    if (next !== undefined && unit.first && unit.keyframe && this.#formatsOn(next).includes(formatOf(unit))) {
      this.#move(next, stamped);
    } else if (this.#active === "socket") {
      this.#socket?.send(stamped);
      this.#webRtc?.transport.stir();
    } else if (this.#active === "webrtc") {
      this.#webRtc?.transport.send(stamped);
    } else {
      return false;
    }
    return true;
  }

  /** Where the picture goes, where the viewer hears it there; else over the control WebSocket, where it hears that. */
  sendSound(packet: SoundPacket, wish: SoundWish): void {
    if (this.#over) return;
    if (this.#active === "webrtc" && this.#webRtc?.transport.sendSound(packet) === true) return;
    if (wish.socket) this.#options.socketSound?.send(packet);
  }

  get soundRepair(): SoundRepair {
    const transport = this.#active === "webrtc" ? this.#webRtc?.transport : undefined;
    return transport?.soundRepair ?? { lossFraction: 0, redundant: false };
  }

  /** On the path in use. False: dropped. */
  sendFeedback(message: Uint8Array): boolean {
    return this.#transportOf(this.#next ?? this.#active)?.sendFeedback(message) ?? false;
  }

  /** On the path that this source is. False: dropped. */
  answer(source: InputSource, message: Uint8Array): boolean {
    if (source === SOCKET_SOURCE) return this.#socket?.sendFeedback(message) ?? false;
    return source === this.#webRtc?.source && this.#webRtc.transport.sendFeedback(message);
  }

  /** Over all paths. */
  get sentBytes(): number {
    const sound = this.#options.socketSound?.sentBytes ?? 0;
    return this.#former.sentBytes + sound + (this.#socket?.sentBytes ?? 0) + (this.#webRtc?.transport.sentBytes ?? 0);
  }

  /** Of the path in use; what was sent, of all. */
  counters(): TransportCounters | undefined {
    const all = [this.#former, this.#socket?.counters(), this.#webRtc?.transport.counters()];
    const sum = (key: keyof Sums) => all.reduce((total, counters) => total + (counters?.[key] ?? 0), 0);
    const current = this.#transportOf(this.#active) ?? this.#webRtc?.transport ?? this.#socket;
    const counters = current?.counters();
    if (counters === undefined) return undefined;
    return {
      ...counters,
      sentPackets: sum("sentPackets"),
      sentBytes: sum("sentBytes"),
      retransmittedPackets: sum("retransmittedPackets"),
      lostPackets: sum("lostPackets"),
      ignoredFeedback: sum("ignoredFeedback"),
    };
  }

  /** What the viewer said on the media path that was passed over: messages that meant nothing, and what was no message. */
  get ignored(): { readonly strayFeedback: number; readonly malformedFeedback: number } {
    const transport = this.#webRtc?.transport;
    return {
      strayFeedback: this.#former.ignoredFeedback + (transport?.counters().ignoredFeedback ?? 0),
      malformedFeedback: this.#former.malformedFeedback + (transport?.malformedFeedback ?? 0),
    };
  }

  async close(): Promise<void> {
    if (!this.#over) {
      this.#over = true;
      clearTimeout(this.#timer);
      clearTimeout(this.#tellTimer);
      if (this.#webRtc !== undefined) this.#closing.add(this.#webRtc.transport.close());
      if (this.#socket !== undefined) this.#closing.add(this.#socket.close());
    }
    await Promise.all(this.#closing);
  }

  #webRtcSink(peer: number, source: InputSource): TransportSink {
    const live = (act: () => void) => {
      if (!this.#over && this.#webRtc?.source === source) act();
    };
    const told = (change: (choice: PathChoice, nowMs: number) => void) =>
      live(() => {
        change(this.#choice, this.#options.nowMs());
        this.#review();
      });
    return {
      onCandidate: (candidate, mid) => live(() => this.#sink.send({ type: "candidate", peer, candidate, mid })),
      onConnected: () => told(webRtcOpened),
      onMessage: (channel, data) => live(() => this.#sink.onMessage(source, channel, data)),
      onMicrophone: (packet) => live(() => this.#sink.onMicrophone(source, packet)),
      onInputLost: () => live(() => this.#loseInput(source)),
      onAlive: (alive) =>
        told((choice, nowMs) => {
          if (alive) this.#sink.onInputBack(source);
          else this.#sink.onInputLost(source, true);
          webRtcAlive(choice, alive, nowMs);
        }),
      onKeyframeNeeded: () =>
        live(() => {
          if (this.#active === "webrtc") this.#sink.onKeyframeNeeded();
        }),
      onTargetBps: (targetBps) => {
        // The first one may come while the transport is being made.
        if (!this.#over && this.#sources === source) this.#onTarget("webrtc", targetBps);
      },
      onFailed: (reason, detail) => live(() => this.#onFailed(reason, detail)),
    };
  }

  #onFailed(reason: TransportFailure, detail: string): void {
    const hostile = reason === "protocol-error" || reason === "rate-limited";
    this.#retire(`WebRTC failed: ${detail}`);
    this.#review();
    if (hostile || this.#socket === undefined) this.#sink.onFailed(reason, detail);
  }

  /** Takes leave of the peer; without a word about what is wrong with it, for another one. Nothing that it still says counts. */
  #retire(why?: string): void {
    const former = this.#webRtc;
    if (former === undefined) return;
    this.#webRtc = undefined;
    this.#loseInput(former.source);
    if (why === undefined) webRtcReplaced(this.#choice, this.#options.nowMs());
    else webRtcGone(this.#choice, why, this.#options.nowMs());
    delete this.#targetsBps.webrtc;
    const counters = former.transport.counters();
    for (const key of SUMS) this.#former[key] += counters[key];
    this.#former.malformedFeedback += former.transport.malformedFeedback;
    const closing = former.transport.close();
    this.#closing.add(closing);
    // A rejection is left to whoever awaits the closing of all.
    void closing.then(() => this.#closing.delete(closing));
  }

  #loseInput(source: InputSource): void {
    this.#sink.onInputLost(source, this.#socket !== undefined);
  }

  /** Decides anew, and begins the change where there is one. */
  #review(): void {
    if (this.#over) return;
    const nowMs = this.#options.nowMs();
    const { path, why, reviewAtMs } = choosePath(this.#choice, nowMs);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (reviewAtMs !== undefined) this.#timer = setTimeout(() => this.#review(), Math.ceil(reviewAtMs - nowMs));
    if (path === (this.#next ?? this.#active)) {
      this.#because(why);
      return;
    }
    this.#why = why;
    this.#next = undefined;
    if (path === undefined || path === "vnc") {
      this.#setActive(path);
      if (path === "vnc") this.#announce(path, this.#frame + 1);
    } else if (path !== this.#active) {
      this.#next = path;
      this.#sink.onPath(path, this.#formatsOn(path));
      this.#connect();
      this.#sink.onKeyframeNeeded();
    } else {
      // It was about to be left, and is not.
      this.#sink.onPath(path, this.#formatsOn(path));
    }
    this.#pause();
    const target = path === undefined || path === "vnc" ? undefined : this.#targetsBps[path];
    if (target !== undefined) this.#sink.onTargetBps(target);
  }

  /** The keyframe that begins another path. */
  #move(path: MediaPathName, unit: AccessUnit): void {
    this.#next = undefined;
    this.#setActive(path);
    let rtpTimestamp: number | undefined;
    if (path === "webrtc") rtpTimestamp = this.#webRtc?.transport.send(unit);
    // Told first where both go over one line, so that the viewer knows what comes.
    this.#announce(path, unit.frame, rtpTimestamp);
    if (path === "socket") this.#socket?.send(unit);
    this.#pause();
  }

  #setActive(path: Path | undefined): void {
    this.#active = path;
    this.#webRtc?.transport.setActive(path === "webrtc");
    this.#socket?.setActive(path === "socket");
  }

  /** The path stays, for another reason than before. */
  #because(why: string): void {
    if (why === this.#why) return;
    this.#why = why;
    // The change that is under way will say it.
    if (this.#next !== undefined || this.#active === undefined) return;
    const waitMs = this.#toldMs + AGAIN_MS - this.#options.nowMs();
    if (waitMs <= 0) this.#tell();
    else this.#tellTimer ??= setTimeout(() => this.#tell(), Math.ceil(waitMs));
  }

  #announce(path: Path, frame: number, rtpTimestamp?: number): void {
    this.#told = { type: "path", path, frame, ...(rtpTimestamp === undefined ? {} : { rtpTimestamp }) };
    this.#tell();
  }

  #tell(): void {
    clearTimeout(this.#tellTimer);
    this.#tellTimer = undefined;
    const { path } = this.#told ?? {};
    if (this.#told === undefined || path !== this.#active) return;
    this.#toldMs = this.#options.nowMs();
    this.#sink.send({ ...this.#told, why: this.#why.slice(0, LIMITS.textChars) });
  }

  #connect(): void {
    if (this.#connected) return;
    this.#connected = true;
    this.#sink.onConnected();
  }

  #pause(): void {
    const path = this.#next ?? this.#active;
    const paused = path === "vnc" || (path === "socket" && !this.#socketReady);
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.#sink.onPaused(paused);
  }

  #onTarget(path: MediaPathName, targetBps: number): void {
    this.#targetsBps[path] = targetBps;
    if ((this.#next ?? this.#active) === path) this.#sink.onTargetBps(targetBps);
  }

  /** What the viewer says that it decodes there; on WebRTC its offer may say less. */
  #formatsOn(path: MediaPathName): readonly Format[] {
    const formats = this.#options.media[path];
    const offered = path === "webrtc" ? this.#webRtc?.transport.formats : undefined;
    return offered === undefined ? formats : formats.filter((format) => offered.includes(format));
  }

  #transportOf(path: Path | undefined): MediaPath | undefined {
    return path === "socket" ? this.#socket : path === "webrtc" ? this.#webRtc?.transport : undefined;
  }
}

function formatOf({ codec, chroma }: AccessUnit): Format {
  return codec === "h264" && chroma === "444" ? "h264-444" : codec;
}
