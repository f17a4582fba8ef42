// What one viewer may send back on the media path: counts RTCP datagrams and those that are none. Datagrams come from `webrtc.ts`, go to
// `sender.ts`, and a viewer who sends too many loses the session.

import { ProtocolError } from "@eglantine/protocol/field";
import { RateGate } from "../session/rate.ts";
import { isRtcp } from "./rtcp.ts";

/** A second. libwebrtc sends 20 of transport feedback and, while packets are missing, up to one NACK per packet that arrives. */
const MAX_PER_SECOND = 2000;
/** RTCP datagrams that are none: more than this and the viewer is no honest peer. */
const MAX_BAD = 100;

export interface RtcpRefusal {
  readonly reason: "rate-limited" | "protocol-error";
  readonly detail: string;
}

export class RtcpIntake {
  readonly #read: (datagram: Uint8Array) => void;
  readonly #rate = new RateGate(MAX_PER_SECOND);
  /** Cut or damaged RTCP, and what is no RTCP at all: a viewer has no media of its own. */
  #bad = 0;
  #other = 0;

  /** `read` takes one datagram and throws ProtocolError for one that is no RTCP. */
  constructor(read: (datagram: Uint8Array) => void) {
    this.#read = read;
  }

  /** Datagrams so far that were passed over. */
  get malformed(): number {
    return this.#bad + this.#other;
  }

  /** Says why the viewer is to be refused; `undefined` while it is not. */
  take(datagram: Uint8Array, nowMs: number): RtcpRefusal | undefined {
    if (!this.#rate.pass(nowMs)) return { reason: "rate-limited", detail: "media feedback" };
    if (!isRtcp(datagram)) {
      this.#other += 1;
      return undefined;
    }
    try {
      this.#read(datagram);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#bad += 1;
      if (this.#bad > MAX_BAD) return { reason: "protocol-error", detail: error.message };
    }
    return undefined;
  }
}
