// Which of a viewer's candidates take the way over a `stun-relay.ts`: those at a TURN server that it reaches over TCP or TLS.
// Comes from `webrtc.ts` with the viewer's candidate, goes back there with the one that libjuice is to have instead.

import type { Closable } from "../close.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { IceCandidate } from "./sdp.ts";
import { type Endpoint, StunRelay } from "./stun-relay.ts";

export interface TurnDetourOptions {
  /** What libjuice is bound to. */
  readonly agent: Endpoint;
  /** Of the answer, which is there before any candidate is taken. */
  readonly icePassword: () => string;
  /** A candidate for libjuice. */
  readonly onCandidate: (candidate: IceCandidate) => void;
  readonly log: Log;
}

/** A browser has one for each of its interfaces; each costs two sockets. */
const RELAYS_MAX = 8;
/** `usableCandidate` has checked it already: UDP, an IP address, a port. */
const RELAYED = /^(candidate:\S+ \d+ \S+ \d+) (\S+) (\d+) typ relay( |$)/i;

export class TurnDetour implements Closable {
  readonly #options: TurnDetourOptions;
  readonly #relays = new Map<string, Promise<void>>();
  readonly #open = new Set<StunRelay>();
  #closed = false;

  constructor(options: TurnDetourOptions) {
    this.#options = options;
  }

  /** False: not one of those, or there are too many of them; it goes to libjuice as it is. */
  take({ candidate, mid }: IceCandidate): boolean {
    const match = RELAYED.exec(candidate);
    if (match === null || this.#closed) return false;
    const [, head = "", address = "", port = ""] = match;
    const key = `${address} ${port}`;
    if (this.#relays.has(key)) return true;
    if (this.#relays.size >= RELAYS_MAX) return false;
    this.#relays.set(key, this.#add(head, { address, port: Number(port) }, mid));
    return true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#relays.values());
    await Promise.all([...this.#open].map((relay) => relay.close()));
  }

  async #add(head: string, remote: Endpoint, mid: string): Promise<void> {
    const { agent, icePassword, onCandidate, log } = this.#options;
    try {
      const relay = await StunRelay.open({ remote, agent, icePassword: icePassword() });
      this.#open.add(relay);
      if (this.#closed) return;
      const { address, port } = relay.endpoint;
      onCandidate({ candidate: `${head} ${address} ${port} typ relay`, mid });
    } catch (error) {
      log.debug({ detail: messageOf(error), remote }, "no way to a TURN server's address");
    }
  }
}
