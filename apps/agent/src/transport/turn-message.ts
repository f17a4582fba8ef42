// STUN and TURN messages, made and read whole (RFC 8489, RFC 8656): what `turn-ask.ts` says to a server and hears. Pure.

import { createHash, timingSafeEqual } from "node:crypto";
import { seal, STUN } from "./stun.ts";

/** Methods with the class "request"; an answer adds a class to it. */
export const METHOD = { binding: 0x0001, allocate: 0x0003, refresh: 0x0004 } as const;
const SUCCESS = 0x0100;
const FAILURE = 0x0110;
const CLASS_MASK = 0x0110;

export const ATTRIBUTE = {
  username: 0x0006,
  messageIntegrity: STUN.messageIntegrity,
  errorCode: 0x0009,
  lifetime: 0x000d,
  xorRelayedAddress: 0x0016,
  realm: 0x0014,
  nonce: 0x0015,
  requestedTransport: 0x0019,
  xorMappedAddress: 0x0020,
  fingerprint: STUN.fingerprint,
} as const;

export type Attributes = ReadonlyMap<number, Buffer>;

export interface TurnAnswer {
  readonly transaction: Buffer;
  readonly method: number;
  readonly ok: boolean;
  readonly attributes: Attributes;
  /** 0: there is none. */
  readonly errorCode: number;
  readonly errorText: string;
  readonly message: Buffer;
}

const TRANSACTION_BYTES = 12;
const INTEGRITY_BYTES = 20;
const FAMILY_IPV4 = 1;

/** With MESSAGE-INTEGRITY where there is a key, and FINGERPRINT. `transaction`: 12 bytes. */
export function makeRequest(
  method: number,
  transaction: Buffer,
  attributes: readonly (readonly [number, Buffer])[],
  key?: Buffer,
): Buffer {
  const all = [
    ...attributes,
    ...(key === undefined ? [] : [[ATTRIBUTE.messageIntegrity, Buffer.alloc(INTEGRITY_BYTES)] as const]),
    [ATTRIBUTE.fingerprint, Buffer.alloc(4)] as const,
  ];
  const body = Buffer.concat(all.map(([type, value]) => attribute(type, value)));
  const head = Buffer.alloc(STUN.headerBytes);
  head.writeUInt16BE(method, 0);
  head.writeUInt16BE(body.length, 2);
  head.writeUInt32BE(STUN.magicCookie, 4);
  transaction.copy(head, 8, 0, TRANSACTION_BYTES);
  const message = Buffer.concat([head, body]);
  seal(message, key ?? "");
  return message;
}

function attribute(type: number, value: Buffer): Buffer {
  const padded = Buffer.alloc(4 + ((value.length + 3) & ~3));
  padded.writeUInt16BE(type, 0);
  padded.writeUInt16BE(value.length, 2);
  value.copy(padded, 4);
  return padded;
}

/** RFC 8489, section 9.2.2: of a long-term credential. */
export function longTermKey(username: string, realm: string, password: string): Buffer {
  return createHash("md5").update(`${username}:${realm}:${password}`).digest();
}

/** How long the first message in these bytes is; undefined: not all of its head is there. Throws for what is no STUN message. */
export function messageBytes(bytes: Buffer): number | undefined {
  if (bytes.length < STUN.headerBytes) return undefined;
  if ((bytes[0] ?? 0) > 0x3f || bytes.readUInt32BE(4) !== STUN.magicCookie) {
    throw new Error("what answers there is no STUN or TURN server");
  }
  return STUN.headerBytes + bytes.readUInt16BE(2);
}

/** Throws for what is no whole STUN answer. */
export function readAnswer(message: Buffer): TurnAnswer {
  if (messageBytes(message) !== message.length) throw new Error("a STUN message that is not whole");
  const type = message.readUInt16BE(0);
  const answerClass = type & CLASS_MASK;
  if (answerClass !== SUCCESS && answerClass !== FAILURE) throw new Error("no answer, but a request");
  const attributes = new Map<number, Buffer>();
  let at: number = STUN.headerBytes;
  while (at + 4 <= message.length) {
    const bytes = message.readUInt16BE(at + 2);
    if (at + 4 + bytes > message.length) throw new Error("a STUN attribute that is not whole");
    const name = message.readUInt16BE(at);
    // Section 14: of several the first counts.
    if (!attributes.has(name)) attributes.set(name, message.subarray(at + 4, at + 4 + bytes));
    at += 4 + ((bytes + 3) & ~3);
  }
  const error = attributes.get(ATTRIBUTE.errorCode);
  const errorCode = error === undefined || error.length < 4 ? 0 : (error[2] ?? 0) * 100 + (error[3] ?? 0);
  return {
    transaction: message.subarray(8, STUN.headerBytes),
    method: type & ~CLASS_MASK,
    ok: answerClass === SUCCESS,
    attributes,
    errorCode,
    errorText: error?.toString("utf8", 4) ?? "",
    message,
  };
}

/** Whether who sent this answer knows the key. */
export function isSealed({ message, attributes }: TurnAnswer, key: Buffer): boolean {
  const integrity = attributes.get(ATTRIBUTE.messageIntegrity);
  if (integrity === undefined) return false;
  const given = Buffer.from(integrity);
  const again = Buffer.from(message);
  seal(again, key);
  const computed = readAnswer(again).attributes.get(ATTRIBUTE.messageIntegrity);
  return computed !== undefined && computed.length === given.length && timingSafeEqual(computed, given);
}

/** Section 14.2: "203.0.113.5:50000"; undefined: there is none, or none that can be read. */
export function readXorAddress(value: Buffer | undefined, transaction: Buffer): string | undefined {
  if (value === undefined || value.length < 8) return undefined;
  const port = value.readUInt16BE(2) ^ (STUN.magicCookie >>> 16);
  const mask = Buffer.concat([Buffer.from([0x21, 0x12, 0xa4, 0x42]), transaction]);
  const bytes = value.subarray(4).map((byte, index) => byte ^ (mask[index] ?? 0));
  if (value[1] === FAMILY_IPV4) return `${[...bytes.subarray(0, 4)].join(".")}:${port}`;
  const groups = Array.from({ length: 8 }, (_, index) =>
    Buffer.from(bytes)
      .readUInt16BE(index * 2)
      .toString(16),
  );
  return `[${groups.join(":")}]:${port}`;
}
