// What one viewer may send back on the media path: counts datagrams and bad ones. They come from `webrtc.ts`; RTCP goes to
// `sender.ts`, RTP is a microphone's (`audio-intake.ts`), and a viewer who sends too many loses the session.

import { ProtocolError } from "@eglantine/protocol/field";
import { RateGate } from "../session/rate.ts";
import { isRtcp } from "./rtcp.ts";

/** A second. libwebrtc sends 20 of transport feedback and, while packets are missing, up to one NACK per packet that arrives. */
const MAX_PER_SECOND = 2000;
/** Datagrams that are none: more than this and the viewer is no honest peer. */
const MAX_BAD = 100;

export interface RtcpRefusal {
  readonly reason: "rate-limited" | "protocol-error";
  readonly detail: string;
}

export class RtcpIntake {
  readonly #read: (datagram: Uint8Array) => void;
  readonly #readRtp: (datagram: Uint8Array) => boolean;
  readonly #rate = new RateGate(MAX_PER_SECOND);
  /** Cut or damaged ones, and those that are neither RTCP nor a microphone's: a viewer has no other media. */
  #bad = 0;
  #other = 0;

  /** Each takes one datagram and throws ProtocolError for one that is no RTCP, or no RTP; `readRtp`: false for what is not its. */
  constructor(read: (datagram: Uint8Array) => void, readRtp: (datagram: Uint8Array) => boolean = () => false) {
    this.#read = read;
    this.#readRtp = readRtp;
  }

  /** Datagrams so far that were passed over. */
  get malformed(): number {
    return this.#bad + this.#other;
  }

  /** Says why the viewer is to be refused; `undefined` while it is not. */
  take(datagram: Uint8Array, nowMs: number): RtcpRefusal | undefined {
    if (!this.#rate.pass(nowMs)) return { reason: "rate-limited", detail: "media feedback" };
    try {
      if (isRtcp(datagram)) this.#read(datagram);
      else if (!this.#readRtp(datagram)) this.#other += 1;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#bad += 1;
      if (this.#bad > MAX_BAD) return { reason: "protocol-error", detail: error.message };
    }
    return undefined;
  }
}
