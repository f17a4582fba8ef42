// The media path over the control WebSocket: the protocol's `socket.ts`. Input and the microphone go out in binary frames; sound comes
// in for `audio/socket-player.ts`; pictures come in, are
// acknowledged at once, still on the main thread, and handed on whole to the Worker that decodes them. From `attempt.ts`;
// pictures go to `video/socket-picture.ts`.

import { ProtocolError } from "@eglantine/protocol/field";
import { LIMITS } from "@eglantine/protocol/limits";
import { type SocketMedia, socketMediaCodec, socketViewerCodec } from "@eglantine/protocol/socket";
import type { ControlSocket } from "./control.ts";
import type { InputLine } from "./routed-input.ts";

export type SocketVideo = Extract<SocketMedia, { type: "video" }>;
export type SocketAudio = Extract<SocketMedia, { type: "audio" }>;

export interface SocketChannelsSink {
  /** A part of a picture. `bytes` is the frame as it came, the taker's to transfer; `part` is read from it. */
  onVideo(part: SocketVideo, bytes: ArrayBuffer): void;
  /** Pictures that wait for the decoder. */
  queuedPictures(): number;
  /** A packet of sound; its bytes are nobody else's. */
  onAudio(part: SocketAudio): void;
  /** A message of the feedback channel; only valid during the call. */
  onFeedback(data: Uint8Array): void;
}

const MICROPHONE_BACKLOG_BYTES = 16 * 1024;

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
      case "audio":
        this.#sink.onAudio(message);
        break;
    }
  }

  sendInput(message: Uint8Array<ArrayBuffer>): boolean {
    return this.#control.sendBinary(socketViewerCodec.encode({ type: "input", message }));
  }

  sendMotion(message: Uint8Array<ArrayBuffer>): boolean {
    return this.#control.sendBinary(socketViewerCodec.encode({ type: "motion", message }));
  }

  /** A packet of the user's microphone; dropped while the network takes nothing: it would come too late. */
  sendMicrophone(sequence: number, data: Uint8Array<ArrayBuffer>): void {
    if (this.#control.backlogBytes > MICROPHONE_BACKLOG_BYTES || data.byteLength > LIMITS.microphoneBytes) return;
    this.#control.sendBinary(socketViewerCodec.encode({ type: "microphone", sequence, data }));
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
