// Takes the hands' messages from all paths, in order and each once (`input-order.ts`), acknowledges them, and lets go of what is
// held when the path that they came by is lost. From `dispatch.ts`, to `input/injector.ts` and `input/gamepads.ts`.

import { feedbackCodec } from "@eglantine/protocol/feedback";
import type { InputMessage } from "@eglantine/protocol/input";
import type { ViewerPads } from "../input/pad-types.ts";
import type { ViewerInput } from "../input/types.ts";
import { ClipboardBarrier } from "./clipboard-barrier.ts";
import { createInputOrder, type InputSource, nextInput, resumeInput, type Verdict } from "./input-order.ts";

/** Acknowledgements come at once after a pause, and no closer than this. */
const ACK_MS = 20;
/** One that was dropped is sent again, each time after twice the wait, so often: a path that takes nothing is not waited for. */
const ACK_RETRIES = 6;
/**
 * What is held stays held for this long when its path is lost and another one is there: a viewer that changes over must not lose a
 * held key. Its loss is found after about half a second.
 */
const KEEP_MS = 1000;
/**
 * A viewer that tells that it lives while it holds something (`held`) is let go of after so long a silence on all its paths: within
 * half a second, and after four beats. Its beats come by every path, so that a path that is lost is no silence.
 */
const SILENCE_MS = 450;
/** A timer this late, ms, was held up with everything else of this process: the beats may stand in the queue behind it. */
const LATE_MS = 30;

export interface IntakeOptions {
  readonly input: ViewerInput;
  readonly pads: ViewerPads;
  /** On the path that it came by. False: dropped. */
  readonly sendFeedback: (source: InputSource, message: Uint8Array) => boolean;
  readonly nowMs: () => number;
  /** Around what is applied later than it came: whatever a message does to its session, it does to that alone. */
  readonly guard: (act: () => void) => void;
  /** The clipboard that is pasted was not there in time. */
  readonly onLateClipboard: () => void;
}

export class InputIntake {
  readonly #options: IntakeOptions;
  readonly #order = createInputOrder();
  #ackedCount = 0;
  #ackedMs = Number.NEGATIVE_INFINITY;
  #ackTimer: NodeJS.Timeout | undefined;
  #ackRetries = 0;
  #releaseTimer: NodeJS.Timeout | undefined;
  /** It sends `held`. */
  #beats = false;
  #lifeMs = 0;
  #silenceTimer: NodeJS.Timeout | undefined;
  readonly #barrier: ClipboardBarrier;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#barrier = new ClipboardBarrier({
      apply: (message) => {
        options.guard(() => options.input.apply(message));
        this.#watchHeld();
      },
      onLate: () => options.onLateClipboard(),
    });
  }

  /** The viewer's offer with this serial is the desktop's clipboard: what pastes it may go on. */
  clipboardApplied(serial: number): void {
    this.#barrier.applied(serial);
  }

  /** Throws ProtocolError for motion that no hand makes. */
  take(source: InputSource, message: InputMessage): void {
    this.#lifeMs = this.#options.nowMs();
    this.#take(source, message);
    this.#watchHeld();
  }

  #watchHeld(): void {
    if (this.#beats && this.#options.input.holding) this.#silenceTimer ??= this.#awaitSilence(SILENCE_MS);
  }

  #take(source: InputSource, message: InputMessage): void {
    const { input, pads } = this.#options;
    switch (message.type) {
      case "resume":
        this.#keep();
        if (resumeInput(this.#order, source, message.count)) this.#release();
        this.#acknowledge(true);
        return;
      case "motion":
        // Its sequence tells an old one by itself.
        input.apply(message);
        return;
      case "held":
        this.#beats = true;
        return;
      case "padAxes":
        pads.apply(message);
        return;
      case "padConnect":
      case "padDisconnect":
      case "padState":
        this.#next(source, (verdict) => {
          if (verdict === "take") pads.apply(message);
        });
        return;
      case "ping":
        this.#next(source, (verdict) => {
          if (verdict !== "skip") this.#pong(source, message.id);
        });
        return;
      case "key":
      case "button":
      case "wheel":
      case "pen":
      case "text":
      case "locks":
      case "releaseAll":
      case "clipboardBarrier":
        this.#next(source, (verdict) => {
          if (verdict === "take") this.#barrier.take(message);
        });
    }
  }

  /** Nothing comes by this path any more. `more`: the viewer may go on over another one, or over this one after all. */
  lost(source: InputSource, more: boolean): void {
    if (source !== this.#order.source) return;
    if (!more) {
      this.#keep();
      this.#release();
      return;
    }
    // Whether it lives is told by its beats, over the other path too.
    if (this.#beats) return;
    this.#releaseTimer ??= setTimeout(() => {
      this.#releaseTimer = undefined;
      this.#release();
    }, KEEP_MS);
  }

  /** It was silent and is not any more: nothing that is held was let go of by the viewer meanwhile. */
  back(source: InputSource): void {
    if (source === this.#order.source) this.#keep();
  }

  close(): void {
    clearTimeout(this.#ackTimer);
    this.#keep();
    this.#barrier.release();
    clearTimeout(this.#silenceTimer);
  }

  /** Also of what still waits for the clipboard. */
  #releaseAll(): void {
    this.#barrier.release();
    this.#options.input.releaseAll();
  }

  /** One timer while something is held: set anew from the last sign of life when it fires. */
  #awaitSilence(waitMs: number): NodeJS.Timeout {
    const dueMs = this.#options.nowMs() + waitMs;
    return setTimeout(() => {
      this.#silenceTimer = undefined;
      const { input, nowMs } = this.#options;
      if (!input.holding) return;
      const restMs = this.#lifeMs + SILENCE_MS - nowMs();
      if (restMs > 0) this.#silenceTimer = this.#awaitSilence(restMs);
      else if (nowMs() - dueMs > LATE_MS) this.#silenceTimer = this.#awaitSilence(LATE_MS);
      else {
        // What it let go of may wait for the clipboard: then it was silent with good reason.
        this.#barrier.expire();
        this.#releaseAll();
      }
    }, Math.ceil(waitMs));
  }

  #next(source: InputSource, act: (verdict: Verdict) => void): void {
    const verdict = nextInput(this.#order, source);
    act(verdict);
    if (verdict === "ignore") return;
    this.#keep();
    this.#acknowledge(false);
  }

  /** Gamepads too. */
  #release(): void {
    this.#releaseAll();
    this.#options.pads.rest();
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
    this.#ackedMs = this.#options.nowMs();
    if (this.#options.sendFeedback(source, feedbackCodec.encode({ type: "inputAck", count }))) {
      this.#ackedCount = count;
      this.#ackRetries = 0;
    } else if (this.#ackRetries < ACK_RETRIES) {
      this.#ackRetries += 1;
      this.#ackTimer = setTimeout(() => this.#sendAck(again), ACK_MS * 2 ** this.#ackRetries);
    } else {
      // The next message begins anew.
      this.#ackRetries = 0;
    }
  }

  #pong(source: InputSource, id: number): void {
    this.#options.sendFeedback(source, feedbackCodec.encode({ type: "pong", id }));
  }
}
