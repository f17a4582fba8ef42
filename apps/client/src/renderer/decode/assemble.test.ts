import { expect, it } from "vitest";
import { Assembler, Gate, type VideoPart } from "./assemble.ts";

function part(frame: number, data: number[], place: "whole" | "first" | "middle" | "last"): VideoPart {
  return {
    type: "video",
    frame,
    sentMs: 0,
    codec: 4,
    chroma444: false,
    keyframe: frame === 1,
    first: place === "whole" || place === "first",
    last: place === "whole" || place === "last",
    widthPx: 64,
    heightPx: 64,
    data: Uint8Array.from(data),
  };
}

it("puts the parts of a picture together, and names its codec", () => {
  const assembler = new Assembler();
  expect(assembler.take(part(1, [1], "first"), 10)).toBeUndefined();
  expect(assembler.take(part(1, [2, 3], "middle"), 11)).toBeUndefined();
  const whole = assembler.take(part(1, [4], "last"), 12);
  expect(whole).toMatchObject({ frame: 1, codec: "vp9", keyframe: true, arrivedMs: 12 });
  expect([...(whole?.data ?? [])]).toEqual([1, 2, 3, 4]);
});

it("gives no picture whose beginning is missing, and none of two mixed", () => {
  const assembler = new Assembler();
  expect(assembler.take(part(2, [1], "last"), 0)).toBeUndefined();
  assembler.take(part(3, [1], "first"), 0);
  expect(assembler.take(part(4, [2], "last"), 0)).toBeUndefined();
  assembler.take(part(5, [1], "first"), 0);
  assembler.take(part(6, [7], "first"), 0);
  expect([...(assembler.take(part(6, [8], "last"), 0)?.data ?? [])]).toEqual([7, 8]);
});

it("lets nothing through before a keyframe, and asks for one once", () => {
  const gate = new Gate();
  expect([gate.judge(false, 0), gate.judge(false, 0)]).toEqual(["ask", "skip"]);
  expect([gate.judge(true, 0), gate.judge(false, 1)]).toEqual(["decode", "decode"]);
});

it("asks once after a decoder's failure, until a keyframe comes", () => {
  const gate = new Gate();
  gate.judge(true, 0);
  expect(gate.fail()).toBe(true);
  expect(gate.fail()).toBe(false);
  expect(gate.judge(false, 0)).toBe("skip");
  expect(gate.judge(true, 0)).toBe("decode");
  expect(gate.fail()).toBe(true);
});

it("gives up what waits when a keyframe comes, and when the decoder does not keep up", () => {
  const gate = new Gate();
  gate.judge(true, 0);
  expect(gate.judge(true, 5)).toBe("restart");
  expect(gate.judge(false, 24)).toBe("decode");
  expect(gate.judge(false, 25)).toBe("ask");
  expect(gate.judge(false, 3)).toBe("skip");
});
