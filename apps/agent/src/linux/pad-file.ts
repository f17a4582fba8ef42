// What a gamepad is and what it is doing now, as bytes: the file that the interposer answers ioctls from. Pure. Its layout is
// `struct pad_file` of image/gamepad/pad_file.h; written by `pad-tree.ts`.

import { EV, GAMEPAD } from "../input/gamepad.ts";
import type { InputRecord } from "../input/pad-types.ts";

const MAGIC = 0x3150_4745;
/** Where each part begins, bytes. */
const AT = {
  magic: 0,
  size: 4,
  id: 8,
  name: 16,
  phys: 80,
  types: 144,
  keys: 152,
  axes: 248,
  force: 256,
  held: 272,
  axis: 368,
  jsCounts: 1904,
  jsAxis: 1912,
  jsButton: 1976,
  changes: 2232,
  end: 2236,
} as const;
/** `struct input_absinfo`: value, minimum, maximum, fuzz, flat, resolution. */
const AXIS_BYTES = 24;

export function createPadFile(phys: string): Buffer {
  const file = Buffer.alloc(AT.end);
  file.writeUInt32LE(MAGIC, AT.magic);
  file.writeUInt32LE(AT.end, AT.size);
  for (const [index, part] of [GAMEPAD.bus, GAMEPAD.vendor, GAMEPAD.product, GAMEPAD.version].entries()) {
    file.writeUInt16LE(part, AT.id + 2 * index);
  }
  file.write(GAMEPAD.name, AT.name);
  file.write(phys, AT.phys);
  for (const type of Object.values(EV)) setBit(file, AT.types, type, true);
  for (const key of GAMEPAD.keys) setBit(file, AT.keys, key, true);
  for (const effect of GAMEPAD.force) setBit(file, AT.force, effect, true);
  for (const { code, minimum, maximum, fuzz, flat } of GAMEPAD.axes) {
    setBit(file, AT.axes, code, true);
    for (const [index, value] of [0, minimum, maximum, fuzz, flat].entries()) {
      file.writeInt32LE(value, AT.axis + code * AXIS_BYTES + 4 * index);
    }
  }
  file.writeUInt32LE(GAMEPAD.axes.length, AT.jsCounts);
  file.writeUInt32LE(GAMEPAD.keys.length, AT.jsCounts + 4);
  for (const [index, { code }] of GAMEPAD.axes.entries()) file.writeUInt8(code, AT.jsAxis + index);
  for (const [index, key] of GAMEPAD.keys.entries()) file.writeUInt16LE(key, AT.jsButton + 2 * index);
  return file;
}

/** Writes into it what has changed. */
export function updatePadFile(file: Buffer, records: readonly InputRecord[]): void {
  file.writeUInt32LE((changesOf(file) + 1) >>> 0, AT.changes);
  for (const { type, code, value } of records) {
    if (type === EV.KEY) setBit(file, AT.held, code, value !== 0);
    else if (type === EV.ABS) file.writeInt32LE(value, AT.axis + code * AXIS_BYTES);
  }
}

/** How often it was written into. */
export const changesOf = (file: Buffer): number => file.readUInt32LE(AT.changes);

function setBit(file: Buffer, at: number, bit: number, on: boolean): void {
  const place = at + (bit >> 3);
  const mask = 1 << (bit & 7);
  const byte = file.readUInt8(place);
  file.writeUInt8(on ? byte | mask : byte & ~mask, place);
}
