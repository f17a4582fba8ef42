// The bytes of Linux' `struct input_event` and `struct js_event`, in the machine's order (little-endian), which are what programs
// read from /dev/input/eventN and jsN. Pure. Used by `pad-node.ts`.

import type { InputRecord } from "../input/pad-types.ts";

/** sizeof(long) of the program: its `struct input_event` begins with two of them, seconds and microseconds. */
export type WordBytes = 4 | 8;

export interface Time {
  readonly seconds: number;
  readonly microseconds: number;
}

export const eventBytes = (word: WordBytes): number => 2 * word + 8;

/** One report. */
export function encodeEvents(records: readonly InputRecord[], time: Time, word: WordBytes): Buffer {
  const size = eventBytes(word);
  const data = Buffer.alloc(records.length * size);
  for (const [index, { type, code, value }] of records.entries()) {
    const at = index * size;
    // The upper halves of 64-bit words stay 0 until 2106.
    data.writeUInt32LE(time.seconds, at);
    data.writeUInt32LE(time.microseconds, at + word);
    data.writeUInt16LE(type, at + 2 * word);
    data.writeUInt16LE(code, at + 2 * word + 2);
    data.writeInt32LE(value, at + 2 * word + 4);
  }
  return data;
}

/** The whole events at the beginning of `data`. */
export function decodeEvents(data: Buffer, word: WordBytes): InputRecord[] {
  const size = eventBytes(word);
  return Array.from({ length: Math.floor(data.length / size) }, (_, index) => {
    const at = index * size + 2 * word;
    return { type: data.readUInt16LE(at), code: data.readUInt16LE(at + 2), value: data.readInt32LE(at + 4) };
  });
}

/** linux/joystick.h */
const JS = { BUTTON: 0x01, AXIS: 0x02, INIT: 0x80, BYTES: 8 } as const;

export interface JsRecord {
  readonly kind: "button" | "axis";
  readonly number: number;
  readonly value: number;
}

/** `initial`: how things stand when the pad is opened, and no change. */
export function encodeJsEvents(records: readonly JsRecord[], timeMs: number, initial: boolean): Buffer {
  const data = Buffer.alloc(records.length * JS.BYTES);
  for (const [index, { kind, number, value }] of records.entries()) {
    const at = index * JS.BYTES;
    data.writeUInt32LE(timeMs >>> 0, at);
    data.writeInt16LE(value, at + 4);
    data.writeUInt8((kind === "button" ? JS.BUTTON : JS.AXIS) | (initial ? JS.INIT : 0), at + 6);
    data.writeUInt8(number, at + 7);
  }
  return data;
}
