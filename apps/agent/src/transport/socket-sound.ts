// Sound over the control WebSocket: protocol `socket.ts`. Fed by `session/paths.ts` while the picture does not take WebRTC, noVNC
// included; the bytes leave through `server/websocket.ts`.

import { socketMediaCodec } from "@eglantine/protocol/socket";
import type { SoundPacket } from "../audio/types.ts";
import type { SocketLine } from "./socket.ts";

/** Packets that the network has not taken: more would be heard too late to be of use, and the rest is left out until it has. */
const MOST_WAITING = 30;

export class SocketSound {
  readonly #line: SocketLine;
  #sequence = 0;
  #waiting = 0;
  #sentBytes = 0;

  constructor(line: SocketLine) {
    this.#line = line;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  send({ data, channels, position }: SoundPacket): void {
    const sequence = this.#sequence;
    this.#sequence = (sequence + 1) & 0xffff;
    if (this.#waiting >= MOST_WAITING) return;
    this.#waiting += 1;
    const timestamp = position % 2 ** 32;
    const frame = socketMediaCodec.encode({ type: "audio", sequence, timestamp, channels, data });
    this.#line.sendBinary(frame, undefined, () => (this.#waiting -= 1));
    this.#sentBytes += frame.length;
  }
}
