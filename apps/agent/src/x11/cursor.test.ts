import { EventEmitter } from "node:events";
import { feedbackCodec } from "@eglantine/protocol/feedback";
import { LIMITS } from "@eglantine/protocol/limits";
import { expect, test, vi } from "vitest";
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

test("a viewer that comes after a late notice of the pointer is told its shape all the same", async () => {
  const events = new EventEmitter();
  const fixes = {
    SelectCursorInput: () => undefined,
    GetCursorImage: (answer: (error: null, cursor: object) => void) => answer(null, image(1, 1, [0xff000000])),
  };
  const connection = {
    root: 1,
    client: { pack_stream: { flush: () => undefined } },
    extension: async () => fixes,
    ask: (request: (answer: (error: null, result: unknown) => void) => void) =>
      new Promise((resolve) => request((_, result) => resolve(result))),
    onEvent: (listener: (event: object) => void) => void events.on("event", listener),
  };
  const cursor = new XCursor(createLog("silent"));
  await cursor.attach(connection as unknown as XConnection);
  const first: CursorLook[] = [];
  const unwatch = cursor.watch((look) => first.push(look));
  await vi.waitFor(() => expect(first).toHaveLength(1));
  unwatch();
  events.emit("event", { name: "CursorNotify", cursorSerial: 1 });
  const next: CursorLook[] = [];
  cursor.watch((look) => next.push(look));
  await vi.waitFor(() => expect(next).toEqual(first));
});
