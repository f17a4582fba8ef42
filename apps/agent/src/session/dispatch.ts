// What a viewer's messages mean: decodes them, keeps their limits, and hands them on. Binary ones go to
// `input/injector.ts`; control ones to the session (`session.ts`), which owns what they act on.

import { type ControlMessage, type VIEWER_CONTROL, parseViewerControl } from "@eglantine/protocol/control";
import { feedbackCodec } from "@eglantine/protocol/feedback";
import { ProtocolError } from "@eglantine/protocol/field";
import { inputCodec } from "@eglantine/protocol/input";
import { LIMITS } from "@eglantine/protocol/limits";
import type { ViewerInput } from "../input/types.ts";
import { RateGate } from "./rate.ts";

type Viewer<Name extends keyof typeof VIEWER_CONTROL> = Extract<ControlMessage<typeof VIEWER_CONTROL>, { type: Name }>;

/** What a session does on a control message. */
export interface ControlActions {
  offer(message: Viewer<"offer">): void;
  candidate(message: Viewer<"candidate">): void;
  display(message: Viewer<"display">): void;
  keyframe(): void;
  vnc(): void;
  video(message: Viewer<"video">): void;
  stats(message: Viewer<"stats">): void;
  bye(message: Viewer<"bye">): void;
}

/** More messages than a desktop needs: the session ends with `rate-limited`. */
export class RateError extends Error {
  override readonly name = "RateError";
}

export class Dispatch {
  readonly #input: ViewerInput;
  readonly #actions: ControlActions;
  readonly #sendFeedback: (message: Uint8Array) => void;
  readonly #nowMs: () => number;
  readonly #inputRate = new RateGate(LIMITS.inputPerSecond);
  #offered = false;
  #candidates = 0;

  constructor(options: {
    input: ViewerInput;
    actions: ControlActions;
    sendFeedback: (message: Uint8Array) => void;
    nowMs: () => number;
  }) {
    this.#input = options.input;
    this.#actions = options.actions;
    this.#sendFeedback = options.sendFeedback;
    this.#nowMs = options.nowMs;
  }

  /** One datagram of the input or motion channel. Throws ProtocolError or RateError, and nothing else. */
  input(channel: "input" | "motion", datagram: Uint8Array): void {
    if (!this.#inputRate.pass(this.#nowMs())) throw new RateError("input");
    const message = inputCodec.decode(datagram);
    if (message.type === "ping") {
      this.#sendFeedback(feedbackCodec.encode({ type: "pong", id: message.id }));
      return;
    }
    if (message.type === "resume") return;
    if (channel === "motion" && message.type !== "motion") throw new ProtocolError(`${message.type} on motion`);
    this.#input.apply(message);
  }

  /** One text frame behind the hello. Throws ProtocolError, and nothing else. */
  control(frame: string): void {
    const message = parseViewerControl(frame);
    switch (message.type) {
      case "hello":
        throw new ProtocolError("a second hello");
      case "offer":
        if (this.#offered) throw new ProtocolError("a second offer");
        this.#offered = true;
        this.#actions.offer(message);
        return;
      case "candidate":
        this.#candidates += 1;
        if (this.#candidates > LIMITS.candidates) throw new ProtocolError("too many candidates");
        this.#actions.candidate(message);
        return;
      case "display":
        this.#actions.display(message);
        return;
      case "keyframe":
        this.#actions.keyframe();
        return;
      case "stats":
        this.#actions.stats(message);
        return;
      case "video":
        this.#actions.video(message);
        return;
      case "path":
      case "pathLost":
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
