import { expect, test } from "vitest";
import { parseAnswer } from "./probe.ts";

const DEVICE = {
  index: 0,
  vendor: "Mesa",
  renderer: "llvmpipe",
  version: "4.5",
  drm: null,
  render: null,
  hardware: false,
  error: null,
};

test("a whole answer is taken as it is", () => {
  const answer = { devices: [DEVICE], error: null };
  expect(parseAnswer("egl", JSON.stringify(answer))).toEqual(answer);
});

test("an answer that is only an error has empty fields", () => {
  expect(
    parseAnswer("glx", '{"vendor":null,"renderer":null,"version":null,"direct":false,"error":"DISPLAY is not set"}'),
  ).toEqual({
    vendor: "",
    renderer: "",
    version: "",
    direct: false,
    error: "DISPLAY is not set",
  });
});

test("what is no answer of this name is refused", () => {
  expect(() => parseAnswer("egl", '{"platforms":[],"error":null}')).toThrow(/devices is missing/);
  expect(() => parseAnswer("gl-scene", '{"framesPerSecond":"60","renderer":"x","frames":1,"error":null}')).toThrow(
    /framesPerSecond/,
  );
  expect(() => parseAnswer("egl", "[")).toThrow();
  expect(() => parseAnswer("egl", "null")).toThrow(/no JSON object/);
});
