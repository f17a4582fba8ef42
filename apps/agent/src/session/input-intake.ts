// Takes the hands' messages from all paths, in order and each once (`input-order.ts`), acknowledges them, and lets go of what is
// held when the path that they came by is lost. From `dispatch.ts`, to `input/injector.ts`.

import { feedbackCodec } from "@eglantine/protocol/feedback";
import type { InputMessage } from "@eglantine/protocol/input";
import type { ViewerInput } from "../input/types.ts";
import { createInputOrder, type InputSource, nextInput, resumeInput, type Verdict } from "./input-order.ts";

/** Acknowledgements come at once after a pause, and no closer than this. */
const ACK_MS = 20;
/**
 * What is held stays held for this long when its path is lost and another one is there: a viewer that changes over must not lose a
 * held key. The path is known to be lost within 500 ms.
 */
const KEEP_MS = 1000;

export interface IntakeOptions {
  readonly input: ViewerInput;
  /** On the path that it came by. */
  readonly sendFeedback: (source: InputSource, message: Uint8Array) => void;
  readonly nowMs: () => number;
}

export class InputIntake {
  readonly #options: IntakeOptions;
  readonly #order = createInputOrder();
  #ackedCount = 0;
  #ackedMs = Number.NEGATIVE_INFINITY;
  #ackTimer: NodeJS.Timeout | undefined;
  #releaseTimer: NodeJS.Timeout | undefined;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** Throws ProtocolError for motion that no hand makes. */
  take(source: InputSource, message: InputMessage): void {
    const { input } = this.#options;
    switch (message.type) {
      case "resume":
        this.#keep();
        if (resumeInput(this.#order, source, message.count)) input.releaseAll();
        this.#acknowledge(true);
        return;
      case "motion":
        // Its sequence tells an old one by itself.
        input.apply(message);
        return;
      case "ping":
        this.#next(source, (verdict) => {
          if (verdict !== "skip") this.#pong(source, message.id);
        });
        return;
      case "key":
      case "button":
      case "wheel":
      case "releaseAll":
        this.#next(source, (verdict) => {
          if (verdict === "take") input.apply(message);
        });
    }
  }

  /** Nothing comes by this path any more. `other`: the viewer may go on over another one. */
  lost(source: InputSource, other: boolean): void {
    if (source !== this.#order.source) return;
    if (!other) {
      this.#keep();
      this.#options.input.releaseAll();
      return;
    }
    this.#releaseTimer ??= setTimeout(() => {
      this.#releaseTimer = undefined;
      this.#options.input.releaseAll();
    }, KEEP_MS);
  }

  close(): void {
    clearTimeout(this.#ackTimer);
    this.#keep();
  }

  #next(source: InputSource, act: (verdict: Verdict) => void): void {
    const verdict = nextInput(this.#order, source);
    act(verdict);
    if (verdict === "ignore") return;
    this.#keep();
    this.#acknowledge(false);
  }

  /** The path lives. */
  #keep(): void {
    clearTimeout(this.#releaseTimer);
    this.#releaseTimer = undefined;
  }

  #acknowledge(atOnce: boolean): void {
    const waitMs = this.#ackedMs + ACK_MS - this.#options.nowMs();
    if (atOnce || waitMs <= 0) this.#sendAck(atOnce);
    else {
      this.#ackTimer ??= setTimeout(() => this.#sendAck(false), Math.ceil(waitMs));
    }
  }

  #sendAck(again: boolean): void {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
    const { source, count } = this.#order;
    if (source === undefined || (count === this.#ackedCount && !again)) return;
    this.#ackedCount = count;
    this.#ackedMs = this.#options.nowMs();
    this.#options.sendFeedback(source, feedbackCodec.encode({ type: "inputAck", count }));
  }

  #pong(source: InputSource, id: number): void {
    this.#options.sendFeedback(source, feedbackCodec.encode({ type: "pong", id }));
  }
}
