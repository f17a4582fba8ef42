import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CUT_TEXT_BYTES, RfbError, RfbFilter, type RfbRefusal, type RfbRole } from "./rfb-filter.ts";

const FULL: RfbRole = { input: true, resize: { widthPx: 3840, heightPx: 2160 }, clipboardIn: true, clipboardOut: true };
const VIEW: RfbRole = { input: false, resize: undefined, clipboardIn: false, clipboardOut: false };
const HANDSHAKE = Buffer.concat([Buffer.from("RFB 003.008\n"), Buffer.from([1, 1])]);

const u16 = (value: number) => [(value >> 8) & 0xff, value & 0xff];
const u32 = (value: number) => [...u16(value >>> 16), ...u16(value & 0xffff)];
const bytes = (...values: (number | readonly number[])[]) => Buffer.from(values.flat());

const message = {
  pixelFormat: () => bytes(0, 0, 0, 0, 32, 24, 0, 1, u16(255), u16(255), u16(255), 16, 8, 0, 0, 0, 0),
  encodings: (list: readonly number[]) => bytes(2, 0, u16(list.length), list.flatMap(u32)),
  /** What a viewer asks for before it may send extendedPointer. */
  buttons: () => message.encodings([16, -316]),
  update: () => bytes(3, 1, u16(0), u16(0), u16(640), u16(480)),
  key: (keysym: number) => bytes(4, 1, 0, 0, u32(keysym)),
  pointer: (mask: number) => bytes(5, mask & 0x7f, u16(10), u16(20)),
  extendedPointer: (mask: number) => bytes(5, 0x80 | (mask & 0x7f), u16(10), u16(20), mask >> 7),
  cutText: (text: Buffer) => Buffer.concat([bytes(6, 0, 0, 0, u32(text.length)), text]),
  extendedCutText: (data: Buffer) => Buffer.concat([bytes(6, 0, 0, 0, u32(-data.length)), data]),
  continuous: () => bytes(150, 1, u16(0), u16(0), u16(640), u16(480)),
  fence: (payload: Buffer) => Buffer.concat([bytes(248, 0, 0, 0, u32(0x80000000), payload.length), payload]),
  size: (width: number, height: number) =>
    bytes(251, 0, u16(width), u16(height), 1, 0, u32(0), u16(0), u16(0), u16(width), u16(height), u32(0)),
  qemuKey: () => bytes(255, 0, u16(1), u32(97), u32(30)),
};

/** What a filter of this role passes on, when the stream comes in pieces of these lengths, over and over. */
function filtered(role: RfbRole, stream: Uint8Array, pieces: readonly number[] = [stream.length || 1]) {
  const out: Buffer[] = [];
  const filter = new RfbFilter(role, (piece) => out.push(Buffer.from(piece)));
  for (let at = 0, turn = 0; at < stream.length; turn += 1) {
    const length = pieces[turn % pieces.length] ?? 1;
    filter.push(stream.subarray(at, at + length));
    at += length;
  }
  return { passed: Buffer.concat(out), dropped: filter.dropped };
}

function refusalOf(role: RfbRole, stream: Uint8Array): RfbRefusal | undefined {
  try {
    filtered(role, stream);
  } catch (error) {
    if (error instanceof RfbError) return error.reason;
    throw error;
  }
  return undefined;
}

const afterHandshake = (...messages: readonly Buffer[]) => Buffer.concat([HANDSHAKE, ...messages]);

const blob = (max: number) => fc.uint8Array({ maxLength: max }).map((array) => Buffer.from(array));
const side = fc.integer({ min: 64, max: 2160 });
/** Messages that everybody may send, and those that only hands send. */
const seen = fc.oneof(
  fc.constant(message.pixelFormat()),
  // Those in between are of no watcher: Tight, Hextile, JPEG, H.264, the extended clipboard, QEMU's keys.
  fc
    .array(fc.constantFrom(0, 1, 16, -23, -32, -223, -239, -247, -308, 7, 5, 21, 50, 0xc0a1e5ce | 0, -258), {
      maxLength: 40,
    })
    .map((list) => message.encodings([...list, -316])),
  fc.constant(message.update()),
  fc.constant(message.continuous()),
  blob(64).map(message.fence),
);
const felt = fc.oneof(
  fc.nat(0xffffffff).map(message.key),
  fc.nat(0x7f).map(message.pointer),
  fc.nat(0x1ff).map(message.extendedPointer),
  blob(300).map(message.cutText),
  fc.uint8Array({ minLength: 4, maxLength: 300 }).map((array) => message.extendedCutText(Buffer.from(array))),
  fc.tuple(side, side).map(([width, height]) => message.size(width, height)),
  fc.constant(message.qemuKey()),
);
/** Extended buttons are asked for first. */
const stream = fc
  .array(
    fc.oneof(
      seen.map((data) => ({ data, hands: false })),
      felt.map((data) => ({ data, hands: true })),
    ),
    { maxLength: 40 },
  )
  .map((messages) => [{ data: message.buttons(), hands: false }, ...messages]);
const pieces = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 });

/** What of these messages a watcher's filter passes, as the rules say it: the picture, its size of pixels before it is asked for. */
function watched(messages: readonly Buffer[]): Buffer[] {
  const asked = messages.findIndex((data) => data[0] === 3 || data[0] === 150);
  return messages.flatMap((data, index) => {
    if (data[0] === 0) return asked >= 0 && index > asked ? [] : [data];
    if (data[0] === 3 || data[0] === 150 || data[0] === 248) return [data];
    if (data[0] !== 2) return [];
    const list = Array.from({ length: data.readUInt16BE(2) }, (_, at) => data.readInt32BE(4 + 4 * at));
    return [message.encodings(list.filter((one) => [0, 1, 16, -23, -32, -223, -239, -247, -308].includes(one)))];
  });
}

describe("in whatever pieces the stream comes", () => {
  test("full access passes everything on, byte for byte", () => {
    fc.assert(
      fc.property(stream, pieces, (messages, lengths) => {
        const sent = afterHandshake(...messages.map(({ data }) => data));
        expect(filtered(FULL, sent, lengths)).toEqual({ passed: sent, dropped: 0 });
      }),
    );
  });

  test("view-only passes what asks for the picture, and not one byte of a hand's messages", () => {
    fc.assert(
      fc.property(stream, pieces, (messages, lengths) => {
        const sent = afterHandshake(...messages.map(({ data }) => data));
        const allowed = watched(messages.map(({ data }) => data));
        const { passed } = filtered(VIEW, sent, lengths);
        expect(passed).toEqual(afterHandshake(...allowed));
      }),
    );
  });

  test("garbage ends with an RfbError or passes as messages, the same way in every cut", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), pieces, (garbage, lengths) => {
        const sent = afterHandshake(Buffer.from(garbage));
        const outcome = (cut?: readonly number[]) => {
          try {
            return filtered(VIEW, sent, cut).passed.toString("hex");
          } catch (error) {
            if (!(error instanceof RfbError)) throw error;
            return error.reason;
          }
        };
        expect(outcome(lengths)).toBe(outcome());
      }),
    );
  });
});

describe("a viewer that leaves", () => {
  const leave = (role: RfbRole, ...messages: readonly Buffer[]) => {
    const filter = new RfbFilter(role, () => undefined);
    filter.push(afterHandshake(...messages));
    return filter.release();
  };

  test("lets go of the buttons it holds, where its pointer is", () => {
    expect(leave(FULL, message.pointer(5), message.update())).toEqual(message.pointer(0));
    expect(leave(FULL, message.buttons(), message.extendedPointer(0x101))).toEqual(message.pointer(0));
  });

  test("has nothing to let go of when it holds none, may hold none, or breaks off in a message", () => {
    expect(leave(FULL, message.pointer(1), message.pointer(0))).toBeUndefined();
    expect(leave(VIEW, message.pointer(1))).toBeUndefined();
    expect(leave(FULL, message.pointer(1), message.cutText(Buffer.alloc(9)).subarray(0, 10))).toBeUndefined();
  });
});

describe("the handshake", () => {
  test("passes on, and is always shared", () => {
    const alone = Buffer.concat([HANDSHAKE.subarray(0, 13), Buffer.from([0])]);
    expect(filtered(FULL, alone, [1]).passed).toEqual(HANDSHAKE);
  });

  test.each([
    ["another version", Buffer.from("RFB 003.003\n"), "version"],
    ["no RFB at all", Buffer.from("GET / HTTP/1.1\r\n"), "version"],
    ["a password's security type", Buffer.from("RFB 003.008\n\u0002"), "security"],
  ] as const)("ends with %s", (_what, sent, reason) => {
    expect(refusalOf(FULL, sent)).toBe(reason);
  });
});

describe("what no viewer sends", () => {
  test.each([
    ["an unknown type", bytes(77), "unknown-message"],
    ["xvp, which shuts machines down", bytes(250, 0, 1, 2), "unknown-message"],
    ["gii", bytes(253, 0, 0, 0), "unknown-message"],
    ["QEMU's audio", bytes(255, 1, 0, 0), "unknown-message"],
    ["a clipboard text that is too long", bytes(6, 0, 0, 0, u32(CUT_TEXT_BYTES + 1)), "too-long"],
    ["an extended clipboard message that is too long", bytes(6, 0, 0, 0, u32(-CUT_TEXT_BYTES - 1)), "too-long"],
    ["the most negative length", bytes(6, 0, 0, 0, u32(0x80000000)), "too-long"],
    ["an extended clipboard message without flags", bytes(6, 0, 0, 0, u32(-3)), "unknown-message"],
    ["sixty thousand encodings", bytes(2, 0, u16(60_000)), "too-long"],
    ["a fence beyond its payload", bytes(248, 0, 0, 0, u32(0), 65), "too-long"],
    ["two hundred screens", bytes(251, 0, u16(640), u16(480), 200, 0), "too-long"],
  ] as const)("%s is refused, for full access and for view-only", (_what, sent, reason) => {
    expect(refusalOf(FULL, afterHandshake(sent))).toBe(reason);
    expect(refusalOf(VIEW, afterHandshake(sent))).toBe(reason);
  });

  test("a size beyond what a desktop may have is dropped, and the stream goes on", () => {
    const sent = afterHandshake(
      message.size(60_000, 60_000),
      message.size(10, 10),
      message.size(3842, 600),
      message.update(),
    );
    expect(filtered(FULL, sent)).toEqual({ passed: afterHandshake(message.update()), dropped: 3 });
  });

  test("a desktop that keeps its size takes no other one, and its keys still pass", () => {
    const sent = afterHandshake(message.size(800, 600), message.key(97));
    const { passed, dropped } = filtered({ ...FULL, resize: undefined }, sent);
    expect({ passed, dropped }).toEqual({ passed: afterHandshake(message.key(97)), dropped: 1 });
  });

  test.each([
    ["was never asked for", message.update()],
    ["is not asked for any more", Buffer.concat([message.buttons(), message.encodings([16])])],
    ["is half asked for", message.encodings([0x00fffffe, 0xc4000000 | 0])],
  ])("a pointer's seventh byte that %s is another message, to the filter as to the X server", (_what, before) => {
    // The byte that looks like the pointer's is the type of a message for which the connection ends.
    const sent = afterHandshake(before, bytes(5, 0x80, u16(1), u16(1), 77));
    for (const role of [FULL, VIEW]) expect(refusalOf(role, sent)).toBe("unknown-message");
    expect(refusalOf(FULL, afterHandshake(message.buttons(), bytes(5, 0x80, u16(1), u16(1), 77)))).toBeUndefined();
  });

  test("a message hidden inside a dropped one stays hidden", () => {
    const sent = afterHandshake(
      message.cutText(Buffer.concat([message.key(97), message.pointer(1)])),
      message.update(),
    );
    expect(filtered(VIEW, sent, [3]).passed).toEqual(afterHandshake(message.update()));
  });
});

describe("a clipboard that goes one way alone", () => {
  const EXTENDED = 0xc0a1e5ce | 0;
  const asked = message.encodings([7, 16, EXTENDED, -239]);
  const text = message.cutText(Buffer.from("mine"));

  test("out: the viewer's text stays outside, and the extended clipboard is not agreed on", () => {
    const { passed, dropped } = filtered({ ...FULL, clipboardIn: false }, afterHandshake(asked, text, message.key(97)));
    expect(passed).toEqual(afterHandshake(message.encodings([7, 16, -239]), message.key(97)));
    expect(dropped).toBe(1);
  });

  test("in: the viewer's text passes, and only encodings that can be told from the desktop's", () => {
    const { passed } = filtered({ ...FULL, clipboardOut: false }, afterHandshake(asked, text, message.key(97)));
    expect(passed).toEqual(afterHandshake(message.encodings([16, -239]), text, message.key(97)));
  });
});
