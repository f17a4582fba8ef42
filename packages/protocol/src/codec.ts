// Turns a TABLE of binary messages (`input.ts`, `feedback.ts`) into an encoder and a decoder.
// A message is one type byte and its fields in table order; see `field.ts`. One message is one datagram.

import { type Field, type FieldValue, ProtocolError, readField, WIRE_BYTES, writeField } from "./field.ts";

export interface MessageDefinition {
  /** First byte on the wire. */
  readonly type: number;
  readonly doc: string;
  readonly fields: Readonly<Record<string, Field>>;
}

export type MessageTable = Readonly<Record<string, MessageDefinition>>;

/** The message of a table as a value: its name in `type`, its fields beside it. */
export type Message<T extends MessageTable> = {
  [Name in keyof T & string]: { type: Name } & {
    -readonly [F in keyof T[Name]["fields"]]: FieldValue<T[Name]["fields"][F]>;
  };
}[keyof T & string];

export interface Codec<T extends MessageTable> {
  /** One datagram. Throws RangeError for a value outside its field's range: a bug of the caller. */
  encode(message: Message<T>): Uint8Array<ArrayBuffer>;
  /** Throws ProtocolError, and nothing else, for bytes that are no message of the table. */
  decode(datagram: Uint8Array): Message<T>;
}

interface Compiled {
  readonly name: string;
  readonly type: number;
  readonly fields: readonly (readonly [string, Field])[];
  /** Bytes of the type and all number and flag fields. */
  readonly fixedBytes: number;
  readonly open: boolean;
}

export function createCodec<T extends MessageTable>(table: T, maxBytes: number): Codec<T> {
  const byName = new Map<string, Compiled>();
  const byType = new Map<number, Compiled>();
  for (const [name, definition] of Object.entries(table)) {
    const compiled = compile(name, definition);
    if (byType.has(compiled.type)) throw new Error(`two messages share type ${compiled.type}`);
    byName.set(name, compiled);
    byType.set(compiled.type, compiled);
  }
  return {
    encode(message) {
      const compiled = byName.get(message.type);
      if (compiled === undefined) throw new RangeError(`no message ${message.type}`);
      const values = message as unknown as Record<string, unknown>;
      const tail = compiled.open ? lengthOf(values[compiled.fields.at(-1)?.[0] ?? ""]) : 0;
      const datagram = new Uint8Array(compiled.fixedBytes + tail);
      const view = new DataView(datagram.buffer);
      view.setUint8(0, compiled.type);
      let offset = 1;
      for (const [name, field] of compiled.fields) offset = writeField(view, offset, name, field, values[name]);
      return datagram;
    },
    decode(datagram) {
      const size = datagram.byteLength;
      if (size === 0) throw new ProtocolError("empty message");
      if (size > maxBytes) throw new ProtocolError(`${size} bytes, at most ${maxBytes}`);
      const view = new DataView(datagram.buffer, datagram.byteOffset, size);
      const compiled = byType.get(view.getUint8(0));
      if (compiled === undefined) throw new ProtocolError(`unknown message type ${view.getUint8(0)}`);
      if (compiled.open ? size < compiled.fixedBytes : size !== compiled.fixedBytes) {
        throw new ProtocolError(`${compiled.name}: ${size} bytes instead of ${compiled.fixedBytes}`);
      }
      const message: Record<string, unknown> = { type: compiled.name };
      let offset = 1;
      for (const [name, field] of compiled.fields) {
        message[name] = readField(view, offset, name, field);
        offset += field.kind === "number" ? WIRE_BYTES[field.wire] : 1;
      }
      return message as Message<T>;
    },
  };
}

function compile(name: string, definition: MessageDefinition): Compiled {
  const fields = Object.entries(definition.fields);
  let fixedBytes = 1;
  for (const [index, [fieldName, field]] of fields.entries()) {
    if (field.kind === "bytes" && index !== fields.length - 1) throw new Error(`${name}.${fieldName} must be last`);
    fixedBytes += field.kind === "number" ? WIRE_BYTES[field.wire] : field.kind === "flag" ? 1 : 0;
  }
  return { name, type: definition.type, fields, fixedBytes, open: fields.at(-1)?.[1].kind === "bytes" };
}

function lengthOf(value: unknown): number {
  return value instanceof Uint8Array ? value.byteLength : 0;
}
