// The way between viewer and agent: one port, TCP and UDP, here on the loopback address, there at the agent's. Delays, jitters,
// reorders, loses and cuts, each direction by itself. The viewer uses it as if it were the agent, the agent announces it as
// its public address. Used by shaped-desk.ts and bench/resume.ts.

import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { clear, type Conditions, DelayLine } from "./delay-line.ts";

export interface RelayOptions {
  /** The same number on both sides. */
  readonly port: number;
  readonly agentAddress: string;
  /** Of this machine: where the agent sees the viewer. */
  readonly sourceAddress: string;
}

/** A stream that has this many chunks on its way is not read on. */
const MAX_CHUNKS = 256;

export class Relay {
  readonly #options: RelayOptions;
  readonly #udp: UdpSocket;
  readonly #tcp: Server;
  readonly #closers = new Set<() => void>();
  readonly #lines = new Map<UdpSocket, DelayLine<Buffer>>();
  readonly #backs = new Map<number, Promise<UdpSocket>>();
  readonly #streams = new Set<Socket>();
  readonly #silent = new Set<Socket | UdpSocket>();
  /** Towards the viewer, and towards the agent. */
  readonly down: Conditions = clear();
  readonly up: Conditions = clear();
  /** No UDP passes. */
  udpCut = false;
  lostDatagrams = 0;

  private constructor(options: RelayOptions, udp: UdpSocket, tcp: Server) {
    this.#options = options;
    this.#udp = udp;
    this.#tcp = tcp;
    udp.on("message", (datagram, { port }) => void this.#toAgent(datagram, port));
    tcp.on("connection", (viewer) => this.#join(viewer));
  }

  static async open(options: RelayOptions): Promise<Relay> {
    const udp = createSocket({ type: "udp4", recvBufferSize: 4 << 20, sendBufferSize: 4 << 20 });
    udp.bind(options.port, "127.0.0.1");
    await once(udp, "listening");
    const tcp = createServer({ noDelay: true, allowHalfOpen: true });
    tcp.listen(options.port, "127.0.0.1");
    await once(tcp, "listening");
    return new Relay(options, udp, tcp);
  }

  /** Nothing passes any more on what is open now, and nobody is told; what is opened afterwards works. */
  async goSilent(): Promise<void> {
    for (const stream of this.#streams) this.#silent.add(stream);
    for (const back of this.#backs.values()) this.#silent.add(await back);
  }

  async close(): Promise<void> {
    for (const close of this.#closers) close();
    for (const back of this.#backs.values()) (await back).close();
    this.#udp.close();
    this.#tcp.close();
  }

  async #toAgent(datagram: Buffer, viewerPort: number): Promise<void> {
    if (this.#loses(this.up)) return;
    let back = this.#backs.get(viewerPort);
    if (back === undefined) {
      back = this.#openBack(viewerPort);
      this.#backs.set(viewerPort, back);
    }
    const socket = await back;
    if (!this.#silent.has(socket)) this.#lines.get(socket)?.push(datagram);
  }

  async #openBack(viewerPort: number): Promise<UdpSocket> {
    const { agentAddress, sourceAddress, port } = this.#options;
    const back = createSocket({ type: "udp4", recvBufferSize: 4 << 20, sendBufferSize: 4 << 20 });
    back.bind(0, sourceAddress);
    await once(back, "listening");
    const up = new DelayLine<Buffer>(this.up, (datagram) => back.send(datagram, port, agentAddress));
    const down = new DelayLine<Buffer>(this.down, (datagram) => this.#udp.send(datagram, viewerPort, "127.0.0.1"));
    this.#lines.set(back, up);
    back.on("message", (datagram) => {
      if (!this.#silent.has(back) && !this.#loses(this.down)) down.push(datagram);
    });
    this.#closers.add(() => {
      up.close();
      down.close();
    });
    return back;
  }

  #loses(conditions: Conditions): boolean {
    const lost = this.udpCut || conditions.loses(performance.now());
    if (lost) this.lostDatagrams += 1;
    return lost;
  }

  #join(viewer: Socket): void {
    const { agentAddress, sourceAddress, port } = this.#options;
    const agent = connect({
      host: agentAddress,
      port,
      localAddress: sourceAddress,
      noDelay: true,
      allowHalfOpen: true,
    });
    const lines: DelayLine<Buffer | undefined>[] = [];
    const end = () => {
      viewer.destroy();
      agent.destroy();
      for (const line of lines) line.close();
      for (const stream of [viewer, agent]) this.#streams.delete(stream);
      this.#closers.delete(end);
    };
    this.#closers.add(end);
    for (const stream of [viewer, agent]) this.#streams.add(stream);
    for (const [from, to, conditions] of [
      [viewer, agent, this.up],
      [agent, viewer, this.down],
    ] as const) {
      const line = new DelayLine<Buffer | undefined>(conditions, (chunk) => {
        if (this.#silent.has(to)) return;
        if (chunk === undefined) to.end();
        else to.write(chunk);
        if (from.isPaused() && line.waiting < MAX_CHUNKS / 2) from.resume();
      });
      lines.push(line);
      from.on("data", (chunk: Buffer) => {
        // Taken off the wire, so that the sender's buffers don't tell.
        if (this.#silent.has(from)) return;
        line.push(chunk);
        if (line.waiting > MAX_CHUNKS) from.pause();
      });
      from.on("end", () => line.push(undefined));
      from.on("error", () => {
        if (!this.#silent.has(from)) end();
      });
    }
  }
}
