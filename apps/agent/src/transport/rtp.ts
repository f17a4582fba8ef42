// RTP headers (RFC 3550 section 5.1) with one-byte header extensions (RFC 8285 section 4.2), written in place.
// The layout is the same for every packet of a session, so that what is only known when a packet leaves (sequence
// numbers, send time) is patched at fixed offsets. Used by `sender.ts` and `rtx.ts`.

/** Header extension ids as negotiated; absent: not offered. One-byte form, 1–14. */
export interface ExtensionIds {
  readonly playoutDelay?: number | undefined;
  readonly transportSequence?: number | undefined;
  readonly absoluteSendTime?: number | undefined;
  readonly colorSpace?: number | undefined;
}

export const RTP_HEADER_BYTES = 12;
const EXTENSION_PROFILE = 0xbede;

/** Offsets from the first byte of the packet; 0 where an extension is absent. */
export interface RtpLayout {
  /** Header and extensions: where the payload begins. */
  readonly headerBytes: number;
  readonly transportSequenceOffset: number;
  readonly absoluteSendTimeOffset: number;
  /** The extension block with its constants filled in, copied behind the fixed header. */
  readonly extensionBlock: Uint8Array;
}

/** Playout delay 0/0: 12 bits minimum, 12 bits maximum (webrtc.org/experiments/rtp-hdrext/playout-delay). */
const PLAYOUT_DELAY_BYTES = 3;
const TRANSPORT_SEQUENCE_BYTES = 2;
const ABSOLUTE_SEND_TIME_BYTES = 3;
/**
 * Primaries, transfer and matrix as in H.273, 1 each for BT.709, then the range, 1 for limited, in bits 4 and 5
 * (webrtc.org/experiments/rtp-hdrext/color-space). VP8 has no word for it in its stream, and is taken for BT.601 without.
 */
const COLOR_SPACE = [1, 1, 1, 0x10] as const;

export function createRtpLayout(ids: ExtensionIds): RtpLayout {
  const elements: number[] = [];
  let transportSequenceOffset = 0;
  let absoluteSendTimeOffset = 0;
  const place = (id: number, dataBytes: number): number => {
    elements.push((id << 4) | (dataBytes - 1));
    const offset = RTP_HEADER_BYTES + 4 + elements.length;
    for (let index = 0; index < dataBytes; index += 1) elements.push(0);
    return offset;
  };
  if (ids.absoluteSendTime !== undefined) {
    absoluteSendTimeOffset = place(ids.absoluteSendTime, ABSOLUTE_SEND_TIME_BYTES);
  }
  if (ids.transportSequence !== undefined) {
    transportSequenceOffset = place(ids.transportSequence, TRANSPORT_SEQUENCE_BYTES);
  }
  if (ids.playoutDelay !== undefined) place(ids.playoutDelay, PLAYOUT_DELAY_BYTES);
  if (ids.colorSpace !== undefined) elements.push((ids.colorSpace << 4) | (COLOR_SPACE.length - 1), ...COLOR_SPACE);
  while (elements.length % 4 !== 0) elements.push(0);
  const words = elements.length / 4;
  const extensionBlock = Uint8Array.from(
    words === 0 ? [] : [EXTENSION_PROFILE >> 8, EXTENSION_PROFILE & 0xff, 0, words, ...elements],
  );
  return {
    headerBytes: RTP_HEADER_BYTES + extensionBlock.length,
    transportSequenceOffset,
    absoluteSendTimeOffset,
    extensionBlock,
  };
}

export interface RtpFields {
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

/** Writes header and extensions at `offset`; what follows them is the payload. */
export function writeRtpHeader(bytes: Uint8Array, offset: number, layout: RtpLayout, fields: RtpFields): void {
  bytes[offset] = layout.extensionBlock.length === 0 ? 0x80 : 0x90;
  bytes[offset + 1] = (fields.marker ? 0x80 : 0) | fields.payloadType;
  writeU16Be(bytes, offset + 2, fields.sequence);
  writeU32Be(bytes, offset + 4, fields.timestamp);
  writeU32Be(bytes, offset + 8, fields.ssrc);
  bytes.set(layout.extensionBlock, offset + RTP_HEADER_BYTES);
}

/** Fills in what is known only at send time. `nowMs` is any clock; abs-send-time is its seconds in 6.18 fixed point. */
export function patchSendTime(
  bytes: Uint8Array,
  offset: number,
  layout: RtpLayout,
  transportSequence: number,
  nowMs: number,
): void {
  if (layout.transportSequenceOffset !== 0) {
    writeU16Be(bytes, offset + layout.transportSequenceOffset, transportSequence);
  }
  if (layout.absoluteSendTimeOffset !== 0) {
    const fixed = Math.floor(((nowMs / 1000) % 64) * 2 ** 18);
    const at = offset + layout.absoluteSendTimeOffset;
    bytes[at] = fixed >> 16;
    bytes[at + 1] = (fixed >> 8) & 0xff;
    bytes[at + 2] = fixed & 0xff;
  }
}

export function writeU16Be(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = (value >> 8) & 0xff;
  bytes[offset + 1] = value & 0xff;
}

export function writeU32Be(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = (value >>> 24) & 0xff;
  bytes[offset + 1] = (value >>> 16) & 0xff;
  bytes[offset + 2] = (value >>> 8) & 0xff;
  bytes[offset + 3] = value & 0xff;
}
