import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Codec, createCodec, type Message, type MessageTable } from "./codec.ts";
import { FEEDBACK, feedbackCodec } from "./feedback.ts";
import { bytes, type Field, flag, ProtocolError, u8 } from "./field.ts";
import { INPUT, inputCodec } from "./input.ts";
import { LIMITS } from "./limits.ts";
import { SOCKET_MEDIA, socketMediaCodec, SOCKET_VIEWER, socketViewerCodec } from "./socket.ts";

/** Fields whose values stand as hexadecimal digits in the vectors. */
const BYTES = new Set(["rgba", "data", "message", "text"]);

interface Vector {
  readonly hex: string;
  readonly message: Record<string, unknown> & { type: string };
}

function vectors(name: string): Vector[] {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8")) as Vector[];
}

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

function arbitraryField(field: Field): fc.Arbitrary<unknown> {
  if (field.kind === "bytes") return fc.uint8Array({ maxLength: Math.min(field.maxBytes, 64) });
  if (field.kind === "flag") return fc.boolean();
  return fc.integer({ min: field.min, max: field.max });
}

function arbitraryMessage<T extends MessageTable>(table: T): fc.Arbitrary<Message<T>> {
  const kinds = Object.entries(table).map(([type, { fields }]) =>
    fc.record({
      type: fc.constant(type),
      ...Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, arbitraryField(field)])),
    }),
  );
  return fc.oneof(...kinds) as unknown as fc.Arbitrary<Message<T>>;
}

function behavesLikeACodec<T extends MessageTable>(name: string, table: T, codec: Codec<T>, maxBytes: number): void {
  describe(name, () => {
    const golden = vectors(name);

    it("has a golden vector for every message of its table", () => {
      expect(new Set(golden.map(({ message }) => message.type))).toEqual(new Set(Object.keys(table)));
    });

    it.each(golden)("encodes $message.type to its golden bytes and back", ({ hex, message }) => {
      const value = Object.fromEntries(
        Object.entries(message).map(([key, item]) => [key, BYTES.has(key) ? fromHex(item as string) : item]),
      ) as unknown as Message<T>;
      expect(Buffer.from(codec.encode(value)).toString("hex")).toBe(hex);
      expect(codec.decode(fromHex(hex))).toEqual(value);
    });

    it("decodes what it encoded, for every message", () => {
      fc.assert(
        fc.property(arbitraryMessage(table), (message) => {
          expect(codec.decode(codec.encode(message))).toEqual(message);
        }),
      );
    });

    it("answers any bytes with a message or a ProtocolError", () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 80 }), (datagram) => {
          try {
            codec.decode(datagram);
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
        }),
        { numRuns: 2000 },
      );
    });

    it("refuses every message with a byte missing", () => {
      fc.assert(
        fc.property(arbitraryMessage(table), (message) => {
          const datagram = codec.encode(message);
          const open = Object.values(table[message.type]?.fields ?? {}).some((field) => field.kind === "bytes");
          if (!open) expect(() => codec.decode(datagram.subarray(0, -1))).toThrow(ProtocolError);
        }),
      );
    });

    it("refuses a datagram beyond its limit", () => {
      expect(() => codec.decode(new Uint8Array(maxBytes + 1))).toThrow(ProtocolError);
    });
  });
}

behavesLikeACodec("input", INPUT, inputCodec, LIMITS.inputBytes);
behavesLikeACodec("feedback", FEEDBACK, feedbackCodec, LIMITS.feedbackBytes);
behavesLikeACodec("socket-media", SOCKET_MEDIA, socketMediaCodec, LIMITS.socketMediaBytes + 64);
behavesLikeACodec("socket-viewer", SOCKET_VIEWER, socketViewerCodec, LIMITS.socketInputBytes);

describe("createCodec", () => {
  it("refuses a table in which two messages share a type", () => {
    const table = { a: { type: 1, doc: "", fields: {} }, b: { type: 1, doc: "", fields: {} } };
    expect(() => createCodec(table, 8)).toThrow("share type 1");
  });

  it("refuses a table in which bytes are not last", () => {
    const table = { a: { type: 1, doc: "", fields: { tail: bytes("", 4), more: u8("") } } };
    expect(() => createCodec(table, 8)).toThrow("must be last");
  });

  it("refuses a flag that is neither 0 nor 1", () => {
    const codec = createCodec({ a: { type: 1, doc: "", fields: { on: flag("") } } }, 8);
    expect(() => codec.decode(Uint8Array.of(1, 2))).toThrow("2 is not a flag");
  });

  it("refuses to encode a value outside its range", () => {
    expect(() =>
      inputCodec.encode({ type: "button", sequence: 1, epoch: 0, x: 0, y: 0, button: 10, pressed: true }),
    ).toThrow(RangeError);
  });
});
