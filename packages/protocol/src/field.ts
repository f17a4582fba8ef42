// The few kinds of field that a binary message is made of. All numbers are big-endian (network order).
// Used by `codec.ts`, which turns a table of messages into an encoder and a decoder.

/** A message that no honest peer of this version sends. The session that sent it is closed with `protocol-error`. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** A number field: its size on the wire and the closed range of its values. */
export interface NumberField {
  readonly kind: "number";
  readonly wire: "u8" | "u16" | "u32" | "i16" | "i32";
  readonly min: number;
  readonly max: number;
  readonly doc: string;
}

/** A boolean field: one byte, 0 or 1. */
export interface FlagField {
  readonly kind: "flag";
  readonly doc: string;
}

/** The rest of the message as bytes. Only the last field of a message may be of this kind. */
export interface BytesField {
  readonly kind: "bytes";
  readonly maxBytes: number;
  readonly doc: string;
}

export type Field = NumberField | FlagField | BytesField;

export type FieldValue<F extends Field> = F extends NumberField ? number : F extends FlagField ? boolean : Uint8Array;

const RANGE = {
  u8: [0, 0xff],
  u16: [0, 0xffff],
  u32: [0, 0xffff_ffff],
  i16: [-0x8000, 0x7fff],
  i32: [-0x8000_0000, 0x7fff_ffff],
} as const;

export const WIRE_BYTES = { u8: 1, u16: 2, u32: 4, i16: 2, i32: 4 } as const;

function number(wire: NumberField["wire"]) {
  return (doc: string, min: number = RANGE[wire][0], max: number = RANGE[wire][1]): NumberField => ({
    kind: "number",
    wire,
    min,
    max,
    doc,
  });
}

export const u8 = number("u8");
export const u16 = number("u16");
export const u32 = number("u32");
export const i16 = number("i16");
export const i32 = number("i32");
export const flag = (doc: string): FlagField => ({ kind: "flag", doc });
export const bytes = (doc: string, maxBytes: number): BytesField => ({ kind: "bytes", doc, maxBytes });

/** Writes one field at `offset` and returns the offset behind it. Throws RangeError for a value outside its range. */
export function writeField(view: DataView, offset: number, name: string, field: Field, value: unknown): number {
  if (field.kind === "bytes") {
    if (!(value instanceof Uint8Array) || value.byteLength > field.maxBytes) throw new RangeError(`${name}: bytes`);
    new Uint8Array(view.buffer, view.byteOffset + offset, value.byteLength).set(value);
    return offset + value.byteLength;
  }
  if (field.kind === "flag") {
    if (typeof value !== "boolean") throw new RangeError(`${name}: not a boolean`);
    view.setUint8(offset, value ? 1 : 0);
    return offset + 1;
  }
  if (typeof value !== "number" || !Number.isInteger(value) || value < field.min || value > field.max) {
    throw new RangeError(`${name}: ${String(value)} is outside ${field.min}..${field.max}`);
  }
  switch (field.wire) {
    case "u8":
      view.setUint8(offset, value);
      break;
    case "u16":
      view.setUint16(offset, value);
      break;
    case "u32":
      view.setUint32(offset, value);
      break;
    case "i16":
      view.setInt16(offset, value);
      break;
    case "i32":
      view.setInt32(offset, value);
      break;
  }
  return offset + WIRE_BYTES[field.wire];
}

/** Reads one field at `offset`. Throws ProtocolError for anything out of its range. The caller checks the length. */
export function readField(view: DataView, offset: number, name: string, field: Field): number | boolean | Uint8Array {
  if (field.kind === "bytes") {
    const length = view.byteLength - offset;
    if (length > field.maxBytes) throw new ProtocolError(`${name}: ${length} bytes, at most ${field.maxBytes}`);
    return new Uint8Array(view.buffer, view.byteOffset + offset, length);
  }
  if (field.kind === "flag") {
    const value = view.getUint8(offset);
    if (value > 1) throw new ProtocolError(`${name}: ${value} is not a flag`);
    return value === 1;
  }
  const value = readNumber(view, offset, field.wire);
  if (value < field.min || value > field.max) {
    throw new ProtocolError(`${name}: ${value} is outside ${field.min}..${field.max}`);
  }
  return value;
}

function readNumber(view: DataView, offset: number, wire: NumberField["wire"]): number {
  switch (wire) {
    case "u8":
      return view.getUint8(offset);
    case "u16":
      return view.getUint16(offset);
    case "u32":
      return view.getUint32(offset);
    case "i16":
      return view.getInt16(offset);
    case "i32":
      return view.getInt32(offset);
  }
}
