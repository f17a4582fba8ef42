// The port on this computer under which a desktop behind SSH is reached, for as long as it is open: it stays the same when the tunnel behind it
// is lost and opened again. The kernel chooses it, so that nobody else can have it first. From `ssh-route.ts`; passes on to the tunnel's end.

import { type AddressInfo, connect, createServer, type NetConnectOpts, type Server, type Socket } from "node:net";

export class LocalPort {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Where connections go; undefined while there is no tunnel. */
  #end: NetConnectOpts | undefined;

  private constructor() {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#pass(socket));
  }

  static async open(): Promise<LocalPort> {
    const port = new LocalPort();
    await new Promise<void>((resolve, reject) => {
      port.#server.once("error", reject);
      port.#server.listen(0, "127.0.0.1", resolve);
    });
    return port;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  leadTo(end: NetConnectOpts | undefined): void {
    this.#end = end;
  }

  /** Idempotent. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(near: Socket): void {
    if (this.#end === undefined) {
      near.destroy();
      return;
    }
    const far = connect({ ...this.#end, allowHalfOpen: true, noDelay: true });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      // Its close follows, and says all.
      one.on("error", () => undefined);
      one.pipe(other);
    }
  }
}
