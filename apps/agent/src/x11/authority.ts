// The X server's access cookie out of an .Xauthority file (Xau library format: big-endian, counted strings).
// Read before each connection by `client.ts`, since a restarted server writes a new one.

import { readFile } from "node:fs/promises";
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
    return findCookie(await readFile(file), displayNumber);
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return NO_COOKIE;
    throw error;
  }
}

/** Pure. A truncated file gives what its whole entries hold. */
export function findCookie(file: Buffer, displayNumber: number): Cookie {
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
    const [, number, name, data] = [field(), field(), field(), field()];
    if (number === undefined || name === undefined || data === undefined) break;
    const ours = family === FAMILY_LOCAL || family === FAMILY_WILD;
    if (ours && name === "MIT-MAGIC-COOKIE-1" && (number === "" || Number(number) === displayNumber)) {
      return { name, data };
    }
  }
  return NO_COOKIE;
}
