// The connection to one desktop across all its attempts: what is asked of it, and what state it is in. Owns the current
// attempt and dispatches; it implements nothing. Built by `client.ts`; its stores are shown by `ui/`; feedback goes to
// `input/cursor.ts`, streams and pictures to `video/surface.ts`.

import type { AgentControl, ViewerControl } from "@eglantine/protocol/control";
import type { FeedbackMessage } from "@eglantine/protocol/feedback";
import type { Path } from "@eglantine/protocol/formats";
import type { Failed, Outcome } from "../../shared/bridge-call.ts";
import type { TrustReason } from "../../shared/trust.ts";
import type { Sentence } from "../messages/said.ts";
import type { SoundWish } from "../audio/sound.ts";
import { Store } from "../store.ts";
import { keepFrameTimes } from "../video/stats.ts";
import { type AgentAddress, parseAgentAddress } from "./agent-url.ts";
import { Attempt, type AttemptOptions, type Credentials, type SessionControl, type WindowHello } from "./attempt.ts";
import type { Failure } from "./failure.ts";
import type { SocketAudio, SocketVideo } from "./socket-channels.ts";
import { heldLong, nextRetry, reachRetryMs, retryDelayMs, shouldRetry } from "./reconnect.ts";
import { startStages, type StageProgress } from "./stages.ts";

export type ConnectionState =
  /** Nothing is wanted; `failure` says why the last one ended, when the user is to enter something else. */
  | { readonly phase: "idle"; readonly failure?: Failure }
  | { readonly phase: "connecting"; readonly stages: StageProgress }
  | { readonly phase: "connected" }
  /** `retryAtMs` (performance.now) while it waits; absent while it tries. */
  | { readonly phase: "reconnecting"; readonly failure: Failure; readonly retryAtMs?: number }
  | { readonly phase: "ended"; readonly failure: Failure; readonly stages?: StageProgress }
  /** Nothing was sent: its server is not trusted. */
  | { readonly phase: "ended"; readonly distrust: Failed<TrustReason> };

type Facts<Type extends AgentControl["type"]> = Omit<Extract<AgentControl, { type: Type }>, "type">;

/** What is known about the desktop at the other end. */
export interface SessionFacts {
  readonly agent?: string;
  /** Ways that the picture may take here, the agent's first choice first. */
  readonly paths: readonly Path[];
  /** This viewer's input is ignored. */
  readonly viewOnly: boolean;
  /** What passes through the clipboard; absent: nothing. */
  readonly clipboard?: Facts<"hello">["clipboard"];
  /** Which way files go, and the desktop's folder for them; absent: none. */
  readonly files?: Facts<"hello">["files"];
  /** For `files/transfer.ts`. */
  readonly transferTicket?: string | undefined;
  /** The agent changes the desktop's size on request. */
  readonly resize: boolean;
  /** Of the desktop, or of this window's own monitor; `monitors`: how many this viewer has. */
  readonly display?: Facts<"display">;
  /** How many this viewer may have; absent: this window's alone. */
  readonly monitors?: number | undefined;
  /** The agent looks at the place where it runs when it is asked (`doctor.ts`). */
  readonly doctor?: boolean | undefined;
  /** The agent tells what programs notify their user of, when it is asked. */
  readonly notifications?: boolean | undefined;
  readonly encoder?: Facts<"encoder">;
  /** Every encoder that the agent knows. */
  readonly encoders?: Facts<"encoders">["encoders"];
  /** The settings in force. */
  readonly video?: Facts<"video">;
  /** How this viewer's gamepads reach programs; absent: not at all. */
  readonly gamepads?: Facts<"gamepads">;
  /** Whether there is sound, and what the agent does with the microphone; absent: the agent knows of none. */
  readonly audio?: Facts<"audio">;
  readonly agentStats?: Facts<"stats">;
  /** The way that the picture takes, and why. */
  readonly path?: Pick<Facts<"path">, "path" | "why">;
  /** What programs of the desktop have grabbed. */
  readonly grabs?: Facts<"grabs">;
  /** How this viewer's pen reaches programs; absent: as a mouse. */
  readonly pen?: Facts<"pen">;
  /** Why WebRTC is not to be had, found on this side. */
  readonly trouble?: Sentence | undefined;
  readonly notice?: { readonly level: "info" | "warning" | "error"; readonly text: Sentence };
}

export type DoctorMessage = Extract<AgentControl, { type: "doctorBegun" | "doctorRow" | "doctorEnded" }>;
export type ClipboardMessage = Extract<AgentControl, { type: "clipboard" | "clipboardWanted" }>;

const NO_FACTS: SessionFacts = { resize: false, paths: [], viewOnly: false };

export interface ConnectionTarget {
  readonly address: AgentAddress;
  readonly credentials: Credentials;
  /** Whoever made the way to it has had its end trusted. */
  readonly trusted?: boolean;
}

export interface ConnectionSink {
  /**
   * A session begins: what the one before it showed and sent is over. What is sent now goes out right behind its hello. `held`: since
   * the last one began, a picture stood for long.
   */
  onBegin(held: boolean): void;
  /** This viewer was let in, and the facts tell how. */
  onAdmitted(): void;
  onVncTicket(ticket: string): void;
  onClipboard(message: ClipboardMessage): void;
  /** A ticket for a further window, or why there is none. */
  onMonitor(message: Extract<AgentControl, { type: "monitor" }>): void;
  onDoctor(message: DoctorMessage): void;
  onNotification(notification: Facts<"notification">): void;
  onStream(stream: MediaStream): void;
  onSoundStream(stream: MediaStream): void;
  /** Before each offer: what will receive the sound. */
  onSoundReceiver(receiver: RTCRtpReceiver): void;
  onSocketAudio(part: SocketAudio): void;
  onPath(message: Facts<"path">): void;
  /** A part of a picture that came over the socket. */
  onSocketVideo(part: SocketVideo, bytes: ArrayBuffer): void;
  /** Of those, the pictures that wait for the decoder. */
  queuedPictures(): number;
  /** Input has a way out: `attempt.input`, one for each attempt. */
  onInputOpen(): void;
  onFeedback(message: FeedbackMessage): void;
  /** WebRTC and the WebSocket give no picture. True: another path is taken. */
  onNoPicturePath(why: Sentence): boolean;
  /** The picture stops here: keep the last one. Input has no way out any more. */
  onDropped(): void;
}

export interface ConnectionOptions extends Pick<AttemptOptions, "relay" | "headStart"> {
  /** Whether the agent of this page may be told anything, and why not: the shell, which asks the user. A browser judges by itself. */
  readonly judge: ((pageUrl: string) => Promise<Outcome<null, TrustReason>>) | undefined;
  /** How the sound is wanted now. */
  readonly audio: () => SoundWish;
  /** For one hello. Rejects with MonitorRefusal. */
  readonly window: () => Promise<WindowHello>;
}

/** An attempt that is younger is let go on, ms: networks come with several events. */
const FRESH_MS = 500;

/** Reasons after which the user is asked for a name and a password again. */
const ASK_AGAIN: readonly Failure["reason"][] = ["auth-required", "auth-failed", "auth-locked"];

export class Connection {
  readonly state = new Store<ConnectionState>({ phase: "idle" });
  readonly facts = new Store<SessionFacts>(NO_FACTS);
  readonly #sink: ConnectionSink;
  readonly #options: ConnectionOptions;
  #target: ConnectionTarget | undefined;
  #attempt: Attempt | undefined;
  /** While the target is judged. */
  #judging: symbol | undefined;
  #trusted = false;
  #stages: StageProgress | undefined;
  #everConnected = false;
  #retry = 0;
  #connectedAtMs: number | undefined;
  #held = false;
  #begunAtMs = 0;
  /** The first attempt of the user's wish. */
  #wishedAtMs = 0;
  #timer: number | undefined;

  constructor(sink: ConnectionSink, options: ConnectionOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  get target(): ConnectionTarget | undefined {
    return this.#target;
  }

  get attempt(): Attempt | undefined {
    return this.#attempt;
  }

  /** Connects, ending what was before. The password stays in memory only. */
  connect(target: ConnectionTarget): void {
    this.#stop();
    this.#target = target;
    this.#trusted = target.trusted ?? false;
    this.#everConnected = false;
    this.#retry = 0;
    this.#held = false;
    this.#wishedAtMs = performance.now();
    this.#begin();
  }

  /** Whereto is being asked for. */
  await(): void {
    this.#stop();
    this.state.set({ phase: "connecting", stages: startStages(performance.now()) });
  }

  /** There is nothing to connect to. */
  refuse(failure: Failure): void {
    this.#stop();
    this.state.set({ phase: "ended", failure });
  }

  /** The same desktop again, now: from the end page or instead of waiting. */
  again(): void {
    if (this.#target === undefined) return;
    if (this.state.get().phase === "connected") {
      this.#noteHeld();
      this.#sink.onDropped();
      this.state.set({ phase: "connecting", stages: startStages(performance.now()) });
    } else {
      this.#trusted = false;
    }
    this.#stop();
    this.#wishedAtMs = performance.now();
    this.#begin();
  }

  /** The computer slept, or its network changed: what waits goes on now, and what seems to stand is asked whether it does. */
  async wake(): Promise<void> {
    const { phase } = this.state.get();
    if (phase === "connected") {
      const attempt = this.#attempt;
      if (attempt === undefined || (await attempt.isAlive()) || attempt !== this.#attempt) return;
      attempt.fail("connection-lost", "the connection did not outlive this computer's sleep, or its former network");
    } else if (phase === "connecting" || phase === "reconnecting") {
      // One that has only just begun is of the new network.
      if (this.#attempt !== undefined && performance.now() - this.#begunAtMs < FRESH_MS) return;
    } else {
      return;
    }
    const { phase: now } = this.state.get();
    if (this.#target === undefined || (now !== "connecting" && now !== "reconnecting")) return;
    this.#retry = 0;
    this.#stop();
    this.#begin();
  }

  /** Leaves the desktop; it keeps running. */
  leave(): void {
    if (this.state.get().phase === "connected") this.#sink.onDropped();
    this.#stop();
    this.state.set({ phase: "ended", failure: { reason: "viewer-left", byAgent: false } });
  }

  /** Back to the connect page. */
  reset(): void {
    this.#stop();
    this.state.set({ phase: "idle" });
  }

  send(message: ViewerControl): void {
    this.#attempt?.send(message);
  }

  /** A sentence of this side's own, shown as the agent's are. */
  notify(level: "info" | "warning", text: Sentence): void {
    this.#learn({ notice: { level, text } });
  }

  /** The first picture of this attempt is on the screen, and the way that it came. */
  pictureSeen(path: Path): void {
    this.#attempt?.pictureSeen(path);
    if (this.#attempt === undefined || this.state.get().phase === "connected") return;
    this.#everConnected = true;
    this.#connectedAtMs = performance.now();
    this.state.set({ phase: "connected" });
  }

  /** Ends everything. Idempotent. */
  close(): void {
    this.#stop();
  }

  #begin(): void {
    const { judge } = this.#options;
    const target = this.#target;
    if (target === undefined) return;
    if (judge === undefined || this.#trusted) this.#attemptTo(target);
    else void this.#judge(target, judge);
  }

  /** Nothing goes out before the answer. */
  async #judge(target: ConnectionTarget, judge: NonNullable<ConnectionOptions["judge"]>): Promise<void> {
    const judging = Symbol("judging");
    this.#judging = judging;
    const before = this.state.get();
    if (before.phase === "reconnecting") this.state.set({ phase: "reconnecting", failure: before.failure });
    else this.state.set({ phase: "connecting", stages: startStages(performance.now()) });
    const verdict = await judge(target.address.pageUrl);
    if (this.#judging !== judging) return;
    this.#judging = undefined;
    if ("failed" in verdict) {
      this.state.set({ phase: "ended", distrust: verdict.failed });
      return;
    }
    this.#trusted = true;
    this.#attemptTo(target);
  }

  #attemptTo({ address, credentials }: ConnectionTarget): void {
    this.#begunAtMs = performance.now();
    this.facts.set(NO_FACTS);
    const before = this.state.get();
    if (before.phase === "reconnecting") this.state.set({ phase: "reconnecting", failure: before.failure });
    const sink = this.#sink;
    this.#attempt = new Attempt(
      {
        socketUrl: address.socketUrl,
        credentials,
        ...this.#options,
        audio: this.#options.audio(),
        window: this.#options.window(),
      },
      {
        onProgress: (stages) => this.#progress(stages),
        onHello: ({ type: _type, version: _version, session: _session, iceServers: _servers, ...facts }) => {
          this.#learn(facts);
          sink.onAdmitted();
        },
        onControl: (message) => this.#take(message),
        onStream: (stream) => sink.onStream(stream),
        onSoundStream: (stream) => sink.onSoundStream(stream),
        onSoundReceiver: (receiver) => sink.onSoundReceiver(receiver),
        onSocketAudio: (part) => sink.onSocketAudio(part),
        onSocketVideo: (part, bytes) => sink.onSocketVideo(part, bytes),
        queuedPictures: () => sink.queuedPictures(),
        onInputOpen: () => sink.onInputOpen(),
        onFeedback: (message) => sink.onFeedback(message),
        onTrouble: (trouble) => this.#learn({ trouble }),
        onNoPicturePath: (why) => sink.onNoPicturePath(why),
        onEnd: (failure) => this.#ended(failure),
      },
    );
    const held = this.#held;
    this.#held = false;
    sink.onBegin(held);
  }

  #progress(stages: StageProgress): void {
    this.#stages = stages;
    if (this.state.get().phase === "reconnecting" || stages.failed) return;
    if (this.state.get().phase !== "connected") this.state.set({ phase: "connecting", stages });
  }

  #take(message: SessionControl): void {
    switch (message.type) {
      case "display":
        this.#learn({ display: bare(message) });
        break;
      case "encoder":
        this.#learn({ encoder: bare(message) });
        break;
      case "encoders":
        this.#learn({ encoders: message.encoders });
        break;
      case "video":
        this.#learn({ video: bare(message) });
        break;
      case "gamepads":
        this.#learn({ gamepads: bare(message) });
        break;
      case "audio":
        this.#learn({ audio: bare(message) });
        break;
      case "path":
        this.#learn({ path: { path: message.path, why: message.why } });
        this.#sink.onPath(message);
        break;
      case "stats":
        this.#learn({ agentStats: keepFrameTimes(bare(message), this.facts.get().agentStats) });
        break;
      case "notice":
        this.#learn({ notice: bare(message) });
        break;
      case "clipboard":
      case "clipboardWanted":
        this.#sink.onClipboard(message);
        break;
      case "monitor":
        this.#sink.onMonitor(message);
        break;
      case "doctorBegun":
      case "doctorRow":
      case "doctorEnded":
        this.#sink.onDoctor(message);
        break;
      case "notification":
        this.#sink.onNotification(bare(message));
        break;
      case "grabs":
        this.#learn({ grabs: bare(message) });
        break;
      case "pen":
        this.#learn({ pen: bare(message) });
        break;
      case "vnc":
        this.#sink.onVncTicket(message.ticket);
        break;
    }
  }

  #learn(facts: Partial<SessionFacts>): void {
    this.facts.set({ ...this.facts.get(), ...facts });
  }

  #ended(failure: Failure): void {
    const before = this.state.get();
    this.#attempt = undefined;
    if (before.phase === "connected") this.#sink.onDropped();
    // Its key may be another one by now.
    if (failure.stage === "reach") this.#trusted = false;
    const reachAgainMs =
      before.phase === "connecting" ? reachRetryMs(failure, performance.now() - this.#wishedAtMs) : undefined;
    if (reachAgainMs !== undefined) {
      this.#timer = window.setTimeout(() => this.#begin(), reachAgainMs);
    } else if (ASK_AGAIN.includes(failure.reason)) {
      this.state.set({ phase: "idle", failure });
    } else if (shouldRetry(failure, this.#everConnected)) {
      this.#wait(failure);
    } else {
      const stages = this.#stages;
      this.state.set({ phase: "ended", failure, ...(failure.stage && stages ? { stages } : {}) });
    }
  }

  /** How long there was a picture, ms, until now. */
  #noteHeld(): number {
    const connectedMs = this.#connectedAtMs === undefined ? 0 : performance.now() - this.#connectedAtMs;
    this.#connectedAtMs = undefined;
    this.#held ||= heldLong(connectedMs);
    return connectedMs;
  }

  #wait(failure: Failure): void {
    const nowMs = performance.now();
    const connectedMs = this.#noteHeld();
    this.#retry = nextRetry(this.#retry, connectedMs);
    const delayMs = retryDelayMs(this.#retry, Math.random());
    // What the user saw end is the reason; that a retry fails too is no news.
    const before = this.state.get();
    const shown = before.phase === "reconnecting" && !failure.byAgent ? before.failure : failure;
    this.state.set({ phase: "reconnecting", failure: shown, retryAtMs: nowMs + delayMs });
    this.#timer = window.setTimeout(() => this.#begin(), delayMs);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#judging = undefined;
    this.#attempt?.close();
    this.#attempt = undefined;
    this.#connectedAtMs = undefined;
  }
}

function bare<T extends { readonly type: string }>({ type: _type, ...rest }: T): Omit<T, "type"> {
  return rest;
}

/** The target that a user typed, or undefined when the address is none. */
export function readTarget(url: string, user: string, password: string): ConnectionTarget | undefined {
  const address = parseAgentAddress(url);
  if (address === undefined) return undefined;
  const secret = password === "" ? address.password : password;
  return {
    address,
    credentials: {
      user: address.user ?? user,
      ...(secret === undefined ? {} : { password: secret }),
    },
  };
}
