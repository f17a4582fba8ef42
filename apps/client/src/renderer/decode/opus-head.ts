// How WebCodecs is told what an Opus packet of several channels holds: the identification header of RFC 7845 section 5.1. PURE. Used by
// `sound-worker.ts`.

import type { SoundChannels } from "@eglantine/protocol/formats";

/** Section 5.1.1.2: streams, of them in pairs, and which decoded channel is where (in Vorbis' order). */
const MAPPINGS: Readonly<
  Record<6 | 8, { readonly streams: number; readonly coupled: number; readonly map: number[] }>
> = {
  6: { streams: 4, coupled: 2, map: [0, 4, 1, 2, 3, 5] },
  8: { streams: 5, coupled: 3, map: [0, 6, 1, 2, 3, 4, 5, 7] },
};

/** As AudioDecoder's `description`; undefined for stereo, which needs none. */
export function opusHead(channels: SoundChannels): Uint8Array<ArrayBuffer> | undefined {
  if (channels === 2) return undefined;
  const { streams, coupled, map } = MAPPINGS[channels];
  const head = new Uint8Array(21 + map.length);
  const view = new DataView(head.buffer);
  head.set(new TextEncoder().encode("OpusHead"));
  view.setUint8(8, 1);
  view.setUint8(9, channels);
  // Nothing is to be skipped at the beginning: it began before we listened.
  view.setUint16(10, 0, true);
  view.setUint32(12, 48_000, true);
  view.setInt16(16, 0, true);
  view.setUint8(18, 1);
  view.setUint8(19, streams);
  view.setUint8(20, coupled);
  head.set(map, 21);
  return head;
}
