// A port of this computer, on loopback alone, that leads to the one port of a desktop's Pod: each connection is a WebSocket of its own to the
// API server (`Cluster.forward`). The Pod is asked for anew each time, so that a desktop that came back in another one is found again and the
// page's own reconnecting does the rest. Built and closed by `pod-route.ts`.

import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { KubernetesError } from "./failure.ts";
import type { Cluster, PodPort } from "./types.ts";

export interface PortForwardOptions {
  readonly cluster: Cluster;
  /** Which Pod it is at this moment; rejects when there is none. */
  readonly target: () => Promise<PodPort>;
  /** A connection found no way. */
  readonly failed: (error: KubernetesError) => void;
}

export class LoopbackForward {
  readonly #options: PortForwardOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(options: PortForwardOptions) {
    this.#options = options;
    // Half of a connection that is closed is closed whole, since the way to the Pod knows no halves.
    this.#server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => void this.#join(socket));
  }

  static async open(options: PortForwardOptions): Promise<LoopbackForward> {
    const forward = new LoopbackForward(options);
    await new Promise<void>((resolve, reject) => {
      forward.#server.once("error", reject);
      forward.#server.listen(0, "127.0.0.1", resolve);
    });
    return forward;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #join(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    // The viewer's end: it has gone.
    socket.on("error", () => socket.destroy());
    try {
      await this.#options.cluster.forward(await this.#options.target(), socket);
    } catch (error) {
      socket.destroy();
      if (!(error instanceof KubernetesError)) throw error;
      this.#options.failed(error);
    }
  }
}
