import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { CodedPicture } from "./assemble.ts";
import { PictureDecoder } from "./decoder.ts";

/** What WebCodecs throws at once, by call. */
let throws: { configure?: Error; decode?: Error };
let failures: { why: string; useless: boolean }[];
let decoded: number[];

class Decoder {
  state = "unconfigured";
  readonly #output: (frame: { timestamp: number }) => void;
  constructor({ output }: { output: (frame: { timestamp: number }) => void }) {
    this.#output = output;
  }
  configure(): void {
    if (throws.configure) throw throws.configure;
    this.state = "configured";
  }
  decode({ timestamp }: { timestamp: number }): void {
    if (throws.decode) throw throws.decode;
    this.#output({ timestamp });
  }
  close(): void {
    if (this.state === "closed") throw new Error("closed twice");
    this.state = "closed";
  }
}

class Chunk {
  readonly timestamp: number;
  constructor({ timestamp }: { timestamp: number }) {
    this.timestamp = timestamp;
  }
}

beforeEach(() => {
  [throws, failures, decoded] = [{}, [], []];
  vi.stubGlobal("VideoDecoder", Decoder);
  vi.stubGlobal("EncodedVideoChunk", Chunk);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const open = () =>
  new PictureDecoder({
    onFrame: (frame) => void decoded.push(frame.timestamp),
    onFailed: (why, useless) => void failures.push({ why, useless }),
  });

function keyframe(frame: number): CodedPicture {
  const data = Uint8Array.from([0, 0, 1, 0x67, 0x64, 0, 0x2a, 0xac, 0xd9]);
  return { frame, codec: "h264", keyframe: true, widthPx: 64, heightPx: 64, data, arrivedMs: 0 };
}

it.each(["configure", "decode"] as const)("takes what %s throws for a picture that can't be decoded", (call) => {
  const decoder = open();
  throws[call] = new TypeError("odd");
  decoder.decode(keyframe(1));
  expect(failures).toEqual([{ why: "TypeError: odd", useless: false }]);
  expect(decoder.queued).toBe(0);
  throws = {};
  decoder.decode(keyframe(2));
  expect(decoded).toEqual([2]);
  expect(failures).toHaveLength(1);
});

it("is useless only when it throws again and again, with no picture between", () => {
  const decoder = open();
  throws.decode = new TypeError("odd");
  for (let frame = 1; frame <= 3; frame += 1) decoder.decode(keyframe(frame));
  throws = {};
  decoder.decode(keyframe(4));
  throws.decode = new TypeError("odd");
  for (let frame = 5; frame <= 8; frame += 1) decoder.decode(keyframe(frame));
  expect(failures.map(({ useless }) => useless)).toEqual([false, false, false, false, false, false, true]);
});
