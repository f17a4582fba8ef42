// Connectivity checks for tests: the sample of RFC 5769, section 2.1, and ones with a tie-breaker of the test's choice.

import { createHmac } from "node:crypto";
import { crc32 } from "node:zlib";

export const RFC5769_PASSWORD = "VOkJxbRl1RmTxUk/WvJxBt";
export const RFC5769_REQUEST = Buffer.from(
  [
    "000100582112a442b7e7a701bc34d686fa87dfae",
    "802200105354554e207465737420636c69656e74",
    "002400046e0001ff",
    "80290008932ff9b151263b36",
    "000600096576746a3a68367659202020",
    "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2",
    "80280004e57a3bcf",
  ].join(""),
  "hex",
);

export interface Check {
  readonly username: string;
  readonly tieBreaker: bigint;
  readonly password: string;
  readonly useCandidate?: boolean;
  /** ICE-CONTROLLING unless said otherwise. */
  readonly controlled?: boolean;
}

/** Written by other code than the one under test. */
export function writeCheck({ username, tieBreaker, password, useCandidate, controlled }: Check): Buffer {
  const role = Buffer.alloc(8);
  role.writeBigUInt64BE(tieBreaker);
  const parts = [
    attribute(0x0006, Buffer.from(username)),
    attribute(controlled === true ? 0x8029 : 0x802a, role),
    ...(useCandidate === true ? [attribute(0x0025, Buffer.alloc(0))] : []),
    attribute(0x0024, Buffer.from([0x6e, 0, 1, 0xff])),
  ];
  const header = Buffer.from("000100002112a4420102030405060708090a0b0c", "hex");
  const before = Buffer.concat([header, ...parts]);
  before.writeUInt16BE(before.length - 20 + 24, 2);
  const sealed = Buffer.concat([before, attribute(0x0008, createHmac("sha1", password).update(before).digest())]);
  sealed.writeUInt16BE(sealed.length - 20 + 8, 2);
  const fingerprint = Buffer.alloc(4);
  fingerprint.writeUInt32BE((crc32(sealed) ^ 0x5354554e) >>> 0);
  return Buffer.concat([sealed, attribute(0x8028, fingerprint)]);
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}
