// The three data channels of a session, as the protocol's `channels.ts` numbers them. The peer's own channel is `input`;
// the other two are made beside it. Written by `routed-input.ts`; feedback goes to `attempt.ts`.

import { CHANNELS, type ChannelDefinition } from "@eglantine/protocol/channels";

export function channelInit(definition: ChannelDefinition): RTCDataChannelInit {
  return {
    negotiated: true,
    id: definition.id,
    ordered: definition.ordered,
    ...(definition.maxRetransmits === undefined ? {} : { maxRetransmits: definition.maxRetransmits }),
  };
}

export interface ChannelSink {
  /** Keys can be sent. */
  onInputOpen(): void;
  /** They can't any more. */
  onInputClosed(): void;
  /** No motion waits any more. */
  onMotionDrained(): void;
  /** A binary message of the agent. */
  onFeedback(data: Uint8Array): void;
}

export class Channels {
  readonly #input: RTCDataChannel;
  readonly #motion: RTCDataChannel;

  constructor(connection: RTCPeerConnection, input: RTCDataChannel, sink: ChannelSink) {
    this.#input = input;
    this.#motion = connection.createDataChannel(CHANNELS.motion.label, channelInit(CHANNELS.motion));
    const feedback = connection.createDataChannel(CHANNELS.feedback.label, channelInit(CHANNELS.feedback));
    feedback.binaryType = "arraybuffer";
    feedback.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      sink.onFeedback(data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array());
    });
    input.addEventListener("open", () => sink.onInputOpen());
    input.addEventListener("close", () => sink.onInputClosed());
    this.#motion.addEventListener("bufferedamountlow", () => sink.onMotionDrained());
  }

  /** Reliable, in order. False when the channel is not open. */
  sendInput(message: Uint8Array<ArrayBuffer>): boolean {
    if (this.#input.readyState !== "open") return false;
    this.#input.send(message);
    return true;
  }

  /** Unreliable; goes over `input` when the motion channel is not open. False when neither is. */
  sendMotion(message: Uint8Array<ArrayBuffer>): boolean {
    if (this.#motion.readyState !== "open") return this.sendInput(message);
    this.#motion.send(message);
    return true;
  }

  /** Bytes of motion that wait to be sent. */
  motionBacklogBytes(): number {
    return this.#motion.readyState === "open" ? this.#motion.bufferedAmount : this.#input.bufferedAmount;
  }
}
