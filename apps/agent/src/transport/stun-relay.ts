// A pair of UDP sockets between a viewer's TURN server and libjuice, for viewers that reach that server over TCP or TLS.
// Chromium's connectivity checks then carry the tie-breaker 0 (RFC 8445, section 16.1, allows it), which libjuice takes
// for a missing role and refuses with 400 (libjuice issue 355). Here such a check gets the tie-breaker 1 and is sealed anew
// (`stun.ts`); everything else passes as it is. Built by `turn-detour.ts`, for nobody else: all other paths go straight to libjuice.
//
// The outer socket needs no port that is open to the outside: libjuice's own checks leave through it first, and what comes back
// is an answer to them for every firewall and NAT between. The viewer learns its address from those checks.

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import type { Closable } from "../close.ts";
import { attributeAt, isBindingRequest, STUN, seal } from "./stun.ts";

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface StunRelayOptions {
  /** The viewer's address at the TURN server: all that the outer socket hears and speaks to. */
  readonly remote: Endpoint;
  /** Address that libjuice is bound to ("0.0.0.0" or "::" for all), and its port. */
  readonly agent: Endpoint;
  /** The agent's own, of the answer: it seals what the agent receives. */
  readonly icePassword: string;
}

/** What waits in a socket before more is dropped: as libjuice's own buffer. */
const BUFFER_BYTES = 1024 * 1024;
const TIE_BREAKER_BYTES = 8;

export class StunRelay implements Closable {
  readonly #outer: Socket;
  readonly #inner: Socket;
  readonly #icePassword: string;
  #mended = 0;
  #forwarded = 0;
  #dropped = 0;
  #closing: Promise<unknown> | undefined;

  private constructor(outer: Socket, inner: Socket, icePassword: string) {
    this.#outer = outer;
    this.#inner = inner;
    this.#icePassword = icePassword;
    outer.on("message", (datagram) => {
      this.#mend(datagram);
      this.#forward(datagram, inner);
    });
    inner.on("message", (datagram) => this.#forward(datagram, outer));
    // A datagram that nobody took comes back as ECONNREFUSED: as lost as any other.
    for (const socket of [outer, inner]) socket.on("error", () => (this.#dropped += 1));
  }

  /** Rejects when the system gives no socket for these addresses. */
  static async open({ remote, agent, icePassword }: StunRelayOptions): Promise<StunRelay> {
    const everywhere = agent.address === "0.0.0.0" || agent.address === "::";
    const sockets: Socket[] = [];
    const connected = async (address: string | undefined, to: Endpoint): Promise<Socket> => {
      const socket = createSocket(isIPv6(to.address) ? "udp6" : "udp4");
      sockets.push(socket);
      socket.bind({ port: 0, ...(address === undefined ? {} : { address }) });
      await once(socket, "listening");
      socket.connect(to.port, to.address);
      await once(socket, "connect");
      socket.setRecvBufferSize(BUFFER_BYTES);
      socket.setSendBufferSize(BUFFER_BYTES);
      return socket;
    };
    try {
      const sameFamily = isIPv6(remote.address) === isIPv6(agent.address);
      const outer = await connected(everywhere || !sameFamily ? undefined : agent.address, remote);
      const loopback = everywhere ? "127.0.0.1" : agent.address;
      const inner = await connected(loopback, { address: loopback, port: agent.port });
      return new StunRelay(outer, inner, icePassword);
    } catch (error) {
      for (const socket of sockets) socket.close();
      throw error;
    }
  }

  /** Where libjuice finds the viewer. */
  get endpoint(): Endpoint {
    const { address, port } = this.#inner.address();
    return { address, port };
  }

  /** Since start: checks that were mended, datagrams passed on and dropped. */
  counters(): { readonly mended: number; readonly forwarded: number; readonly dropped: number } {
    return { mended: this.#mended, forwarded: this.#forwarded, dropped: this.#dropped };
  }

  async close(): Promise<void> {
    const close = (socket: Socket) => new Promise<void>((done) => socket.close(done));
    this.#closing ??= Promise.all([close(this.#outer), close(this.#inner)]);
    await this.#closing;
  }

  #mend(datagram: Buffer): void {
    if (!isBindingRequest(datagram)) return;
    const controlling = attributeAt(datagram, STUN.iceControlling, TIE_BREAKER_BYTES);
    const at = controlling >= 0 ? controlling : attributeAt(datagram, STUN.iceControlled, TIE_BREAKER_BYTES);
    if (at < 0 || datagram.readBigUInt64BE(at) !== 0n) return;
    datagram.writeBigUInt64BE(1n, at);
    seal(datagram, this.#icePassword);
    this.#mended += 1;
  }

  #forward(datagram: Buffer, to: Socket): void {
    if (this.#closing !== undefined || to.getSendQueueSize() > BUFFER_BYTES) {
      this.#dropped += 1;
      return;
    }
    this.#forwarded += 1;
    to.send(datagram);
  }
}
