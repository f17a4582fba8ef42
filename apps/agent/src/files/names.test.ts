import { expect, test } from "vitest";
import { checkNames, numbered, partName } from "./names.ts";

test.each([["notes.txt"], [".bashrc"], ["..."], ["a\\b:c*?"], ["Grüße, мир 日本.txt"], ["x".repeat(255)]])(
  "%s is a name",
  (name) => {
    expect(() => checkNames(["folder", name])).not.toThrow();
  },
);

test.each([
  [[]],
  [[""]],
  [["a", "", "b"]],
  [["."]],
  [[".."]],
  [["..", "etc", "passwd"]],
  [["a/b"]],
  [["../../etc/passwd"]],
  [["a\0.txt"]],
  [["a\n.txt"]],
  [["a\u0085"]],
  [["photo\u202egpj.exe"]],
  [["x".repeat(256)]],
  [["ü".repeat(128)]],
  [Array.from({ length: 33 }, () => "deep")],
  [[partName("0".repeat(32))]],
])("%j is refused", (names) => {
  expect(() => checkNames(names)).toThrow(expect.objectContaining({ status: 400 }));
});

test("copies get a number in front of their ending, and are no longer than a name may be", () => {
  expect(numbered("notes.txt", 2)).toBe("notes (2).txt");
  expect(numbered(".bashrc", 3)).toBe(".bashrc (3)");
  expect(numbered("none", 12)).toBe("none (12)");
  const long = numbered(`${"ü".repeat(125)}.txt`, 2);
  expect(Buffer.byteLength(long)).toBeLessThanOrEqual(255);
  expect(long).toMatch(/^ü+ \(2\)\.txt$/);
});
