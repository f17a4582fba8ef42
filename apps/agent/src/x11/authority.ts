// The X server's access cookie out of an .Xauthority file (Xau library format: big-endian, counted strings).
// Read before each connection by `client.ts`, since a restarted server writes a new one.

import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { codeOf } from "../errors.ts";

export interface Cookie {
  readonly name: string;
  /** Bytes as latin1 text. */
  readonly data: string;
}

const NO_COOKIE: Cookie = { name: "", data: "" };
const FAMILY_LOCAL = 256;
const FAMILY_WILD = 65535;

/** The cookie for a display number; an empty one where there is no file or none that fits. */
export async function readCookie(file: string, displayNumber: number): Promise<Cookie> {
  try {
    return findCookie(await readFile(file), displayNumber, hostname());
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return NO_COOKIE;
    throw error;
  }
}

/**
 * Pure. The entry of this host, else one for any host, else the first of another name: a container's name changes, and
 * its file stays. A truncated file gives what its whole entries hold.
 */
export function findCookie(file: Buffer, displayNumber: number, host: string): Cookie {
  let [anyHost, otherHost]: (Cookie | undefined)[] = [];
  let offset = 0;
  const field = () => {
    if (offset + 2 > file.length) return undefined;
    const end = offset + 2 + file.readUInt16BE(offset);
    if (end > file.length) return undefined;
    const value = file.toString("latin1", offset + 2, end);
    offset = end;
    return value;
  };
  while (offset + 2 <= file.length) {
    const family = file.readUInt16BE(offset);
    offset += 2;
    const [address, number, name, data] = [field(), field(), field(), field()];
    if (address === undefined || number === undefined || name === undefined || data === undefined) break;
    if (name !== "MIT-MAGIC-COOKIE-1" || (number !== "" && Number(number) !== displayNumber)) continue;
    if (family === FAMILY_LOCAL && address === host) return { name, data };
    if (family === FAMILY_WILD) anyHost ??= { name, data };
    else if (family === FAMILY_LOCAL) otherHost ??= { name, data };
  }
  return anyHost ?? otherHost ?? NO_COOKIE;
}
