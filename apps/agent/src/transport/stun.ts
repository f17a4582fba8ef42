// STUN messages (RFC 8489) as ICE sends them (RFC 8445): what `stun-relay.ts` must find in one, and how it is sealed again
// after a change; `turn-allocate.ts` makes whole ones. Pure; in place, no byte is moved.

import { createHmac } from "node:crypto";

export const STUN = {
  /** Section 5: fixed part of every message, bytes, and the value that marks it. */
  headerBytes: 20,
  magicCookie: 0x2112a442,
  /** Section 5: method Binding, class request. */
  bindingRequest: 0x0001,
  /** Sections 14.5 and 14.7. */
  messageIntegrity: 0x0008,
  fingerprint: 0x8028,
  /** RFC 8445, section 16.1: role and tie-breaker in one. */
  iceControlled: 0x8029,
  iceControlling: 0x802a,
} as const;

/** HMAC-SHA1, and what CRC-32 is XORed with (RFC 8489, section 14.7). */
const INTEGRITY_BYTES = 20;
const FINGERPRINT_XOR = 0x5354554e;
const ATTRIBUTE_HEAD_BYTES = 4;

/** One look at a packet of any kind: media and DTLS fail it at the first bytes (RFC 7983). */
export function isBindingRequest(datagram: Buffer): boolean {
  return (
    datagram.length >= STUN.headerBytes &&
    datagram.readUInt16BE(0) === STUN.bindingRequest &&
    datagram.readUInt32BE(4) === STUN.magicCookie &&
    datagram.readUInt16BE(2) === datagram.length - STUN.headerBytes
  );
}

/** Where the value of the first attribute of this type begins; -1: it has none, or its attributes are broken. */
export function attributeAt(message: Buffer, type: number, valueBytes: number): number {
  let at = STUN.headerBytes;
  while (at + ATTRIBUTE_HEAD_BYTES <= message.length) {
    const bytes = message.readUInt16BE(at + 2);
    const value = at + ATTRIBUTE_HEAD_BYTES;
    if (value + bytes > message.length) return -1;
    if (message.readUInt16BE(at) === type) return bytes === valueBytes ? value : -1;
    // Section 14: padded to four bytes.
    at = value + ((bytes + 3) & ~3);
  }
  return -1;
}

/**
 * Writes MESSAGE-INTEGRITY and FINGERPRINT anew, where the message has them. `password`: of the side that receives it, or a long-term
 * credential's key.
 */
export function seal(message: Buffer, password: string | Buffer): void {
  const length = message.readUInt16BE(2);
  const integrity = attributeAt(message, STUN.messageIntegrity, INTEGRITY_BYTES);
  if (integrity >= 0) {
    // It covers what stands before it, under a length that ends with it.
    message.writeUInt16BE(integrity + INTEGRITY_BYTES - STUN.headerBytes, 2);
    const covered = message.subarray(0, integrity - ATTRIBUTE_HEAD_BYTES);
    createHmac("sha1", password).update(covered).digest().copy(message, integrity);
    message.writeUInt16BE(length, 2);
  }
  const fingerprint = attributeAt(message, STUN.fingerprint, 4);
  if (fingerprint >= 0) {
    const crc = crc32(message.subarray(0, fingerprint - ATTRIBUTE_HEAD_BYTES));
    message.writeUInt32BE((crc ^ FINGERPRINT_XOR) >>> 0, fingerprint);
  }
}

/** Of ITU V.42, as in RFC 1952 section 8. */
export function crc32(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 0 ? crc >>> 1 : 0xedb88320 ^ (crc >>> 1);
  return crc >>> 0;
});
