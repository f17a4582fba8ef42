// A bad network between one viewer and the agent: a UDP relay that loses packets, put in by rewriting the agent's
// ICE candidates on the control WebSocket and withholding the viewer's. Neither side is touched.

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { WebSocketRoute } from "playwright-core";

export type PacketKind = "rtp" | "rtcp" | "data" | "stun";

export interface Packet {
  readonly kind: PacketKind;
  readonly from: "agent" | "viewer";
  /** Of RTP; 0 for others. */
  readonly ssrc: number;
  readonly sequence: number;
  /** Of the datagram, without IP and UDP headers. */
  readonly bytes: number;
}

/** For `loses`: what goes beyond this rate is dropped, as a provider's policer does. */
export function policer(rateBps: number, depthMs = 100): (packet: Packet) => boolean {
  const depthBits = (rateBps * depthMs) / 1000;
  let bits = depthBits;
  let beforeMs = performance.now();
  return (packet) => {
    const nowMs = performance.now();
    bits = Math.min(depthBits, bits + ((nowMs - beforeMs) * rateBps) / 1000);
    beforeMs = nowMs;
    if (packet.from === "viewer") return false;
    if (bits < packet.bytes * 8) return true;
    bits -= packet.bytes * 8;
    return false;
  };
}

/** RFC 7983: what a datagram is by its first byte; RFC 5761: RTP and RTCP by the second. */
function packetOf(datagram: Buffer, from: Packet["from"]): Packet {
  const bytes = datagram.length;
  const first = datagram[0] ?? 0;
  const second = (datagram[1] ?? 0) & 0x7f;
  if (first >= 128 && first <= 191) {
    if (second >= 64 && second <= 95) return { kind: "rtcp", from, ssrc: 0, sequence: 0, bytes };
    return { kind: "rtp", from, ssrc: datagram.readUInt32BE(8), sequence: datagram.readUInt16BE(2), bytes };
  }
  return { kind: first < 4 ? "stun" : "data", from, ssrc: 0, sequence: 0, bytes };
}

export class LossyLink {
  readonly #front: Socket;
  /** A socket towards the agent for each address of the viewer. */
  readonly #backs = new Map<string, Socket>();
  readonly #agentPort: number;
  /** Decides over every packet; a new link loses none. */
  loses: (packet: Packet) => boolean = () => false;
  lostPackets = 0;

  private constructor(front: Socket, agentPort: number) {
    this.#front = front;
    this.#agentPort = agentPort;
  }

  static async open(agentPort: number): Promise<LossyLink> {
    const front = createSocket("udp4");
    front.bind(0, "127.0.0.1");
    await once(front, "listening");
    const link = new LossyLink(front, agentPort);
    front.on("message", (datagram, { address, port }) => link.#toAgent(datagram, address, port));
    return link;
  }

  #toAgent(datagram: Buffer, viewerAddress: string, viewerPort: number): void {
    if (this.#isLost(packetOf(datagram, "viewer"))) return;
    this.#backOf(viewerAddress, viewerPort).send(datagram, this.#agentPort, "127.0.0.1");
  }

  /** A page that may use the microphone shows its addresses, and comes from them. */
  #backOf(viewerAddress: string, viewerPort: number): Socket {
    const viewer = `${viewerAddress} ${viewerPort}`;
    const known = this.#backs.get(viewer);
    if (known !== undefined) return known;
    const back = createSocket("udp4");
    this.#backs.set(viewer, back);
    back.on("message", (datagram) => {
      if (!this.#isLost(packetOf(datagram, "agent"))) this.#front.send(datagram, viewerPort, viewerAddress);
    });
    return back;
  }

  #isLost(packet: Packet): boolean {
    const lost = this.loses(packet);
    if (lost) this.lostPackets++;
    return lost;
  }

  /** For `DesktopPageOptions.onWebSocket`. */
  readonly route = (viewer: WebSocketRoute): void => {
    const { port } = this.#front.address();
    const agent = viewer.connectToServer();
    agent.onMessage((frame) => viewer.send(typeof frame === "string" ? relayed(frame, port) : frame));
    viewer.onMessage((frame) => {
      if (typeof frame !== "string") agent.send(frame);
      else if ((JSON.parse(frame) as { type?: string }).type !== "candidate") agent.send(withoutCandidates(frame));
    });
  };

  async close(): Promise<void> {
    for (const socket of [this.#front, ...this.#backs.values()]) {
      const closed = once(socket, "close");
      socket.close();
      await closed;
    }
  }
}

/** candidate:FOUNDATION COMPONENT TRANSPORT PRIORITY ADDRESS PORT … (RFC 8839 5.1) */
const CANDIDATE = /(candidate:\S+ \d+ udp \d+ )\S+ \d+( )/gi;

function relayed(frame: string, port: number): string {
  return frame.replace(CANDIDATE, `$1127.0.0.1 ${port}$2`);
}

function withoutCandidates(frame: string): string {
  const message = JSON.parse(frame) as { type: string; sdp?: string };
  if (message.sdp === undefined) return frame;
  return JSON.stringify({ ...message, sdp: message.sdp.replace(/a=(candidate:|end-of-candidates)[^\r\n]*\r?\n/g, "") });
}
