// One try to reach the desktop, from its first packet until it ends: owns the control channel, the peers, the input's way out and
// the stages, and dispatches between them. The first peer gathers and offers while the socket still opens. From and to
// `connection.ts`.

import type { AgentControl, ViewerControl } from "@eglantine/protocol/control";
import { feedbackCodec, type FeedbackMessage } from "@eglantine/protocol/feedback";
import { ProtocolError } from "@eglantine/protocol/field";
import type { Path } from "@eglantine/protocol/formats";
import type { Reason } from "@eglantine/protocol/reasons";
import {
  HELD_AND_TEXT_SINCE_MINOR,
  isCompatible,
  mismatchSentence,
  PING_SINCE_MINOR,
  PROTOCOL_VERSION,
} from "@eglantine/protocol/version";
import { said, type Sentence } from "../messages/said.ts";
import type { HeadStart } from "../head-start.ts";
import type { SoundWish } from "../audio/sound.ts";
import { MonitorRefusal } from "../monitors/further-window.ts";
import { readCounters } from "../video/stats.ts";
import { ControlSocket } from "./control.ts";
import { describeFailure, type Failure } from "./failure.ts";
import { type MediaFormats, rtpFormats } from "./formats.ts";
import type { Peer } from "./peer.ts";
import { Liveness } from "./liveness.ts";
import { Peers } from "./peers.ts";
import { RoutedInput } from "./routed-input.ts";
import { type SocketAudio, SocketChannels, type SocketVideo } from "./socket-channels.ts";
import { StageClock } from "./stage-clock.ts";
import { type StageName, type StageProgress, STAGES } from "./stages.ts";

export interface Credentials {
  readonly user?: string;
  readonly password?: string;
}

export type AgentHello = Extract<AgentControl, { type: "hello" }>;
/** What the attempt does not keep to itself. */
export type SessionControl = Exclude<
  AgentControl,
  { type: "hello" | "iceServers" | "answer" | "candidate" | "pong" | "bye" }
>;

/** What the hello says of this window among those of its viewer. */
export type WindowHello = Pick<Extract<ViewerControl, { type: "hello" }>, "window" | "screen" | "monitor">;

export interface AttemptOptions {
  readonly socketUrl: string;
  readonly credentials: Credentials;
  /** WebRTC only by way of a TURN server: for tests of it. */
  readonly relay: boolean;
  readonly headStart: HeadStart;
  /** How the sound is wanted at the beginning. */
  readonly audio: SoundWish;
  /** Rejects with MonitorRefusal. */
  readonly window: Promise<WindowHello>;
}

export interface AttemptSink {
  onProgress(progress: StageProgress): void;
  onHello(hello: AgentHello): void;
  onControl(message: SessionControl): void;
  /** The stream that will carry the picture over WebRTC: the agent has answered. */
  onStream(stream: MediaStream): void;
  /** And the one that will carry the sound. */
  onSoundStream(stream: MediaStream): void;
  /** Before each offer: what will receive the sound. */
  onSoundReceiver(receiver: RTCRtpReceiver): void;
  onSocketAudio(part: SocketAudio): void;
  /** A part of a picture, over the socket. */
  onSocketVideo(part: SocketVideo, bytes: ArrayBuffer): void;
  /** Of those, the pictures that wait for the decoder. */
  queuedPictures(): number;
  /** Input has a way out. Once. */
  onInputOpen(): void;
  onFeedback(message: FeedbackMessage): void;
  /** Why there is no picture over WebRTC although the session lives; undefined when there can be again. */
  onTrouble(why: Sentence | undefined): void;
  /** Neither WebRTC nor the socket gives a first picture. True: another path is taken, and the control connection stays. */
  onNoPicturePath(why: Sentence): boolean;
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
/**
 * The hello does not wait longer than this for the browser to say what it decodes, ms. It takes about one; a browser that has just
 * started on a busy machine takes hundreds, and the session would go without the socket path for good.
 */
const FORMATS_WAIT_MS = 1500;
/** WebRTC's own stages: of no importance where the picture comes over the socket. */
const WEBRTC_STAGES: readonly (StageName | undefined)[] = ["agree", "path", "secure"];

/** Of a failure: for experts and logs, as the agent writes its own. */
const NO_WEBRTC_HERE = "this browser has no WebRTC, or it is switched off";
const NO_WEBRTC_THERE = "the agent offers no WebRTC";

export class Attempt {
  readonly input: RoutedInput;
  readonly #options: AttemptOptions;
  readonly #sink: AttemptSink;
  readonly #control: ControlSocket;
  readonly #socket: SocketChannels;
  readonly #clock: StageClock;
  #peers: Peers | undefined;
  #peersTimer: number | undefined;
  #byeTimer: number | undefined;
  #pictureTimer: number | undefined;
  #over = false;
  #greeted = false;
  #greetedAtMs = 0;
  #beforeGreeting: ViewerControl[] = [];
  #formats: MediaFormats = { webrtc: [], socket: [] };
  /** The agent offers the socket path, and this browser decodes. */
  #socketUsable = false;
  #socketTrouble: string | undefined;
  #secured = false;
  #admitted = false;
  /** Why the first peer failed, where that came before the agent's hello. */
  #failedEarly: string | undefined;
  #pathsLeft = false;
  readonly #liveness: Liveness;

  constructor(options: AttemptOptions, sink: AttemptSink) {
    this.#options = options;
    this.#sink = sink;
    this.#liveness = new Liveness({
      send: (id) => this.send({ type: "ping", id }),
      onDoubt: () => options.headStart.renew(options.socketUrl, () => this.#liveness.reached()),
    });
    this.#clock = new StageClock(
      (progress) => sink.onProgress(progress),
      (stage) => void this.#timedOut(stage),
    );
    const known = Promise.all([formatsInTime(options.headStart.formats()), options.window]);
    known.catch((error: unknown) => this.#unwelcome(error));
    this.#control = new ControlSocket(() => options.headStart.socket(options.socketUrl), {
      onOpen: () =>
        void known.then(
          ([formats, window]) => this.#greet(formats, window),
          () => undefined,
        ),
      onMessage: (message) => this.#take(message),
      onBinary: (frame) => this.#socket.take(frame),
      onNonsense: (error) => this.fail("protocol-error", error.message),
      onClosed: (detail) => this.#end({ reason: this.#localReason("connection-lost"), byAgent: false, detail }),
    });
    this.#socket = new SocketChannels(this.#control, {
      onVideo: (part, bytes) => sink.onSocketVideo(part, bytes),
      queuedPictures: () => sink.queuedPictures(),
      onAudio: (part) => sink.onSocketAudio(part),
      onFeedback: (data) => this.#feedback(data),
    });
    this.input = new RoutedInput({
      webrtc: () => this.peer?.channels,
      socket: this.#socket,
      onOpen: () => sink.onInputOpen(),
      onUnanswered: (sinceMs) => void this.#unanswered(sinceMs),
      onOverfull: () => this.fail("connection-lost", "the agent has answered no input for long"),
    });
    // Where the socket is open already, the hello goes first: the agent codes while the peer is made, which holds up this thread.
    this.#peersTimer = window.setTimeout(() => this.#makePeers());
    this.#clock.start();
  }

  /** The one in use; absent in a browser without WebRTC and between two. */
  get peer(): Peer | undefined {
    return this.#peers?.current;
  }

  /** Why the socket's pictures can't be decoded here, where that was found. */
  get socketTrouble(): string | undefined {
    return this.#socketTrouble;
  }

  /** Control messages before the greeting wait for it. */
  send(message: ViewerControl): void {
    if (this.#greeted) this.#control.send(message);
    else this.#beforeGreeting.push(message);
  }

  /** A packet of the user's microphone, over the socket. */
  sendMicrophone(sequence: number, data: Uint8Array<ArrayBuffer>): void {
    this.#socket.sendMicrophone(sequence, data);
  }

  /** The first picture is on the screen. */
  pictureSeen(path: Path): void {
    if (path !== "webrtc") this.#clock.skipTo("picture");
    this.#clock.finish("picture");
    clearInterval(this.#pictureTimer);
  }

  /** The socket's pictures can't be decoded here after all. WebRTC, while its stages are under way, may still bring them. */
  socketUseless(why: string): void {
    if (!this.#socketUsable || this.#over) return;
    this.#socketUsable = false;
    this.#socketTrouble = why;
    this.send({ type: "pathLost", path: "socket", why: why.slice(0, 200) });
    if (this.#secured || WEBRTC_STAGES.includes(this.#clock.current)) return;
    this.#pathless("no-common-codec", `this browser can't decode the picture: ${why}`);
  }

  /** Asks the agent for a word. False: the connection is dead, whatever the system says of it; the next one may be open already. */
  async isAlive(): Promise<boolean> {
    const alive = await this.#liveness.ask();
    this.#options.headStart.settle(alive);
    return alive;
  }

  /** Ends it for a reason found on this side, and says so to the agent. `because`: what is known beyond the stage. */
  fail(reason: Reason, detail: string, because?: Sentence): void {
    this.#control.send({ type: "bye", reason, detail: detail.slice(0, 200) });
    const known = because === undefined ? this.#because : { because };
    this.#end({ reason, byAgent: false, detail, ...known });
  }

  /** The picture will come by none of this attempt's own paths: they are given up, and the stages wait for nothing. */
  leavePaths(): void {
    this.#pathsLeft = true;
    this.#socketUsable = false;
    this.#clock.hold();
    clearTimeout(this.#byeTimer);
    clearInterval(this.#pictureTimer);
    this.#peers?.close();
  }

  /** Leaves. Idempotent. */
  close(): void {
    if (!this.#over) this.#control.send({ type: "bye", reason: "viewer-left" });
    this.#release();
  }

  #makePeers(): void {
    clearTimeout(this.#peersTimer);
    if (this.#peers !== undefined || this.#over || this.#pathsLeft || typeof RTCPeerConnection === "undefined") return;
    const sink = this.#sink;
    const { relay, audio } = this.#options;
    this.#peers = new Peers(
      { relay, soundChannels: audio.channels },
      {
        onOffer: (peer, sdp) => this.send({ type: "offer", peer, sdp }),
        onCandidate: (peer, candidate, mid) => this.send({ type: "candidate", peer, candidate, mid }),
        onStream: (stream) => sink.onStream(stream),
        onSoundStream: (stream) => sink.onSoundStream(stream),
        onSoundReceiver: (receiver) => sink.onSoundReceiver(receiver),
        onPath: () => this.#finish("path"),
        onSecure: () => {
          this.#secured = true;
          sink.onTrouble(undefined);
          this.#finish("secure");
        },
        onInputOpen: () => this.input.setWebRtcOpen(true),
        onInputClosed: () => this.input.setWebRtcOpen(false),
        onMotionDrained: () => this.input.webRtcDrained(),
        onFeedback: (data) => this.#feedback(data),
        onFailed: (detail) => this.#peerFailed(detail),
      },
    );
  }

  #peerFailed(detail: string): void {
    // Whether the socket can do without it is not known yet.
    if (!this.#admitted) {
      this.#failedEarly = detail;
      return;
    }
    const lost = this.#secured;
    this.#secured = false;
    if (this.#socketUsable) {
      this.#withoutWebRtc(said("notices", lost ? "path-lost" : "path-none", { why: detail }));
      return;
    }
    // An agent that ends the session closes the peer beside its `bye`, which tells the true reason and may come second.
    clearTimeout(this.#byeTimer);
    this.#byeTimer = window.setTimeout(() => this.#pathless("media-failed", detail), BYE_WAIT_MS);
  }

  /** Where no path is found: what a TURN server said. */
  get #because(): { readonly because?: Sentence } {
    const because = this.#clock.current === "path" ? this.#peers?.trouble : undefined;
    return because === undefined ? {} : { because };
  }

  /** The picture is the socket's alone, for now. */
  #withoutWebRtc(why: Sentence): void {
    const trouble = this.#secured ? undefined : this.#peers?.trouble;
    this.#sink.onTrouble(trouble === undefined ? why : said("notices", "and", { first: why, second: trouble }));
    if (WEBRTC_STAGES.includes(this.#clock.current)) this.#clock.skipTo("picture");
  }

  /** A further window, whose first one has no ticket for it. */
  #unwelcome(error: unknown): void {
    if (!(error instanceof MonitorRefusal)) throw error;
    if (!this.#over) this.fail(error.passes ? "connection-lost" : "monitor-refused", error.message);
  }

  #greet(formats: MediaFormats, window: WindowHello): void {
    if (this.#over) return;
    this.#clock.finish("reach");
    const { user, password } = this.#options.credentials;
    this.#greeted = true;
    this.#greetedAtMs = performance.now();
    this.#formats = formats;
    this.#control.send({
      type: "hello",
      version: { ...PROTOCOL_VERSION },
      client: navigator.userAgent.slice(0, 512),
      ...(password === undefined ? {} : { user: user ?? "", password }),
      media: { webrtc: [...formats.webrtc], socket: [...formats.socket] },
      audio: { ...this.#options.audio },
      ...window,
    });
    for (const message of this.#beforeGreeting) this.#control.send(message);
    this.#beforeGreeting = [];
  }

  #take(message: AgentControl): void {
    switch (message.type) {
      case "hello":
        this.#takeHello(message);
        break;
      case "iceServers":
        this.#peers?.renewServers(message.iceServers.map(iceServer));
        break;
      case "answer":
        this.#finish("agree");
        this.#peers?.answer(message.peer, message.sdp);
        break;
      case "candidate":
        this.#peers?.addCandidate(message.peer, message.candidate, message.mid);
        break;
      case "bye":
        this.#end({
          reason: message.reason,
          byAgent: true,
          ...(message.detail === undefined ? {} : { detail: message.detail }),
        });
        break;
      case "path":
        if (message.path !== "vnc") this.input.want(message.path);
        this.#sink.onControl(message);
        break;
      case "pong":
        this.#liveness.answered(message.id);
        break;
      case "display":
      case "encoder":
      case "encoders":
      case "gamepads":
      case "monitor":
      case "doctorBegun":
      case "doctorRow":
      case "doctorEnded":
      case "video":
      case "clipboard":
      case "clipboardWanted":
      case "grabs":
      case "pen":
      case "audio":
      case "vnc":
      case "stats":
      case "notice":
      case "notification":
        this.#sink.onControl(message);
        break;
    }
  }

  #takeHello(hello: AgentHello): void {
    if (!isCompatible(PROTOCOL_VERSION, hello.version)) {
      this.fail("version-mismatch", mismatchSentence(hello.version, PROTOCOL_VERSION));
      return;
    }
    this.#clock.finish("admit");
    if (hello.version.minor >= HELD_AND_TEXT_SINCE_MINOR) this.input.allowHeldAndText();
    this.#admitted = true;
    this.#liveness.begin(hello.version.minor >= PING_SINCE_MINOR, performance.now() - this.#greetedAtMs);
    this.#socketUsable = hello.paths.includes("socket") && this.#formats.socket.length > 0;
    if (hello.paths.includes("webrtc")) this.#makePeers();
    else clearTimeout(this.#peersTimer);
    const webrtcUsable = hello.paths.includes("webrtc") && this.#peers !== undefined;
    this.#sink.onHello(hello);
    if (this.#pathsLeft) return;
    if (webrtcUsable) this.#peers?.setServers(hello.iceServers.map(iceServer));
    else this.#peers?.close();
    if (hello.paths.includes("socket")) {
      this.#peers?.keepTrying();
      this.input.openSocket();
    }
    if (webrtcUsable) {
      if (this.#failedEarly !== undefined) this.#peerFailed(this.#failedEarly);
      return;
    }
    const there = hello.paths.includes("webrtc");
    if (this.#socketUsable) this.#withoutWebRtc(said("notices", there ? "no-webrtc-here" : "no-webrtc-there"));
    else this.#pathless("no-common-codec", `${there ? NO_WEBRTC_HERE : NO_WEBRTC_THERE}; ${this.#socketExcuse(hello)}`);
  }

  #socketExcuse(hello: AgentHello): string {
    if (!hello.paths.includes("socket")) return "it offers no picture over TCP";
    return window.isSecureContext
      ? "and this browser decodes no video by itself"
      : "over TCP this browser decodes only on https:// pages";
  }

  /** Of either path. Throws nothing: what is no message ends the session. */
  #feedback(data: Uint8Array): void {
    try {
      const message = feedbackCodec.decode(data);
      if (message.type === "inputAck") this.input.acknowledge(message.count);
      else this.#sink.onFeedback(message);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.fail("protocol-error", error.message);
    }
  }

  /** Input has gone over to the socket. The picture goes too, unless WebRTC still brings something: then one message was lost. */
  async #unanswered(sinceMs: number): Promise<void> {
    const lastMs = await this.peer?.lastPacketMs();
    if (this.#over || (lastMs !== undefined && lastMs > sinceMs)) return;
    const why = `no answer over WebRTC for ${Math.round(performance.now() - sinceMs)} ms`;
    this.send({ type: "pathLost", why });
  }

  #finish(stage: StageName): void {
    this.#clock.finish(stage);
    clearInterval(this.#pictureTimer);
    // Over the socket nothing is lost.
    if (this.#over || this.#pathsLeft || this.#clock.current !== "picture" || this.#socketUsable) return;
    this.#pictureTimer = window.setInterval(() => this.send({ type: "keyframe", why: "no-picture" }), PICTURE_WAIT_MS);
  }

  /** Where the picture is missing, the detail says whether packets came and whether they could be decoded. */
  async #timedOut(stage: StageName): Promise<void> {
    if (this.#socketUsable && WEBRTC_STAGES.includes(stage)) {
      this.#withoutWebRtc(said("notices", "path-none-in", { seconds: STAGES[stage].timeoutMs / 1000 }));
      return;
    }
    const { timeoutMs, reason } = STAGES[stage];
    const report = stage === "picture" ? await this.peer?.stats() : undefined;
    if (this.#over || this.#clock.current !== stage) return;
    const counters =
      report === undefined ? undefined : readCounters(report.values() as Iterable<Record<string, unknown>>);
    const seen =
      counters === undefined
        ? ""
        : `: ${counters.packetsReceived} packets received, ${counters.framesDecoded} frames decoded`;
    const detail = `no progress for ${timeoutMs / 1000} s${seen}`;
    if (stage === "reach" || stage === "admit") this.fail(reason, detail);
    else this.#pathless(reason, detail);
  }

  /** No picture can come. Where none has been seen, other means may show the desktop. */
  #pathless(reason: Reason, detail: string): void {
    if (this.#over || this.#pathsLeft) return;
    const stage = this.#clock.current;
    if (stage !== undefined) {
      const { sentence } = describeFailure({ reason, byAgent: false, stage, ...this.#because });
      if (this.#sink.onNoPicturePath(sentence)) return;
    }
    this.fail(reason, detail);
  }

  /** The reason that fits the stage under way, or `later` once all are done. */
  #localReason(later: Reason): Reason {
    const stage = this.#clock.current;
    return stage === undefined ? later : STAGES[stage].reason;
  }

  #end(failure: Failure): void {
    if (this.#over) return;
    const stage = this.#clock.current;
    this.#release();
    this.#clock.fail();
    this.#sink.onEnd(stage === undefined ? failure : { ...failure, stage });
  }

  #release(): void {
    this.#over = true;
    this.#clock.close();
    clearTimeout(this.#peersTimer);
    clearTimeout(this.#byeTimer);
    clearInterval(this.#pictureTimer);
    this.#liveness.close();
    this.input.close();
    this.#peers?.close();
    this.#control.close();
  }
}

function formatsInTime(formats: Promise<MediaFormats>): Promise<MediaFormats> {
  const late = new Promise<MediaFormats>((resolve) => {
    setTimeout(() => resolve({ webrtc: rtpFormats(), socket: [] }), FORMATS_WAIT_MS);
  });
  return Promise.race([formats, late]);
}

function iceServer({ urls, username, credential }: AgentHello["iceServers"][number]): RTCIceServer {
  return {
    urls,
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential }),
  };
}
