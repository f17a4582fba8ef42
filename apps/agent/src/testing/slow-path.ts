// A TCP path with a rate and a delay, in front of a port of this machine. Whoever hands it more than that finds it taken: the kernel's
// buffers on the way hold megabytes, as routers on a real path do.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export interface SlowPathState {
  /** Towards the viewer. */
  rateBps: number;
  /** Each way. */
  delayMs: number;
}

/** Read ahead of what may leave; the rest stays in the kernel. */
const AHEAD_BYTES = 16 * 1024;

export class SlowPath {
  readonly state: SlowPathState;
  readonly #server: Server;
  readonly #ends = new Set<() => void>();

  private constructor(server: Server, targetPort: number, state: SlowPathState) {
    this.#server = server;
    this.state = state;
    server.on("connection", (viewer) => this.#join(viewer, connect(targetPort, "127.0.0.1")));
  }

  static async open(targetPort: number, state: SlowPathState): Promise<SlowPath> {
    const server = createServer({ noDelay: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new SlowPath(server, targetPort, state);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const end of this.#ends) end();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(viewer: Socket, agent: Socket): void {
    agent.setNoDelay(true);
    const lines = { up: new Line(), departing: new Line(), down: new Line() };
    const end = () => {
      this.#ends.delete(end);
      for (const line of Object.values(lines)) line.close();
      viewer.destroy();
      agent.destroy();
    };
    this.#ends.add(end);
    for (const socket of [viewer, agent]) socket.on("error", end).on("close", end);
    viewer.on("data", (chunk) => lines.up.at(performance.now() + this.state.delayMs, () => agent.write(chunk)));
    let busyUntilMs = 0;
    let waitingBytes = 0;
    agent.on("data", (chunk) => {
      // In pieces of a packet's size, so that a long chunk does not arrive all at its end.
      for (let from = 0; from < chunk.length; from += 1460) {
        const piece = chunk.subarray(from, from + 1460);
        busyUntilMs = Math.max(busyUntilMs, performance.now()) + (piece.length * 8000) / this.state.rateBps;
        waitingBytes += piece.length;
        lines.departing.at(busyUntilMs, () => {
          waitingBytes -= piece.length;
          if (waitingBytes < AHEAD_BYTES) agent.resume();
        });
        lines.down.at(busyUntilMs + this.state.delayMs, () => viewer.write(piece));
      }
      if (waitingBytes >= AHEAD_BYTES) agent.pause();
    });
  }
}

/** Does things at their time, and in the order they were put in. */
class Line {
  readonly #waiting: { readonly dueMs: number; readonly act: () => void }[] = [];
  #timer: NodeJS.Timeout | undefined;

  at(dueMs: number, act: () => void): void {
    this.#waiting.push({ dueMs, act });
    if (this.#waiting.length === 1) this.#arm();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
  }

  #arm(): void {
    const first = this.#waiting[0];
    if (first === undefined) return;
    this.#timer = setTimeout(() => {
      for (
        let next = this.#waiting[0];
        next !== undefined && next.dueMs <= performance.now();
        next = this.#waiting[0]
      ) {
        this.#waiting.shift();
        next.act();
      }
      this.#arm();
    }, first.dueMs - performance.now());
  }
}
