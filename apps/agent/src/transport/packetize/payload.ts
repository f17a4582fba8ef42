// What all packetizers of this folder share: parts of coded pictures come in from `sender.ts`, RTP payloads go into the slots
// of `packet-ring.ts`. Which codec has which packetizer stands in `packetizer.ts`.

/** Where payloads are written: the packetizer fills `bytes` from `offset` on, then commits what it wrote. */
export interface PayloadTarget {
  readonly bytes: Uint8Array;
  readonly offset: number;
  /** The payload is complete; `bytes` and `offset` now name the next one's place. `last`: nothing follows of this part. */
  commit(sizeBytes: number, last: boolean): void;
}

/** What a packetizer needs of an `AccessUnit`: a coded picture, or the next run of its slices. */
export interface CodedPart {
  readonly data: Buffer;
  readonly keyframe: boolean;
  /** It begins its picture; it ends it. */
  readonly first: boolean;
  readonly last: boolean;
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface Packetizer {
  /** Cuts one part into payloads of at most `maxPayloadBytes` (at least 32). Returns how many it wrote. */
  packetize(part: CodedPart, maxPayloadBytes: number, target: PayloadTarget): number;
}

/** Copies `stream[start, end)` without a view of it, and returns the offset behind it. */
export function copyInto(stream: Buffer, start: number, end: number, into: Uint8Array, offset: number): number {
  return offset + stream.copy(into, offset, start, end);
}
