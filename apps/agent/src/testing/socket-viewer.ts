// A viewer that takes picture and feedback, and sends its input, over the control WebSocket.

import { once } from "node:events";
import { type FeedbackMessage, feedbackCodec } from "@eglantine/protocol/feedback";
import { type InputMessage, inputCodec } from "@eglantine/protocol/input";
import { socketMediaCodec, type SocketMedia, socketViewerCodec } from "@eglantine/protocol/socket";
import { ControlClient } from "./agent-process.ts";

export type VideoPart = Extract<SocketMedia, { type: "video" }> & { readonly arrivedMs: number };

export class SocketViewer extends ControlClient {
  readonly parts: VideoPart[] = [];
  readonly feedback: FeedbackMessage[] = [];
  /** Like a viewer that has stopped working, when false. */
  acknowledges = true;
  receivedBytes = 0;

  constructor(...given: ConstructorParameters<typeof ControlClient>) {
    super(...given);
    this.socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary) this.#take(socketMediaCodec.decode(data));
    });
  }

  override hello(fields: object = {}): void {
    super.hello({ media: { webrtc: ["h264"], socket: ["h264"] }, ...fields });
  }

  input(message: InputMessage): void {
    const type = message.type === "motion" ? "motion" : "input";
    this.socket.send(socketViewerCodec.encode({ type, message: inputCodec.encode(message) }));
  }

  ack(receivedBytes: number): void {
    this.socket.send(socketViewerCodec.encode({ type: "ack", frame: 0, sentMs: 0, receivedBytes, queuedFrames: 0 }));
  }

  /** Waits for a state; looks again at whatever arrives. Rejects when the connection ends before. */
  async until(holds: () => boolean, withinMs = 10_000): Promise<void> {
    const signal = AbortSignal.timeout(withinMs);
    while (!holds()) {
      const message = once(this.socket, "message", { signal }).catch(() => {
        throw new Error(`did not come to hold within ${withinMs} ms: ${String(holds)}`);
      });
      const ended = await Promise.race([message, this.closed]);
      if (typeof ended === "number") throw new Error(`closed with ${ended} before it held: ${String(holds)}`);
    }
  }

  /** Waits until no part has come for this long. */
  async silence(ms = 500): Promise<void> {
    for (let before = -1; before !== this.parts.length; ) {
      before = this.parts.length;
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  }

  #take(message: SocketMedia): void {
    if (message.type === "feedback") this.feedback.push(feedbackCodec.decode(message.message));
    if (message.type !== "video") return;
    this.parts.push({ ...message, arrivedMs: performance.now() });
    this.receivedBytes += message.data.length;
    if (!this.acknowledges) return;
    const { frame, sentMs } = message;
    const receivedBytes = this.receivedBytes >>> 0;
    this.socket.send(socketViewerCodec.encode({ type: "ack", frame, sentMs, receivedBytes, queuedFrames: 0 }));
  }
}
