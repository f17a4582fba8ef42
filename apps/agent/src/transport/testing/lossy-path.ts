// A UDP path between viewer and agent that loses what a test tells it to: a relay on loopback in front of the agent's
// port. The viewer gets an answer that names the relay instead.

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

export class LossyPath {
  readonly #outside: Socket;
  readonly #inside: Socket;
  readonly #agentPort: number;
  #viewerPort = 0;
  /** Datagrams from the agent for which this is true never arrive. */
  loses: (datagram: Buffer) => boolean = () => false;

  private constructor(agentPort: number) {
    this.#agentPort = agentPort;
    this.#outside = createSocket("udp4");
    this.#inside = createSocket("udp4");
    this.#outside.on("message", (datagram, from) => {
      this.#viewerPort = from.port;
      this.#inside.send(datagram, agentPort, "127.0.0.1");
    });
    this.#inside.on("message", (datagram) => {
      if (!this.loses(datagram)) this.#outside.send(datagram, this.#viewerPort, "127.0.0.1");
    });
  }

  static async open(agentPort: number): Promise<LossyPath> {
    const path = new LossyPath(agentPort);
    path.#outside.bind(0, "127.0.0.1");
    path.#inside.bind(0, "127.0.0.1");
    await Promise.all([once(path.#outside, "listening"), once(path.#inside, "listening")]);
    return path;
  }

  /** The answer as the viewer must see it. */
  throughHere(answerSdp: string): string {
    return answerSdp.replaceAll(` ${this.#agentPort} `, ` ${this.#outside.address().port} `);
  }

  close(): void {
    this.#outside.close();
    this.#inside.close();
  }
}

/** RTP payload type of a media datagram, or `undefined` for STUN, DTLS and RTCP (RFC 7983, RFC 5761). */
export function payloadTypeOf(datagram: Uint8Array): number | undefined {
  const [first = 0, second = 0] = datagram;
  if (first < 128 || first > 191) return undefined;
  return second >= 192 && second <= 223 ? undefined : second & 0x7f;
}

/** Payload types of an encoding name in an SDP. */
export function payloadTypesIn(sdp: string, name: string): ReadonlySet<number> {
  const lines = sdp.matchAll(/^a=rtpmap:(\d+) ([\w-]+)\//gm);
  return new Set(Array.from(lines).flatMap(([, type, found]) => (found === name ? [Number(type)] : [])));
}
