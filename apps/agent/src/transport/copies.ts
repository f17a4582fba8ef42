// Where the viewer offers sound beside the picture, taken or not, the library hands an RTCP datagram over once for each of our
// streams that it names: a report of the picture and its retransmissions comes twice, and a request in it would be taken for one
// that is repeated. Each counts once. Pure; between the tracks and `rtcp-intake.ts`, in `webrtc.ts`.

import { isRtcp } from "./rtcp.ts";

/** Datagrams whose copies may still come. */
const MOST = 16;
/** RFC 3550 section 6.4, RFC 4585 section 6.1: packet types, and the lengths of what stands in front of the report blocks. */
const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const TRANSPORT_FEEDBACK = 205;
const PAYLOAD_FEEDBACK = 206;
const SENDER_BLOCKS_AT = 28;
const RECEIVER_BLOCKS_AT = 8;
const BLOCK_BYTES = 24;

export class Copies {
  readonly #own: ReadonlySet<number>;
  readonly #awaited: { readonly datagram: Buffer; left: number }[] = [];

  /** `own`: the SSRCs of our streams. */
  constructor(own: Iterable<number>) {
    this.#own = new Set(own);
  }

  /** Whether this was handed over before. The datagram is kept and must not change. */
  isCopy(datagram: Buffer): boolean {
    const at = this.#awaited.findIndex((one) => one.datagram.equals(datagram));
    const known = this.#awaited[at];
    if (known !== undefined) {
      known.left -= 1;
      if (known.left === 0) this.#awaited.splice(at, 1);
      return true;
    }
    const left = this.#named(datagram) - 1;
    if (left <= 0) return false;
    this.#awaited.push({ datagram, left });
    if (this.#awaited.length > MOST) this.#awaited.shift();
    return false;
  }

  /** How many of our streams it names. */
  #named(datagram: Buffer): number {
    if (!isRtcp(datagram)) return 0;
    const named = new Set<number>();
    const add = (at: number) => {
      const ssrc = at + 4 <= datagram.length ? datagram.readUInt32BE(at) : undefined;
      if (ssrc !== undefined && this.#own.has(ssrc)) named.add(ssrc);
    };
    for (let from = 0; from + 8 <= datagram.length; ) {
      const type = datagram.readUInt8(from + 1);
      const end = from + 4 * (datagram.readUInt16BE(from + 2) + 1);
      if (end > datagram.length) break;
      if (type === TRANSPORT_FEEDBACK || type === PAYLOAD_FEEDBACK) add(from + 8);
      if (type === SENDER_REPORT || type === RECEIVER_REPORT) {
        const blocks = datagram.readUInt8(from) & 0x1f;
        const blocksAt = from + (type === SENDER_REPORT ? SENDER_BLOCKS_AT : RECEIVER_BLOCKS_AT);
        for (let block = 0; block < blocks; block += 1) add(blocksAt + block * BLOCK_BYTES);
      }
      from = end;
    }
    return named.size;
  }
}
