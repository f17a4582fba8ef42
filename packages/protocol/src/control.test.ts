import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AGENT_CONTROL, parseAgentControl, parseViewerControl, VIEWER_CONTROL } from "./control.ts";
import { ProtocolError } from "./field.ts";
import { LIMITS } from "./limits.ts";

describe("control messages", () => {
  it("keep their fields through JSON", () => {
    const hello = { type: "hello", version: { major: 1, minor: 0 }, client: "test 1", user: "user", password: "ö€" };
    expect(parseViewerControl(JSON.stringify(hello))).toEqual(hello);
  });

  it("lose fields that the table does not know", () => {
    const frame = JSON.stringify({ type: "display", widthPx: 800, heightPx: 600, depth: 30 });
    expect(parseViewerControl(frame)).toEqual({ type: "display", widthPx: 800, heightPx: 600 });
  });

  it.each([
    "",
    "{",
    "null",
    "[]",
    "7",
    '{"type":7}',
    '{"type":"nothing"}',
    '{"type":"constructor"}',
    '{"type":"offer"}',
  ])("refuse %j", (frame) => {
    expect(() => parseViewerControl(frame)).toThrow(ProtocolError);
  });

  it("refuse a display outside the limits", () => {
    for (const widthPx of [LIMITS.displayMinPx - 1, LIMITS.displayMaxPx + 1, 800.5, -800, Number.NaN]) {
      const frame = JSON.stringify({ type: "display", widthPx, heightPx: 600 });
      expect(() => parseViewerControl(frame)).toThrow(ProtocolError);
    }
  });

  it("take a scale in quarters, and refuse any other", () => {
    const frame = (scale: unknown) => JSON.stringify({ type: "display", widthPx: 800, heightPx: 600, scale });
    for (const scale of [0.5, 1, 1.25, 2.75, 4]) expect(parseViewerControl(frame(scale))).toMatchObject({ scale });
    for (const scale of [0.25, 4.25, 1.1, 0, -1, 1e9, "2", null, [2]]) {
      expect(() => parseViewerControl(frame(scale))).toThrow(ProtocolError);
    }
  });

  it("refuse an SDP beyond its limit", () => {
    const frame = JSON.stringify({ type: "offer", peer: 0, sdp: "v".repeat(LIMITS.sdpChars + 1) });
    expect(() => parseViewerControl(frame)).toThrow("offer: sdp");
  });

  it("answer any JSON with a message or a ProtocolError", () => {
    const types = [...Object.keys(VIEWER_CONTROL), ...Object.keys(AGENT_CONTROL), "__proto__", "toString"];
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(...types), (fields, type) => {
        for (const parse of [parseViewerControl, parseAgentControl]) {
          try {
            parse(JSON.stringify({ ...fields, type }));
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
        }
      }),
    );
  });
});
