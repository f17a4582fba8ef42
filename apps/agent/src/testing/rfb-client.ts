// A viewer of the RFB path that may send anything: the other end of `server/vnc-proxy.ts` in tests. It speaks as much of
// RFC 6143 as a test needs, and none of it where the test says so.

import { EventEmitter, once } from "node:events";
import { VNC_PATH, VNC_SUBPROTOCOL, VNC_TICKET_PREFIX } from "@eglantine/protocol/channels";
import { type ClientOptions, WebSocket } from "ws";

export interface RfbClientOptions extends ClientOptions {
  readonly protocols?: readonly string[];
}

export class RfbClient {
  readonly socket: WebSocket;
  /** Code and reason. */
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #news = new EventEmitter();
  #received = Buffer.alloc(0);
  #over = false;

  constructor(url: string, ticket: string, options: RfbClientOptions = {}) {
    const { protocols = [VNC_SUBPROTOCOL, VNC_TICKET_PREFIX + ticket], ...more } = options;
    this.socket = new WebSocket(new URL(VNC_PATH, url), [...protocols], more);
    this.socket.on("message", (data: Buffer) => {
      this.#received = Buffer.concat([this.#received, data]);
      this.#news.emit("news");
    });
    this.socket.on("error", () => this.socket.terminate());
    this.closed = new Promise((resolve) => {
      this.socket.once("close", (code, reason) => {
        this.#over = true;
        this.#news.emit("news");
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  /** Bytes that were not taken yet. */
  get waiting(): number {
    return this.#received.length;
  }

  /** The next bytes; rejects when the connection closes before. */
  async take(count: number): Promise<Buffer> {
    while (this.#received.length < count) {
      if (this.#over) throw new Error(`closed: ${JSON.stringify(await this.closed)}`);
      await once(this.#news, "news");
    }
    const taken = this.#received.subarray(0, count);
    this.#received = this.#received.subarray(count);
    return taken;
  }

  send(...bytes: (number | readonly number[])[]): void {
    this.socket.send(Buffer.from(bytes.flat()));
  }

  /** Up to ServerInit; resolves to the desktop's size. */
  async handshake(): Promise<{ widthPx: number; heightPx: number }> {
    this.socket.send(await this.take(12));
    const types = await this.take((await this.take(1))[0] ?? 0);
    if (!types.includes(1)) throw new Error(`security types ${types.toString("hex")}`);
    this.send(1);
    if ((await this.take(4)).readUInt32BE(0) !== 0) throw new Error("refused");
    this.send(1);
    const init = await this.take(24);
    await this.take(init.readUInt32BE(20));
    return { widthPx: init.readUInt16BE(0), heightPx: init.readUInt16BE(2) };
  }

  /** Asks for one pixel as it is now, in the Raw encoding; blue, green, red. Nothing else may have been asked for. */
  async pixel(xPx: number, yPx: number): Promise<readonly number[]> {
    this.send(2, 0, 0, 1, u32(0));
    this.send(3, 0, u16(xPx), u16(yPx), u16(1), u16(1));
    const head = await this.take(16);
    if (head[0] !== 0 || head.readUInt16BE(2) !== 1) throw new Error(`no update: ${head.toString("hex")}`);
    return [...(await this.take(4)).subarray(0, 3)];
  }

  close(): Promise<unknown> {
    this.socket.terminate();
    return this.closed;
  }
}

export const u16 = (value: number): number[] => [(value >> 8) & 0xff, value & 0xff];
export const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value & 0xffff)];
