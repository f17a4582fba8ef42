// Encodes input and puts it on its channel: motion on the unreliable one, everything else on the reliable one. From
// `keyboard.ts`, `pointer.ts`, `gamepads.ts`; to `connection/channels.ts`. Motion is dropped when it piles up, and
// when a mouse tells more of it than the agent takes: every later one says where the pointer is anyway.

import { inputCodec, type InputMessage } from "@eglantine/protocol/input";
import { LIMITS } from "@eglantine/protocol/limits";

export interface InputChannels {
  sendInput(message: Uint8Array<ArrayBuffer>): boolean;
  sendMotion(message: Uint8Array<ArrayBuffer>): boolean;
  /** On every path that is open, where the agent knows what it means. */
  sendBeat(message: Uint8Array<ArrayBuffer>): void;
  /** The agent knows committed text, and lock keys. */
  readonly takesText: boolean;
  motionBacklogBytes(): number;
  /** Calls `listener` whenever the backlog is gone. */
  whenMotionDrained(listener: () => void): void;
}

/** Whatever a gamepad does pastes nothing. */
const waits = ({ type }: InputMessage): boolean => type !== "motion" && !type.startsWith("pad");

/** A mouse of 1 kHz is passed on whole, and one of 8 kHz does not end the session (`LIMITS.inputPerSecond`). */
const MOTIONS = 200;
const MOTIONS_MS = 100;
/** About 100 motions: more than this waiting means that the network takes none. */
const MOTION_BACKLOG_BYTES = 2_000;

export class InputSender {
  #channels: InputChannels | undefined;
  #droppedMotion: InputMessage | undefined;
  #waiting: InputMessage[] | undefined;
  #motions = 0;
  #motionsSinceMs = Number.NEGATIVE_INFINITY;
  #settleTimer: ReturnType<typeof setTimeout> | undefined;

  /** Where it goes from now on; undefined: nowhere. */
  attach(channels: InputChannels | undefined): void {
    this.#channels = channels;
    clearTimeout(this.#settleTimer);
    this.#settleTimer = undefined;
    channels?.whenMotionDrained(() => this.#settle());
    this.#droppedMotion = undefined;
    this.#waiting = undefined;
  }

  /** Keys wait: what the desktop holds is not what the hands hold. */
  get holdsBack(): boolean {
    return this.#waiting !== undefined;
  }

  /** Everything but motion and gamepads waits for `release`, in its order. */
  hold(): void {
    if (this.#channels !== undefined) this.#waiting ??= [];
  }

  /** What waited goes out, `first` before it. */
  release(first?: InputMessage): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    if (first !== undefined) this.send(first);
    for (const message of waiting) this.send(message);
  }

  send(message: InputMessage): void {
    const channels = this.#channels;
    if (channels === undefined || (message.type === "locks" && !channels.takesText)) return;
    if (message.type === "padAxes") {
      // What is dropped here is said again when the stick has come to rest.
      if (channels.motionBacklogBytes() <= MOTION_BACKLOG_BYTES) channels.sendMotion(inputCodec.encode(message));
      return;
    }
    if (this.#waiting !== undefined && waits(message)) {
      this.#waiting.push(message);
      return;
    }
    if (message.type !== "motion") {
      channels.sendInput(inputCodec.encode(message));
      // These say where the pointer is.
      if (message.type === "button" || message.type === "wheel" || message.type === "pen")
        this.#droppedMotion = undefined;
      return;
    }
    if (channels.motionBacklogBytes() > MOTION_BACKLOG_BYTES || this.#tooMany()) {
      this.#droppedMotion = message;
      return;
    }
    channels.sendMotion(inputCodec.encode(message));
    this.#droppedMotion = undefined;
  }

  /** The viewer lives and holds something. */
  beat(): void {
    this.#channels?.sendBeat(inputCodec.encode({ type: "held" }));
  }

  /** What an input method committed; in pieces that a message takes. */
  sendText(text: string): void {
    if (this.#channels?.takesText !== true) return;
    for (const piece of piecesOf(text)) this.send({ type: "text", text: piece });
  }

  #tooMany(): boolean {
    const now = performance.now();
    if (now - this.#motionsSinceMs >= MOTIONS_MS) {
      this.#motionsSinceMs = now;
      this.#motions = 0;
    }
    this.#motions += 1;
    if (this.#motions <= MOTIONS) return false;
    this.#settleTimer ??= setTimeout(
      () => {
        this.#settleTimer = undefined;
        this.#settle();
      },
      this.#motionsSinceMs + MOTIONS_MS - now,
    );
    return true;
  }

  /** Sends the last motion that was dropped, if nothing newer has gone out: where the pointer came to rest. */
  #settle(): void {
    const motion = this.#droppedMotion;
    if (motion !== undefined) this.send(motion);
  }
}

/** UTF-8, split between characters. */
function* piecesOf(text: string): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let piece = "";
  for (const character of text) {
    if (encoder.encode(piece + character).byteLength > LIMITS.inputTextBytes) {
      yield encoder.encode(piece);
      piece = "";
    }
    piece += character;
  }
  if (piece !== "") yield encoder.encode(piece);
}
