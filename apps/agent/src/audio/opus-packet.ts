// What an Opus packet says of itself: its table-of-contents byte and how its frames are framed (RFC 6716 section 3). PURE. A viewer's
// microphone is checked by it before it goes to the decoder; see `microphone-intake.ts`.

import { ProtocolError } from "@eglantine/protocol/field";

/** Frame durations by the configuration in the first byte: table 2 of section 3.1, ms. */
const SILK_MS = [10, 20, 40, 60] as const;
const HYBRID_MS = [10, 20] as const;
const CELT_MS = [2.5, 5, 10, 20] as const;
/** Section 3.2.1: the largest frame; [R5]: the longest packet. */
const MAX_FRAME_BYTES = 1275;
const MAX_PACKET_MS = 120;

/** How long it sounds, ms. Throws ProtocolError, and nothing else, for bytes that are no packet ([R1] to [R7] of section 3.4). */
export function opusDurationMs(packet: Uint8Array): number {
  const toc = packet[0];
  if (toc === undefined) refuse("it is empty");
  const frameMs = frameDurationMs(toc >> 3);
  const body = packet.length - 1;
  switch (toc & 3) {
    case 0:
      if (body > MAX_FRAME_BYTES) refuse("a frame is too long");
      return frameMs;
    case 1:
      if (body % 2 !== 0 || body / 2 > MAX_FRAME_BYTES) refuse("two frames are not equally long");
      return 2 * frameMs;
    case 2: {
      const { bytes, next } = readLength(packet, 1);
      if (next + bytes > packet.length || packet.length - next - bytes > MAX_FRAME_BYTES) refuse("a frame is cut");
      return 2 * frameMs;
    }
    default:
      return readMany(packet, frameMs);
  }
}

function frameDurationMs(configuration: number): number {
  if (configuration < 12) return SILK_MS[(configuration & 3) as 0 | 1 | 2 | 3];
  if (configuration < 16) return HYBRID_MS[(configuration & 1) as 0 | 1];
  return CELT_MS[(configuration & 3) as 0 | 1 | 2 | 3];
}

/** Section 3.2.5: any number of frames, with padding. */
function readMany(packet: Uint8Array, frameMs: number): number {
  const head = packet[1];
  if (head === undefined) refuse("it is cut");
  const frames = head & 0x3f;
  if (frames === 0 || frames * frameMs > MAX_PACKET_MS) refuse("it is longer than 120 ms, or has no frame");
  let at = 2;
  let end = packet.length;
  if ((head & 0x40) !== 0) {
    for (let padding = 255; padding === 255; at += 1) {
      padding = packet[at] ?? refuse("its padding is cut");
      end -= padding === 255 ? 254 : padding;
    }
  }
  if ((head & 0x80) !== 0) {
    for (let frame = 1; frame < frames; frame += 1) {
      const { bytes, next } = readLength(packet, at);
      at = next;
      end -= bytes;
    }
  } else if ((end - at) % frames !== 0 || (end - at) / frames > MAX_FRAME_BYTES) {
    refuse("its frames are not equally long");
  }
  if (end < at || ((head & 0x80) !== 0 && end - at > MAX_FRAME_BYTES)) refuse("a frame is cut");
  return frames * frameMs;
}

/** Section 3.2.1: one byte, or two from 252 on. */
function readLength(packet: Uint8Array, at: number): { readonly bytes: number; readonly next: number } {
  const first = packet[at] ?? refuse("a length is cut");
  if (first < 252) return { bytes: first, next: at + 1 };
  const second = packet[at + 1] ?? refuse("a length is cut");
  return { bytes: second * 4 + first, next: at + 2 };
}

function refuse(why: string): never {
  throw new ProtocolError(`microphone: no Opus packet: ${why}`);
}
