// The three data channels of a session, as the protocol's `channels.ts` numbers them. The peer's own channel is `input`;
// the other two are made beside it. Written by `input/send.ts`; feedback goes to `connection.ts`.

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

  /** Calls `listener` whenever no motion waits any more. */
  whenMotionDrained(listener: () => void): void {
    this.#motion.onbufferedamountlow = listener;
  }

  /** Bytes of motion that wait to be sent. */
  motionBacklogBytes(): number {
    return this.#motion.readyState === "open" ? this.#motion.bufferedAmount : this.#input.bufferedAmount;
  }
}
