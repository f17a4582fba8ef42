import { expect, it } from "vitest";
import { helloVersion } from "./control.ts";
import { ProtocolError } from "./field.ts";
import { isCompatible, mismatchSentence } from "./version.ts";

it("two versions talk when their majors agree", () => {
  expect(isCompatible({ major: 1, minor: 0 }, { major: 1, minor: 9 })).toBe(true);
  expect(isCompatible({ major: 1, minor: 0 }, { major: 2, minor: 0 })).toBe(false);
});

it("a mismatch names both versions and the older side", () => {
  const [one, two] = [
    { major: 1, minor: 3 },
    { major: 2, minor: 0 },
  ];
  expect(mismatchSentence(one, two)).toBe("The agent speaks version 1.3, this client 2.0: update the agent.");
  expect(mismatchSentence(two, one)).toContain("update the client");
});

it("the version of a hello is read even when its other fields are of another major", () => {
  const frame = JSON.stringify({ type: "hello", version: { major: 9, minor: 1 }, client: { other: "shape" } });
  expect(helloVersion(frame)).toEqual({ major: 9, minor: 1 });
});

it("what is no hello has no version", () => {
  for (const frame of ["", "{}", '{"type":"offer","version":{"major":1,"minor":0}}', '{"type":"hello"}']) {
    expect(() => helloVersion(frame)).toThrow(ProtocolError);
  }
});
