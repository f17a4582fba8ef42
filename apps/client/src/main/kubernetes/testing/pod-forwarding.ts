// Port forwarding as the kubelet does it over a WebSocket (subprotocol v4.channel.k8s.io): each message begins with its channel, 0 for the
// port's bytes and 1 for what went wrong; the first message of each is the port's number. Leads to real TCP servers of a test.
// Part of `api-server.ts`.

import type { IncomingMessage, Server } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { Refusal } from "./object-store.ts";

const PROTOCOL = "v4.channel.k8s.io";

interface Admitted {
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly part: string | undefined;
}

export class PodForwarding {
  /** Where a Pod's port leads: `POD PORT` → port on loopback. */
  readonly ports = new Map<string, number>();
  readonly #sockets = new Set<WebSocket>();
  #joined = 0;
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });

  constructor(server: Pick<Server, "on">, admit: (request: IncomingMessage) => Admitted) {
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on("error", () => socket.destroy());
      try {
        const { name = "", part } = admit(request);
        if (part !== "portforward") throw new Refusal(400, "BadRequest", "no upgrade here");
        const port = Number(new URL(request.url ?? "", "https://localhost").searchParams.get("ports"));
        this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => this.#join(webSocket, name, port));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        socket.end(`HTTP/1.1 ${error.code} ${error.reason}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      }
    });
  }

  /** Of all Pods, as when the API server is restarted. */
  cut(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  get count(): number {
    return this.#sockets.size;
  }

  /** How often somebody has come, with or without success. */
  get joined(): number {
    return this.#joined;
  }

  close(): void {
    this.cut();
    this.#webSockets.close();
  }

  #join(webSocket: WebSocket, pod: string, port: number): void {
    this.#sockets.add(webSocket);
    this.#joined += 1;
    const number = Buffer.alloc(2);
    number.writeUInt16LE(port);
    for (const channel of [0, 1]) webSocket.send(Buffer.concat([Buffer.of(channel), number]));
    const target = connect({ host: "127.0.0.1", port: this.ports.get(`${pod} ${port}`) ?? 1 });
    target.on("error", ({ message }) => {
      const text = `error forwarding port ${port} to pod ${pod}: ${message}`;
      webSocket.send(Buffer.concat([Buffer.of(1), Buffer.from(text)]));
    });
    target.on("data", (piece) => {
      target.pause();
      webSocket.send(Buffer.concat([Buffer.of(0), piece]), () => target.resume());
    });
    target.on("close", () => webSocket.close());
    webSocket.on("message", (message: Buffer) => {
      if (message[0] !== 0) return;
      webSocket.pause();
      target.write(message.subarray(1), () => webSocket.resume());
    });
    webSocket.on("close", () => {
      this.#sockets.delete(webSocket);
      target.destroy();
    });
    webSocket.on("error", () => target.destroy());
  }
}
