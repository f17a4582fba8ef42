import { EventEmitter } from "node:events";
import { setImmediate } from "node:timers/promises";
import { feedbackCodec } from "@eglantine/protocol/feedback";
import { LIMITS } from "@eglantine/protocol/limits";
import { expect, test } from "vitest";
import { createLog } from "../log.ts";
import type { XConnection } from "./client.ts";
import { type CursorLook, lookOf, XCursor } from "./cursor.ts";

/** The `a=max-message-size` of its offers. */
const CHROMIUM_MESSAGE_BYTES = 262_144;

function image(width: number, height: number, argb: readonly number[], hot = [0, 0]) {
  const cursorImage = Buffer.alloc(width * height * 4);
  for (const [index, pixel] of argb.entries()) cursorImage.writeUInt32LE(pixel >>> 0, index * 4);
  return { width, height, xhot: hot[0] ?? 0, yhot: hot[1] ?? 0, cursorSerial: 1, cursorImage };
}

function shapeOf(look: ReturnType<typeof lookOf>) {
  if (look.kind !== "shape") throw new Error("hidden");
  const message = feedbackCodec.decode(look.message);
  if (message.type !== "cursorShape") throw new Error(message.type);
  return message;
}

test("premultiplied colours become straight ones", () => {
  const { rgba } = shapeOf(lookOf(image(2, 1, [0x80402000, 0xff102030]), 3));
  expect([...rgba]).toEqual([128, 64, 0, 128, 16, 32, 48, 255]);
});

test("a colour above its alpha is no overflow", () => {
  expect([...shapeOf(lookOf(image(1, 1, [0x10ffffff]), 1)).rgba]).toEqual([255, 255, 255, 16]);
});

test("a cursor without a visible pixel is hidden, as is one without any", () => {
  expect(lookOf(image(1, 1, [0]), 1)).toEqual({ kind: "hidden" });
  expect(lookOf(image(16, 16, []), 1)).toEqual({ kind: "hidden" });
  expect(lookOf(image(0, 0, []), 1)).toEqual({ kind: "hidden" });
});

test("a cursor larger than the protocol takes is cut, its hot spot kept inside, and Chromium takes its message", () => {
  const side = LIMITS.cursorPx + 10;
  const white = Array.from({ length: side * side }, () => 0xffffffff);
  const look = lookOf(image(side, side, white, [side - 1, 3]), 1);
  const shape = shapeOf(look);
  expect(look.kind === "shape" ? look.message.length : 0).toBeLessThanOrEqual(CHROMIUM_MESSAGE_BYTES);
  expect([shape.widthPx, shape.heightPx, shape.hotXPx, shape.hotYPx]).toEqual([255, 255, 254, 3]);
});

interface Server {
  readonly cursor: XCursor;
  /** Says that the pointer has this picture now. */
  readonly notify: (cursorSerial: number) => void;
  /** What it answers, when it is asked for the picture. */
  answer: (give: (cursor: object) => void) => void;
}

async function server(answer: Server["answer"]): Promise<Server> {
  const events = new EventEmitter();
  const fixes = {
    SelectCursorInput: () => undefined,
    GetCursorImage: (give: (error: null, cursor: object) => void) => it.answer((cursor) => give(null, cursor)),
  };
  const connection = {
    root: 1,
    client: { pack_stream: { flush: () => undefined } },
    extension: async () => fixes,
    ask: async (request: (answer: (error: null, result: object) => void) => void, read: (result: object) => void) =>
      new Promise<void>((resolve) => {
        request((_, result) => {
          read(result);
          resolve();
        });
      }),
    onEvent: (listener: (event: object) => void) => void events.on("event", listener),
  };
  const cursor = new XCursor(createLog("silent"));
  const notify = (cursorSerial: number) => void events.emit("event", { name: "CursorNotify", cursorSerial });
  const it: Server = { cursor, notify, answer };
  await cursor.attach(connection as unknown as XConnection);
  return it;
}

const BLACK = image(1, 1, [0xff000000]);
const WHITE = { ...image(1, 1, [0xffffffff]), cursorSerial: 2 };

test("a viewer that comes after a late notice of the pointer is told its shape all the same", async () => {
  const { cursor, notify } = await server((give) => give(BLACK));
  const first: CursorLook[] = [];
  const unwatch = cursor.watch((look) => first.push(look));
  await expect.poll(() => first).toHaveLength(1);
  unwatch();
  notify(1);
  const next: CursorLook[] = [];
  cursor.watch((look) => next.push(look));
  await expect.poll(() => next).toEqual(first);
});

test("a picture that is read together with the notice of a newer one is not shown in its place", async () => {
  const x = await server((give) => give(BLACK));
  const looks: CursorLook[] = [];
  x.cursor.watch((look) => looks.push(look));
  await setImmediate();
  const [black] = looks;
  let giveWhite = (): void => undefined;
  x.answer = (give) => {
    giveWhite = () => give(WHITE);
  };
  x.notify(2);
  giveWhite();
  x.notify(1);
  await setImmediate();
  expect(looks.at(-1)).toBe(black);
  // It is known all the same.
  x.answer = () => expect.fail("asked for once more");
  x.notify(2);
  expect(looks.at(-1)).not.toBe(black);
});
