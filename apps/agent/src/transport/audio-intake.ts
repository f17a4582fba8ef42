// RTP packets of a viewer's microphone → Opus packets (RFC 3550 section 5.1, RFC 7587). Datagrams come from `webrtc.ts`, what is in
// them goes to `audio/microphone-intake.ts`. Pure.

import { ProtocolError } from "@eglantine/protocol/field";
import type { MicrophonePacket } from "../audio/microphone-intake.ts";

/** Throws ProtocolError, and nothing else, for what is no RTP; undefined for a packet of another kind, or without sound in it. */
export function readMicrophone(datagram: Uint8Array, payloadType: number): MicrophonePacket | undefined {
  const { length } = datagram;
  if (length < 12) throw new ProtocolError("RTP: cut");
  const view = new DataView(datagram.buffer, datagram.byteOffset, length);
  const first = view.getUint8(0);
  if (first >> 6 !== 2) throw new ProtocolError("RTP: not version 2");
  if ((view.getUint8(1) & 0x7f) !== payloadType) return undefined;
  let start = 12 + 4 * (first & 0x0f);
  if ((first & 0x10) !== 0) {
    if (start + 4 > length) throw new ProtocolError("RTP: cut extension");
    start += 4 + 4 * view.getUint16(start + 2);
  }
  const padding = (first & 0x20) === 0 ? 0 : view.getUint8(length - 1);
  const end = length - padding;
  if (start > end || ((first & 0x20) !== 0 && padding === 0)) throw new ProtocolError("RTP: bad padding or extension");
  if (start === end) return undefined;
  return { sequence: view.getUint16(2), data: datagram.subarray(start, end) };
}
