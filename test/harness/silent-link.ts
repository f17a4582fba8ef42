// A TCP path that dies as paths do when a computer sleeps or changes its network: what was open stays open and carries nothing any more, what is
// opened afterwards works. Between one viewer and the agent. Used by e2e/resume.test.ts.

import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

export class SilentLink {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #silent: readonly Socket[] = [];
  #refuses = false;
  /** Connections that were refused. */
  refused = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(agentPort: number): Promise<SilentLink> {
    const server = createServer({ noDelay: true });
    const link = new SilentLink(server);
    server.on("connection", (viewer) => {
      if (link.#refuses) {
        link.refused += 1;
        viewer.destroy();
        return;
      }
      const agent = connect({ port: agentPort, host: "127.0.0.1", noDelay: true });
      link.#join(viewer, agent);
      link.#join(agent, viewer);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return link;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the link does not listen");
    return `http://127.0.0.1:${address.port}/`;
  }

  /** Nothing passes on what is open now, and nobody is told. */
  goSilent(): void {
    this.#silent = [...this.#sockets];
    for (const socket of this.#silent) {
      socket.unpipe();
      socket.removeAllListeners("data");
      // What comes is taken off the wire, so that the sender's buffers don't tell.
      socket.resume();
    }
  }

  /** From now on. */
  refuse(refuses: boolean): void {
    this.#refuses = refuses;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.pipe(to, { end: false });
    from.on("error", () => undefined);
    from.on("close", () => {
      this.#sockets.delete(from);
      if (!this.#silent.includes(from)) to.destroy();
    });
  }
}
