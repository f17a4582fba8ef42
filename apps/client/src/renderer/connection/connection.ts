// The connection to one desktop across all its attempts: what is asked of it, and what state it is in. Owns the current
// attempt and dispatches; it implements nothing. Built by `main.ts`; its stores are shown by `ui/`; feedback goes to
// `input/cursor.ts`, the stream to `video/receive.ts`.

import type { AgentControl, ViewerControl } from "@eglantine/protocol/control";
import type { Path } from "@eglantine/protocol/formats";
import { ProtocolError } from "@eglantine/protocol/field";
import { feedbackCodec, type FeedbackMessage } from "@eglantine/protocol/feedback";
import { Store } from "../store.ts";
import { keepFrameTimes } from "../video/stats.ts";
import { type AgentAddress, parseAgentAddress } from "./agent-url.ts";
import { Attempt, type Credentials, type SessionControl } from "./attempt.ts";
import type { Failure } from "./failure.ts";
import { nextRetry, retryDelayMs, shouldRetry } from "./reconnect.ts";
import type { StageProgress } from "./stages.ts";

export type ConnectionState =
  /** Nothing is wanted; `failure` says why the last one ended, when the user is to enter something else. */
  | { readonly phase: "idle"; readonly failure?: Failure }
  | { readonly phase: "connecting"; readonly stages: StageProgress }
  | { readonly phase: "connected" }
  /** `retryAtMs` (performance.now) while it waits; absent while it tries. */
  | { readonly phase: "reconnecting"; readonly failure: Failure; readonly retryAtMs?: number }
  | { readonly phase: "ended"; readonly failure: Failure; readonly stages?: StageProgress };

/** What is known about the desktop at the other end. */
export interface SessionFacts {
  readonly agent?: string;
  /** The agent changes the desktop's size on request. */
  readonly resize: boolean;
  readonly display?: { readonly widthPx: number; readonly heightPx: number };
  /** Ways that the picture may take here, the agent's first choice first. */
  readonly paths: readonly Path[];
  /** This viewer's input is ignored. */
  readonly viewOnly: boolean;
  readonly encoders?: Extract<AgentControl, { type: "encoders" }>["encoders"];
  /** Picture settings in force. */
  readonly video?: Omit<Extract<AgentControl, { type: "video" }>, "type">;
  readonly path?: { readonly path: Path; readonly why: string };
  readonly encoder?: Omit<Extract<AgentControl, { type: "encoder" }>, "type">;
  readonly agentStats?: Omit<Extract<AgentControl, { type: "stats" }>, "type">;
  readonly notice?: { readonly level: "info" | "warning" | "error"; readonly text: string };
}

export interface ConnectionTarget {
  readonly address: AgentAddress;
  readonly credentials: Credentials;
}

export interface ConnectionSink {
  /** This viewer was let in: what it wants of the session is to be said now. */
  onAdmitted(): void;
  onVncTicket(ticket: string): void;
  /** WebRTC and the WebSocket give no picture. True: another path is taken. */
  onNoPicturePath(why: string): boolean;
  onStream(stream: MediaStream): void;
  /** The channel for keys is open: a new one of this attempt. */
  onInputOpen(): void;
  onFeedback(message: FeedbackMessage): void;
  /** The picture stops here: keep the last one. Input has no way out any more. */
  onDropped(): void;
}

const NO_FACTS: SessionFacts = { resize: false, paths: [], viewOnly: false };
/** Reasons after which the user is asked for a name and a password again. */
const ASK_AGAIN: readonly Failure["reason"][] = ["auth-required", "auth-failed", "auth-locked"];

export class Connection {
  readonly state = new Store<ConnectionState>({ phase: "idle" });
  readonly facts = new Store<SessionFacts>(NO_FACTS);
  readonly #sink: ConnectionSink;
  #target: ConnectionTarget | undefined;
  #attempt: Attempt | undefined;
  #stages: StageProgress | undefined;
  #everConnected = false;
  #retry = 0;
  #connectedAtMs: number | undefined;
  #timer: number | undefined;

  constructor(sink: ConnectionSink) {
    this.#sink = sink;
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
    this.#everConnected = false;
    this.#retry = 0;
    this.#begin();
  }

  /** The same desktop again, now: from the end page or instead of waiting. */
  again(): void {
    if (this.#target === undefined) return;
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

  pictureSeen(): void {
    this.#attempt?.pictureSeen();
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
    const target = this.#target;
    if (target === undefined) return;
    this.facts.set(NO_FACTS);
    const before = this.state.get();
    if (before.phase === "reconnecting") this.state.set({ phase: "reconnecting", failure: before.failure });
    this.#attempt = new Attempt(target.address.socketUrl, target.credentials, {
      onProgress: (stages) => this.#progress(stages),
      onHello: ({ agent, resize, paths, viewOnly }) => {
        this.#learn({ agent, resize, paths, viewOnly });
        this.#sink.onAdmitted();
      },
      onNoPicturePath: (why) => this.#sink.onNoPicturePath(why),
      onControl: (message) => this.#take(message),
      onStream: (stream) => this.#sink.onStream(stream),
      onInputOpen: () => this.#sink.onInputOpen(),
      onFeedback: (data) => this.#decode(data),
      onEnd: (failure) => this.#ended(failure),
    });
  }

  #progress(stages: StageProgress): void {
    this.#stages = stages;
    if (this.state.get().phase === "reconnecting" || stages.failed) return;
    if (this.state.get().phase !== "connected") this.state.set({ phase: "connecting", stages });
  }

  #take(message: SessionControl): void {
    const { type, ...rest } = message;
    switch (type) {
      case "display":
        this.#learn({ display: rest as Required<SessionFacts>["display"] });
        break;
      case "encoder":
        this.#learn({ encoder: rest as Required<SessionFacts>["encoder"] });
        break;
      case "encoders":
        this.#learn({ encoders: message.encoders });
        break;
      case "video":
        this.#learn({ video: rest as Required<SessionFacts>["video"] });
        break;
      case "path":
        this.#learn({ path: { path: message.path, why: message.why } });
        break;
      case "vnc":
        this.#sink.onVncTicket(message.ticket);
        break;
      case "stats":
        this.#learn({
          agentStats: keepFrameTimes(rest as Required<SessionFacts>["agentStats"], this.facts.get().agentStats),
        });
        break;
      case "notice":
        this.#learn({ notice: rest as Required<SessionFacts>["notice"] });
        break;
    }
  }

  #learn(facts: Partial<SessionFacts>): void {
    this.facts.set({ ...this.facts.get(), ...facts });
  }

  #decode(data: Uint8Array): void {
    try {
      this.#sink.onFeedback(feedbackCodec.decode(data));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#attempt?.fail("protocol-error", error.message);
    }
  }

  #ended(failure: Failure): void {
    const before = this.state.get();
    this.#attempt = undefined;
    if (before.phase === "connected") this.#sink.onDropped();
    if (ASK_AGAIN.includes(failure.reason)) {
      this.state.set({ phase: "idle", failure });
    } else if (shouldRetry(failure, this.#everConnected)) {
      this.#wait(failure);
    } else {
      const stages = this.#stages;
      this.state.set({ phase: "ended", failure, ...(failure.stage && stages ? { stages } : {}) });
    }
  }

  #wait(failure: Failure): void {
    const nowMs = performance.now();
    const connectedMs = this.#connectedAtMs === undefined ? 0 : nowMs - this.#connectedAtMs;
    this.#connectedAtMs = undefined;
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
    this.#attempt?.close();
    this.#attempt = undefined;
    this.#connectedAtMs = undefined;
  }
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
