// The little of D-Bus's wire format that a monitor needs: a method call of our own, and the messages that it is shown. PURE. What programs of
// the desktop send may be anything and of any size: of each message the beginning is kept, never more. Used by `dbus-monitor.ts`; what a message's
// body holds is read by `notifications/notification.ts`. https://dbus.freedesktop.org/doc/dbus-specification.html#message-protocol

/** What is no D-Bus message. */
export class DbusError extends Error {
  override readonly name = "DbusError";
}

export interface DbusMessage {
  /** 1: method call, 2: its answer, 3: error, 4: signal. */
  readonly type: number;
  readonly interface: string | undefined;
  readonly member: string | undefined;
  readonly error: string | undefined;
  readonly replySerial: number | undefined;
  readonly signature: string;
  /** Its beginning, where it is long. */
  readonly body: BodyReader;
}

/** Kept of one message, bytes: pictures stand behind the texts, and are not wanted. */
const KEPT_BYTES = 64 * 1024;
/** The specification's own bounds. */
const MESSAGE_MAX_BYTES = 128 * 1024 * 1024;
const HEADER_MAX_BYTES = 64 * 1024;
const FIXED_HEADER_BYTES = 16;

const FIELD = { interface: 2, member: 3, error: 4, replySerial: 5, signature: 8 } as const;

const aligned = (offset: number, boundary: number): number => Math.ceil(offset / boundary) * boundary;

/** Reads values one after the other. Throws DbusError beyond the end. */
export class BodyReader {
  readonly #bytes: Buffer;
  readonly #little: boolean;
  #at: number;

  constructor(bytes: Buffer, little: boolean, at = 0) {
    this.#bytes = bytes;
    this.#little = little;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  u8(): number {
    return this.#take(1).readUInt8();
  }

  u32(): number {
    this.align(4);
    const bytes = this.#take(4);
    return this.#little ? bytes.readUInt32LE() : bytes.readUInt32BE();
  }

  text(): string {
    const text = this.#take(this.u32()).toString("utf8");
    this.#take(1);
    return text;
  }

  signature(): string {
    const text = this.#take(this.u8()).toString("latin1");
    this.#take(1);
    return text;
  }

  align(boundary: number): void {
    this.#at = aligned(this.#at, boundary);
  }

  #take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new DbusError("a message ends too early");
    const part = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return part;
  }
}

/** Cuts what the bus sends into messages. */
export class MessageStream {
  readonly #onMessage: (message: DbusMessage) => void;
  #kept = Buffer.alloc(0);
  /** Of the message that is kept, bytes that are still to come and are not wanted. */
  #skipBytes = 0;

  constructor(onMessage: (message: DbusMessage) => void) {
    this.#onMessage = onMessage;
  }

  /** Throws DbusError for what is no message: nothing after it can be read. */
  take(chunk: Buffer): void {
    const skipped = Math.min(this.#skipBytes, chunk.length);
    this.#skipBytes -= skipped;
    this.#kept = Buffer.concat([this.#kept, chunk.subarray(skipped)]);
    for (;;) {
      const bytes = messageBytes(this.#kept);
      if (bytes === undefined) return;
      const wanted = Math.min(bytes, KEPT_BYTES);
      if (this.#kept.length < wanted) return;
      const message = readMessage(this.#kept.subarray(0, wanted));
      const there = Math.min(bytes, this.#kept.length);
      this.#skipBytes = bytes - there;
      this.#kept = this.#kept.subarray(there);
      this.#onMessage(message);
    }
  }
}

/** How long the message is that begins here; undefined: its header is not all there. */
function messageBytes(bytes: Buffer): number | undefined {
  if (bytes.length < FIXED_HEADER_BYTES) return undefined;
  const little = isLittle(bytes[0]);
  const u32 = (at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const headerBytes = aligned(FIXED_HEADER_BYTES + u32(12), 8);
  const all = headerBytes + u32(4);
  if (headerBytes > HEADER_MAX_BYTES || all > MESSAGE_MAX_BYTES) throw new DbusError("a message is too large");
  return all;
}

function isLittle(mark: number | undefined): boolean {
  if (mark !== 0x6c && mark !== 0x42) throw new DbusError("a message says no order of bytes");
  return mark === 0x6c;
}

function readMessage(bytes: Buffer): DbusMessage {
  const little = isLittle(bytes[0]);
  const header = new BodyReader(bytes, little, FIXED_HEADER_BYTES - 4);
  const end = header.u32() + FIXED_HEADER_BYTES;
  const fields = new Map<number, string | number>();
  while (header.at < end) {
    header.align(8);
    const code = header.u8();
    const kind = header.signature();
    if (kind === "s" || kind === "o") fields.set(code, header.text());
    else if (kind === "g") fields.set(code, header.signature());
    else if (kind === "u") fields.set(code, header.u32());
    else throw new DbusError("a header has a field of another kind");
  }
  const textOf = (code: number): string | undefined => {
    const value = fields.get(code);
    return typeof value === "string" ? value : undefined;
  };
  const replySerial = fields.get(FIELD.replySerial);
  return {
    type: bytes[1] ?? 0,
    interface: textOf(FIELD.interface),
    member: textOf(FIELD.member),
    error: textOf(FIELD.error),
    replySerial: typeof replySerial === "number" ? replySerial : undefined,
    signature: textOf(FIELD.signature) ?? "",
    body: new BodyReader(bytes.subarray(aligned(end, 8)), little),
  };
}

export interface MethodCall {
  readonly serial: number;
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  /** In this order; the second kind is a list of texts. */
  readonly values?: readonly (string | number | readonly string[])[];
}

/** A call with texts (s), lists of texts (as) and numbers (u). */
export function methodCall({ serial, values = [], ...names }: MethodCall): Buffer {
  const body = new Writer();
  let signature = "";
  for (const value of values) {
    if (typeof value === "string") {
      signature += "s";
      body.text(value);
    } else if (typeof value === "number") {
      signature += "u";
      body.u32(value);
    } else {
      signature += "as";
      const list = new Writer();
      for (const text of value) list.text(text);
      body.u32(list.bytes.length);
      body.raw(list.bytes);
    }
  }
  const fields = new Writer();
  const field = (code: number, kind: string, text: string): void => {
    fields.align(8);
    fields.raw(Buffer.from([code]));
    fields.signature(kind);
    if (kind === "g") fields.signature(text);
    else fields.text(text);
  };
  field(1, "o", names.path);
  field(FIELD.interface, "s", names.interface);
  field(FIELD.member, "s", names.member);
  field(6, "s", names.destination);
  if (signature !== "") field(FIELD.signature, "g", signature);
  const head = new Writer();
  // Little endian, a method call, without flags, version 1.
  head.raw(Buffer.from([0x6c, 1, 0, 1]));
  head.u32(body.bytes.length);
  head.u32(serial);
  head.u32(fields.bytes.length);
  head.raw(fields.bytes);
  head.align(8);
  return Buffer.concat([head.bytes, body.bytes]);
}

class Writer {
  bytes = Buffer.alloc(0);

  align(boundary: number): void {
    this.raw(Buffer.alloc(aligned(this.bytes.length, boundary) - this.bytes.length));
  }

  u32(value: number): void {
    this.align(4);
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    this.raw(bytes);
  }

  text(value: string): void {
    const bytes = Buffer.from(`${value}\0`, "utf8");
    this.u32(bytes.length - 1);
    this.raw(bytes);
  }

  signature(value: string): void {
    this.raw(Buffer.from([value.length]));
    this.raw(Buffer.from(`${value}\0`, "latin1"));
  }

  raw(bytes: Uint8Array): void {
    this.bytes = Buffer.concat([this.bytes, bytes]);
  }
}
