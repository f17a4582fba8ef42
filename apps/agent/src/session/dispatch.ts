// What a viewer's messages mean: decodes them, keeps their limits, and hands them on. Those of the hands go to
// `input-intake.ts`; the others to the session (`session.ts`), which owns what they act on.

import { type ControlMessage, type VIEWER_CONTROL, parseViewerControl } from "@eglantine/protocol/control";
import { ProtocolError } from "@eglantine/protocol/field";
import { inputCodec } from "@eglantine/protocol/input";
import { LIMITS } from "@eglantine/protocol/limits";
import { socketViewerCodec } from "@eglantine/protocol/socket";
import type { MicrophonePacket } from "../audio/microphone-intake.ts";
import type { SocketAck } from "../transport/socket.ts";
import type { InputIntake } from "./input-intake.ts";
import type { InputSource } from "./input-order.ts";
import { SOCKET_SOURCE } from "./paths.ts";
import { Coalesced, RateError, RateGate } from "./rate.ts";

type Viewer<Name extends keyof typeof VIEWER_CONTROL> = Extract<ControlMessage<typeof VIEWER_CONTROL>, { type: Name }>;

/** What a session does on a message that is no input. */
export interface DispatchActions {
  offer(message: Viewer<"offer">): void;
  candidate(message: Viewer<"candidate">): void;
  display(message: Viewer<"display">): void;
  screen(message: Viewer<"screen">): void;
  monitor(): void;
  keyframe(): void;
  path(message: Viewer<"path">): void;
  pathLost(message: Viewer<"pathLost">): void;
  clipboard(message: Viewer<"clipboard">): void;
  clipboardRefused(message: Viewer<"clipboardRefused">): void;
  dropAim(message: Viewer<"dropAim">): void;
  dropFiles(message: Viewer<"dropFiles">): void;
  doctor(message: Viewer<"doctor">): void;
  notifications(message: Viewer<"notifications">): void;
  ping(message: Viewer<"ping">): void;
  vnc(): void;
  video(message: Viewer<"video">): void;
  audio(message: Viewer<"audio">): void;
  microphone(message: Viewer<"microphone">): void;
  microphonePacket(packet: MicrophonePacket): void;
  stats(message: Viewer<"stats">): void;
  bye(message: Viewer<"bye">): void;
  ack(message: SocketAck): void;
}

/** A second, of what costs other viewers something: another encoder. */
const WISHES = 10;

export class Dispatch {
  readonly #intake: InputIntake;
  readonly #actions: DispatchActions;
  readonly #nowMs: () => number;
  readonly #inputRate = new RateGate(LIMITS.inputPerSecond);
  readonly #ackRate = new RateGate(LIMITS.inputPerSecond);
  readonly #videos: Coalesced<Viewer<"video">>;
  readonly #wants: Coalesced<Viewer<"path">>;
  readonly #clipboardRate = new RateGate(LIMITS.clipboardPerSecond);
  readonly #padRate = new RateGate(LIMITS.gamepadPlugsPerMinute, 60_000);
  readonly #dropRate = new RateGate(LIMITS.dropsPerMinute, 60_000);
  readonly #screens: Coalesced<Viewer<"screen">>;
  readonly #monitorRate = new RateGate(LIMITS.monitorsPerMinute, 60_000);
  readonly #doctorRate = new RateGate(LIMITS.doctorPerMinute, 60_000);
  readonly #notices: Coalesced<Viewer<"notifications">>;
  readonly #audios: Coalesced<Viewer<"audio">>;
  readonly #microphones: Coalesced<Viewer<"microphone">>;
  readonly #peerRate = new RateGate(LIMITS.peersPerMinute, 60_000);
  #peer: number | undefined;
  #candidates = 0;
  #strayCandidates = 0;

  constructor(options: { intake: InputIntake; actions: DispatchActions; nowMs: () => number }) {
    this.#intake = options.intake;
    this.#actions = options.actions;
    this.#nowMs = options.nowMs;
    const { actions, nowMs } = options;
    this.#videos = new Coalesced(WISHES, nowMs, (message) => actions.video(message));
    this.#wants = new Coalesced(WISHES, nowMs, (message) => actions.path(message));
    this.#screens = new Coalesced(WISHES, nowMs, (message) => actions.screen(message));
    this.#notices = new Coalesced(WISHES, nowMs, (message) => actions.notifications(message));
    this.#audios = new Coalesced(WISHES, nowMs, (message) => actions.audio(message));
    this.#microphones = new Coalesced(WISHES, nowMs, (message) => actions.microphone(message));
  }

  /** Nothing that waits is done any more. */
  close(): void {
    const waiting = [this.#videos, this.#wants, this.#screens, this.#notices, this.#audios, this.#microphones];
    for (const kind of waiting) kind.close();
  }

  /** Candidates so far for a peer that is none, or not any more. */
  get strayCandidates(): number {
    return this.#strayCandidates;
  }

  /** One datagram of the input or motion channel of this path. Throws ProtocolError or RateError, and nothing else. */
  input(source: InputSource, channel: "input" | "motion", datagram: Uint8Array): void {
    if (!this.#inputRate.pass(this.#nowMs())) throw new RateError("input");
    const message = inputCodec.decode(datagram);
    if (channel === "motion" && message.type !== "motion" && message.type !== "padAxes") {
      throw new ProtocolError(`${message.type} on motion`);
    }
    if (message.type === "padConnect" && !this.#padRate.pass(this.#nowMs())) throw new RateError("gamepads");
    this.#intake.take(source, message);
  }

  /** One binary frame of the control connection. Throws ProtocolError or RateError, and nothing else. */
  socket(frame: Uint8Array): void {
    const message = socketViewerCodec.decode(frame);
    switch (message.type) {
      case "input":
      case "motion":
        this.input(SOCKET_SOURCE, message.type, message.message);
        return;
      case "microphone":
        this.#actions.microphonePacket(message);
        return;
      case "ack":
        if (!this.#ackRate.pass(this.#nowMs())) throw new RateError("acknowledgements");
        this.#actions.ack(message);
    }
  }

  /** One text frame behind the hello. Throws ProtocolError or RateError, and nothing else. */
  control(frame: string): void {
    const message = parseViewerControl(frame);
    switch (message.type) {
      case "hello":
        throw new ProtocolError("a second hello");
      case "offer":
        if (message.peer === this.#peer) throw new ProtocolError("a second offer of one peer");
        if (!this.#peerRate.pass(this.#nowMs())) throw new RateError("peers");
        this.#peer = message.peer;
        this.#candidates = 0;
        this.#actions.offer(message);
        return;
      case "candidate":
        // Of a peer that was replaced, in a session that behaves.
        if (message.peer !== this.#peer) {
          this.#strayCandidates += 1;
          return;
        }
        this.#candidates += 1;
        if (this.#candidates > LIMITS.candidates) throw new ProtocolError("too many candidates");
        this.#actions.candidate(message);
        return;
      case "display":
        this.#actions.display(message);
        return;
      case "screen":
        this.#screens.take(message);
        return;
      case "monitor":
        if (!this.#monitorRate.pass(this.#nowMs())) throw new RateError("monitors");
        this.#actions.monitor();
        return;
      case "keyframe":
        this.#actions.keyframe();
        return;
      case "stats":
        this.#actions.stats(message);
        return;
      case "video":
        this.#videos.take(message);
        return;
      case "audio":
        this.#audios.take(message);
        return;
      case "microphone":
        this.#microphones.take(message);
        return;
      case "path":
        this.#wants.take(message);
        return;
      case "pathLost":
        this.#actions.pathLost(message);
        return;
      case "clipboard":
        if (!this.#clipboardRate.pass(this.#nowMs())) throw new RateError("clipboard");
        this.#actions.clipboard(message);
        return;
      case "clipboardRefused":
        this.#actions.clipboardRefused(message);
        return;
      case "dropAim":
        if (!this.#dropRate.pass(this.#nowMs())) throw new RateError("drops");
        this.#actions.dropAim(message);
        return;
      case "dropFiles":
        this.#actions.dropFiles(message);
        return;
      case "doctor":
        if (!this.#doctorRate.pass(this.#nowMs())) throw new RateError("doctor");
        this.#actions.doctor(message);
        return;
      case "notifications":
        this.#notices.take(message);
        return;
      case "ping":
        this.#actions.ping(message);
        return;
      case "vnc":
        this.#actions.vnc();
        return;
      case "bye":
        this.#actions.bye(message);
        return;
    }
  }
}
