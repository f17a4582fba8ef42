// One viewer: owns its way out (`transport/`), its picture (`video/pipeline.ts`) and its hands (`input/`), and ties them
// together. Made by `registry.ts` when a viewer is let in; what its messages mean is in `dispatch.ts`.

import type { AgentControl } from "@eglantine/protocol/control";
import { feedbackCodec } from "@eglantine/protocol/feedback";
import { ProtocolError } from "@eglantine/protocol/field";
import { LIMITS } from "@eglantine/protocol/limits";
import type { Format } from "@eglantine/protocol/formats";
import type { Reason } from "@eglantine/protocol/reasons";
import type { Closable } from "../close.ts";
import { messageOf } from "../errors.ts";
import type { Screen, ViewerInput } from "../input/types.ts";
import type { Log } from "../log.ts";
import type { Transport, TransportSink } from "../transport/types.ts";
import type { AccessUnit, EncoderChoice, VideoPipeline, VideoSink } from "../video/types.ts";
import type { CursorLook } from "../x11/cursor.ts";
import type { Desktop } from "../x11/desktop.ts";
import { Dispatch, RateError } from "./dispatch.ts";
import type { CpuShare } from "./cpu-budget.ts";
import { Measure } from "./measure.ts";
import { Steering, type VideoDefaults } from "./steering.ts";

/** The viewer's control connection, as far as a session needs it. */
export interface ControlLine {
  send(message: AgentControl): void;
  /** Says bye with this reason and closes the connection. */
  end(reason: Reason, detail?: string): void;
}

export interface SessionOptions {
  readonly hello: Extract<AgentControl, { type: "hello" }>;
  readonly line: ControlLine;
  readonly desktop: Desktop;
  readonly openVideo: (sink: VideoSink) => VideoPipeline;
  readonly openTransport: (sink: TransportSink) => Transport;
  /** A ticket to the RFB path; absent where there is none. */
  readonly vncTicket?: () => string;
  readonly videoDefaults: VideoDefaults;
  /** What the viewer decodes. */
  readonly formats: readonly Format[];
  readonly cpu: CpuShare;
  readonly nowMs: () => number;
  readonly log: Log;
  /** Once, when the session has begun to end. */
  readonly onEnded: (session: Session, reason: Reason, detail: string | undefined) => void;
}

/** A viewer that was let in and has no media by then gives its place back. */
const CONNECT_MS = 30_000;
const STATS_MS = 1000;
/** Of a viewer that may only watch. */
const NO_HANDS: ViewerInput & { leave(): void } = {
  apply: () => undefined,
  releaseAll: () => undefined,
  leave: () => undefined,
};

export class Session implements Closable {
  readonly #options: SessionOptions;
  readonly #log: Log;
  readonly #input: ViewerInput & { leave(): void };
  readonly #dispatch: Dispatch;
  readonly #measure: Measure;
  readonly #video: VideoPipeline;
  readonly #transport: Transport;
  readonly #steering: Steering;
  readonly #unwatchSize: () => void;
  readonly #sentShapes = new Set<number>();
  #unwatchCursor: (() => void) | undefined;
  #connectTimer: NodeJS.Timeout | undefined;
  #statsTimer: NodeJS.Timeout | undefined;
  #peer = 0;
  #over = false;
  #closed: Promise<unknown> = Promise.resolve();

  constructor(options: SessionOptions) {
    const { line, desktop } = options;
    this.#options = options;
    this.#log = options.log;
    this.#measure = new Measure(options.nowMs());
    line.send(options.hello);
    if (desktop.reachable) this.#sendSize(desktop.size);
    // The encoder starts beside ICE, so that it is warm when the path stands.
    this.#video = options.openVideo({
      onAccessUnit: (unit) => this.#onAccessUnit(unit),
      // A card has a size of its own. When the desktop is back, its size is told again even if it is what it was before.
      onSize: (widthPx, heightPx) => this.#sendSize(desktop.reachable ? desktop.size : { widthPx, heightPx }),
      onEncoder: (choice) => this.#onEncoder(choice),
      onCard: (reason) => this.#onCard(reason),
      onFailed: (reason) => this.end("media-failed", reason.slice(0, LIMITS.textChars)),
    });
    this.#input = options.hello.viewOnly ? NO_HANDS : desktop.enterInput();
    this.#transport = options.openTransport({
      onCandidate: (candidate, mid) => this.#send({ type: "candidate", peer: this.#peer, candidate, mid }),
      onConnected: () => this.#onConnected(),
      onMessage: (channel, data) => this.#guard(() => this.#dispatch.input(channel, data)),
      onInputLost: () => this.#input.releaseAll(),
      onAlive: () => undefined,
      onKeyframeNeeded: () => this.#video.requestKeyframe(),
      onTargetBps: (targetBps) => this.#steering.target(targetBps),
      onFailed: (reason, detail) => this.end(reason, detail),
    });
    this.#steering = new Steering({
      video: this.#video,
      defaults: options.videoDefaults,
      formats: options.formats,
      cpu: options.cpu,
      nowMs: options.nowMs,
      log: this.#log,
      send: (message) => this.#send(message),
      onLimits: (limits) => this.#transport.setLimits(limits),
      onSteered: (scale, framesPerSecond) => this.#measure.limit(scale, framesPerSecond),
      sentBytes: () => this.#transport.counters().sentBytes,
    });
    this.#dispatch = new Dispatch({
      input: this.#input,
      actions: {
        offer: ({ peer, sdp }) => {
          this.#peer = peer;
          this.#answer(sdp);
        },
        candidate: ({ candidate, mid }) => this.#transport.addCandidate(candidate, mid),
        display: ({ widthPx, heightPx }) => void this.#resize({ widthPx, heightPx }),
        keyframe: () => this.#video.requestKeyframe(),
        vnc: () => this.#sendTicket(),
        video: (wish) => this.#steering.wish(wish),
        stats: (stats) => this.#log.debug({ stats }, "viewer's numbers"),
        bye: ({ reason }) => this.end(reason),
      },
      sendFeedback: (message) => void this.#transport.sendFeedback(message),
      nowMs: options.nowMs,
    });
    this.#unwatchSize = desktop.watchSize((screen) => this.#sendSize(screen));
    this.#connectTimer = setTimeout(() => this.end("media-failed", "no media within 30 s"), CONNECT_MS);
  }

  /** One text frame of the control connection. */
  onControl(frame: string): void {
    this.#guard(() => this.#dispatch.control(frame));
  }

  /** The control connection broke: there is nobody to say bye to. */
  onLineLost(): void {
    this.end("connection-lost");
  }

  /** Says why, gives everything back. The first reason counts. */
  end(reason: Reason, detail?: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.line.end(reason, detail);
    clearTimeout(this.#connectTimer);
    clearInterval(this.#statsTimer);
    this.#steering.close();
    this.#input.leave();
    this.#unwatchCursor?.();
    this.#unwatchSize();
    this.#closed = Promise.all([this.#transport.close(), this.#video.close()]);
    this.#options.onEnded(this, reason, detail);
  }

  async close(): Promise<void> {
    this.end("agent-closing");
    await this.#closed;
  }

  /** Hostile messages end this session, and this one alone; anything else is a bug and stays one. */
  #guard(act: () => void): void {
    if (this.#over) return;
    try {
      act();
    } catch (error) {
      this.#refuse(error);
    }
  }

  #refuse(error: unknown): void {
    if (error instanceof ProtocolError) this.end("protocol-error", error.message.slice(0, LIMITS.textChars));
    else if (error instanceof RateError) this.end("rate-limited", error.message);
    else throw error;
  }

  #send(message: AgentControl): void {
    if (!this.#over) this.#options.line.send(message);
  }

  #answer(sdp: string): void {
    this.#transport.answer(sdp).then(
      (answer) => this.#send({ type: "answer", peer: this.#peer, sdp: answer }),
      (error: unknown) => {
        if (!this.#over) this.#refuse(error);
      },
    );
  }

  #onConnected(): void {
    if (this.#over) return;
    clearTimeout(this.#connectTimer);
    this.#log.info("viewer connected");
    this.#video.requestKeyframe();
    this.#unwatchCursor = this.#options.desktop.watchCursor((look) => this.#sendCursor(look));
    this.#statsTimer = setInterval(() => {
      const stats = this.#measure.take(this.#transport.counters(), this.#options.nowMs());
      if (stats !== undefined) this.#send(stats);
    }, STATS_MS);
  }

  #onAccessUnit(unit: AccessUnit): void {
    if (this.#over) return;
    this.#measure.add(unit);
    this.#steering.unit(unit);
    this.#transport.send(unit);
  }

  #onEncoder(choice: EncoderChoice): void {
    const { name, codec, chroma, why, fallback } = choice;
    this.#steering.encoder(choice);
    this.#send({ type: "encoder", name, codec, chroma, why: why.slice(0, LIMITS.textChars), fallback });
  }

  #onCard(reason: string | undefined): void {
    const text = (reason ?? "The desktop can be seen again.").slice(0, LIMITS.textChars);
    this.#send({ type: "notice", level: reason === undefined ? "info" : "warning", text });
  }

  #sendSize({ widthPx, heightPx }: Screen): void {
    const fits = (sidePx: number) => sidePx >= LIMITS.displayMinPx && sidePx <= LIMITS.displayMaxPx;
    if (fits(widthPx) && fits(heightPx)) this.#send({ type: "display", widthPx, heightPx });
  }

  #sendCursor(look: CursorLook): void {
    if (look.kind === "hidden") this.#transport.sendFeedback(feedbackCodec.encode({ type: "cursorHidden" }));
    else if (this.#sentShapes.has(look.serial)) {
      this.#transport.sendFeedback(feedbackCodec.encode({ type: "cursorUse", serial: look.serial }));
    } else if (this.#transport.sendFeedback(look.message)) {
      this.#sentShapes.add(look.serial);
    }
  }

  #sendTicket(): void {
    const { hello, vncTicket } = this.#options;
    if (vncTicket === undefined) {
      this.#send({
        type: "notice",
        level: "warning",
        text: "This desktop has no noVNC: its agent knows no RFB socket.",
      });
      return;
    }
    this.#send({ type: "vnc", ticket: vncTicket(), viewOnly: hello.viewOnly });
  }

  async #resize(wanted: Screen): Promise<void> {
    const { desktop, hello } = this.#options;
    try {
      if (hello.resize) await desktop.resize(wanted);
      if (desktop.reachable) this.#sendSize(desktop.size);
    } catch (error) {
      this.#log.warn({ detail: messageOf(error), ...wanted }, "resize failed");
      const text = `The desktop keeps its size: ${messageOf(error)}.`.slice(0, LIMITS.textChars);
      this.#send({ type: "notice", level: "warning", text });
    }
  }
}
