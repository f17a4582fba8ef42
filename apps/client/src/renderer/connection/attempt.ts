// One try to reach the desktop, from its first packet until it ends: the control channel and the peer, and the stages
// between. The peer starts gathering and offering while the socket still opens. From and to `connection.ts`.

import type { AgentControl, ViewerControl } from "@eglantine/protocol/control";
import type { Reason } from "@eglantine/protocol/reasons";
import { isCompatible, mismatchSentence, PROTOCOL_VERSION } from "@eglantine/protocol/version";
import { readCounters } from "../video/stats.ts";
import { ControlSocket } from "./control.ts";
import { describeFailure, type Failure } from "./failure.ts";
import { Peer } from "./peer.ts";
import {
  currentStage,
  failStages,
  finishStage,
  type StageName,
  type StageProgress,
  STAGES,
  startStages,
} from "./stages.ts";

export interface Credentials {
  readonly user?: string;
  readonly password?: string;
}

export type AgentHello = Extract<AgentControl, { type: "hello" }>;
/** What the attempt does not keep to itself. */
export type SessionControl = Extract<
  AgentControl,
  { type: "display" | "encoder" | "encoders" | "video" | "path" | "vnc" | "stats" | "notice" }
>;

export interface AttemptSink {
  onProgress(progress: StageProgress): void;
  onHello(hello: AgentHello): void;
  onControl(message: SessionControl): void;
  /** The stream that will carry the picture: the agent has answered. */
  onStream(stream: MediaStream): void;
  onInputOpen(): void;
  onFeedback(data: Uint8Array): void;
  /** No path of this attempt gives a picture. True: another one is taken, and the control connection stays. */
  onNoPicturePath(why: string): boolean;
  /** It is over. Once; not after `close()`. */
  onEnd(failure: Failure): void;
}

/**
 * A decoded picture is lost when the page has not attached its video element yet, and a still desktop sends no other.
 * A picture that is not seen by this time after the path stood, ms, is asked for, and again.
 */
const PICTURE_WAIT_MS = 150;
/** How much later than the end of the peer its reason may arrive on the socket. */
const BYE_WAIT_MS = 500;

export class Attempt {
  readonly #sink: AttemptSink;
  readonly #control: ControlSocket;
  readonly #credentials: Credentials;
  #peer: Peer | undefined;
  #progress: StageProgress = startStages(performance.now());
  #timer: number | undefined;
  #byeTimer: number | undefined;
  #pictureTimer: number | undefined;
  #over = false;
  #pathsLeft = false;
  /** Why there is no peer. */
  #withoutPeer: string | undefined;
  #greeted = false;
  #beforeGreeting: ViewerControl[] = [];

  constructor(socketUrl: string, credentials: Credentials, sink: AttemptSink) {
    this.#sink = sink;
    this.#credentials = credentials;
    this.#control = new ControlSocket(socketUrl, {
      onOpen: () => this.#greet(),
      onMessage: (message) => this.#take(message),
      onNonsense: (error) => this.fail("protocol-error", error.message),
      onClosed: (detail) => this.#end({ reason: this.#localReason("connection-lost"), byAgent: false, detail }),
    });
    this.#peer = this.#createPeer();
    sink.onProgress(this.#progress);
    this.#watch();
  }

  /** Absent in a browser without WebRTC. */
  get peer(): Peer | undefined {
    return this.#peer;
  }

  /** Control messages before the greeting wait for it. */
  send(message: ViewerControl): void {
    if (this.#greeted) this.#control.send(message);
    else this.#beforeGreeting.push(message);
  }

  /** The first picture is on the screen. */
  pictureSeen(): void {
    this.#finish("picture");
  }

  /** Ends it for a reason found on this side, and says so to the agent. */
  fail(reason: Reason, detail: string): void {
    this.#control.send({ type: "bye", reason, detail: detail.slice(0, 200) });
    const because = currentStage(this.#progress) === "path" ? this.#peer?.iceTrouble : undefined;
    this.#end({ reason, byAgent: false, detail, ...(because === undefined ? {} : { because }) });
  }

  /** Leaves. Idempotent. */
  close(): void {
    if (!this.#over) this.#control.send({ type: "bye", reason: "viewer-left" });
    this.#release();
  }

  /** The picture will come by none of this attempt's own paths: they are given up, and the stages wait for nothing. */
  leavePaths(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#byeTimer);
    clearInterval(this.#pictureTimer);
    this.#pathsLeft = true;
    this.#peer?.close();
    this.#peer = undefined;
  }

  #noPicture(reason: Reason, detail: string): void {
    if (this.#over || this.#pathsLeft) return;
    const stage = currentStage(this.#progress);
    const why = describeFailure({ reason, byAgent: false, ...(stage === undefined ? {} : { stage }) }).sentence;
    if (!this.#sink.onNoPicturePath(why)) this.fail(reason, detail);
  }

  #createPeer(): Peer | undefined {
    if (typeof RTCPeerConnection === "undefined") {
      this.#withoutPeer = "this browser has no WebRTC, or it is switched off";
      return undefined;
    }
    return new Peer({
      onOffer: (sdp) => this.send({ type: "offer", peer: 0, sdp }),
      onCandidate: (candidate, mid) => this.send({ type: "candidate", peer: 0, candidate, mid }),
      onPath: () => this.#finish("path"),
      onSecure: () => this.#finish("secure"),
      onInputOpen: () => this.#sink.onInputOpen(),
      onFeedback: (data) => this.#sink.onFeedback(data),
      onFailed: (detail) => this.#peerFailed(detail),
    });
  }

  /** An agent that ends the session closes the peer beside its `bye`, which tells the true reason and may come second. */
  #peerFailed(detail: string): void {
    clearTimeout(this.#byeTimer);
    this.#byeTimer = window.setTimeout(() => this.#noPicture("media-failed", detail), BYE_WAIT_MS);
  }

  #greet(): void {
    this.#finish("reach");
    const { user, password } = this.#credentials;
    this.#greeted = true;
    this.#control.send({
      type: "hello",
      version: { ...PROTOCOL_VERSION },
      client: navigator.userAgent.slice(0, 512),
      ...(password === undefined ? {} : { user: user ?? "", password }),
    });
    for (const message of this.#beforeGreeting) this.#control.send(message);
    this.#beforeGreeting = [];
  }

  #take(message: AgentControl): void {
    switch (message.type) {
      case "hello":
        this.#takeHello(message);
        break;
      case "answer":
        this.#finish("agree");
        // Not before: a video without a picture holds up the page's load event.
        if (this.#peer !== undefined) this.#sink.onStream(this.#peer.stream);
        this.#peer?.acceptAnswer(message.sdp);
        break;
      case "candidate":
        this.#peer?.addCandidate(message.candidate, message.mid);
        break;
      case "bye":
        this.#end({
          reason: message.reason,
          byAgent: true,
          ...(message.detail === undefined ? {} : { detail: message.detail }),
        });
        break;
      case "display":
      case "encoder":
      case "encoders":
      case "video":
      case "path":
      case "vnc":
      case "stats":
      case "notice":
        this.#sink.onControl(message);
        break;
    }
  }

  #takeHello(hello: AgentHello): void {
    if (!isCompatible(PROTOCOL_VERSION, hello.version)) {
      this.fail("version-mismatch", mismatchSentence(hello.version, PROTOCOL_VERSION));
      return;
    }
    this.#finish("admit");
    this.#sink.onHello(hello);
    if (this.#withoutPeer !== undefined) this.#noPicture("no-common-codec", this.#withoutPeer);
  }

  #finish(stage: StageName): void {
    if (this.#over) return;
    const progress = finishStage(this.#progress, stage, performance.now());
    if (progress === this.#progress) return;
    this.#progress = progress;
    this.#watch();
    clearInterval(this.#pictureTimer);
    if (currentStage(progress) === "picture" && !this.#pathsLeft) {
      this.#pictureTimer = window.setInterval(
        () => this.send({ type: "keyframe", why: "no-picture" }),
        PICTURE_WAIT_MS,
      );
    }
    this.#sink.onProgress(progress);
  }

  /** One timer: for the stage under way. */
  #watch(): void {
    clearTimeout(this.#timer);
    const stage = currentStage(this.#progress);
    if (stage === undefined || this.#over || this.#pathsLeft) return;
    this.#timer = window.setTimeout(() => void this.#timedOut(stage), STAGES[stage].timeoutMs);
  }

  /** Where the picture is missing, the detail says whether packets came and whether they could be decoded. */
  async #timedOut(stage: StageName): Promise<void> {
    const { timeoutMs, reason } = STAGES[stage];
    const report = stage === "picture" ? await this.#peer?.stats() : undefined;
    if (this.#over || currentStage(this.#progress) !== stage) return;
    const counters =
      report === undefined ? undefined : readCounters(report.values() as Iterable<Record<string, unknown>>);
    const seen =
      counters === undefined
        ? ""
        : `: ${counters.packetsReceived} packets received, ${counters.framesDecoded} frames decoded`;
    const detail = `no progress for ${timeoutMs / 1000} s${seen}`;
    if (reason === "media-failed") this.#noPicture(reason, detail);
    else this.fail(reason, detail);
  }

  /** The reason that fits the stage under way, or `later` once all are done. */
  #localReason(later: Reason): Reason {
    const stage = currentStage(this.#progress);
    return stage === undefined ? later : STAGES[stage].reason;
  }

  #end(failure: Failure): void {
    if (this.#over) return;
    const stage = currentStage(this.#progress);
    this.#release();
    this.#progress = failStages(this.#progress);
    this.#sink.onProgress(this.#progress);
    this.#sink.onEnd(stage === undefined ? failure : { ...failure, stage });
  }

  #release(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#byeTimer);
    clearInterval(this.#pictureTimer);
    this.#peer?.close();
    this.#control.close();
  }
}
