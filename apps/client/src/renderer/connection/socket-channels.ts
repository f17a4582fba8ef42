// The media path over the control WebSocket: the protocol's `socket.ts`. Input goes out in binary frames; pictures come in, are
// acknowledged at once, still on the main thread, and handed on whole to the Worker that decodes them. From `attempt.ts`;
// pictures go to `video/socket-picture.ts`.

import { ProtocolError } from "@eglantine/protocol/field";
import { type SocketMedia, socketMediaCodec, socketViewerCodec } from "@eglantine/protocol/socket";
import type { ControlSocket } from "./control.ts";
import type { InputLine } from "./routed-input.ts";

export type SocketVideo = Extract<SocketMedia, { type: "video" }>;

export interface SocketChannelsSink {
  /** A part of a picture. `bytes` is the frame as it came, the taker's to transfer; `part` is read from it. */
  onVideo(part: SocketVideo, bytes: ArrayBuffer): void;
  /** Pictures that wait for the decoder. */
  queuedPictures(): number;
  /** A message of the feedback channel; only valid during the call. */
  onFeedback(data: Uint8Array): void;
}

export class SocketChannels implements InputLine {
  readonly #control: Pick<ControlSocket, "sendBinary" | "backlogBytes">;
  readonly #sink: SocketChannelsSink;
  #receivedBytes = 0;

  constructor(control: Pick<ControlSocket, "sendBinary" | "backlogBytes">, sink: SocketChannelsSink) {
    this.#control = control;
    this.#sink = sink;
  }

  /** One binary frame of the agent. Throws ProtocolError, and nothing else. */
  take(frame: ArrayBuffer): void {
    const message = socketMediaCodec.decode(new Uint8Array(frame));
    switch (message.type) {
      case "video":
        if (message.data.byteLength === 0) throw new ProtocolError("a picture without data");
        this.#acknowledge(message);
        this.#sink.onVideo(message, frame);
        break;
      case "feedback":
        this.#sink.onFeedback(message.message);
        break;
      // Nobody plays sound yet; an agent that sends some breaks nothing.
      case "audio":
        break;
    }
  }

  sendInput(message: Uint8Array<ArrayBuffer>): boolean {
    return this.#control.sendBinary(socketViewerCodec.encode({ type: "input", message }));
  }

  sendMotion(message: Uint8Array<ArrayBuffer>): boolean {
    return this.#control.sendBinary(socketViewerCodec.encode({ type: "motion", message }));
  }

  motionBacklogBytes(): number {
    return this.#control.backlogBytes;
  }

  #acknowledge({ frame, sentMs, data }: SocketVideo): void {
    this.#receivedBytes = (this.#receivedBytes + data.byteLength) % 2 ** 32;
    const queuedFrames = Math.min(255, this.#sink.queuedPictures());
    const receivedBytes = this.#receivedBytes;
    this.#control.sendBinary(socketViewerCodec.encode({ type: "ack", frame, sentMs, receivedBytes, queuedFrames }));
  }
}
