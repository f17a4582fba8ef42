// Which packets of sound go to the decoder, and in which order. PURE. What comes twice goes once, what comes late not at all, and one that
// was lost is taken out of the next where that carries it (RFC 2198). Both paths count by one clock. Used by `sound-worker.ts`.

export interface OrderedPacket {
  /** 48 kHz clock, unwrapped. */
  readonly timestamp: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Further back than this it is another agent's clock, 10 s. */
const RESTART_SAMPLES = 480_000;

export class SoundOrder {
  #last: number | undefined;

  /** `timestamp`: 32 bits. `redundant`: earlier packets stand in front of this one. */
  take(payload: Uint8Array<ArrayBuffer>, timestamp: number, redundant: boolean): OrderedPacket[] {
    const blocks = redundant ? readRedundant(payload) : [{ offset: 0, data: payload }];
    const packets: OrderedPacket[] = [];
    for (const { offset, data } of blocks) {
      if (data.length === 0) continue;
      const own = this.#unwrap((timestamp - offset) >>> 0);
      if (this.#last !== undefined && own <= this.#last && own > this.#last - RESTART_SAMPLES) continue;
      this.#last = own;
      packets.push({ timestamp: own, data });
    }
    return packets;
  }

  reset(): void {
    this.#last = undefined;
  }

  #unwrap(timestamp: number): number {
    const last = this.#last;
    return last === undefined ? timestamp : last + ((timestamp - last) | 0);
  }
}

/** RFC 2198 section 3; what is cut short is left out. */
function readRedundant(
  payload: Uint8Array<ArrayBuffer>,
): { readonly offset: number; readonly data: Uint8Array<ArrayBuffer> }[] {
  const heads: { offset: number; bytes: number }[] = [];
  let at = 0;
  while (((payload[at] ?? 0) & 0x80) !== 0) {
    if (at + 4 > payload.length) return [];
    const [high = 0, middle = 0, low = 0] = payload.subarray(at + 1, at + 4);
    heads.push({ offset: (high << 6) | (middle >> 2), bytes: ((middle & 3) << 8) | low });
    at += 4;
  }
  at += 1;
  const blocks = heads.map(({ offset, bytes }) => {
    const data = payload.subarray(at, at + bytes);
    at += bytes;
    return { offset, data };
  });
  if (at > payload.length) return [];
  return [...blocks, { offset: 0, data: payload.subarray(at) }];
}
